"""The rules of roles: what one allows, and whether some cover others.

The authorizer asks the first, the checks against escalation the second. Pure. Follows
pkg/apis/rbac/v1/evaluation_helpers.go,
k8s.io/component-helpers/auth/rbac/validation/policy_comparator.go and
pkg/registry/rbac/validation/policy_compact.go.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kubectl_joblab.formats import gojson
from kubectl_joblab.objects import Object

ALL = "*"
EVERYTHING: tuple[Object, ...] = (
    {"verbs": [ALL], "apiGroups": [ALL], "resources": [ALL]},
    {"verbs": [ALL], "nonResourceURLs": [ALL]},
)
# the fields of a rule in the order in which messages show them, with what they call them
_SHOWN = {
    "apiGroups": "APIGroups",
    "resources": "Resources",
    "nonResourceURLs": "NonResourceURLs",
    "resourceNames": "ResourceNames",
    "verbs": "Verbs",
}


@dataclass(frozen=True)
class Action:
    """What somebody wants to do: a verb at a resource, or (is_resource is False) at a path.

    namespace and name: "" for all of them.
    """

    verb: str
    group: str = ""
    resource: str = ""
    subresource: str = ""
    namespace: str = ""
    name: str = ""
    path: str = ""
    is_resource: bool = True

    @property
    def combined(self) -> str:
        """The resource with its subresource, as rules name both."""
        return f"{self.resource}/{self.subresource}" if self.subresource else self.resource


def allows(rule: Object, action: Action) -> bool:
    """Whether a rule allows an action (RuleAllows)."""
    if not _has(rule, "verbs", action.verb):
        return False
    if not action.is_resource:
        return any(_is_below(one, action.path) for one in rule.get("nonResourceURLs") or ())
    names = rule.get("resourceNames")
    return (
        _has(rule, "apiGroups", action.group)
        and _has_resource(rule.get("resources") or (), action)
        and (not names or action.name in names)
    )


def _has(rule: Object, key: str, value: str) -> bool:
    listed = rule.get(key) or ()
    return ALL in listed or value in listed


def _has_resource(resources: Sequence[str], action: Action) -> bool:
    if ALL in resources or action.combined in resources:
        return True
    return bool(action.subresource) and f"*/{action.subresource}" in resources


def _is_below(url: str, path: str) -> bool:
    """Whether the URL of a rule is a path, or is a beginning of it with * at its end."""
    return url in (ALL, path) or (url.endswith(ALL) and path.startswith(url.rstrip(ALL)))


# ---- do some rules cover others?


def uncovered(owned: Iterable[Object], wanted: Iterable[Object]) -> list[Object]:
    """The smallest rules of those wanted which none of those owned covers (Covers)."""
    had = list(owned)
    return [
        small
        for rule in wanted
        for small in _broken_down(rule)
        if not any(_covers(one, small) for one in had)
    ]


def _broken_down(rule: Object) -> list[Object]:
    """A rule for each verb, group, resource and name of a rule (BreakdownRule)."""
    names, verbs = rule.get("resourceNames") or (), rule.get("verbs") or ()
    found: list[Object] = [
        {"verbs": [verb], "apiGroups": [group], "resources": [resource], **named}
        for group in rule.get("apiGroups") or ()
        for resource in rule.get("resources") or ()
        for verb in verbs
        for named in ([{"resourceNames": [name]} for name in names] or [{}])
    ]
    urls = rule.get("nonResourceURLs") or ()
    return found + [{"verbs": [verb], "nonResourceURLs": [url]} for url in urls for verb in verbs]


def _covers(owner: Object, small: Object) -> bool:
    """Whether a rule covers one that has been broken down (ruleCovers)."""
    names = owner.get("resourceNames")
    return (
        _has_all(owner, small, "verbs")
        and _has_all(owner, small, "apiGroups")
        and _covers_resources(owner.get("resources") or (), small.get("resources") or ())
        and (not names or _named(names, small.get("resourceNames")))
        and all(
            any(_url_covers(own, url) for own in owner.get("nonResourceURLs") or ())
            for url in small.get("nonResourceURLs") or ()
        )
    )


def _has_all(owner: Object, small: Object, key: str) -> bool:
    listed = owner.get(key) or ()
    return ALL in listed or set(small.get(key) or ()) <= set(listed)


def _named(names: Sequence[str], wanted: Sequence[str] | None) -> bool:
    return bool(wanted) and set(wanted or ()) <= set(names)


def _covers_resources(owned: Sequence[str], wanted: Sequence[str]) -> bool:
    if ALL in owned:
        return True
    return all(
        one in owned or ("/" in one and f"*/{one.partition('/')[2]}" in owned) for one in wanted
    )


def _url_covers(owned: str, url: str) -> bool:
    return owned == url or (owned.endswith(ALL) and url.startswith(owned.rstrip(ALL)))


# ---- how messages show rules


def compacted(rules: Iterable[Object]) -> list[Object]:
    """The same rules, those together that differ by their verbs alone (CompactRules)."""
    simple: dict[tuple[str, str, tuple[str, ...]], Object] = {}
    others: list[Object] = []
    for rule in rules:
        key = _simple(rule)
        if key is None:
            others.append(rule)
        elif key in simple:
            simple[key]["verbs"] = [*simple[key]["verbs"], *(rule.get("verbs") or ())]
        else:
            simple[key] = dict(rule)
    return [*others, *simple.values()]


def _simple(rule: Object) -> tuple[str, str, tuple[str, ...]] | None:
    """Group, resource and names of a rule with one of each; None for a rule with more."""
    groups, resources = rule.get("apiGroups") or [], rule.get("resources") or []
    names = rule.get("resourceNames") or []
    if len(groups) != 1 or len(resources) != 1 or len(names) > 1 or rule.get("nonResourceURLs"):
        return None
    return groups[0], resources[0], tuple(names)


def compact(rule: Object) -> str:
    """A rule as messages show it (CompactString)."""
    parts = [f"{shown}:{quoted(rule[key])}" for key, shown in _SHOWN.items() if rule.get(key)]
    return f"{{{', '.join(parts)}}}"


def quoted(texts: Iterable[str]) -> str:
    """A list of texts as Go's %q prints it."""
    return f"[{' '.join(gojson.quote(text) for text in texts)}]"
