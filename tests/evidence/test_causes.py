"""Why a Job does not succeed: a table of what its objects show, and the lines that come of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pytest

from kubectl_joblab.evidence.causes import table
from kubectl_joblab.evidence.snapshot import PodRecord
from kubectl_joblab.objects import Object
from tests.labs import builders as b

UNABLE = (
    "failed to create shim task: OCI runtime create failed: unable to start container process: "
)


class Case(NamedTuple):
    """A Job and its Pods, and the kind, the line and the command of each cause."""

    job: Object
    pods: Sequence[PodRecord | Object]
    expected: Sequence[tuple[str, str, str]]
    events: Sequence[Object] | None = None


def failed_pod(
    code: int, reason: str = "", log: str = "", message: str = "", **more: Any
) -> PodRecord:
    """A Pod whose container has failed once."""
    state = b.ended(1, 3, code, reason)
    if message:
        state["terminated"]["message"] = message
    return b.record(b.pod("demo-a", b.container(state), **more), logs=log)


def with_limit(record: PodRecord, memory: str) -> PodRecord:
    record.pod["spec"]["containers"][0]["resources"] = {"limits": {"memory": memory}}
    return record


def ended_from_outside(reason: str, message: str, *containers: Object) -> Object:
    """A Pod that failed for a reason of its own."""
    pod = b.pod("demo-a", *containers, phase="Failed")
    pod["status"] |= {"reason": reason, "message": message}
    return pod


def init_failed() -> Object:
    pod = b.pod("demo-a", b.container(b.waiting("PodInitializing")), phase="Failed")
    pod["spec"]["initContainers"] = [{"name": "setup"}]
    pod["status"]["initContainerStatuses"] = [b.container(b.ended(1, 2, 3), name="setup")]
    return pod


def creating() -> Object:
    """A Pod whose container has been made for long."""
    return b.pod("demo-a", b.container(b.waiting("ContainerCreating")))


def about(pod: str, event: Object) -> Object:
    """The event, as one about the Pod of this name."""
    return {**event, "involvedObject": {"kind": "Pod", "name": pod, "uid": f"uid-of-{pod}"}}


def unmounted(pod: str) -> Object:
    """An event about a volume of this Pod, as the kubelet words it."""
    message = 'MountVolume.SetUp failed for volume "settings" : configmap "settings" not found'
    return about(pod, b.event("FailedMount", message, kind="Warning"))


def gated(*gates: str) -> Object:
    scheduled = {"type": "PodScheduled", "status": "False", "reason": "SchedulingGated"}
    pod = b.pod("demo-a", conditions=[scheduled])
    pod["spec"]["schedulingGates"] = [{"name": gate} for gate in gates]
    return pod


def restarted() -> Object:
    """A Pod whose container failed, was started again and runs."""
    again = b.container(b.running(14), last=b.ended(1, 3, 1), restarts=1)
    return b.pod("demo-a", again, restart_policy="OnFailure")


def lost() -> Object:
    """A Pod whose container was gone when its node came back."""
    return b.pod("demo-a", b.container(b.ended(1, 9, 255, "Unknown")))


LOGS = "kubectl logs demo-a"
DESCRIBE = "kubectl describe pod demo-a"
ONE = "pod/demo-a: 1 try failed with exit code"
CASES: Mapping[str, Case] = {
    "a Job that only runs has none": Case(b.job(), [b.runs("demo-a", 1)], []),
    "a Job that has no Pod yet has none": Case(b.job(), [], []),
    "a Job that is Complete has none, whatever failed before": Case(
        b.complete(9), [failed_pod(1), b.ran("demo-b", 5, 8)], []
    ),
    "a failure after which a try succeeded is none": Case(
        b.job(spec={"completions": 3}), [failed_pod(1), b.ran("demo-b", 5, 8)], []
    ),
    "a failure that ended the Job is one, though another Pod succeeded later": Case(
        b.failed(9), [failed_pod(1), b.ran("demo-b", 5, 8)], [("exit", f"{ONE} 1", LOGS)]
    ),
    "an exit code of the command's own has its log": Case(
        b.job(),
        [failed_pod(1, log="one\nsleep: invalid number 'ten'\n \n")],
        [("exit", f"{ONE} 1: the log ends \"sleep: invalid number 'ten'\"", LOGS)],
    ),
    "what cannot be printed is not, and a long line is cut": Case(
        b.job(),
        [failed_pod(1, log="\x1b[31m" + "x" * 90)],
        [("exit", f'{ONE} 1: the log ends "?[31m{"x" * 52}..."', LOGS)],
    ),
    "an empty log is told": Case(
        b.job(),
        [failed_pod(2, log="\n")],
        [("exit", f"{ONE} 2: the log is empty", "kubectl describe pod demo-a")],
    ),
    "of a log whose end alone was read, blank lines tell nothing": Case(
        b.job(),
        [b.record(failed_pod(2).pod, b.attempt(1, 3, 2, log=[""], cut=True))],
        [("exit", f"{ONE} 2", LOGS)],
    ),
    "126": Case(
        b.job(),
        [failed_pod(126, log="sh: ./x: Permission denied")],
        [
            (
                "notExecutable",
                f"{ONE} 126: the shell found the command, but it is no program that may be run;"
                ' the log ends "sh: ./x: Permission denied"',
                LOGS,
            )
        ],
    ),
    "127": Case(
        b.job(),
        [failed_pod(127)],
        [("notFound", f"{ONE} 127: the shell did not find the command", LOGS)],
    ),
    "128 and more: a signal": Case(
        b.job(),
        [failed_pod(143)],
        [("signal", f"{ONE} 143: 143 is 128 + 15: usually SIGTERM", LOGS)],
    ),
    "a signal without a name": Case(
        b.job(),
        [failed_pod(160)],
        [("signal", f"{ONE} 160: 160 is 128 + 32: usually signal 32", LOGS)],
    ),
    "255 is no signal": Case(b.job(), [failed_pod(255)], [("exit", f"{ONE} 255", LOGS)]),
    "memory, with its limit": Case(
        b.job(),
        [with_limit(failed_pod(137, "OOMKilled"), "30Mi")],
        [
            (
                "memory",
                f"{ONE} 137 (OOMKilled): it used more memory than its limit of 30Mi",
                LOGS,
            )
        ],
    ),
    "memory, where the limit is not known": Case(
        b.job(),
        [failed_pod(137, "OOMKilled")],
        [("memory", f"{ONE} 137 (OOMKilled): it used more memory than its limit", LOGS)],
    ),
    "a container that could not be started": Case(
        b.job(),
        [failed_pod(128, "StartError", message=f'{UNABLE}exec: "echo hi": not found')],
        [("notStarted", f'{ONE} 128 (StartError): exec: "echo hi": not found', DESCRIBE)],
    ),
    "an init container": Case(
        b.job(),
        [init_failed()],
        [("exit", f"{ONE} 3 in init container setup", f"{LOGS} -c setup")],
    ),
    "a Pod that was evicted": Case(
        b.job(),
        [ended_from_outside("Evicted", "The node was low on resource: memory.")],
        [("pod", "pod/demo-a: Evicted: The node was low on resource: memory.", DESCRIBE)],
    ),
    "a Pod that failed without a word": Case(
        b.job(), [b.pod("demo-a", phase="Failed")], [("pod", "pod/demo-a: Failed", DESCRIBE)]
    ),
    "a Pod that was ended from outside, not what its container said then": Case(
        b.job(),
        [ended_from_outside("DeadlineExceeded", "Pod was active", b.container(b.ended(1, 3, 137)))],
        [("pod", "pod/demo-a: DeadlineExceeded: Pod was active", DESCRIBE)],
    ),
    "a Pod that is gone has no log": Case(
        b.failed(9),
        [failed_pod(1)._replace(gone=True)],
        [("exit", f"{ONE} 1", "kubectl describe job demo")],
    ),
    "what ends because its Pod is deleted has not failed": Case(
        b.job(), [failed_pod(143, deleted=2)], []
    ),
    "what failed before its Pod was deleted has failed": Case(
        b.failed(9), [failed_pod(1, deleted=5)], [("exit", f"{ONE} 1", LOGS)]
    ),
    "a try before the one that runs": Case(
        b.job(), [restarted()], [("exit", f"{ONE} 1", f"{LOGS} --previous")]
    ),
    "suspended": Case(
        b.job(spec={"suspend": True}),
        [],
        [
            (
                "suspended",
                "job.batch/demo: spec.suspend true: a suspended Job has no Pods until someone"
                " resumes it",
                'kubectl patch job demo -p \'{"spec":{"suspend":false}}\'',
            )
        ],
    ),
    "suspended, and finished": Case(b.failed(9, spec={"suspend": True}), [], []),
    "suspended, and being deleted": Case(b.job(spec={"suspend": True}, deleted=5), [], []),
    "no parallelism": Case(
        b.job(spec={"parallelism": 0}),
        [],
        [
            (
                "noParallelism",
                "job.batch/demo: spec.parallelism 0: no Pod may run, so none is created",
                'kubectl patch job demo -p \'{"spec":{"parallelism":1}}\'',
            )
        ],
    ),
    "managed by the Job controller": Case(
        b.job(spec={"managedBy": "kubernetes.io/job-controller"}), [], []
    ),
    "managed by another": Case(
        b.job(spec={"managedBy": "example.com/other", "suspend": True}),
        [],
        [
            (
                "managedBy",
                "job.batch/demo: spec.managedBy example.com/other: the Job controller leaves the"
                " Job to the controller of that name",
                "kubectl delete job demo",
            )
        ],
    ),
    "gated": Case(
        b.job(),
        [gated("example.com/a", "example.com/b")],
        [
            (
                "gated",
                "pod/demo-a: SchedulingGated: no node is chosen before these gates are removed:"
                " example.com/a, example.com/b",
                "kubectl patch pod demo-a --type=json"
                ' -p \'[{"op":"remove","path":"/spec/schedulingGates"}]\'',
            )
        ],
    ),
    "refused, and without a Pod": Case(
        b.job(),
        [],
        [
            (
                "noRoom",
                'job.batch/demo: FailedCreate: Error creating: pods "demo-qhxd8" is forbidden:'
                f" {b.QUOTA}",
                "kubectl describe quota pods",
            )
        ],
        events=[b.refused()],
    ),
    "refused before it got its Pod": Case(
        b.job(), [b.runs("demo-a", 5, created=4)], [], events=[b.refused()]
    ),
    "a volume that cannot be mounted": Case(
        b.job(),
        [creating()],
        [
            (
                "mount",
                "pod/demo-a: FailedMount: MountVolume.SetUp failed for volume"
                ' "settings" : configmap "settings" not found',
                DESCRIBE,
            )
        ],
        events=[unmounted("demo-a")],
    ),
    "a volume that was mounted in the end": Case(
        b.job(),
        [creating()],
        [],
        events=[unmounted("demo-a"), about("demo-a", b.event("Pulling", seconds=3))],
    ),
    "a volume of another Pod": Case(b.job(), [creating()], [], events=[unmounted("demo-b")]),
    "a volume that is mounted by now": Case(
        b.job(), [b.runs("demo-a", 20)], [], events=[unmounted("demo-a")]
    ),
    "a try that was lost with its node": Case(
        b.job(),
        [lost(), b.runs("demo-b", 14)],
        [
            (
                "lost",
                "pod/demo-a: 1 try was lost with its node: the node went away while it ran, or the"
                " practice cluster was stopped: exit code 255 (Unknown)",
                DESCRIBE,
            )
        ],
    ),
    "a try that was lost, and one that failed after it": Case(
        b.job(),
        [lost(), b.ran("demo-b", 14, 15, 1)],
        [("exit", "pod/demo-b: 1 try failed with exit code 1", "kubectl logs demo-b")],
    ),
    "a try that was lost, and one that succeeded after it": Case(
        b.job(), [lost(), b.ran("demo-b", 14, 15)], []
    ),
    "tries of several Pods are their Job's": Case(
        b.job(),
        [failed_pod(1), b.ran("demo-b", 14, 15, 1)],
        [
            (
                "exit",
                "job.batch/demo: 2 tries failed, the last with exit code 1",
                "kubectl logs demo-b",
            )
        ],
    ),
    "one of several Pods that failed, of which the others did not": Case(
        b.job(),
        [failed_pod(1), b.runs("demo-b", 2)],
        [("exit", f"{ONE} 1", LOGS)],
    ),
    "what does not go away comes first": Case(
        b.job(),
        [failed_pod(1), b.pod("demo-b", b.container(b.waiting("InvalidImageName", "no")))],
        [
            ("image", "pod/demo-b: InvalidImageName: no", "kubectl describe pod demo-b"),
            ("exit", f"{ONE} 1", LOGS),
        ],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_causes_of(name: str) -> None:
    case = CASES[name]
    seen = b.seen(case.job, *case.pods, events=case.events)
    found = [(one.kind, str(one.line), one.run) for one in table.of(seen)]
    assert found == list(case.expected)


def test_the_last_line_may_come_from_elsewhere() -> None:
    (cause,) = table.of(b.seen(b.job(), failed_pod(1)), "sh: syntax error")
    assert str(cause.because) == 'the log ends "sh: syntax error"'


def test_a_log_that_is_known_is_not_replaced() -> None:
    (cause,) = table.of(b.seen(b.job(), failed_pod(1, log="mine")), "another")
    assert str(cause.because) == 'the log ends "mine"'


def test_tries_are_counted_of_which_a_status_tells_no_more() -> None:
    crashing = b.container(b.crash_loop("demo-a", 40), last=b.ended(50, 51, 1), restarts=3)
    (cause,) = table.of(b.seen(b.job(), b.pod("demo-a", crashing, restart_policy="OnFailure")))
    assert str(cause.what) == "4 tries failed, the last with exit code 1"
