"""The kubelet, on a node in virtual time with containers that do as they are told."""

from __future__ import annotations

import asyncio
import itertools
from datetime import timedelta
from typing import Any

import pytest

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.registry import kinds
from kubectl_joblab.practice.clock import Running
from kubectl_joblab.practice.node import registration
from tests.practice.node import build, cluster
from tests.practice.node.build import NODE
from tests.practice.node.cluster import Node
from tests.practice.node.fake import FakeRuntime, Program
from tests.practice.virtual import START


def _state(pod: Object, index: int = 0) -> Object:
    state: Object = pod["status"]["containerStatuses"][index]["state"]
    return state


def _starts(node: Node, name: str = "p") -> list[float]:
    """When each start of the main container was told, in seconds from the first."""
    found: list[float] = []
    for pod in node.told[name]:
        for entry in pod["status"].get("containerStatuses") or ():
            started = objects.time((entry["state"].get("running") or {}).get("startedAt"))
            if started is not None and (seconds := (started - START).total_seconds()) not in found:
                found.append(seconds)
    return [seconds - found[0] for seconds in found]


def _entries(pod: Object) -> list[Object]:
    """The statuses of all containers."""
    status = pod["status"]
    return [
        *(status.get("initContainerStatuses") or ()),
        *(status.get("containerStatuses") or ()),
    ]


# ---- back-off


by_waiting_and_by_jumping = pytest.mark.parametrize(
    "jumps", [False, True], ids=["by waiting", "by jumping"]
)


@by_waiting_and_by_jumping
def test_restarts_back_off_from_at_once_to_five_minutes(jumps: bool) -> None:
    async def scene(node: Node) -> list[float]:
        node.create(build.pod(restartPolicy="Always"))
        await node.clock.sleep(1500)
        return _starts(node)

    starts = cluster.run(scene, {"main": Program(runs=1, exits=1)}, jumps=jumps)
    gaps = [later - earlier for earlier, later in itertools.pairwise(starts)]
    # each run takes a second, a start a tenth of one
    assert [round(gap, -1) for gap in gaps] == [0, 10, 20, 40, 80, 160, 300, 300, 300]


@by_waiting_and_by_jumping
def test_a_container_that_has_run_for_long_is_restarted_at_once_again(jumps: bool) -> None:
    async def scene(node: Node) -> list[float]:
        node.create(build.pod(restartPolicy="Always"))
        await node.clock.sleep(2000)
        return _starts(node)

    def program(start: int) -> Program:
        return Program(runs=1200 if start == 3 else 1, exits=1)

    starts = cluster.run(scene, {"main": program}, jumps=jumps)
    gaps = [later - earlier for earlier, later in itertools.pairwise(starts)]
    assert [round(gap, -1) for gap in gaps[:6]] == [0, 10, 20, 1200, 10, 20]


@by_waiting_and_by_jumping
def test_while_a_restart_is_put_off_it_is_told_again_each_minute(jumps: bool) -> None:
    async def scene(node: Node) -> list[str]:
        node.create(build.pod(restartPolicy="OnFailure"))
        await node.clock.sleep(145)
        return [text for text in node.events() if text.startswith("BackOff")]

    told = cluster.run(scene, {"main": Program(runs=1, exits=1)}, jumps=jumps)
    uid = "00000000-0000-4000-8000-000000000004"
    text = f"BackOff: Back-off restarting failed container main in pod p_default({uid})"
    # at 1, 13, 35 and 76 seconds, and again at 136 while it waits for 160
    assert [line.rpartition(" x")[0].replace(line.split("(")[1][:36], uid) for line in told] == [
        text
    ]
    assert told[0].endswith(" x5")


@by_waiting_and_by_jumping
def test_pulls_back_off_to_five_minutes_and_say_why_all_the_while(jumps: bool) -> None:
    async def scene(node: Node) -> tuple[list[str], str]:
        node.create(build.pod(build.container(image="nginx")))
        await node.clock.sleep(1000)
        reasons = [
            _state(pod)["waiting"]["reason"]
            for pod in node.told["p"]
            if "containerStatuses" in pod["status"]
        ]
        return reasons, _state(node.pod())["waiting"]["message"]

    reasons, message = cluster.run(scene, jumps=jumps)
    # a try each 10, 20, 40, 80, 160 and then 300 seconds, or soon after
    assert reasons.count("ErrImagePull") == 8
    assert reasons.count("ImagePullBackOff") == 8
    assert message == (
        'Back-off pulling image "nginx": ErrImagePull: failed to pull and unpack image '
        '"docker.io/library/nginx:latest": failed to resolve image: '
        "docker.io/library/nginx:latest: not found: the practice cluster pulls from no registry, "
        "its images are alpine, bash, busybox, debian, pause, perl, python, ubuntu"
    )


@by_waiting_and_by_jumping
def test_a_volume_that_is_not_there_is_looked_for_again_and_then_mounted(jumps: bool) -> None:
    async def scene(node: Node) -> tuple[list[str], str]:
        mount = {"name": "v", "mountPath": "/v"}
        volume = {"name": "v", "configMap": {"name": "late"}}
        main = build.container(volumeMounts=[mount])
        node.create(build.pod(main, volumes=[volume]))
        await node.clock.sleep(20)
        late = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "late"}}
        node.registry.create(kinds.CONFIG_MAPS, {**late, "data": {"a": "b"}}, "default")
        await node.until_running()
        (target,) = [bind for bind in node.runtime.launches[0].root.binds if bind[1] == "/v"]
        return node.events(), target[0]

    events, source = cluster.run(scene, {"main": Program()}, jumps=jumps)
    # at 0, 0.5, 1.5, 3.5, 7.5 and 15.5 seconds
    text = 'MountVolume.SetUp failed for volume "v" : configmap "late" not found'
    assert events[0] == f"FailedMount: {text} x6"
    assert source.endswith("/volumes/v")


# ---- what runs


def test_a_container_runs_from_its_start_on_and_not_while_it_waits_for_the_next() -> None:
    async def scene(node: Node) -> list[tuple[float, list[Running]]]:
        node.create(build.pod(restartPolicy="Always"))
        changes: list[tuple[float, list[Running]]] = []
        for _ in range(300):
            running = node.kubelet.running()
            if not changes or changes[-1][1] != running:
                changes.append((round(node.seconds() - 1, 1), running))
            await asyncio.sleep(0.05)
        return changes

    main = [Running("default", "p", "main")]
    found = cluster.run(scene, {"main": Program(runs=1, exits=1)})
    # a start takes a tenth of a second, the first restart follows at once, the second in ten
    assert [one for _, one in found] == [[], main, [], main, [], main, []][: len(found)]
    assert main in [one for when, one in found if when < 0.2]
    assert [] in [one for when, one in found if 2.2 <= when < 3]
    assert [one for when, one in found if 3 < when < 12] == []


def test_containers_of_all_kinds_and_pods_run() -> None:
    async def scene(node: Node) -> set[str]:
        inits = [build.container("sidecar", restartPolicy="Always"), build.container("init")]
        node.create(build.pod(initContainers=inits))
        await asyncio.sleep(3)
        return {one.container for one in node.kubelet.running()}

    assert cluster.run(scene, {"sidecar": Program(), "init": Program()}) == {"sidecar", "init"}


# ---- deletion


def test_what_ignores_sigterm_is_killed_when_its_grace_period_is_over() -> None:
    async def scene(node: Node) -> tuple[float, list[int]]:
        node.create(build.pod())
        await node.until_running()
        began = node.seconds()
        node.delete(grace_seconds=20)
        await node.until_gone()
        return node.seconds() - began, node.runtime.processes[0].signals

    seconds, signals = cluster.run(scene, {"main": Program()})
    assert round(seconds) == 20
    assert signals == [15, 9]


def test_a_second_deletion_with_less_grace_hurries_the_first() -> None:
    async def scene(node: Node) -> float:
        node.create(build.pod())
        await node.until_running()
        began = node.seconds()
        node.delete(grace_seconds=1000)
        await asyncio.sleep(5)
        node.delete(grace_seconds=30)
        await node.until_gone()
        return node.seconds() - began

    assert round(cluster.run(scene, {"main": Program()})) == 35


@pytest.mark.parametrize("turns", range(8))
def test_a_deletion_is_seen_however_close_to_a_status_write_it_comes(turns: int) -> None:
    async def scene(node: Node) -> float:
        beside = build.container("beside")
        node.create(build.pod(containers=[build.container("main"), beside]))
        await node.until_running()
        began = node.seconds()
        node.runtime.processes[1].signal(9)
        for _ in range(turns):  # of the event loop, until the end of the container is told
            await asyncio.sleep(0)
        node.delete(grace_seconds=10)
        await node.until_gone()
        return node.seconds() - began

    programs = {"main": Program(), "beside": Program()}
    assert round(cluster.run(scene, programs)) == 10


def test_a_pod_that_is_deleted_by_force_is_killed_all_the_same() -> None:
    async def scene(node: Node) -> tuple[bool, list[int], list[str]]:
        node.create(build.pod())
        pod = await node.until_running()
        node.delete(grace_seconds=0)
        there = node.exists()
        await asyncio.sleep(3)
        folders = [path.name for path in (node.home / "pods").iterdir()]
        assert objects.uid(pod) not in folders
        return there, node.runtime.processes[0].signals, folders

    assert cluster.run(scene, {"main": Program()}) == (False, [15, 9], [])


def test_a_pod_deleted_before_it_was_started_leaves_nothing() -> None:
    async def scene(node: Node) -> list[str]:
        node.create(build.pod())
        node.delete(grace_seconds=1)
        await node.until_gone()
        await asyncio.sleep(1)
        return [path.name for path in (node.home / "pods").iterdir()]

    assert cluster.run(scene, {"main": Program()}) == []


def test_a_pod_that_has_ended_is_removed_at_once_when_it_is_deleted() -> None:
    async def scene(node: Node) -> tuple[float, list[str]]:
        node.create(build.pod())
        await node.until_ended()
        await asyncio.sleep(5)
        began = node.seconds()
        node.delete()
        await node.until_gone()
        await asyncio.sleep(0.1)
        return node.seconds() - began, [path.name for path in (node.home / "pods").iterdir()]

    seconds, left = cluster.run(scene, {"main": Program(runs=1)})
    assert seconds < 1
    assert left == []


def test_a_finalizer_keeps_the_pod_with_its_end_told() -> None:
    async def scene(node: Node) -> Object:
        node.create(build.pod(_finalizers=["example.com/hold"]))
        await node.until_running()
        node.delete(grace_seconds=2)
        await asyncio.sleep(10)
        return node.pod()

    pod = cluster.run(scene, {"main": Program()})
    assert pod["status"]["phase"] == "Failed"
    assert pod["metadata"]["deletionGracePeriodSeconds"] == 0
    assert _state(pod)["terminated"]["exitCode"] == 137


def test_conditions_of_others_survive_what_the_node_writes() -> None:
    async def scene(node: Node) -> Object:
        node.create(build.pod())
        pod = await node.until_running()
        target: dict[str, Any] = {"type": "DisruptionTarget", "status": "True", "reason": "Because"}
        target["lastTransitionTime"] = "2026-01-01T00:00:00Z"
        status = {**pod["status"], "conditions": [*pod["status"]["conditions"], target]}
        changed = {**pod, "status": status}
        node.registry.update(kinds.PODS, "p", changed, "default", subresource="status")
        return await node.until_ended()

    pod = cluster.run(scene, {"main": Program(runs=5, exits=1)})
    conditions = {one["type"]: one.get("reason") for one in pod["status"]["conditions"]}
    assert conditions == {
        "DisruptionTarget": "Because",
        "PodReadyToStartContainers": "PodSandboxNotReady",
        "Initialized": None,
        "Ready": "PodFailed",
        "ContainersReady": "PodFailed",
        "PodScheduled": None,
    }


# ---- hooks and order


def test_a_pre_stop_hook_uses_up_the_grace_period() -> None:
    hook = {"preStop": {"exec": {"command": ["hook"]}}}

    async def scene(node: Node) -> tuple[float, list[int]]:
        node.create(build.pod(build.container(lifecycle=hook)))
        await node.until_running()
        began = node.seconds()
        node.delete(grace_seconds=10)
        await node.until_gone()
        return node.seconds() - began, node.runtime.processes[0].signals

    program = Program(executes={"hook": (4, 0, "")})
    seconds, signals = cluster.run(scene, {"main": program})
    assert round(seconds) == 10
    assert signals == [15, 9]


def test_a_post_start_hook_that_fails_ends_the_container() -> None:
    hook = {"postStart": {"exec": {"command": ["hook"]}}}

    async def scene(node: Node) -> tuple[Object, list[str]]:
        node.create(build.pod(build.container(lifecycle=hook), restartPolicy="Always"))
        await asyncio.sleep(8)
        return node.pod(), node.events()

    program = Program(ends=1, executes={"hook": (1, 5, "no")})
    pod, events = cluster.run(scene, {"main": program})
    waiting = _state(pod)["waiting"]
    assert (waiting["reason"], waiting["message"]) == ("PostStartHookError", "no")
    assert "FailedPostStartHook: PostStartHook failed x1" in events
    assert "Killing: FailedPostStartHook x1" in events


def test_sidecars_end_after_the_others_from_the_last_to_the_first() -> None:
    sidecars = [build.container(name, restartPolicy="Always") for name in ("one", "two")]

    async def scene(node: Node) -> list[str]:
        node.create(build.pod(build.container(), initContainers=sidecars))
        await node.until_running()
        node.delete(grace_seconds=60)
        await node.until_gone()
        ends = {}
        for pod in node.told["p"]:
            for entry in _entries(pod):
                if ended := entry["state"].get("terminated"):
                    ends[entry["name"]] = str(ended["finishedAt"])
        return sorted(ends, key=lambda name: ends[name])

    each = {name: Program(ends=5) for name in ("one", "two", "main")}
    assert cluster.run(scene, each) == ["main", "two", "one"]


# ---- probes


def test_a_readiness_probe_decides_when_the_pod_is_ready() -> None:
    probe = {"exec": {"command": ["ask"]}, "periodSeconds": 2}
    answers = iter([1, 1, 0, 0, 1, 1, 1])

    async def scene(node: Node) -> list[tuple[float, str]]:
        node.create(build.pod(build.container(readinessProbe=probe)))
        await asyncio.sleep(30)
        ready = []
        for pod in node.told["p"]:
            condition = objects.condition(pod, "Ready")
            since = objects.time(condition and condition["lastTransitionTime"])
            if condition is not None and since is not None:
                ready.append(((since - START).total_seconds(), str(condition["status"])))
        return list(dict.fromkeys(ready))

    class _Answers(dict[str, tuple[float, int, str]]):
        def __getitem__(self, _: str) -> tuple[float, int, str]:
            return 0.0, next(answers, 1), ""

    ready = cluster.run(scene, {"main": Program(executes=_Answers())})
    assert [status for _, status in ready] == ["False", "True", "False"]
    assert ready[1][0] - ready[0][0] == 4
    assert ready[2][0] - ready[1][0] == 8  # three failures in a row


def test_a_liveness_probe_that_fails_restarts_the_container() -> None:
    probe = {"exec": {"command": ["ask"]}, "periodSeconds": 1, "failureThreshold": 2}

    async def scene(node: Node) -> tuple[Object, list[str]]:
        main = build.container(livenessProbe=probe)
        node.create(build.pod(main, restartPolicy="OnFailure", terminationGracePeriodSeconds=2))
        await asyncio.sleep(4)
        return node.pod(), node.events()

    pod, events = cluster.run(scene, {"main": Program(executes={"ask": (0, 1, "bad\n")})})
    entry = pod["status"]["containerStatuses"][0]
    assert entry["restartCount"] == 1
    assert entry["lastState"]["terminated"]["exitCode"] == 137
    assert "Killing: Container main failed liveness probe, will be restarted x1" in events
    assert "Unhealthy: Liveness probe failed: bad\n x3" in events


def test_a_startup_probe_holds_back_the_other_probes_and_the_next_container() -> None:
    probe = {"exec": {"command": ["up"]}, "periodSeconds": 1, "failureThreshold": 30}
    sidecar = build.container("side", restartPolicy="Always", startupProbe=probe)
    answers = iter([1, 1, 1, 0])

    class _Answers(dict[str, tuple[float, int, str]]):
        def __getitem__(self, _: str) -> tuple[float, int, str]:
            return 0.0, next(answers), ""

    async def scene(node: Node) -> list[str]:
        node.create(build.pod(build.container(), initContainers=[sidecar]))
        await node.until_running()
        await asyncio.sleep(1)
        starts = [
            f"{entry['name']} {entry['state']['running']['startedAt'][-3:-1]}"
            for pod in node.told["p"]
            for entry in _entries(pod)
            if "running" in entry["state"]
        ]
        return list(dict.fromkeys(starts))

    side, main = cluster.run(scene, {"side": Program(executes=_Answers()), "main": Program()})
    assert side.startswith("side")
    assert main.startswith("main")
    assert int(main[-2:]) - int(side[-2:]) == 3


def test_a_probe_that_takes_too_long_has_failed() -> None:
    probe = {"exec": {"command": ["sleep", "10"]}, "periodSeconds": 1, "timeoutSeconds": 2}

    async def scene(node: Node) -> list[str]:
        node.create(build.pod(build.container(readinessProbe=probe)))
        await asyncio.sleep(5)
        return node.events()

    events = cluster.run(scene, {"main": Program(executes={"sleep 10": (10, 0, "")})})
    text = 'Unhealthy: Readiness probe failed: command timed out: "sleep 10" timed out after 2s x1'
    assert text in events


# ---- the machine, and its return


def test_after_a_restart_what_ran_has_ended_as_on_a_rebooted_node() -> None:
    async def scene(node: Node) -> tuple[Object, Object, list[str]]:
        node.create(build.pod())
        again = build.pod(restartPolicy="OnFailure")
        again["metadata"]["name"] = "again"
        node.create(again)
        await node.until_running()
        await node.until_running("again")
        await node.restart(FakeRuntime(cluster.programs({"main": Program()})))
        failed = await node.until_ended()
        await asyncio.sleep(1)
        return failed, node.pod("again"), node.events("again")

    failed, again, events = cluster.run(scene, {"main": Program()})
    ended = _state(failed)["terminated"]
    assert (ended["exitCode"], ended["reason"]) == (255, "Unknown")
    entry = again["status"]["containerStatuses"][0]
    assert "running" in entry["state"]
    assert entry["restartCount"] == 1
    assert entry["lastState"]["terminated"]["exitCode"] == 255
    text = "SandboxChanged: Pod sandbox changed, it will be killed and re-created. x1"
    assert text in events


def test_after_a_restart_init_containers_run_again() -> None:
    async def scene(node: Node) -> tuple[list[int], str]:
        inits = [build.container("first")]
        node.create(build.pod(initContainers=inits, restartPolicy="Always"))
        await node.until_running()
        given = cluster.programs({"first": Program(runs=1), "main": Program()})
        await node.restart(FakeRuntime(given))
        await asyncio.sleep(5)
        pod = node.pod()
        counts = [entry["restartCount"] for entry in _entries(pod)]
        return counts, str(pod["status"]["phase"])

    given = {"first": Program(runs=1), "main": Program()}
    assert cluster.run(scene, given) == ([1, 1], "Running")


def test_folders_of_pods_that_have_gone_meanwhile_are_deleted() -> None:
    async def scene(node: Node) -> list[str]:
        node.create(build.pod())
        pod = await node.until_ended()
        (node.home / "pods" / "another").mkdir()
        await node.restart(FakeRuntime({}))
        await asyncio.sleep(1)
        left = [path.name for path in (node.home / "pods").iterdir()]
        assert left == [objects.uid(pod)]
        return left

    cluster.run(scene, {"main": Program(runs=1)})


def test_a_pod_deleted_while_the_server_was_down_is_removed_when_it_is_back() -> None:
    async def scene(node: Node) -> None:
        node.create(build.pod())
        await node.until_running()
        node.delete(grace_seconds=1)
        await node.restart(FakeRuntime({}))
        await node.until_gone()

    cluster.run(scene, {"main": Program()})


def test_the_node_is_registered_and_keeps_what_users_have_changed() -> None:
    async def scene(node: Node) -> Object:
        labels = {"mine": "yes"}
        patch = {"metadata": {"labels": labels}, "spec": {"unschedulable": True}}
        media = "application/merge-patch+json"
        node.registry.patch(kinds.NODES, NODE, media, patch)
        await asyncio.sleep(registration.HEARTBEAT_SECONDS + 1)
        return node.registry.get(kinds.NODES, NODE)

    found = cluster.run(scene)
    assert found["metadata"]["labels"]["mine"] == "yes"
    assert found["metadata"]["labels"]["kubernetes.io/hostname"] == NODE
    assert found["spec"]["unschedulable"] is True
    ready = objects.condition(found, "Ready") or {}
    assert (ready["status"], ready["reason"]) == ("True", "KubeletReady")
    beat = objects.time(ready["lastHeartbeatTime"])
    assert beat is not None
    assert beat - START >= timedelta(seconds=registration.HEARTBEAT_SECONDS)


def test_where_there_are_no_namespaces_a_pod_with_a_mount_waits_and_says_why() -> None:
    async def scene(node: Node) -> tuple[Object, list[str]]:
        runtime = FakeRuntime(cluster.programs({"main": Program()}))
        runtime.why_no_namespaces = "the kernel forbids it"
        await node.restart(runtime)
        main = build.container(volumeMounts=[{"name": "v", "mountPath": "/v"}])
        node.create(build.pod(main, volumes=[{"name": "v", "emptyDir": {}}]))
        await asyncio.sleep(60)
        return node.pod(), node.events()

    pod, events = cluster.run(scene)
    assert _state(pod)["waiting"]["reason"] == "ContainerCreating"
    (event,) = events
    assert event.startswith(
        'FailedMount: MountVolume.SetUp failed for volume "v" : containers are plain processes on '
        "this machine, and have no mounts of their own: the kernel forbids it x"
    )
