"""What is measured, how, and against whom: ``make bench``. Figures are ratios of runs taken in turn."""
