"""The size of a letter."""

from __future__ import annotations

LARGEST_LETTER_BYTES = 35 * 1024 * 1024
"""As it is sent: base64 makes a file a third larger."""
