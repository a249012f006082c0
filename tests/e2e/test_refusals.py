"""Bodies that cannot be read are refused in the words that tests/practice/api/refusals.json has."""

from __future__ import annotations

import base64
import http.client
import json
import ssl
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import yaml

from kubectl_joblab.practice.api.registry import kinds
from tests.e2e.cluster import Cluster
from tests.practice.api import refusals

pytestmark = pytest.mark.e2e

KINDS = {kind.kind: kind for kind in kinds.KINDS if kind.view_of is None}


def test_the_cluster_refuses_bad_bodies_in_the_words_of_the_table(
    cluster: Cluster, tmp_path: Path
) -> None:
    config = yaml.safe_load(cluster.kubeconfig.read_text("utf-8"))
    expected = {one.case: (400, one.message) for one in refusals.read()}
    with closing(connect(config, tmp_path)) as connection:
        said = {one.case: ask(connection, one) for one in refusals.read()}
    assert said == expected


def connect(config: Any, folder: Path) -> http.client.HTTPSConnection:
    """A connection with the certificates of a flat kubeconfig."""
    target, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
    for name in ("client-certificate-data", "client-key-data"):
        (folder / name).write_bytes(base64.b64decode(user[name]))
    authority = base64.b64decode(target["certificate-authority-data"]).decode()
    context = ssl.create_default_context(cadata=authority)
    context.load_cert_chain(folder / "client-certificate-data", folder / "client-key-data")
    return http.client.HTTPSConnection(target["server"].partition("//")[2], context=context)


def ask(connection: http.client.HTTPSConnection, refusal: refusals.Refusal) -> tuple[int, str]:
    """Send it to create an object of its kind; the code and the message that come back."""
    kind = KINDS[refusal.kind]
    root = f"/apis/{kind.group}/{kind.version}" if kind.group else f"/api/{kind.version}"
    place = f"{root}/namespaces/default" if kind.namespaced else root
    path = f"{place}/{kind.plural}?dryRun=All&fieldValidation=Strict"
    connection.request("POST", path, refusal.body, {"Content-Type": "application/json"})
    status: dict[str, Any] = json.loads(connection.getresponse().read())
    return status["code"], status["message"]
