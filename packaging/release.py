"""Checks a release and fills krew-manifest.yaml from the archives in dist/.

It refuses a tag that does not name the version, and a version without a section in CHANGELOG.md. A
platform without an archive is left out of the manifest, so `make release TAG=vX.Y.Z`, which runs
this, has to wait until all archives are in dist/.

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
    """A reason why the version cannot be released; the message says what to do."""


def main(tag: str, dist: str) -> int:
    """Check the release, fill the manifest, print its platforms; the exit code."""
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
    """The sha256 of the archives in `dist`, by platform. Raises ReleaseError if there are none."""
    found = {
        platform: hashlib.sha256(path.read_bytes()).hexdigest()
        for platform in PLATFORMS
        if (path := dist / archive(tag, *platform)).exists()
    }
    if not found:
        raise ReleaseError(f"no archive of {tag} in {dist}: make build")
    return found


def archive(tag: str, system: str, machine: str) -> str:
    """The name of a platform's archive, as packaging/archive.py gives it."""
    return f"{NAME}_{tag}_{system}_{machine}.tar.gz"


def filled(manifest: str, tag: str, archives: dict[tuple[str, str], str]) -> str:
    """The text of the manifest with this version and these platforms, and all else as it was."""
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
