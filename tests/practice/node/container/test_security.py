"""Who a container runs as, and what it may do."""

from __future__ import annotations

from typing import Any

import pytest

from kubectl_joblab.practice.node.container import security
from kubectl_joblab.practice.node.container.security import (
    DEFAULT_CAPABILITIES,
    Rights,
    RunAsRootError,
)
from kubectl_joblab.practice.node.process.messages import ALL_CAPABILITIES
from tests.practice.node import build


def _rights(pod: dict[str, Any] | None = None, **own: Any) -> Rights:
    container = build.container(securityContext=own)
    return security.rights(build.pod(container, securityContext=pod or {}), container)


def test_a_container_is_root_with_a_runtimes_capabilities() -> None:
    assert _rights() == Rights(0, 0, DEFAULT_CAPABILITIES, False, False)


def test_a_containers_context_goes_before_its_pods() -> None:
    found = _rights({"runAsUser": 1000, "runAsGroup": 3000}, runAsUser=2000)
    assert (found.user, found.group) == (2000, 3000)


def test_the_group_of_a_user_whom_nobody_knows_is_0_and_nobodys_its_own() -> None:
    assert _rights(runAsUser=1000).group == 0
    assert _rights(runAsUser=65534).group == 65534


def test_the_status_tells_of_the_groups_that_the_pod_gives() -> None:
    pod = {"runAsGroup": 3000, "fsGroup": 2000, "supplementalGroups": [5000, 4000, 2000]}
    told = _rights(pod, runAsUser=1000).told["linux"]
    assert told == {"uid": 1000, "gid": 3000, "supplementalGroups": [2000, 3000, 4000, 5000]}


def test_homes_are_those_of_the_images() -> None:
    assert [_rights(runAsUser=user).home for user in (0, 1000, 65534)] == ["/root", "/", "/"]


def test_privileges_follow_the_context() -> None:
    found = _rights(allowPrivilegeEscalation=False, readOnlyRootFilesystem=True)
    assert found.no_new_privileges
    assert found.read_only
    assert _rights(privileged=True).capabilities == ALL_CAPABILITIES
    dropped = _rights(capabilities={"drop": ["ALL"], "add": ["NET_BIND_SERVICE"]})
    assert dropped.capabilities == 1 << 10
    assert _rights(capabilities={"drop": ["CAP_KILL"]}).capabilities == (
        DEFAULT_CAPABILITIES & ~(1 << 5)
    )


@pytest.mark.parametrize(
    ("context", "why"),
    [
        ({"runAsNonRoot": True}, "container has runAsNonRoot and image will run as root"),
        (
            {"runAsNonRoot": True, "runAsUser": 0},
            "container's runAsUser breaks non-root policy",
        ),
    ],
)
def test_root_is_refused_where_the_pod_forbids_it(context: dict[str, Any], why: str) -> None:
    with pytest.raises(RunAsRootError) as refused:
        _rights(context)
    assert str(refused.value) == f'{why} (pod: "p_default({build.UID})", container: main)'


def test_another_user_may_run_where_root_may_not() -> None:
    assert _rights({"runAsNonRoot": True, "runAsUser": 65534}).user == 65534
