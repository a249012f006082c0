"""Answers requests for a token of a service account (serviceaccounts/token).

The API's handler and the node call it. Follows pkg/registry/core/serviceaccount/storage/token.go.
"""

from __future__ import annotations

from datetime import timedelta

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import errors, field
from kubectl_joblab.practice.api.access.tokens import AUDIENCES, Bound, Tokens
from kubectl_joblab.practice.api.codec.canonical import canonical
from kubectl_joblab.practice.api.kind import Kind
from kubectl_joblab.practice.api.registry import kinds
from kubectl_joblab.practice.api.registry.operations import Registry
from kubectl_joblab.practice.api.validation import reviews
from kubectl_joblab.practice.clock import TimeSource, rfc3339

GROUP, KIND = "authentication.k8s.io", "TokenRequest"
TYPE = f"io.k8s.api.authentication.v1.{KIND}"
DEFAULT_SECONDS = 60 * 60
# A token that a Pod gets by itself is asked for an hour and seven seconds, and holds for a year:
# WarnOnlyBoundTokenExpirationSeconds, ExpirationExtensionSeconds in pkg/serviceaccount/util.go
_EXTENDED = 60 * 60 + 7
_EXTENSION_SECONDS = 365 * 24 * 60 * 60
_BOUND = {"Pod": kinds.PODS, "Node": kinds.NODES, "Secret": kinds.SECRETS}


def requested(
    registry: Registry,
    tokens: Tokens,
    clock: TimeSource,
    namespace: str,
    name: str,
    request: Object,
) -> Object:
    """A TokenRequest with its token. request: may be changed. Raises 404, 409 and 422."""
    meta, spec = request.setdefault("metadata", {}), request.setdefault("spec", {})
    for key, wanted, what in (("name", name, "name"), ("namespace", namespace, "namespace")):
        if meta.get(key, wanted) != wanted:
            why = f"must match the service account {what} if specified"
            raise _invalid(name, field.invalid(f"metadata.{key}", meta[key], why))
    account = registry.get(kinds.SERVICE_ACCOUNTS, name, namespace)
    uid = objects.uid(account)
    if meta.get("uid", uid) != uid:
        why = (
            f"the UID in the token request ({meta['uid']}) does not match the UID of the service "
            f"account ({uid})"
        )
        raise errors.conflict(GROUP, KIND, name, why)
    if spec.get("expirationSeconds") is None:
        spec["expirationSeconds"] = DEFAULT_SECONDS
    spec["audiences"] = spec.get("audiences") or list(AUDIENCES)
    if wrong := reviews.validate_token_request(request):
        raise errors.invalid(GROUP, KIND, "", wrong)
    bound = _bound(registry, account, spec)
    now = clock.now()
    ends = rfc3339(now + timedelta(seconds=spec["expirationSeconds"]))
    named = {"name": name, "namespace": namespace, "uid": uid, "creationTimestamp": rfc3339(now)}
    found = {
        "apiVersion": f"{GROUP}/v1",
        "kind": KIND,
        "metadata": meta | named,
        "spec": spec,
        "status": {"token": tokens.issue(bound), "expirationTimestamp": ends},
    }
    return canonical(TYPE, found)


def _invalid(name: str, wrong: field.FieldError) -> errors.StatusError:
    return errors.invalid(GROUP, KIND, name, [wrong])


def _bound(registry: Registry, account: Object, spec: Object) -> Bound:
    """What a token is to say; 400 and 404 for what it cannot be bound to."""
    seconds, audiences = spec["expirationSeconds"], spec["audiences"]
    ref = spec.get("boundObjectRef")
    if ref is None:
        return Bound(account, audiences, seconds)
    group, _, version = ref.get("apiVersion", "").rpartition("/")
    kind = _BOUND.get(ref.get("kind", ""))
    if group or kind is None:
        shown = f"{group}/{version}, Kind={ref.get('kind', '')}"
        raise errors.bad_request(f"cannot bind token to object of type {shown}")
    of = _bound_to(registry, account, kind, ref)
    key = kind.singular
    if ref.get("uid", "") not in ("", objects.uid(of[key])):
        why = (
            f"the UID in the bound object reference ({ref['uid']}) does not match the UID in "
            "record. The object might have been deleted and then recreated"
        )
        raise errors.conflict("", kind.kind, ref["name"], why)
    if key == "pod" and seconds == _EXTENDED and set(audiences) <= set(AUDIENCES):
        return Bound(account, audiences, _EXTENSION_SECONDS, warn_after=seconds, of=of)
    return Bound(account, audiences, seconds, of=of)


def _bound_to(registry: Registry, account: Object, kind: Kind, ref: Object) -> dict[str, Object]:
    """The object that a token is bound to; of a Pod its node too, as far as that is known."""
    space = account["metadata"]["namespace"] if kind.namespaced else ""
    found = registry.get(kind, ref.get("name", ""), space)
    if kind is not kinds.PODS:
        return {kind.singular: found}
    name = objects.name(account)
    if objects.spec(found).get("serviceAccountName") != name:
        raise errors.bad_request(
            f"cannot bind token for serviceaccount {field.shown(name)} to pod running with "
            "different serviceaccount name."
        )
    of = {"pod": found}
    if node := objects.spec(found).get("nodeName"):
        try:
            of["node"] = registry.get(kinds.NODES, node)
        except errors.StatusError:
            of["node"] = {"metadata": {"name": node}}
    return of
