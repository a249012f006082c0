"""What a request is about, as authorization sees it: by its method and path alone.

The router asks before it looks whether anything is served there. Follows
k8s.io/apiserver/pkg/endpoints/request/requestinfo.go.
"""

from __future__ import annotations

from collections.abc import Callable

from kubectl_joblab.practice.api import errors, names
from kubectl_joblab.practice.api.access.policy_rules import Action

_VERBS = {
    "POST": "create",
    "GET": "get",
    "HEAD": "get",
    "PUT": "update",
    "PATCH": "patch",
    "DELETE": "delete",
}
_SPECIAL = ("proxy", "watch")
_OF_NAMESPACES = ("status", "finalize")

# the first value of an option in the query, "" where there is none
Option = Callable[[str], str]


def of_request(method: str, path: str, option: Option) -> Action:
    """What a request does. path: decoded. Raises 400 for a watch of nothing."""
    parts = path.strip("/").split("/")
    depth = 3 if parts[:1] == ["api"] else 4
    if parts[:1] not in (["api"], ["apis"]) or len(parts) < depth:
        return Action(method.lower(), path=path, is_resource=False)
    group, rest = "" if depth == 3 else parts[1], parts[depth - 1 :]
    verb = _VERBS.get(method, "")
    if rest[0] in _SPECIAL:
        verb, rest = rest[0], rest[1:]
        if not rest:
            raise errors.bad_request(f"unable to determine kind and namespace from url, {path}")
    namespace = rest[1] if rest[0] == "namespaces" and len(rest) > 1 else ""
    if namespace and len(rest) > 2 and rest[2] not in _OF_NAMESPACES:
        rest = rest[2:]
    subresource = rest[2] if len(rest) > 2 and verb not in _SPECIAL else ""
    name = rest[1] if len(rest) > 1 else ""
    if not name and verb == "get":
        verb, name = _of_many(option)
    elif not name and verb == "delete":
        verb = "deletecollection"
    return Action(verb, group, rest[0], subresource, namespace, name)


def _of_many(option: Option) -> tuple[str, str]:
    """The verb of a request for all objects, and the name of the only one that it selects."""
    watched = option("watch")
    verb = "watch" if watched and watched.lower() not in ("false", "0") else "list"
    for term in option("fieldSelector").split(","):
        key, _, value = term.replace("==", "=").partition("=")
        if key == "metadata.name" and value and not names.is_path_segment_name(value):
            return verb, value
    return verb, ""
