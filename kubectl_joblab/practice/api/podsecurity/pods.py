"""Pods as the checks of Pod Security read them, and the words in which they name what is wrong.

Follows k8s.io/pod-security-admission/policy/{visitor,helpers,checks}.go.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from kubectl_joblab.practice.api import field

Part = Mapping[str, Any]


class Violation(NamedTuple):
    """What a Pod does against a check. reason: in few words; detail: who does it, with what."""

    reason: str
    detail: str


# is given a Pod's metadata and spec
Check = Callable[[Part, Part], Violation | None]


def containers(spec: Part) -> Iterator[Part]:
    """The containers of a Pod, of all kinds."""
    for kind in ("initContainers", "containers", "ephemeralContainers"):
        yield from spec.get(kind) or ()


def security(part: Part) -> Part:
    """The security context of a Pod's spec or of a container."""
    return part.get("securityContext") or {}


def named(containers: Iterable[Part]) -> str:
    """Containers, as a detail names them."""
    names = [str(container.get("name", "")) for container in containers]
    return f"{counted('container', len(names))} {quoted(names)}"


def setters(spec: Part, wrong: Callable[[Part], bool]) -> str:
    """Who has a security context that is wrong: the Pod, containers, both; "" for nobody."""
    found = ["pod"] if wrong(security(spec)) else []
    bad = [container for container in containers(spec) if wrong(security(container))]
    return " and ".join([*found, named(bad)] if bad else found)


def quoted(words: Iterable[str]) -> str:
    """Words in quotation marks (joinQuote)."""
    return ", ".join(f'"{word}"' for word in words)


def counted(word: str, count: int) -> str:
    """A word, for one thing or several (pluralize)."""
    return word if count == 1 else f"{word}s"


def annotation(key: str, value: str) -> str:
    """An annotation, as details show it."""
    return f"{key}={field.shown(value)}"


def in_user_namespace(spec: Part) -> bool:
    """Whether a Pod has users of its own (relaxPolicyForUserNamespacePod)."""
    return spec.get("hostUsers") is False


def on_windows(spec: Part) -> bool:
    """Whether a Pod says that it is for Windows."""
    return bool((spec.get("os") or {}).get("name") == "windows")
