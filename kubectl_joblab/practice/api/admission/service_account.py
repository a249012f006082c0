"""What upstream's admission plugins do to Pods: account, token, priority, tolerations.

The Pod strategy calls it when one is created. Follows, in their order,
plugin/pkg/admission/{serviceaccount,priority,defaulttolerationseconds,runtimeclass}/admission.go,
with the priority classes that every cluster has.

The token's volume is projected: the node has to provide ca.crt and namespace from it, and may leave
out the token, for no credential of the practice cluster is handed to containers.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice import clock as clocks
from kubectl_joblab.practice.api import errors, field
from kubectl_joblab.practice.api.errors import StatusError
from kubectl_joblab.practice.api.kind import Find

DEFAULT_ACCOUNT = "default"
TOKEN_VOLUME = "kube-api-access"  # noqa: S105 -- a name
TOKEN_PATH = "/var/run/secrets/kubernetes.io/serviceaccount"  # noqa: S105 -- a path
TOKEN_SECONDS = 60 * 60 + 7
PRIORITY_CLASSES = {
    "system-cluster-critical": 2_000_000_000,
    "system-node-critical": 2_000_001_000,
}
TOLERATION_SECONDS = 300
_TAINTS = ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")


def admit(pod: Object, find: Find) -> None:
    """Complete a new Pod, or refuse it."""
    _admit_account(pod, find)
    _admit_priority(pod)
    add_tolerations(pod["spec"])
    _admit_runtime_class(pod)


def _forbidden(pod: Object, why: str) -> StatusError:
    """Upstream admits a Pod before its name is generated, so it knows the prefix only."""
    meta = objects.metadata(pod)
    return errors.forbidden("", "pods", meta.get("generateName") or objects.name(pod), why)


# ---- service account


def _admit_account(pod: Object, find: Find) -> None:
    spec, namespace = pod["spec"], pod["metadata"]["namespace"]
    name = spec.get("serviceAccountName") or DEFAULT_ACCOUNT
    spec["serviceAccountName"] = spec["serviceAccount"] = name
    account = find("serviceaccounts", namespace, name)
    if account is None:
        missing = f"serviceaccount {field.shown(name)} not found"
        why = f"error looking up service account {namespace}/{name}: {missing}"
        raise _forbidden(pod, why)
    if _automounts(spec, account):
        _mount_token(spec, objects.uid(pod))
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
    """As random as the uid, so that whoever fixes that fixes the whole Pod."""
    number, letters = zlib.crc32(uid.encode()), ""
    for _ in range(clocks.SUFFIX_LENGTH):
        number, letter = divmod(number, len(clocks.SUFFIX_ALPHABET))
        letters += clocks.SUFFIX_ALPHABET[letter]
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


# ---- priority and tolerations


def _admit_priority(pod: Object) -> None:
    spec = pod["spec"]
    name = spec.get("priorityClassName", "")
    if name and name not in PRIORITY_CLASSES:
        raise _forbidden(pod, f"no PriorityClass with name {name} was found")
    priority, policy = PRIORITY_CLASSES.get(name, 0), "PreemptLowerPriority"
    for key, computed, called in (
        ("priority", priority, "integer value of priority"),
        ("preemptionPolicy", policy, "string value of PreemptionPolicy"),
    ):
        given = spec.get(key, computed)
        if given != computed:
            why = (
                f"the {called} ({given}) must not be provided in pod spec; priority admission "
                f"controller computed {computed} from the given PriorityClass name"
            )
            raise _forbidden(pod, why)
        spec[key] = computed


def add_tolerations(spec: Object) -> None:
    """Let a Pod outlive its node's illness by five minutes, if it does not say how long."""
    present = spec.get("tolerations") or []
    missing = [
        {
            "key": taint,
            "operator": "Exists",
            "effect": "NoExecute",
            "tolerationSeconds": TOLERATION_SECONDS,
        }
        for taint in _TAINTS
        if not any(_tolerates(toleration, taint) for toleration in present)
    ]
    if missing:
        spec["tolerations"] = [*present, *missing]


def _tolerates(toleration: Object, taint: str) -> bool:
    key, effect = toleration.get("key", ""), toleration.get("effect", "")
    return key in ("", taint) and effect in ("", "NoExecute")


def _admit_runtime_class(pod: Object) -> None:
    """There are no runtime classes, so there is nothing that they could add."""
    if runtime := pod["spec"].get("runtimeClassName"):
        raise _forbidden(pod, f"pod rejected: RuntimeClass {field.shown(runtime)} not found")
    if pod["spec"].get("overhead"):
        why = "Pod Overhead set without corresponding RuntimeClass defined Overhead"
        raise _forbidden(pod, f"pod rejected: {why}")
