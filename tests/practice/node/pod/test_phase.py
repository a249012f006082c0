"""The phase of a Pod, as getPhase of the kubelet has it."""

from __future__ import annotations

from typing import Any

import pytest

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.node.pod import phase
from tests.practice.node import build
from tests.practice.node.build import ended, running, waiting


def _restarting(name: str, code: int) -> Object:
    return waiting(name, "CrashLoopBackOff", lastState={"terminated": build.termination(code)})


def _phase(
    entries: list[Object], *, terminal: bool = False, initialized: bool = True, **spec: Any
) -> str:
    names = spec.pop("names", ("a", "b"))
    pod = build.pod(*map(build.container, names), **spec)
    return phase.phase(pod, entries, terminal=terminal, initialized=initialized)


@pytest.mark.parametrize(
    ("policy", "entries", "expected"),
    [
        ("Never", [waiting("a"), waiting("b")], "Pending"),
        ("Never", [running("a"), waiting("b")], "Pending"),
        ("Never", [running("a"), running("b")], "Running"),
        ("Never", [running("a"), ended("b", 1)], "Running"),
        ("Never", [ended("a"), ended("b")], "Succeeded"),
        ("Never", [ended("a"), ended("b", 1)], "Failed"),
        ("Never", [running("a")], "Pending"),  # nothing is known of b
        ("Never", [], "Pending"),
        ("OnFailure", [ended("a"), ended("b")], "Succeeded"),
        ("OnFailure", [ended("a"), ended("b", 1)], "Running"),
        ("OnFailure", [ended("a"), _restarting("b", 1)], "Running"),
        ("Always", [ended("a"), ended("b")], "Running"),
        ("Always", [_restarting("a", 0), _restarting("b", 1)], "Running"),
    ],
)
def test_it_follows_from_states_and_policy(
    policy: str, entries: list[Object], expected: str
) -> None:
    assert _phase(entries, restartPolicy=policy) == expected


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ([ended("a"), ended("b")], "Succeeded"),
        ([ended("a"), ended("b", 137)], "Failed"),
        ([ended("a"), _restarting("b", 1)], "Failed"),
        ([ended("a"), waiting("b")], "Pending"),
    ],
)
def test_when_all_is_over_policies_do_not_count(entries: list[Object], expected: str) -> None:
    assert _phase(entries, terminal=True, restartPolicy="Always") == expected


INIT = [build.container("i"), build.container("j")]


@pytest.mark.parametrize(
    ("policy", "entries", "expected"),
    [
        ("Never", [waiting("i"), waiting("j")], "Pending"),
        ("Never", [ended("i"), running("j")], "Pending"),
        ("Never", [ended("i"), ended("j", 3)], "Failed"),
        ("OnFailure", [ended("i"), ended("j", 3)], "Pending"),
        ("OnFailure", [ended("i"), _restarting("j", 3)], "Pending"),
    ],
)
def test_init_containers_come_first(policy: str, entries: list[Object], expected: str) -> None:
    both = [*entries, waiting("a")]
    assert _phase(both, names=["a"], restartPolicy=policy, initContainers=INIT) == expected


SIDECAR = [build.container("s", restartPolicy="Always")]


@pytest.mark.parametrize(
    ("entries", "initialized", "expected"),
    [
        ([running("s"), running("a")], True, "Running"),
        ([running("s", started=False), running("a")], False, "Pending"),
        ([running("s", started=False), running("a")], True, "Running"),
        ([running("s"), ended("a")], True, "Running"),  # until it is ended too
        ([ended("s", 137), ended("a")], True, "Succeeded"),
        ([waiting("s"), waiting("a")], False, "Pending"),
        ([_restarting("s", 1), running("a")], True, "Running"),
    ],
)
def test_sidecars_hold_a_pod_up_but_do_not_fail_it(
    entries: list[Object], initialized: bool, expected: str
) -> None:
    assert _phase(entries, names=["a"], initContainers=SIDECAR, initialized=initialized) == expected


@pytest.mark.parametrize(
    ("container", "code", "expected"),
    [
        ({"restartPolicy": "OnFailure"}, 1, "Running"),
        ({"restartPolicy": "Never"}, 1, "Failed"),
        ({"restartPolicy": "Always"}, 0, "Running"),
        ({"restartPolicy": "Never", "codes": [42]}, 42, "Running"),
        ({"restartPolicy": "Never", "codes": [42]}, 1, "Failed"),
    ],
)
def test_a_container_may_have_a_policy_of_its_own(
    container: dict[str, Any], code: int, expected: str
) -> None:
    codes = container.pop("codes", None)
    if codes:
        exits = {"operator": "In", "values": codes}
        container["restartPolicyRules"] = [{"action": "Restart", "exitCodes": exits}]
    pod = build.pod(build.container("a", **container), restartPolicy="Never")
    assert phase.phase(pod, [ended("a", code)], terminal=False, initialized=True) == expected
