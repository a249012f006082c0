"""Discovery against what a real API server says of the same kinds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kubectl_joblab.practice.api.documents import discovery
from kubectl_joblab.practice.api.registry.kinds import KINDS

GOLDEN: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "golden" / "discovery.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("path", ["/api", "/apis"])
def test_aggregated_discovery_says_of_our_kinds_what_a_real_server_says(path: str) -> None:
    assert discovery.aggregated(core=path == "/api") == GOLDEN["aggregated"][path]


@pytest.mark.parametrize("path", ["/api/v1", "/apis/authorization.k8s.io/v1", "/apis/batch/v1"])
def test_a_legacy_list_of_resources_is_a_real_servers(path: str) -> None:
    group, _, version = path.removeprefix("/api/").removeprefix("/apis/").rpartition("/")
    # upstream leaves out the apiVersion of the oldest of its documents
    expected = {"apiVersion": "v1", **GOLDEN["legacy"][path]}

    assert discovery.resources(group, version) == expected


def test_the_legacy_roots_are_a_real_servers() -> None:
    address = GOLDEN["legacy"]["/api"]["serverAddressByClientCIDRs"][0]["serverAddress"]

    assert discovery.core_versions(address) == GOLDEN["legacy"]["/api"]
    assert discovery.group_list() == GOLDEN["legacy"]["/apis"]
    assert discovery.group("batch") == GOLDEN["legacy"]["/apis/batch"]


@pytest.mark.parametrize("group", ["", "gone"])
def test_a_group_that_is_not_served_has_no_document(group: str) -> None:
    assert discovery.group(group) is None
    assert discovery.resources(group or "gone", "v2") is None


def test_every_kind_is_discovered_once() -> None:
    items = discovery.aggregated(core=True)["items"] + discovery.aggregated(core=False)["items"]
    found = [
        (item["metadata"].get("name", ""), version["version"], entry["resource"])
        for item in items
        for version in item["versions"]
        for entry in version["resources"]
    ]

    assert sorted(found) == sorted((kind.group, kind.version, kind.plural) for kind in KINDS)


def test_an_etag_changes_with_the_document() -> None:
    core, named = discovery.aggregated(core=True), discovery.aggregated(core=False)

    assert discovery.etag(core) == discovery.etag(discovery.aggregated(core=True))
    assert discovery.etag(core) != discovery.etag(named)


def test_the_version_is_kubernetes_with_our_mark() -> None:
    assert (
        discovery.version().items()
        >= {
            "major": "1",
            "minor": "37",
            "gitVersion": "v1.37.2+joblab",
        }.items()
    )
