"""The secrets that a demonstration makes up, kept so that all its processes and the next start agree."""

from __future__ import annotations

import json
import os
import secrets
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path

FILE = "demo-secrets.json"


def _secret() -> str:
    return secrets.token_urlsafe(32)


@dataclass(frozen=True)
class DemoSecrets:
    """Secrets made by the first process of the first start."""

    secret_key: str = field(default_factory=_secret, repr=False)
    twilio_auth_token: str = field(default_factory=_secret, repr=False)
    email_webhook_token: str = field(default_factory=_secret, repr=False)

    @classmethod
    def in_folder(cls, folder: Path) -> DemoSecrets:
        """The secrets kept in `folder`, made now if there are none."""
        kept = folder / FILE
        if not kept.exists():
            _publish(kept, json.dumps(asdict(cls())))
        return cls(**json.loads(kept.read_text("utf-8")))


def _publish(path: Path, text: str) -> None:
    """Write the file whole, for its owner only, unless another process has just done so."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, draft = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        os.link(draft, path)
    except FileExistsError:
        return
    finally:
        os.unlink(draft)
