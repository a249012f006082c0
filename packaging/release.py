"""Checks a release and fills krew-manifest.yaml from the archives in dist/.

Refuses a tag that is not the version's, or a version without a section in CHANGELOG.md. A platform
without an archive is left out, so `make release TAG=vX.Y.Z` runs it when all archives are in dist/.

Usage: python packaging/release.py TAG DIST
"""

from __future__ import annotations

import hashlib
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MANIFEST = ROOT / "krew-manifest.yaml"
NAME = "kubectl-joblab"
PLATFORMS = (
    ("linux", "amd64"),
    ("linux", "arm64"),
    ("darwin", "amd64"),
    ("darwin", "arm64"),
    ("windows", "amd64"),
)


class ReleaseError(Exception):
    """What keeps this from being released; the message says what to do."""


def main(tag: str, dist: str) -> int:
    """Check, fill the manifest, say which platforms it has."""
    try:
        check(tag)
        archives = digests(tag, Path(dist))
        MANIFEST.write_text(filled(MANIFEST.read_text("utf-8"), tag, archives), "utf-8")
    except ReleaseError as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    for (system, machine), digest in archives.items():
        sys.stdout.write(f"{system}/{machine}   {digest}\n")
    return 0


def check(tag: str) -> None:
    """Raise ReleaseError unless the tag, the version and the changelog agree."""
    text = (ROOT / "kubectl_joblab" / "__init__.py").read_text("utf-8")
    found = re.search(r'__version__ = "([^"]+)"', text)
    version = found[1] if found else ""
    if tag != f"v{version}":
        raise ReleaseError(f"the tag is {tag} but kubectl_joblab/__init__.py says {version}")
    if f"\n## [{version}]" not in (ROOT / "CHANGELOG.md").read_text("utf-8"):
        raise ReleaseError(f"CHANGELOG.md has no section [{version}]: rename Unreleased")


def digests(tag: str, dist: Path) -> dict[tuple[str, str], str]:
    """Platform -> sha256 of its archive, where there is one. Raises ReleaseError if none is."""
    found = {
        platform: hashlib.sha256(path.read_bytes()).hexdigest()
        for platform in PLATFORMS
        if (path := dist / archive(tag, *platform)).exists()
    }
    if not found:
        raise ReleaseError(f"no archive of {tag} in {dist}: make build")
    return found


def archive(tag: str, system: str, machine: str) -> str:
    """The name of an archive, as packaging/archive.py gives it."""
    return f"{NAME}_{tag}_{system}_{machine}.tar.gz"


def filled(manifest: str, tag: str, archives: dict[tuple[str, str], str]) -> str:
    """The manifest with this version and these platforms, the rest as it is."""
    head = manifest.partition("  platforms:\n")[0]
    head = re.sub(r"^  version: .*$", f"  version: {tag}", head, flags=re.MULTILINE)
    homepage = re.search(r"^  homepage: (\S+)$", head, re.MULTILINE)
    if homepage is None:
        raise ReleaseError(f"{MANIFEST.name} has no homepage")
    lines = ["  platforms:"]
    for (system, machine), digest in archives.items():
        binary = f"{NAME}/{NAME}" + (".exe" if system == "windows" else "")
        lines += [
            "  - selector:",
            "      matchLabels:",
            f"        os: {system}",
            f"        arch: {machine}",
            f"    uri: {homepage[1]}/releases/download/{tag}/{archive(tag, system, machine)}",
            f'    sha256: "{digest}"',
            f"    bin: {binary}",
        ]
    return head + "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
