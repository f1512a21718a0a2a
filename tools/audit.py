"""`python -m tools.audit [LOCK]`: fails if a package of the lock has a known vulnerability.

OSV (https://osv.dev) gathers the advisories. Where it cannot be reached nothing is known, and nothing is said against
the lock: a machine without network must still pass.

Ours rather than pip-audit (2.10 was tried): without network that ends with a traceback and status 1, the status of one
that has found something; it asks once for each package, where one request does for the whole lock; and it brings a
dozen packages into the lock.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

SERVICE = "https://api.osv.dev"
PATIENCE_SECONDS = 5.0
"""For each request: one for the whole lock, then one for each advisory that names something in it."""

LOCK = Path("requirements.lock")
_PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", re.MULTILINE)
_SAME_NAME = re.compile(r"[-_.]+")


class NotAudited(Exception):
    """The service does not answer, or not as it should; the message says how."""


@dataclass(frozen=True)
class Package:
    """A package of the lock."""

    name: str
    version: str


@dataclass(frozen=True)
class Vulnerability:
    """An advisory about a package, its names, and the versions that do not have the fault any more."""

    package: Package
    names: tuple[str, ...]
    fixed_in: tuple[str, ...]

    def __str__(self) -> str:
        fixed = f"fixed in {', '.join(self.fixed_in)}" if self.fixed_in else "not fixed in any version yet"
        return f"{self.package.name} {self.package.version}: {', '.join(self.names)}, {fixed}"


def locked(lock: str) -> list[Package]:
    """The packages of a lock, in the form of a requirements file."""
    return [Package(_normal(name), version) for name, version in _PINNED.findall(lock)]


class Advisories:
    """What the service knows. Raises NotAudited where it cannot be asked."""

    def __init__(self, service: str = SERVICE) -> None:
        self._service = service

    def about(self, packages: Sequence[Package]) -> Iterator[Vulnerability]:
        """Each advisory about one of these packages in its version (https://google.github.io/osv.dev/api/)."""
        queries = [
            {"package": {"name": package.name, "ecosystem": "PyPI"}, "version": package.version} for package in packages
        ]
        results = self._ask("POST", "/v1/querybatch", {"queries": queries})["results"]
        for package, result in zip(packages, results, strict=True):
            for known in result.get("vulns", ()):
                advisory = self._ask("GET", f"/v1/vulns/{known['id']}")
                if "withdrawn" not in advisory:
                    names = (advisory["id"], *advisory.get("aliases", ()))
                    yield Vulnerability(package, names, tuple(_fixed_in(advisory, package)))

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        try:
            answer = requests.request(method, self._service + path, json=body, timeout=PATIENCE_SECONDS)
            answer.raise_for_status()
            return answer.json()
        except requests.ConnectionError:
            raise NotAudited("no network") from None
        except requests.RequestException as error:
            raise NotAudited(f"{self._service} does not answer as it should ({type(error).__name__})") from None


def _fixed_in(advisory: dict[str, Any], package: Package) -> Iterator[str]:
    for affected in advisory.get("affected", ()):
        if _normal(affected.get("package", {}).get("name", "")) != package.name:
            continue
        for versions in affected.get("ranges", ()):
            if versions.get("type") == "ECOSYSTEM":
                yield from (event["fixed"] for event in versions["events"] if "fixed" in event)


def _normal(name: str) -> str:
    """The name by which all its spellings are one (PEP 503)."""
    return _SAME_NAME.sub("-", name).lower()


def audit(lock: Path, advisories: Advisories) -> int:
    """Say what is known against the lock; returns the exit status."""
    packages = locked(lock.read_text("utf-8"))
    try:
        found = list(advisories.about(packages))
    except NotAudited as reason:
        print(f"dependencies not audited: {reason}")
        return 0
    for vulnerability in found:
        print(vulnerability, file=sys.stderr)
    print(f"{len(packages)} dependencies audited: {len(found) or 'no'} known vulnerabilities")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(audit(Path(sys.argv[1]) if len(sys.argv) > 1 else LOCK, Advisories()))
