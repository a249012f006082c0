"""The tokens of service accounts that the node keeps for its Pods, and renews in time.

The contents of projected volumes are made with it. Follows pkg/kubelet/token/token_manager.go and,
for what is asked for, pkg/volume/projected/projected.go.
"""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple, Protocol

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.access.tokens import Tokens
from kubectl_joblab.practice.api.errors import StatusError
from kubectl_joblab.practice.api.registry import token_requests
from kubectl_joblab.practice.api.registry.operations import Registry
from kubectl_joblab.practice.movable import MovableClock
from kubectl_joblab.practice.node.container.sources import MissingError

_LONGEST = timedelta(hours=24)
_RENEWED_AT = 0.8  # of its time


class _Kept(NamedTuple):
    """A token, and when, on this machine's clock, it is to be renewed, in seconds since 1970."""

    token: bytes
    until: float


class PodTokens(Protocol):
    """What a node needs of whoever keeps the tokens of its Pods."""

    def token(self, pod: Object, source: Object) -> bytes:
        """The token of a serviceAccountToken source; MissingError where none is to be had."""

    def forget(self, uid: str) -> None:
        """Keep no token any more of the Pod of this uid."""


class NoTokens:
    """Empty tokens, for a node whose containers nobody runs."""

    def token(self, pod: Object, source: Object) -> bytes:  # noqa: ARG002 -- as a node asks
        return b""

    def forget(self, uid: str) -> None:
        pass


class TokenManager:
    """Asks for tokens, and gives out each as long as it is good."""

    def __init__(self, registry: Registry, tokens: Tokens, clock: MovableClock) -> None:
        self._registry = registry
        self._tokens = tokens
        self._clock = clock
        self._kept: dict[tuple[str, str, int], _Kept] = {}

    def token(self, pod: Object, source: Object) -> bytes:
        """The token of a serviceAccountToken source; MissingError where none is to be had."""
        seconds = int(source.get("expirationSeconds") or token_requests.DEFAULT_SECONDS)
        key = objects.uid(pod), source.get("audience", ""), seconds
        now = self._clock.now().timestamp() - self._clock.ahead
        kept = self._kept.get(key)
        if kept is None or now >= kept.until:
            renewed = min(timedelta(seconds=seconds * _RENEWED_AT), _LONGEST)
            fresh = self._requested(pod, source.get("audience", ""), seconds)
            kept = self._kept[key] = _Kept(fresh, now + renewed.total_seconds())
        return kept.token

    def forget(self, uid: str) -> None:
        """Keep no token any more of the Pod of this uid."""
        for key in [key for key in self._kept if key[0] == uid]:
            del self._kept[key]

    def _requested(self, pod: Object, audience: str, seconds: int) -> bytes:
        meta = pod["metadata"]
        name = objects.spec(pod).get("serviceAccountName") or "default"
        bound = {"apiVersion": "v1", "kind": "Pod", "name": meta["name"], "uid": meta["uid"]}
        spec = {
            "audiences": [audience] if audience else [],
            "expirationSeconds": seconds,
            "boundObjectRef": bound,
        }
        parts = self._registry, self._tokens, self._clock, meta["namespace"], name
        try:
            answer = token_requests.requested(*parts, {"spec": spec})
        except StatusError as error:
            raise MissingError(f"failed to fetch token: {error.message}") from error
        return str(answer["status"]["token"]).encode()
