"""``python -m sparekey``."""

import sys

from sparekey.cli.main import main

sys.exit(main())
