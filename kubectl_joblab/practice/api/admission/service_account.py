"""ServiceAccount: a new Pod gets an account, the token of the account and its pull secrets.

Follows plugin/pkg/admission/serviceaccount/admission.go.

The token's volume is projected: the node has to provide ca.crt and namespace from it, and may leave
out the token, for no credential of the practice cluster is handed to containers.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import field
from kubectl_joblab.practice.api.admission.attributes import Attributes
from kubectl_joblab.practice.clock import SUFFIX_ALPHABET, SUFFIX_LENGTH

DEFAULT_ACCOUNT = "default"
TOKEN_VOLUME = "kube-api-access"  # noqa: S105 -- a name
TOKEN_PATH = "/var/run/secrets/kubernetes.io/serviceaccount"  # noqa: S105 -- a path
TOKEN_SECONDS = 60 * 60 + 7


def admit(attributes: Attributes) -> None:
    """Complete a new Pod from its account; 403 where there is no such account."""
    if attributes.old is not None or not attributes.is_whole_pod:
        return
    spec, meta = attributes.obj["spec"], attributes.obj["metadata"]
    name = spec.get("serviceAccountName") or DEFAULT_ACCOUNT
    spec["serviceAccountName"] = spec["serviceAccount"] = name
    account = attributes.find("serviceaccounts", meta["namespace"], name)
    if account is None:
        missing = f"serviceaccount {field.shown(name)} not found"
        where = f"{meta['namespace']}/{name}"
        raise attributes.forbidden(f"error looking up service account {where}: {missing}")
    if _automounts(spec, account):
        _mount_token(spec, meta["uid"])
    if not spec.get("imagePullSecrets") and account.get("imagePullSecrets"):
        secrets = account["imagePullSecrets"]
        spec["imagePullSecrets"] = [{"name": one.get("name", "")} for one in secrets]


def _automounts(spec: Object, account: Mapping[str, object]) -> bool:
    for holder in (spec, account):
        if (choice := holder.get("automountServiceAccountToken")) is not None:
            return bool(choice)
    return True


def _mount_token(spec: Object, uid: str) -> None:
    volumes = spec.get("volumes") or []
    present = [one["name"] for one in volumes if one.get("name", "").startswith(f"{TOKEN_VOLUME}-")]
    name = present[0] if present else f"{TOKEN_VOLUME}-{_suffix(uid)}"
    mounted = False
    for kind in ("initContainers", "containers"):
        for container in spec.get(kind) or ():
            mounts = container.get("volumeMounts") or []
            if all(mount.get("mountPath") != TOKEN_PATH for mount in mounts):
                mount = {"name": name, "readOnly": True, "mountPath": TOKEN_PATH}
                container["volumeMounts"] = [*mounts, mount]
                mounted = True
    if mounted and not present:
        spec["volumes"] = [*volumes, {"name": name, "projected": _token_source()}]


def _suffix(uid: str) -> str:
    """Random letters made of the uid, so that a test which fixes the uid fixes the whole Pod."""
    number, letters = zlib.crc32(uid.encode()), ""
    for _ in range(SUFFIX_LENGTH):
        number, letter = divmod(number, len(SUFFIX_ALPHABET))
        letters += SUFFIX_ALPHABET[letter]
    return letters


def _token_source() -> Object:
    namespace = {"apiVersion": "v1", "fieldPath": "metadata.namespace"}
    return {
        "defaultMode": 0o644,
        "sources": [
            {"serviceAccountToken": {"path": "token", "expirationSeconds": TOKEN_SECONDS}},
            {
                "configMap": {
                    "name": "kube-root-ca.crt",
                    "items": [{"key": "ca.crt", "path": "ca.crt"}],
                }
            },
            {"downwardAPI": {"items": [{"path": "namespace", "fieldRef": namespace}]}},
        ],
    }
