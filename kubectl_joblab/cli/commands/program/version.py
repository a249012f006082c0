"""version: of joblab, and of the API server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kubectl_joblab import __version__
from kubectl_joblab.cli.session import Session
from kubectl_joblab.cli.syntax import declare
from kubectl_joblab.printing import dump


@declare.command(
    "version",
    short_help="Print the version information",
    help="Print the version of joblab and of the API server.",
    examples=[
        ("Both versions", "kubectl joblab version"),
        ("Only joblab's, without a cluster", "kubectl joblab version --client"),
    ],
)
@declare.option("--client", is_flag=True, help="Ask no cluster.")
@declare.output("json", "yaml")
def version(session: Session, /, client: bool, output: str) -> int:
    """Print joblab's version even where the API server's cannot be had, as kubectl does."""
    found: dict[str, object] = {"joblabVersion": f"v{__version__}"}
    try:
        if not client:
            found["serverVersion"] = session.client.version()
    finally:  # as kubectl: who cannot reach a server still sees what asked it
        _print(session, found, output)
    return 0


def _print(session: Session, found: Mapping[str, Any], output: str) -> None:
    if output:
        session.out(dump.dump(found, output))
        return
    session.out(f"Joblab Version: {found['joblabVersion']}")
    if "serverVersion" in found:
        session.out(f"Server Version: {found['serverVersion'].get('gitVersion')}")
