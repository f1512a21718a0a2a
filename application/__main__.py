"""`python -m application` is the `routeur` command."""

import sys

from application.cli import main

sys.exit(main())
