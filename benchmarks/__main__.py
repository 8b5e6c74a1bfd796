"""``make bench``: run every measurement and print its tables."""

import sys

from benchmarks import decisions, processes

for name, module in {"decisions": decisions, "processes": processes}.items():
    if len(sys.argv) == 1 or name in sys.argv[1:]:
        module.run()
