"""start -f: files of other encodings, files that are too long, and manifests fetched by URL."""

from __future__ import annotations

from pathlib import Path

import pytest

from kubectl_joblab.cli import manifests
from tests import api_server
from tests.api_server import Answer, Nap, Server
from tests.cli.conftest import MANIFESTS
from tests.inprocess.cluster import Cluster

JOB = (MANIFESTS / "03-yaml/solutions/list.yaml").read_text("utf-8")
CREATED = "job.batch/yaml created (server dry run)\n"


def dry_run(cluster: Cluster, file: str, stdin: str = "") -> str:
    """What start says of a manifest."""
    screen = cluster.run("start", "yaml", "-f", file, "--dry-run=server", stdin=stdin)
    return screen.out + screen.err


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Server:
    """A server whose authority this machine trusts."""
    authority = tmp_path / "authority.pem"
    authority.write_text(api_server.AUTHORITY, "ascii")
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    return Server(certificate="server")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16-le", "utf-16-be"])
def test_a_file_may_be_of_any_encoding_that_kubectl_reads(
    cluster: Cluster, tmp_path: Path, encoding: str
) -> None:
    mark = "\ufeff" if encoding.startswith("utf-16") else ""
    (tmp_path / "x.yaml").write_bytes((mark + JOB).encode(encoding))
    assert dry_run(cluster, "x.yaml") == CREATED


@pytest.mark.parametrize("file", ["x.yaml", "-"])
def test_a_file_that_is_too_long_is_not_read(cluster: Cluster, tmp_path: Path, file: str) -> None:
    long = JOB + "#" * manifests.LONGEST
    (tmp_path / "x.yaml").write_text(long, "utf-8")
    assert dry_run(cluster, file, long) == (
        f"error: cannot read {file}: it has more than 1 MiB\nNext: kubectl joblab scaffold yaml\n"
    )


def test_a_manifest_is_fetched_by_its_url(cluster: Cluster, server: Server) -> None:
    with server:
        server.script = [Answer(JOB)]
        assert dry_run(cluster, f"{server.url}/job.yaml") == CREATED
        assert server.paths == ["GET /job.yaml"]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        pytest.param(Answer("no", 404), "Not Found", id="none is there"),
        pytest.param(
            Answer(chunks=["#" * (manifests.LONGEST + 1)]), "it has more than 1 MiB", id="too long"
        ),
        pytest.param(
            Answer(chunks=["#", Nap(0.3), "#", Nap(0.3), "#"]),
            "Connection timed out",
            id="too slow",
        ),
    ],
)
def test_a_manifest_that_cannot_be_fetched_is_told_in_one_line(
    cluster: Cluster,
    server: Server,
    monkeypatch: pytest.MonkeyPatch,
    answer: Answer,
    reason: str,
) -> None:
    monkeypatch.setattr(manifests, "PATIENCE", 0.5)
    with server:
        server.script = [answer]
        url = f"{server.url}/job.yaml"
        assert dry_run(cluster, url) == (
            f"error: cannot read {url}: {reason}\nNext: kubectl joblab scaffold yaml\n"
        )


def test_a_server_that_is_not_trusted_gives_no_manifest(
    cluster: Cluster, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    with server:
        said = dry_run(cluster, f"{server.url}/job.yaml")
    assert "CERTIFICATE_VERIFY_FAILED" in said
    assert len(said.splitlines()) == 2


def test_a_url_does_not_lead_away_from_https(cluster: Cluster, server: Server) -> None:
    with server, Server([Answer(JOB)]) as plain:
        server.script = [Answer("", 302, {"Location": f"{plain.url}/job.yaml"})]
        url = f"{server.url}/job.yaml"
        assert dry_run(cluster, url) == (
            f"error: cannot read {url}: redirected away from https\n"
            "Next: kubectl joblab scaffold yaml\n"
        )
