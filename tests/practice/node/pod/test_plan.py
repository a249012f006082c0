"""What the node does next with a Pod."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from kubectl_joblab.practice.node.attempts import Attempt, Observed, Sandbox
from kubectl_joblab.practice.node.pod import plan
from tests.practice.node import build
from tests.practice.virtual import START

SANDBOX = Sandbox("10.244.0.2")


def _runs(name: str, number: int = 0) -> Attempt:
    identity = f"{name}-{number}"
    return Attempt(name, identity, number, "image", "id", {}, "running", START, sandbox=0)


def _ran(name: str, code: int = 0, number: int = 0) -> Attempt:
    return _runs(name, number).ended(START, code, "", "")


def _observed(*attempts: Attempt, started: bool = True, **more: Any) -> Observed:
    found = {attempt.name: (attempt,) for attempt in attempts}
    identities = frozenset(attempt.id for attempt in attempts)
    return Observed(found, SANDBOX, started=identities if started else frozenset(), **more)


def _plan(observed: Observed, *names: str, **spec: Any) -> tuple[list[str], list[str], str]:
    """Names of init containers and of others that are to be started, and what else."""
    pod = build.pod(*map(build.container, names or ("a",)), **spec)
    found = plan.plan(pod, observed)
    words = ["new sandbox"] * found.new_sandbox + ["over"] * found.over
    words += [f"kill {kill.attempt.name}: {kill.message}" for kill in found.kills]
    return (
        [one["name"] for one in found.inits],
        [one["name"] for one in found.mains],
        ", ".join(words),
    )


INITS = [build.container("i"), build.container("j")]
SIDECARS = [
    build.container("s", restartPolicy="Always"),
    build.container("t", restartPolicy="Always"),
]


def test_a_new_pod_gets_a_sandbox_and_all_its_containers() -> None:
    assert _plan(Observed(), "a", "b") == ([], ["a", "b"], "new sandbox")
    assert _plan(Observed(), "a", initContainers=INITS) == (["i"], [], "new sandbox")


@pytest.mark.parametrize(
    ("policy", "code", "expected"),
    [
        ("Never", 1, ([], [], "over")),
        ("Never", 0, ([], [], "over")),
        ("OnFailure", 1, ([], ["a"], "")),
        ("OnFailure", 0, ([], [], "over")),
        ("Always", 0, ([], ["a"], "")),
    ],
)
def test_what_has_ended_is_started_again_as_the_policy_says(
    policy: str, code: int, expected: object
) -> None:
    assert _plan(_observed(_ran("a", code)), "a", restartPolicy=policy) == expected


def test_while_one_runs_the_pod_is_not_over() -> None:
    assert _plan(_observed(_ran("a"), _runs("b")), "a", "b") == ([], [], "")


def test_nothing_is_started_in_a_pod_that_is_deleted() -> None:
    deleted = build.pod(restartPolicy="Always", _deletionTimestamp="2026-01-01T00:00:00Z")
    assert plan.plan(deleted, _observed(_ran("main", 1))).over


@pytest.mark.parametrize(
    ("attempts", "policy", "expected"),
    [
        ([_runs("i")], "Never", ([], [], "")),
        ([_ran("i")], "Never", (["j"], [], "")),
        ([_ran("i"), _runs("j")], "Never", ([], [], "")),
        ([_ran("i"), _ran("j")], "Never", ([], ["a"], "")),
        ([_ran("i", 1)], "Never", ([], [], "over")),
        ([_ran("i", 1)], "OnFailure", (["i"], [], "")),
        ([_ran("i"), _ran("j", 1)], "Always", (["j"], [], "")),
        ([_ran("i"), _ran("j"), _runs("a")], "Never", ([], [], "")),
        ([_ran("j"), _runs("a")], "Never", ([], [], "")),
    ],
)
def test_init_containers_run_one_after_the_other(
    attempts: list[Attempt], policy: str, expected: object
) -> None:
    observed = _observed(*attempts)
    assert _plan(observed, "a", initContainers=INITS, restartPolicy=policy) == expected


@pytest.mark.parametrize(
    ("attempts", "started", "expected"),
    [
        ([_runs("s")], True, (["t"], [], "")),
        ([_runs("s")], False, ([], [], "")),
        ([_runs("s"), _runs("t")], True, ([], ["a"], "")),
        ([_ran("s", 1), _runs("t"), _runs("a")], True, (["s"], [], "")),
        ([_ran("s", 1)], True, (["s"], [], "")),
        ([_runs("s"), _runs("t"), _ran("a")], True, ([], [], "over")),
    ],
)
def test_sidecars_let_the_next_begin_once_they_have_started_and_are_kept_running(
    attempts: list[Attempt], started: bool, expected: object
) -> None:
    observed = _observed(*attempts, started=started)
    assert _plan(observed, "a", initContainers=SIDECARS) == expected


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (
            "OnFailure",
            ([], ["a"], "kill a: Container a failed liveness probe, will be restarted"),
        ),
        ("Never", ([], [], "over")),
    ],
)
def test_a_container_whose_probe_failed_is_killed_and_restarted_if_it_may_be(
    policy: str, expected: object
) -> None:
    observed = _observed(_runs("a"), failing={"a-0": plan.LIVENESS})
    assert _plan(observed, "a", restartPolicy=policy) == expected


def test_a_container_is_killed_alone_while_another_runs() -> None:
    observed = _observed(_runs("a"), _runs("b"), failing={"a-0": plan.LIVENESS})
    text = "kill a: Container a failed liveness probe"
    assert _plan(observed, "a", "b", restartPolicy="Never") == ([], [], text)


@pytest.mark.parametrize("policy", ["Never", "OnFailure", "Always"])
def test_a_container_with_another_image_is_started_again_whatever_the_policy(policy: str) -> None:
    changed = replace(_runs("a"), asked="busybox:1.35")
    same = replace(_runs("b"), asked=build.container()["image"])
    text = "kill a: Container a definition changed, will be restarted"
    assert _plan(_observed(changed, same), "a", "b", restartPolicy=policy) == ([], ["a"], text)


@pytest.mark.parametrize(
    ("started", "failing", "expected"),
    [
        (True, {}, (["s"], [], "kill s: Init container s definition changed")),
        (
            True,
            {"s-0": plan.LIVENESS},
            (["s"], [], "kill s: Init container s definition changed"),
        ),
        (False, {}, ([], [], "")),
    ],
)
def test_a_sidecar_with_another_image_is_started_again_once_it_has_started(
    started: bool, failing: dict[str, str], expected: object
) -> None:
    changed = replace(_runs("s"), asked="busybox:1.35")
    main = _runs("a")
    observed = _observed(changed, main, started=started, failing=failing)
    assert _plan(observed, "a", initContainers=SIDECARS[:1]) == expected


def test_a_sidecar_whose_startup_probe_failed_is_started_again() -> None:
    observed = _observed(_runs("s"), failing={"s-0": plan.STARTUP})
    text = "kill s: Init container s failed startup probe"
    assert _plan(observed, "a", initContainers=SIDECARS) == (["s"], [], text)


def _after_restart(*attempts: Attempt) -> Observed:
    """What is known when the node's server is back: nothing runs, and there is no sandbox."""
    found = {attempt.name: (replace(attempt, sandbox=-1),) for attempt in attempts}
    return Observed(found, Sandbox("10.244.0.2", ready=False, number=-1))


@pytest.mark.parametrize(
    ("attempts", "policy", "expected"),
    [
        ([_ran("a", 255)], "Never", ([], [], "over")),
        ([_ran("a", 255)], "OnFailure", ([], ["a"], "new sandbox")),
        ([_ran("a", 0)], "OnFailure", ([], [], "over")),
        ([_ran("a", 0)], "Always", ([], ["a"], "new sandbox")),
    ],
)
def test_after_a_restart_containers_are_started_as_their_policy_says(
    attempts: list[Attempt], policy: str, expected: object
) -> None:
    assert _plan(_after_restart(*attempts), "a", restartPolicy=policy) == expected


def test_after_a_restart_a_pod_is_initialized_again() -> None:
    observed = _after_restart(_ran("i"), _ran("j"), _ran("a", 255))
    found = _plan(observed, "a", initContainers=INITS, restartPolicy="Always")
    assert found == (["i"], [], "new sandbox")
    again = replace(observed, sandbox=Sandbox("10.244.0.3", number=0))
    found = _plan(again, "a", initContainers=INITS, restartPolicy="Always")
    assert found == (["i"], [], "")
