"""``make bench``: run every measurement and print its tables."""

import sys

from benchmarks import decisions, endpoint, processes

for name, module in {"decisions": decisions, "processes": processes, "endpoint": endpoint}.items():
    if len(sys.argv) == 1 or name in sys.argv[1:]:
        module.run()
