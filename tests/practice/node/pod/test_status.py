"""The parts of a Pod's status that tests/practice/node/test_lives.py does not reach."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.node import attempts
from kubectl_joblab.practice.node.attempts import Attempt, Observed, Sandbox, Waiting
from kubectl_joblab.practice.node.pod import conditions, requirements, status
from kubectl_joblab.practice.node.pod.status import Moment
from tests.practice.node import build
from tests.practice.virtual import START

NOW = Moment(START + timedelta(seconds=60), "192.0.2.2")


def _attempt(name: str = "main", number: int = 0) -> Attempt:
    identity = f"{name}{number}"
    return Attempt(name, identity, number, "image", "id", {"linux": {}}, "running", START)


def _generate(pod: Object, *known: Attempt, **more: Any) -> Object:
    found: dict[str, list[Attempt]] = {}
    for attempt in known:
        found.setdefault(attempt.name, []).insert(0, attempt)
    identities = frozenset(attempt.id for attempt in known)
    observed = Observed(found, Sandbox("10.244.0.2"), started=identities, ready=identities, **more)
    return status.generate(pod, observed, NOW)


def test_the_last_end_but_one_is_the_last_state() -> None:
    first = _attempt().ended(START, 1, "Error", "")
    found = _generate(build.pod(), first, _attempt(number=1))
    entry = found["containerStatuses"][0]
    assert entry["restartCount"] == 1
    assert "running" in entry["state"]
    assert entry["lastState"]["terminated"]["containerID"] == "containerd://main0"


def test_what_waits_to_be_restarted_has_its_end_as_the_last_state() -> None:
    ended = _attempt().ended(START, 1, "Error", "words")
    waiting = {"main": Waiting("CrashLoopBackOff", "back-off")}
    pod = build.pod(restartPolicy="OnFailure")
    entry = _generate(pod, ended, waiting=waiting)["containerStatuses"][0]
    assert entry["state"] == {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off"}}
    assert entry["lastState"]["terminated"]["message"] == "words"
    never = _generate(build.pod(), ended, waiting=waiting)["containerStatuses"][0]
    assert never["state"]["terminated"]["exitCode"] == 1


def test_an_end_of_earlier_is_kept_when_nothing_else_is_known() -> None:
    entry = build.ended("main", 3)
    old = {"phase": "Running", "containerStatuses": [entry]}
    found = _generate(build.pod(status=old))
    assert found["containerStatuses"] == [entry]


def test_a_phase_that_was_final_stays_with_its_reason() -> None:
    old = {"phase": "Failed", "reason": "Evicted", "message": "why"}
    found = _generate(build.pod(status=old), _attempt())
    assert (found["phase"], found["reason"], found["message"]) == ("Failed", "Evicted", "why")


def test_a_condition_keeps_its_time_for_as_long_as_its_status() -> None:
    old = {"type": "Ready", "status": "True", "lastTransitionTime": "2020-01-01T00:00:00Z"}
    pod = build.pod(status={"phase": "Running", "conditions": [old]})
    ready = {one["type"]: one for one in _generate(pod, _attempt())["conditions"]}
    assert ready["Ready"]["lastTransitionTime"] == "2020-01-01T00:00:00Z"
    assert ready["ContainersReady"]["lastTransitionTime"] == "2026-01-01T00:01:00Z"


def test_a_pod_on_the_hosts_network_has_its_address() -> None:
    found = _generate(build.pod(hostNetwork=True))
    assert (found["podIP"], found["hostIP"]) == ("192.0.2.2", "192.0.2.2")


def test_mounts_are_told_with_the_container() -> None:
    mounts = [
        {"name": "v", "mountPath": "/v"},
        {"name": "w", "mountPath": "/w", "readOnly": True},
    ]
    found = _generate(build.pod(build.container(volumeMounts=mounts)))
    assert found["containerStatuses"][0]["volumeMounts"] == [
        {"name": "v", "mountPath": "/v"},
        {"name": "w", "mountPath": "/w", "readOnly": True, "recursiveReadOnly": "Disabled"},
    ]


def test_no_end_is_told_while_something_may_run() -> None:
    others = {"type": "DisruptionTarget", "status": "True"}
    pod = build.pod(status={"phase": "Running", "conditions": [others]})
    generated: Object = {"phase": "Failed", "reason": "DeadlineExceeded", "conditions": []}
    early = status.merged(pod, generated, may_run=True)
    assert early == {"phase": "Running", "conditions": [others]}
    late = status.merged(pod, generated, may_run=False)
    assert (late["phase"], late["reason"]) == ("Failed", "DeadlineExceeded")


LOST = "ContainerStatusUnknown"


@pytest.mark.parametrize(
    ("inits", "mains", "lost"),
    [
        ([], [build.waiting()], ["main"]),
        ([], [build.ended()], []),
        ([build.waiting("i"), build.waiting("j")], [build.waiting()], ["i"]),
        ([build.running("i"), build.waiting("j")], [build.waiting()], ["i"]),
        ([build.ended("i", 4), build.waiting("j")], [build.waiting()], []),
        ([build.ended("i"), build.ended("j")], [build.waiting()], ["main"]),
        ([build.ended("i"), build.running("j")], [build.waiting()], ["j"]),
    ],
)
def test_at_the_very_end_what_was_lost_is_said_to_be(
    inits: list[Object], mains: list[Object], lost: list[str]
) -> None:
    told: Object = {"phase": "Pending", "containerStatuses": mains}
    spec = {}
    if inits:
        told["initContainerStatuses"] = inits
        spec["initContainers"] = [build.container(entry["name"]) for entry in inits]
    found = status.terminated(build.pod(status=told, **spec))
    entries = [*found.get("initContainerStatuses", []), *found["containerStatuses"]]
    reasons = {
        entry["name"]: (entry["state"].get("terminated") or {}).get("reason") for entry in entries
    }
    assert [name for name, reason in reasons.items() if reason == LOST] == lost
    assert found["phase"] == "Failed"


def test_readiness_gates_ask_for_conditions_of_others() -> None:
    gates = [{"conditionType": "x"}, {"conditionType": "y"}]
    others = [{"type": "x", "status": "False"}, {"type": "z", "status": "True"}]
    pod = build.pod(readinessGates=gates, status={"phase": "Running", "conditions": others})
    found = conditions.conditions(pod, [build.running()], "Running", Sandbox("ip"))
    ready = next(one for one in found if one["type"] == "Ready")
    assert ready["message"] == (
        'the status of pod readiness gate "x" is not "True", but False, '
        'corresponding condition of pod readiness gate "y" does not exist.'
    )


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({}, {"resources": {}}),
        (
            {"requests": [{"cpu": "250m"}, {"cpu": "1", "memory": "20Mi"}]},
            {
                "resources": {"requests": {"cpu": "1250m", "memory": "20Mi"}},
                "allocatedResources": {"cpu": "1250m", "memory": "20Mi"},
            },
        ),
        (
            {"requests": [{"cpu": "100m"}], "init": {"cpu": "500m"}},
            {
                "resources": {"requests": {"cpu": "500m"}},
                "allocatedResources": {"cpu": "500m"},
            },
        ),
        (
            {"requests": [{"cpu": "100m"}], "init": {"cpu": "500m"}, "sidecar": {"cpu": "1"}},
            {
                "resources": {"requests": {"cpu": "1500m"}},
                "allocatedResources": {"cpu": "1500m"},
            },
        ),
    ],
)
def test_what_a_pod_asks_for_is_added_up(spec: Object, expected: Object) -> None:
    def with_requests(name: str, requests: Object, **more: Any) -> Object:
        return build.container(name, resources={"requests": requests}, **more)

    mains = [
        with_requests(f"m{number}", one) for number, one in enumerate(spec.get("requests", []))
    ]
    inits = []
    if "sidecar" in spec:
        inits.append(with_requests("s", spec["sidecar"], restartPolicy="Always"))
    if "init" in spec:
        inits.append(with_requests("i", spec["init"]))
    pod = build.pod(*mains, initContainers=inits)
    assert requirements.of_status(pod) == expected


def test_what_an_earlier_server_has_told_is_remembered() -> None:
    last = {"terminated": build.termination(1)}
    told = {
        "phase": "Running",
        "initContainerStatuses": [build.ended("i")],
        "containerStatuses": [
            build.running("a", restartCount=2, lastState=last),
            build.waiting("b", "CrashLoopBackOff", restartCount=1, lastState=last),
            build.waiting("c", containerID=""),
        ],
    }
    found = attempts.recalled(build.pod(status=told), START)
    facts = {
        name: [(one.number, one.state, one.exit_code, one.reason) for one in known]
        for name, known in found.items()
    }
    assert facts == {
        "i": [(0, "exited", 0, "Completed")],
        "a": [(2, "exited", 255, "Unknown"), (1, "exited", 1, "Error")],
        "b": [(1, "exited", 1, "Error")],
    }
    assert all(one.sandbox == attempts.EARLIER for known in found.values() for one in known)


@pytest.mark.parametrize("written", ["1e30", "1e50000", "1e999999999"])
def test_resources_of_any_size_are_told(written: str) -> None:
    container = {"name": "main", "resources": {"requests": {"cpu": written}}}
    pod = {"spec": {"containers": [container, {**container, "name": "other"}]}}
    told = requirements.of_status(pod)["allocatedResources"]["cpu"]
    assert told.startswith("2")
    assert len(told) < 10
