"""The files that people enclose with an e-mail: small but real."""

from __future__ import annotations

import base64

from application.play.morning.events import Enclosure

_PHOTO = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
_PDF = b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj
trailer<</Root 1 0 R>>
%%EOF
"""


def enclosed(kind: Enclosure) -> tuple[str, str, bytes]:
    """The name, type and content of the file."""
    if kind is Enclosure.PDF:
        return "Justificatif de domicile.pdf", "application/pdf", _PDF
    return "photo.png", "image/png", _PHOTO
