"""``make bench``: run every measurement and print its tables."""

import sys

from benchmarks import decisions, endpoint, processes, scale

MODULES = {"decisions": decisions, "processes": processes, "endpoint": endpoint, "scale": scale}

for name, module in MODULES.items():
    if len(sys.argv) == 1 or name in sys.argv[1:]:
        module.run()
