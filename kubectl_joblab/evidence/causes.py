"""Why a Job does not succeed, as its objects, its events and its logs show it.

Pure functions over a snapshot, of a lab's Job or any other: what holds a Job, what keeps its Pods
from running, why its tries fail. The recorder, the checks and the screens use them. What a lab asks
for is not known here: labs/judge/standings.py leaves out the failures that a lab wants to see.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from kubectl_joblab import objects, shell
from kubectl_joblab.evidence.snapshot import PodRecord, Snapshot
from kubectl_joblab.language import Sentence, phrase, plural
from kubectl_joblab.objects import Attempt, Object

# the Job controller may not create Pods: pkg/controller/controller_utils.go, FailedCreatePodReason
REFUSED = "FailedCreate"
# spec.managedBy of its own Jobs: JobControllerName in k8s.io/api/batch/v1/types.go
JOB_CONTROLLER = "kubernetes.io/job-controller"
# Reasons for which a container waits and that do not go away by themselves; a Job never fails from
# them.
IMAGE = ("ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull")
CONFIG = ("CreateContainerConfigError", "CreateContainerError")
FIRST_PULL = "ErrImagePull"  # a pull has failed; ImagePullBackOff is the wait for the next
# client-go's event correlator begins so what stands for many: tools/record/events_cache.go
_COMBINED = "(combined from similar events): "
# the kubelet cannot mount a volume: FailedMountVolume in pkg/kubelet/events/event.go
_FAILED_MOUNT = "FailedMount"
_BEING_MADE = ("ContainerCreating", "PodInitializing")
SLOW = timedelta(seconds=10)  # after which it is asked why containers are still being made
POD_SECURITY = "PodSecurity"  # what the message of a refusal by Pod Security begins with
# Exit codes of a POSIX shell that could not run a command.
NOT_EXECUTABLE, NOT_FOUND = 126, 127
SIGNALS = {
    1: "SIGHUP",
    2: "SIGINT",
    3: "SIGQUIT",
    4: "SIGILL",
    6: "SIGABRT",
    7: "SIGBUS",
    8: "SIGFPE",
    9: "SIGKILL",
    11: "SIGSEGV",
    13: "SIGPIPE",
    15: "SIGTERM",
}
# kinds of what holds a Job on purpose, so that someone may release it any time
HELD = ("suspended", "noParallelism", "managedBy", "gated")
# kinds of what may go away by itself, and as well never
MAY_LAST = ("unschedulable",)
# kinds of tries that failed after their command had begun
RAN = ("exit", "notFound", "notExecutable", "signal", "memory")
# what the kubelet says of a container that has gone while nobody watched: containerd's reason after
# the node's restart, and pkg/kubelet/container/runtime.go, ContainerReasonStatusUnknown
LOST = ("Unknown", "ContainerStatusUnknown")
# conditions by which the Job controller itself ends what still runs
_ENDING = ("FailureTarget", "Failed", "SuccessCriteriaMet", "Complete")
_LAST_SIGNAL = 64
_LONGEST_LINE = 60  # characters of a log's line, where it is quoted
_CREATE_IT = phrase(
    "A Job never fails from this. Create what is missing, and the kubelet goes on; to change the"
    " template instead, delete the Job and create it again."
)
_EMPTY_LOG = phrase("the log is empty")
_SHELLS = ("sh", "bash", "ash", "dash")
# what runc says of a command that is not in the image
_NO_PROGRAM = re.compile(r"exec: .*(executable file not found|no such file or directory)")


class Cause(NamedTuple):
    """One reason why a Job does not succeed.

    kind: a word for it that stays the same, such as "image" or "exit". fatal: whether the Job does
    not go on before someone does something; a failing try is not fatal, as another may follow.
    object: such as pod/NAME. what: what is the case, the API's word where there is one. because:
    more about it, "" where nothing is known. fix: what to do. run: the kubectl command that does
    it, or that shows more. code: the exit code of a try that failed. tries: how many have failed.
    """

    kind: str
    fatal: bool
    object: str
    what: Sentence
    because: Sentence
    fix: Sentence
    run: str
    code: int | None = None
    tries: int = 0

    @property
    def line(self) -> Sentence:
        """The cause in one line, as `pod/NAME: ImagePullBackOff: MESSAGE`."""
        if not self.because:
            return phrase("{object}: {what}", object=self.object, what=self.what)
        return phrase(
            "{object}: {what}: {because}", object=self.object, what=self.what, because=self.because
        )


class Try(NamedTuple):
    """A try that failed: the Pod, and its attempt, without an exit code where the Pod alone failed.

    init: whether an init container made the attempt.
    """

    record: PodRecord
    attempt: Attempt
    init: bool = False

    @property
    def end(self) -> datetime:
        """When it failed, as far as that is known."""
        return self.attempt.finished or objects.created(self.record.pod) or objects.FIRST


def of(seen: Snapshot, last_line: str | None = None) -> list[Cause]:
    """The causes that a snapshot shows, first those that do not go away by themselves.

    last_line: the last line that the newest failed try has logged, where the snapshot has not its
    log. A Job that is Complete has none.
    """
    if seen.job is None or objects.is_true(seen.job, "Complete"):
        return []
    found: list[Cause] = []
    if not seen.over and not objects.is_deleted(seen.job):
        found = [*_held(seen.job, seen.pods), *_still_refused(seen), *_waiting(seen.pods)]
        found += _unmounted(seen)
    found += [*_lost(seen), *_failing(seen, last_line)]
    return sorted(found, key=lambda cause: not cause.fatal)


# ---- a Job that is held


def _held(job: Object, pods: Iterable[PodRecord]) -> Iterator[Cause]:
    spec, name = objects.spec(job), objects.name(job)
    manager = spec.get("managedBy") or JOB_CONTROLLER
    if manager != JOB_CONTROLLER:
        yield Cause(
            "managedBy",
            True,
            f"job.batch/{name}",
            f"spec.managedBy {manager}",
            phrase("the Job controller leaves the Job to the controller of that name"),
            phrase(
                "Where there is no such controller, delete the Job and create it again without"
                " managedBy, which cannot be changed."
            ),
            f"kubectl delete job {name}",
        )
    elif spec.get("suspend"):
        yield Cause(
            "suspended",
            True,
            f"job.batch/{name}",
            "spec.suspend true",
            phrase("a suspended Job has no Pods until someone resumes it"),
            phrase("Resume it: set spec.suspend to false."),
            patch(name, {"suspend": False}),
        )
    elif spec.get("parallelism") == 0:
        yield Cause(
            "noParallelism",
            True,
            f"job.batch/{name}",
            "spec.parallelism 0",
            phrase("no Pod may run, so none is created"),
            phrase("Set spec.parallelism to 1 or more."),
            patch(name, {"parallelism": 1}),
        )
    for record in pods:
        scheduled = objects.condition(record.pod, "PodScheduled") or {}
        gated = scheduled.get("reason") == "SchedulingGated"
        if gated and not record.gone and not objects.is_deleted(record.pod):
            gates = objects.spec(record.pod).get("schedulingGates") or ()
            gateless = _json([{"op": "remove", "path": "/spec/schedulingGates"}])
            yield Cause(
                "gated",
                True,
                f"pod/{record.name}",
                "SchedulingGated",
                phrase(
                    "no node is chosen before these gates are removed: {gates}",
                    gates=", ".join(str(gate.get("name")) for gate in gates),
                ),
                phrase("Remove the gates; their controller, if there is one, does so by itself."),
                f"kubectl patch pod {record.name} --type=json -p {shell.quote(gateless)}",
            )
            return  # the Pods of a Job have the same gates


def patch(name: str, spec: Object) -> str:
    """The command that changes these fields of a Job's spec."""
    return f"kubectl patch job {name} -p {shell.quote(_json({'spec': spec}))}"


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


def refused(seen: Snapshot) -> Cause | None:
    """The newest refusal of a Pod by the API server; None where the events tell of none."""
    events = _refusals(seen)
    if not events:
        return None
    message = str(events[-1].get("message") or "").removeprefix(_COMBINED)
    run = f"kubectl describe job {seen.name}"
    fix: Sentence = phrase(
        "Make it possible for the Job controller to create Pods; it tries again by itself."
    )
    if match := re.search(r"exceeded quota: ([^,]+)", message):
        fix = phrase("Have the quota raised, or ask for no more than it leaves.")
        run = f"kubectl describe quota {match.group(1)}"
    elif POD_SECURITY in message:
        fix = phrase("Write what Pod Security asks for into the Pod template.")
    return Cause("refused", not seen.pods, f"job.batch/{seen.name}", REFUSED, message, fix, run)


def _refusals(seen: Snapshot) -> list[Object]:
    return [event for event in seen.events or () if event.get("reason") == REFUSED]


def _still_refused(seen: Snapshot) -> Iterator[Cause]:
    """The refusal, where no Pod was created after it: the Job lacks one that it may not have."""
    times = [objects.event_time(event) or objects.LAST for event in _refusals(seen)]
    newest = max((objects.created(one.pod) or objects.FIRST for one in seen.pods), default=None)
    cause = refused(seen)
    if cause is not None and (newest is None or max(times) >= newest):
        yield cause


# ---- Pods that do not run


def _waiting(pods: Iterable[PodRecord]) -> Iterator[Cause]:
    """What keeps Pods from running, as long as they are still there."""
    for record in pods:
        if record.gone:
            continue
        name, run = f"pod/{record.name}", f"kubectl describe pod {record.name}"
        reason, message = objects.waiting(record.pod)
        if reason in (*IMAGE, FIRST_PULL):
            fix = phrase(
                "A Job never fails from this: correct the image, delete the Job, and create it"
                " again."
            )
            yield Cause("image", reason in IMAGE, name, reason, message, fix, run)
        elif reason in CONFIG:
            yield Cause("config", True, name, reason, message, _config_fix(message), run)
        scheduled = objects.condition(record.pod, "PodScheduled") or {}
        if scheduled.get("reason") == "Unschedulable":
            message = str(scheduled.get("message") or "")
            fix = phrase(
                "Wait until a node has what the Pod asks for. Or ask for what one has: the template"
                " cannot be changed, so delete the Job and create it again."
            )
            yield Cause("unschedulable", False, name, "Unschedulable", message, fix, run)


def _config_fix(message: str) -> Sentence:
    """What to do about a container that cannot be created.

    The messages are those of pkg/kubelet/kuberuntime/security_context_others.go and of what reads
    ConfigMaps and Secrets.
    """
    if "run as root" in message or "non-root" in message:
        return phrase(
            "A Job never fails from this. Set securityContext.runAsUser to the number of a user"
            " other than 0, or take an image with one; then delete the Job and create it again."
        )
    if "not found" in message or "couldn't find" in message:
        return _CREATE_IT
    return phrase(
        "A Job never fails from this. Correct what the message names, then delete the Job and"
        " create it again."
    )


def slow(seen: Snapshot) -> PodRecord | None:
    """The first Pod whose containers have been made for SLOW by now; its events may say why."""
    for record in seen.pods:
        waits = objects.waiting(record.pod)[0] in _BEING_MADE and not record.gone
        if waits and seen.now - (objects.created(record.pod) or seen.now) >= SLOW:
            return record
    return None


def _unmounted(seen: Snapshot) -> Iterator[Cause]:
    """A volume that the kubelet cannot mount, as the newest event of a slow Pod tells.

    Where another event has followed, the volume was mounted in the end.
    """
    record = slow(seen)
    about = [
        event
        for event in seen.events or ()
        if record and (event.get("involvedObject") or {}).get("uid") == objects.uid(record.pod)
    ]
    newest = max(about, key=lambda event: objects.event_time(event) or objects.FIRST, default={})
    if record is None or newest.get("reason") != _FAILED_MOUNT:
        return
    name, message = f"pod/{record.name}", str(newest.get("message") or "")
    run = f"kubectl describe pod {record.name}"
    yield Cause("mount", True, name, _FAILED_MOUNT, message, _CREATE_IT, run)


# ---- tries that fail


def failed_try(seen: Snapshot) -> Try | None:
    """The newest try that failed; None where there is none, or where a later one succeeded."""
    failed = max(_failed_tries(seen.pods), key=lambda one: one.end, default=None)
    return None if failed is None or _is_made_good(seen, failed) else failed


def _is_made_good(seen: Snapshot, failed: Try) -> bool:
    """Whether another try has succeeded since, and the Job goes on."""
    wins = [
        attempt.finished
        for record in seen.pods
        for attempt in record.attempts
        if attempt.exit_code == 0 and attempt.finished
    ]
    return bool(wins) and not seen.over and max(wins) > failed.end


def was_cut_off(seen: Snapshot, record: PodRecord, attempt: Attempt) -> bool:
    """Whether an attempt did not end by itself, nor by the end of its Job.

    It was lost with its node, or its Pod was deleted while the Job went on: the Job was suspended,
    its parallelism lowered, or someone has deleted the Pod.
    """
    if attempt.finished is None or attempt.reason in LOST:
        return attempt.finished is not None
    asked = _asked_to_stop(record.pod)
    ending = [
        objects.time((objects.condition(seen.job or {}, kind) or {}).get("lastTransitionTime"))
        for kind in _ENDING
        if objects.is_true(seen.job or {}, kind)
    ]
    return attempt.finished >= asked and all(when is None or asked < when for when in ending)


def _lost(seen: Snapshot) -> Iterator[Cause]:
    """The tries that were lost with their node, where no other has failed or succeeded since."""
    lost = [
        Try(record, attempt)
        for record in seen.pods
        for attempt in record.attempts
        if attempt.reason in LOST
    ]
    newest, failed = max(lost, key=lambda one: one.end, default=None), failed_try(seen)
    if newest is None or _is_made_good(seen, newest) or (failed and failed.end > newest.end):
        return
    name = newest.record.name
    of_several = len({one.record.name for one in lost}) > 1
    yield Cause(
        "lost",
        False,
        f"job.batch/{seen.name}" if of_several else f"pod/{name}",
        plural(len(lost), "{n} try was lost with its node", "{n} tries were lost with their node"),
        phrase(
            "the node went away while it ran, or the practice cluster was stopped: exit code {code}"
            " ({reason})",
            code=newest.attempt.exit_code,
            reason=newest.attempt.reason,
        ),
        phrase(
            "Nothing is wrong with the command. It counts as a failure, and the Job controller goes"
            " on as far as backoffLimit allows."
        ),
        f"kubectl describe job {seen.name}"
        if newest.record.gone
        else f"kubectl describe pod {name}",
        tries=len(lost),
    )


def _failed_tries(pods: Iterable[PodRecord]) -> Iterator[Try]:
    for record in pods:
        stopped = _asked_to_stop(record.pod)
        tries = [
            Try(record, one)
            for one in record.attempts
            if one.exit_code
            and one.reason not in LOST
            and (one.finished or objects.FIRST) < stopped
        ]
        inits = objects.init_attempts(record.pod)
        tries += [Try(record, one, init=True) for one in inits if one.exit_code]
        status = objects.status(record.pod)
        reason = str(status.get("reason") or "")
        # a Pod that has a reason of its own was ended from outside, whatever its containers did
        lost = any(one.reason in LOST for one in record.attempts)
        alone = (reason or not tries) and not lost
        if status.get("phase") == "Failed" and alone and stopped is objects.LAST:
            end = max((one.finished for one in record.attempts if one.finished), default=None)
            tries = [Try(record, Attempt("", 0, None, end, reason=reason or "Failed"))]
        yield from tries


def _asked_to_stop(pod: Object) -> datetime:
    """When the Pod was asked to stop; LAST where it was not. What ends then has not failed."""
    return objects.deleted_at(pod) or objects.LAST


def _count(pods: Iterable[PodRecord]) -> int:
    """How many tries have failed, also those of which a Pod's status tells no more."""
    number = 0
    for record in pods:
        failed, stopped = len(list(_failed_tries([record]))), _asked_to_stop(record.pod)
        fine = sum(
            1
            for one in record.attempts
            if not one.exit_code or one.reason in LOST or (one.finished or objects.FIRST) >= stopped
        )
        number += max(failed, record.starts - fine)
    return number


def _failing(seen: Snapshot, last_line: str | None) -> Iterator[Cause]:
    failed = failed_try(seen)
    if failed is None:
        return
    number = _count(seen.pods)
    record, attempt = failed.record, failed.attempt
    name, code = f"pod/{record.name}", attempt.exit_code
    if sum(_count([one]) > 0 for one in seen.pods) > 1:  # what is counted is of several Pods
        name = f"job.batch/{seen.name}"
    look = f"kubectl describe pod {record.name}"
    if record.gone:
        look = f"kubectl describe job {seen.name}"
    if code is None:
        message = str(objects.status(record.pod).get("message") or "")
        fix: Sentence = phrase("Look for what ended the Pod: its node, a deadline, an eviction.")
        name = f"pod/{record.name}"  # of which the message is
        yield Cause("pod", False, name, attempt.reason, message, fix, look, code, number)
        return
    what = plural(
        number,
        "{n} try failed with {how}",
        "{n} tries failed, the last with {how}",
        how=_how(failed),
    )
    if message := start_error(record, attempt):
        fix = _start_fix(message)
        yield Cause("notStarted", False, name, what, message, fix, look, code, number)
        return
    kind, meaning, fix = _meaning(failed)
    said = _said(attempt, last_line)
    if kind == "exit" and (script := short_script(record.pod)):
        meaning, fix = script
    because = _both(meaning, said)
    run = look if record.gone or said == _EMPTY_LOG else _logs(failed)
    yield Cause(kind, False, name, what, because, fix, run, code, number)


def short_script(pod: Object) -> tuple[Sentence, Sentence] | None:
    """That a container's shell runs only the first word of a line, and what to do; None where not.

    Of [sh, -c, echo, text] the shell runs echo alone. What follows is $0, $1 and so on to it, which
    a script may ask for.
    """
    for one in objects.spec(pod).get("containers") or ():
        line = [*map(str, [*(one.get("command") or ()), *(one.get("args") or ())])]
        if len(line) < 4 or line[0].rpartition("/")[2] not in _SHELLS or line[1] != "-c":
            continue
        script = line[2]
        if "$" in script or len(script.split()) != 1:
            continue
        why = phrase(
            "{shell} -c runs only the one item that follows it: {script}",
            shell=line[0],
            script=script,
        )
        whole = " ".join(line[2:])
        fix = phrase(
            "Write the whole line as one item: [{shell}, -c, {line}]. Then delete the Job and"
            " create it again.",
            shell=line[0],
            line=json.dumps(whole, ensure_ascii=False),
        )
        return why, fix
    return None


def start_error(record: PodRecord, attempt: Attempt) -> str:
    """Why the attempt's container could not be started; "" where it was, or nothing says why.

    Without the layers of the runtime through which the message has come.
    """
    reason, message = objects.not_started(record.pod)
    if not reason or attempt.reason != reason:
        return ""
    return message.rpartition("unable to start container process: ")[2]


def _both(one: Sentence, other: Sentence) -> Sentence:
    return phrase("{one}; {other}", one=one, other=other) if one and other else one or other


def _how(failed: Try) -> Sentence:
    attempt = failed.attempt
    how: Sentence = phrase("exit code {code}", code=attempt.exit_code)
    if attempt.reason not in ("", "Error"):
        how = phrase("exit code {code} ({reason})", code=attempt.exit_code, reason=attempt.reason)
    if failed.init:
        how = phrase("{how} in init container {name}", how=how, name=attempt.container)
    return how


def _start_fix(message: str) -> Sentence:
    if _NO_PROGRAM.search(message):
        return phrase(
            "The image has no program of that name, and each try fails like this. Write the program"
            " and each argument as an item of command of its own, or give the whole line to a"
            " shell: [sh, -c, LINE]. Then delete the Job and create it again."
        )
    return phrase("Correct command and what it needs, then delete the Job and create it again.")


def _meaning(failed: Try) -> tuple[str, Sentence, Sentence]:
    """A word for the kind of failure, what its exit code means, and what to do."""
    attempt = failed.attempt
    code = attempt.exit_code or 0
    again = phrase("Correct the command, then delete the Job and create it again.")
    if attempt.reason == "OOMKilled":
        limit = _memory_limit(failed.record.pod, attempt.container)
        meaning: Sentence = phrase("it used more memory than its limit")
        if limit:
            meaning = phrase("it used more memory than its limit of {limit}", limit=limit)
        fix = phrase("Raise resources.limits.memory, or have the program use less memory.")
        return "memory", meaning, fix
    if code == NOT_EXECUTABLE:
        meaning = phrase("the shell found the command, but it is no program that may be run")
        return "notExecutable", meaning, again
    if code == NOT_FOUND:
        return "notFound", phrase("the shell did not find the command"), again
    if 128 < code <= 128 + _LAST_SIGNAL:
        number = code - 128
        signal = SIGNALS.get(number) or phrase("signal {n}", n=number)
        meaning = phrase(
            "{code} is 128 + {n}: usually {signal}", code=code, n=number, signal=signal
        )
        fix = phrase(
            "Look for what ended it: the program itself, a deadline, a deletion, its node."
        )
        return "signal", meaning, fix
    return "exit", "", again


def _memory_limit(pod: Object, container: str) -> str:
    spec = objects.spec(pod)
    for one in (*(spec.get("containers") or ()), *(spec.get("initContainers") or ())):
        if one.get("name") == container:
            limits = (one.get("resources") or {}).get("limits") or {}
            return str(limits.get("memory") or "")
    return ""


def _said(attempt: Attempt, last_line: str | None) -> Sentence:
    """How the log ends; "" where nobody has read it."""
    lines = [last_line] if attempt.log is None and last_line is not None else attempt.log
    if lines is None:
        return ""
    last = next((line for line in reversed(lines) if line.strip()), "")
    if not last and attempt.log_cut:
        return ""
    if not last:
        return _EMPTY_LOG
    return phrase('the log ends "{line}"', line=quoted(last))


def quoted(line: str) -> str:
    """A log's line as it is quoted in a sentence: what cannot be printed as ?, and not too long."""
    text = "".join(char if char.isprintable() else "?" for char in line.strip())
    return text if len(text) <= _LONGEST_LINE else text[: _LONGEST_LINE - 3] + "..."


def _logs(failed: Try) -> str:
    record, attempt = failed.record, failed.attempt
    containers = objects.spec(record.pod).get("containers") or ()
    named = f" -c {attempt.container}" if failed.init or len(containers) > 1 else ""
    earlier = "" if failed.init or record.is_latest(attempt) else " --previous"
    return f"kubectl logs {record.name}{named}{earlier}"
