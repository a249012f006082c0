"""The tokens that Pods get: whose they are, and when they are made anew."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.access.tokens import AUDIENCES, TokenError
from kubectl_joblab.practice.api.kind import Kind
from kubectl_joblab.practice.api.registry import kinds
from kubectl_joblab.practice.api.registry.operations import Registry
from kubectl_joblab.practice.api.storage.store import Store
from kubectl_joblab.practice.node.container.sources import MissingError
from kubectl_joblab.practice.node.volumes.tokens import TokenManager
from tests.practice import virtual
from tests.practice.node import cluster as nodes
from tests.practice.virtual import CountingIds, VirtualClock

SOURCE: Object = {"path": "token", "expirationSeconds": 3607}


class Scene:
    """A node's tokens, a Pod `p` of the account `robot`, and what the API says of a token."""

    def __init__(self, folder: Path, clock: VirtualClock) -> None:
        self.clock = clock
        self.registry = Registry(Store(), self.clock, CountingIds())
        self.tokens = nodes.tokens(self.registry, self.clock, folder)
        self.kept = TokenManager(self.registry, self.tokens, self.clock)
        self.make(kinds.NAMESPACES, {"metadata": {"name": "default"}})
        self.make(kinds.SERVICE_ACCOUNTS, {"metadata": {"name": "robot"}})
        spec = {"serviceAccountName": "robot", "containers": [{"name": "c", "image": "busybox"}]}
        self.pod = self.make(kinds.PODS, {"metadata": {"name": "p"}, "spec": spec})

    def make(self, kind: Kind, obj: Object) -> Object:
        namespace = "default" if kind.namespaced else ""
        whole = {"apiVersion": kind.api_version, "kind": kind.kind, **obj}
        return self.registry.create(kind, whole, namespace)

    def token(self, **source: object) -> str:
        return self.kept.token(self.pod, {**SOURCE, **source}).decode()


def test_a_token_is_of_the_account_and_bound_to_the_pod(tmp_path: Path) -> None:
    async def run(clock: VirtualClock) -> None:
        scene = Scene(tmp_path, clock)
        user, audiences = scene.tokens.user(scene.token())
        assert (user.name, audiences) == ("system:serviceaccount:default:robot", [*AUDIENCES])
        assert user.extra["authentication.kubernetes.io/pod-name"] == ("p",)
        scene.registry.delete(kinds.PODS, "p", "default")
        with pytest.raises(TokenError, match="has been invalidated"):
            scene.tokens.user(scene.token())

    virtual.run(run)


def test_a_token_is_kept_until_four_fifths_of_its_time_are_over(tmp_path: Path) -> None:
    async def run(clock: VirtualClock) -> None:
        scene = Scene(tmp_path, clock)
        first = scene.token(expirationSeconds=600)
        await asyncio.sleep(479)
        assert scene.token(expirationSeconds=600) == first
        await asyncio.sleep(2)
        second = scene.token(expirationSeconds=600)
        assert second != first
        assert scene.token(expirationSeconds=600) == second

    virtual.run(run)


def test_time_that_is_skipped_makes_no_token_old(tmp_path: Path) -> None:
    async def run(clock: VirtualClock) -> None:
        scene = Scene(tmp_path, clock)
        first = scene.token()
        scene.clock.jump(86_400)
        assert scene.token() == first
        assert scene.tokens.user(first)

    virtual.run(run)


def test_each_audience_has_a_token_of_its_own(tmp_path: Path) -> None:
    async def run(clock: VirtualClock) -> None:
        scene = Scene(tmp_path, clock)
        token = scene.token(audience="vault")
        with pytest.raises(TokenError, match="is invalid for the target audiences"):
            scene.tokens.user(token)
        assert scene.tokens.user(token, ["vault"])[1] == ["vault"]

    virtual.run(run)


def test_what_a_pod_gets_by_itself_holds_for_a_year(tmp_path: Path) -> None:
    async def run(clock: VirtualClock) -> None:
        scene = Scene(tmp_path, clock)
        own, asked = scene.token(), scene.token(expirationSeconds=3606)
        await asyncio.sleep(4_000)
        assert scene.tokens.user(own)
        with pytest.raises(TokenError, match="has expired"):
            scene.tokens.user(asked)

    virtual.run(run)


def test_without_its_account_a_pod_has_no_token(tmp_path: Path) -> None:
    async def run(clock: VirtualClock) -> None:
        scene = Scene(tmp_path, clock)
        scene.registry.delete(kinds.SERVICE_ACCOUNTS, "robot", "default")
        why = 'failed to fetch token: serviceaccounts "robot" not found'
        with pytest.raises(MissingError, match=why):
            scene.token()

    virtual.run(run)
