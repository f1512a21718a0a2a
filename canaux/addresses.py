"""E-mail addresses as people write them."""

from __future__ import annotations

import re

ADDRESS = re.compile(r"(?!')[^@\s<>\"(),;:]{1,64}@[^@\s<>\"'(),;:]{1,255}")
"""An address as it stands in what somebody wrote: international ones too, and those of hosts without a dot. What is
typed as an address of one's own must be a `competences.plan.types.EMAIL`."""
