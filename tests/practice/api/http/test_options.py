"""Options in a body: of every group that is served, in every form, as upstream registers them."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import pytest

from kubectl_joblab.practice.api.codec import descriptors
from kubectl_joblab.practice.api.http import bodies
from kubectl_joblab.practice.api.kind import Kind
from kubectl_joblab.practice.api.registry import kinds
from tests.practice.api import generated
from tests.practice.api.served import Served, path_of

STORED = [kind for kind in kinds.KINDS if kind.stored]
KINDS = pytest.mark.parametrize("kind", STORED, ids=lambda kind: kind.resource)
FORMS = ("application/json", "application/yaml", "application/vnd.kubernetes.protobuf")
OPTIONS = {"gracePeriodSeconds": 0, "propagationPolicy": "Background", "dryRun": ["All"]}


def written(api_version: str, form: str, **fields: object) -> bytes:
    """DeleteOptions as a client sends them that believes them to be of this apiVersion."""
    if not form.endswith("protobuf"):
        head = {"kind": "DeleteOptions", "apiVersion": api_version}
        return json.dumps(head | fields).encode()  # which is YAML too
    message = descriptors.message_class(bodies.DELETE_OPTIONS)()
    generated.fill(message, bodies.DELETE_OPTIONS, fields)
    return generated.enveloped(message.SerializeToString(), api_version, "DeleteOptions")


@KINDS
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("version", ["v1", "meta.k8s.io/v1", "its own"])
def test_the_options_of_a_delete_are_read(
    served: Served, kind: Kind, form: str, version: str
) -> None:
    said = kind.api_version if version == "its own" else version
    headers = {"Content-Type": form}

    fine = written(said, form, **OPTIONS)
    wrong = written(said, form, **OPTIONS | {"propagationPolicy": "Sometimes"})

    one = served.request("DELETE", f"{path_of(kind)}/none", fine, headers)
    assert (one.code, one.message) == (404, f'{kind.resource} "none" not found')
    refused = served.request("DELETE", f"{path_of(kind)}/none", wrong, headers)
    assert (refused.code, refused.json["details"]["kind"]) == (422, "DeleteOptions")
    if "deletecollection" in kind.verbs:
        assert served.request("DELETE", path_of(kind), fine, headers).code == 200


@KINDS
def test_the_options_of_a_list_and_of_what_is_not_there_are_read(
    served: Served, kind: Kind
) -> None:
    listing = urlencode(
        {
            "limit": 5,
            "labelSelector": "a=b",
            "fieldSelector": "metadata.name=x",
            "timeoutSeconds": 5,
        }
    )
    changing = urlencode({"dryRun": "All", "fieldManager": "me", "fieldValidation": "Strict"})
    merge = {"Content-Type": "application/merge-patch+json"}

    assert served.get(f"{path_of(kind)}?{listing}").code == 200
    patched = served.request("PATCH", f"{path_of(kind)}/none?{changing}", b"{}", merge)
    assert (patched.code, patched.message) == (404, f'{kind.resource} "none" not found')
