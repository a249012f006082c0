"""Pure readers of Kubernetes objects: conditions, owners, STATUS, ages, attempts.

Objects are the plain dicts that the API server sends. What the client side reads of a Job, a Pod
or an event, it reads through these functions, which know nothing of connections and screens.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any, NamedTuple

Object = dict[str, Any]

CONTROLLER_UID_LABEL = "batch.kubernetes.io/controller-uid"
JOB_NAME_LABEL = "batch.kubernetes.io/job-name"
# the reasons that runtimes give for a container that could not be started
NOT_STARTED = ("StartError", "ContainerCannotRun")
# of a Job that the schedule of a CronJob has made, and of one made from a CronJob by hand
SCHEDULED_ANNOTATION = "batch.kubernetes.io/cronjob-scheduled-timestamp"
INSTANTIATE_ANNOTATION = "cronjob.kubernetes.io/instantiate"
INDEX_ANNOTATION = "batch.kubernetes.io/job-completion-index"
INDEX_FAILURES_ANNOTATION = "batch.kubernetes.io/job-index-failure-count"
MANAGED_BY_LABEL = "app.kubernetes.io/managed-by"
FIRST = datetime.min.replace(tzinfo=timezone.utc)
LAST = datetime.max.replace(tzinfo=timezone.utc)
LAB_LABEL = "app.kubernetes.io/name"
LAB_ANNOTATION = "lab.kubectl-joblab/name"  # of what a lab that shares its label with another made
MANAGER = "kubectl-joblab"


# ---- any object


def name(obj: Mapping[str, Any]) -> str:
    """metadata.name, "" where there is none."""
    return str(metadata(obj).get("name") or "")


def uid(obj: Mapping[str, Any]) -> str:
    """metadata.uid, "" where there is none."""
    return str(metadata(obj).get("uid") or "")


def metadata(obj: Mapping[str, Any]) -> Mapping[str, Any]:
    """metadata, an empty mapping where there is none."""
    return obj.get("metadata") or {}


def spec(obj: Mapping[str, Any]) -> Mapping[str, Any]:
    """spec, an empty mapping where there is none."""
    return obj.get("spec") or {}


def status(obj: Mapping[str, Any]) -> Mapping[str, Any]:
    """status, an empty mapping where there is none."""
    return obj.get("status") or {}


def labels(obj: Mapping[str, Any]) -> Mapping[str, str]:
    """metadata.labels, an empty mapping where there are none."""
    return metadata(obj).get("labels") or {}


def annotation(obj: Mapping[str, Any], key: str) -> str | None:
    """The value of the annotation of this key; None where there is none."""
    value: str | None = (metadata(obj).get("annotations") or {}).get(key)
    return value


def created(obj: Mapping[str, Any]) -> datetime | None:
    """When the API server created the object; None where it has not been created."""
    return time(metadata(obj).get("creationTimestamp"))


def is_deleted(obj: Mapping[str, Any]) -> bool:
    """Whether the object's deletion has begun."""
    return bool(metadata(obj).get("deletionTimestamp"))


def deleted_at(obj: Mapping[str, Any]) -> datetime | None:
    """When the object was asked to go; None where it was not.

    The server notes when its grace is over, and however it shortens that, less the grace it is the
    same moment: BeforeDelete in k8s.io/apiserver/pkg/registry/rest/delete.go.
    """
    when = time(metadata(obj).get("deletionTimestamp"))
    if when is None:
        return None
    return when - timedelta(seconds=int(metadata(obj).get("deletionGracePeriodSeconds") or 0))


def controller(obj: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The owner reference with controller: true; None where there is none."""
    references = metadata(obj).get("ownerReferences") or []
    return next((ref for ref in references if ref.get("controller")), None)


def condition(obj: Mapping[str, Any], kind: str) -> Mapping[str, Any] | None:
    """The condition of this type, whatever its status; None where there is none."""
    conditions = status(obj).get("conditions") or []
    return next((entry for entry in conditions if entry.get("type") == kind), None)


def is_true(obj: Mapping[str, Any], kind: str) -> bool:
    """Whether the object has the condition of this type with the status True."""
    found = condition(obj, kind)
    return found is not None and found.get("status") == "True"


def field(obj: Mapping[str, Any], path: str) -> Any:
    """The value at a path such as ``spec.template.spec.containers[0].image``; None if not there."""
    found: Any = obj
    for step in steps(path):
        try:
            found = found[step]
        except (KeyError, IndexError, TypeError):
            return None
    return found


def steps(path: str) -> list[str | int]:
    """The keys and indexes of a field path; a key with dots stands in brackets and quotes.

    >>> steps("spec.containers[0].image")
    ['spec', 'containers', 0, 'image']
    """
    found: list[str | int] = []
    for match in re.finditer(r"\[(?:(\d+)|['\"]([^'\"]+)['\"])\]|([^.\[\]]+)", path):
        index, quoted, key = match.groups()
        found.append(int(index) if index is not None else quoted or key)
    return found


def selector(label_selector: Mapping[str, Any] | None) -> str:
    """A label selector, sorted by key; "" where it is unset or empty.

    Follows LabelSelectorAsSelector in k8s.io/apimachinery/pkg/apis/meta/v1/helpers.go and
    Requirement.String in k8s.io/apimachinery/pkg/labels/selector.go.
    """
    found = label_selector or {}
    parts = [(key, f"{key}={value}") for key, value in (found.get("matchLabels") or {}).items()]
    for expression in found.get("matchExpressions") or []:
        key, values = expression["key"], ",".join(sorted(expression.get("values") or []))
        texts = {
            "In": f"{key} in ({values})",
            "NotIn": f"{key} notin ({values})",
            "Exists": key,
            "DoesNotExist": f"!{key}",
        }
        parts.append((key, texts[expression["operator"]]))
    return ",".join(text for _, text in sorted(parts, key=lambda part: part[0]))


# ---- time


def time(value: object) -> datetime | None:
    """A metav1.Time or MicroTime as an aware datetime; None where it is unset.

    A year that Python does not know, which time zones can make of the first and the last, is
    FIRST or LAST.
    """
    if not value:
        return None
    text = str(value)
    if text.startswith("0000-"):
        return FIRST
    if text.startswith("10000-"):
        return LAST
    date, _, rest = text.partition(".")
    if rest:  # Python 3.10 reads neither 'Z' nor nanoseconds
        fraction = rest.rstrip("Z")[:6].ljust(6, "0")
        date = f"{date}.{fraction}"
    return datetime.fromisoformat(date.rstrip("Z")).replace(tzinfo=timezone.utc)


# what the kubelet says of a container that it could not start: no time, but that there is none
NEVER = "1970-01-01T00:00:00Z"
_STAMP = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)((?:\.\d+)?Z)")


def later(text: str, by: timedelta) -> str:
    """A metav1.Time or MicroTime, with a fraction of any length, so much later.

    What is no time stays, as NEVER does, and one that would be in no year from 1 to 9999.
    """
    found = _STAMP.fullmatch(text)
    if found is None or text == NEVER:
        return text
    try:
        return (datetime.fromisoformat(found[1]) + by).isoformat() + found[2]
    except (OverflowError, ValueError):
        return text


def human_duration(seconds: float) -> str:
    """A length of time as kubectl prints it: 27s, 2m5s, 3h.

    Follows k8s.io/apimachinery/pkg/util/duration/duration.go (HumanDuration): parts are cut to
    whole numbers, and a second part of 0 is left out.
    """
    total = int(seconds)
    if total < -1:
        return "<invalid>"
    if total < 0:
        return "0s"
    minutes, hours, days = total // 60, total // 3600, total // 86400
    if total < 120:
        return f"{total}s"
    if minutes < 10:
        return _two(minutes, "m", total % 60, "s")
    if minutes < 180:
        return f"{minutes}m"
    if hours < 8:
        return _two(hours, "h", minutes % 60, "m")
    if hours < 48:
        return f"{hours}h"
    if hours < 24 * 8:
        return _two(days, "d", hours % 24, "h")
    if hours < 24 * 365 * 2:
        return f"{days}d"
    if hours < 24 * 365 * 8:
        return _two(days // 365, "y", days % 365, "d")
    return f"{days // 365}y"


def _two(large: int, large_unit: str, small: int, small_unit: str) -> str:
    return f"{large}{large_unit}" + (f"{small}{small_unit}" if small else "")


def age(when: datetime | None, now: datetime) -> str:
    """How long ago `when` was, as in an AGE column; ``<unknown>`` where there is no time."""
    return "<unknown>" if when is None else human_duration((now - when).total_seconds())


# ---- Jobs


def is_finished(job: Mapping[str, Any]) -> bool:
    """Whether the Job is Complete or Failed, as IsJobFinished in pkg/controller/job/utils.go."""
    return is_true(job, "Complete") or is_true(job, "Failed")


def finished_at(job: Mapping[str, Any]) -> datetime | None:
    """When the Job became Complete or Failed; None while it is neither."""
    for kind in ("Complete", "Failed"):
        if is_true(job, kind):
            return time((condition(job, kind) or {}).get("lastTransitionTime"))
    return None


def job_status(job: Mapping[str, Any]) -> str:
    """The STATUS column, as printJob in pkg/printers/internalversion/printers.go."""
    if is_true(job, "Complete"):
        return "Complete"
    if is_true(job, "Failed"):
        return "Failed"
    if is_deleted(job):
        return "Terminating"
    for kind in ("Suspended", "FailureTarget", "SuccessCriteriaMet"):
        if is_true(job, kind):
            return kind
    return "Running"


def completions(job: Mapping[str, Any]) -> str:
    """The COMPLETIONS column, as printJob does."""
    succeeded = status(job).get("succeeded") or 0
    wanted = spec(job).get("completions")
    if wanted is not None:
        return f"{succeeded}/{wanted}"
    parallelism = spec(job).get("parallelism") or 0
    return f"{succeeded}/1 of {parallelism}" if parallelism > 1 else f"{succeeded}/1"


def has_ended(pod: Mapping[str, Any]) -> bool:
    """Whether the Pod is Succeeded or Failed, and its containers run no more."""
    return status(pod).get("phase") in ("Succeeded", "Failed")


def ended_pods(job: Mapping[str, Any]) -> int:
    """How many Pods the Job has counted as succeeded or failed, whether they still exist or not."""
    counted = status(job)
    return int(counted.get("succeeded") or 0) + int(counted.get("failed") or 0)


def job_seconds(job: Mapping[str, Any], now: datetime) -> float | None:
    """Seconds from startTime to completionTime, or to now; None before it has started.

    A Failed Job has no completionTime, so its DURATION goes on growing.
    """
    start = time(status(job).get("startTime"))
    if start is None:
        return None
    return ((time(status(job).get("completionTime")) or now) - start).total_seconds()


# ---- Pods


class PodColumns(NamedTuple):
    """What `kubectl get pods` says of a Pod.

    ready and total: how many of its containers, sidecars included. restarted: when the run ended
    that the last restart followed; None where that is not known.
    """

    ready: int
    total: int
    status: str
    restarts: int
    restarted: datetime | None


def pod_columns(pod: Mapping[str, Any]) -> PodColumns:
    """READY, STATUS and RESTARTS, as printPod in pkg/printers/internalversion/printers.go."""
    containers = status(pod).get("containerStatuses") or []
    initializing, looked_at = _init_status(pod)
    inits = (status(pod).get("initContainerStatuses") or [])[:looked_at]
    restartable = _restartable(pod)
    sidecars = [entry for entry in inits if entry["name"] in restartable]
    # 1. The Pod as a whole.
    reason = str(status(pod).get("reason") or status(pod).get("phase") or "")
    if (condition(pod, "PodScheduled") or {}).get("reason") == "SchedulingGated":
        reason = "SchedulingGated"
    # 2. The first init container that is not done; until it is, only init containers count, and
    #    those after it never do.
    counted = inits
    ready = sum(1 for entry in sidecars if entry.get("started") and entry.get("ready"))
    if initializing:
        reason = initializing
    # 3. The containers.
    if not initializing or is_true(pod, "Initialized"):
        reason = _container_status(pod, reason)
        counted = sidecars + containers
        ready += sum(1 for entry in containers if _is_ready(entry))
    # 4. A deletion hides what the containers do, except after the end.
    if is_deleted(pod):
        if status(pod).get("reason") == "NodeLost":
            reason = "Unknown"
        elif not has_ended(pod):
            reason = "Terminating"
    total = len(spec(pod).get("containers") or []) + len(restartable)
    count = sum(entry.get("restartCount") or 0 for entry in counted)
    ends = [
        time(((entry.get("lastState") or {}).get("terminated") or {}).get("finishedAt"))
        for entry in counted
    ]
    return PodColumns(ready, total, reason, count, max((e for e in ends if e), default=None))


def pod_status(pod: Mapping[str, Any]) -> str:
    """The STATUS column of `kubectl get pods`."""
    return pod_columns(pod).status


def restarts(pod: Mapping[str, Any], now: datetime) -> str:
    """The RESTARTS column: 2, or `2 (5s ago)` where the time of the last restart is known."""
    columns = pod_columns(pod)
    if columns.restarts and columns.restarted:
        return f"{columns.restarts} ({age(columns.restarted, now)} ago)"
    return str(columns.restarts)


def readiness_gates(pod: Mapping[str, Any]) -> str:
    """The READINESS GATES column, such as 1/2: how many gates are true; "" for a Pod without."""
    gates = [gate["conditionType"] for gate in spec(pod).get("readinessGates") or []]
    return f"{sum(is_true(pod, gate) for gate in gates)}/{len(gates)}" if gates else ""


def _restartable(pod: Mapping[str, Any]) -> set[str]:
    """The names of the Pod's sidecars: init containers that are always restarted."""
    containers = spec(pod).get("initContainers") or []
    return {entry["name"] for entry in containers if entry.get("restartPolicy") == "Always"}


def _is_ready(entry: Mapping[str, Any]) -> bool:
    return bool(entry.get("ready")) and (entry.get("state") or {}).get("running") is not None


def _init_status(pod: Mapping[str, Any]) -> tuple[str, int | None]:
    """The Pod's STATUS while an init container is not done, ``Init:...``, and how many count.

    ("", None) once all are done; None stands for all of them.
    """
    for index, entry in enumerate(status(pod).get("initContainerStatuses") or []):
        state = entry.get("state") or {}
        terminated, waiting = state.get("terminated"), state.get("waiting")
        if terminated is not None and not terminated.get("exitCode"):
            continue
        if entry["name"] in _restartable(pod) and entry.get("started"):
            continue
        if terminated is not None:
            return "Init:" + _terminated_status(terminated), index + 1
        if waiting and waiting.get("reason") not in (None, "", "PodInitializing"):
            return f"Init:{waiting['reason']}", index + 1
        return f"Init:{index}/{len(spec(pod).get('initContainers') or [])}", index + 1
    return "", None


def _terminated_status(terminated: Mapping[str, Any]) -> str:
    if terminated.get("reason"):
        return str(terminated["reason"])
    if terminated.get("signal"):
        return f"Signal:{terminated['signal']}"
    return f"ExitCode:{terminated.get('exitCode', 0)}"


def _container_status(pod: Mapping[str, Any], reason: str) -> str:
    """The Pod's STATUS by its containers, `reason` where none of them says more.

    The first container with a reason wins, as in printPod, which goes from the last to the first.
    """
    has_running, failed = False, ""
    for entry in reversed(status(pod).get("containerStatuses") or []):
        state = entry.get("state") or {}
        waiting, terminated = state.get("waiting"), state.get("terminated")
        if waiting and waiting.get("reason"):
            reason = waiting["reason"]
        elif terminated is not None:
            reason = _terminated_status(terminated)
            failed = reason if terminated.get("exitCode") else failed
        elif _is_ready(entry):
            has_running = True
    if reason != "Completed":
        return reason
    if has_running and is_true(pod, "Ready"):
        return "Running"
    return failed or ("NotReady" if has_running else reason)


def waiting(pod: Mapping[str, Any]) -> tuple[str, str]:
    """Reason and message of the first container that waits with a reason; ("", "") for none."""
    for key in ("initContainerStatuses", "containerStatuses"):
        for entry in status(pod).get(key) or []:
            state = (entry.get("state") or {}).get("waiting")
            if state and state.get("reason"):
                return str(state["reason"]), str(state.get("message") or "")
    return "", ""


def not_started(pod: Mapping[str, Any], container: str) -> tuple[str, str]:
    """Reason and message of why a container could not be started; ("", "") where it could be."""
    for key in ("initContainerStatuses", "containerStatuses"):
        for entry in status(pod).get(key) or []:
            if entry["name"] != container:
                continue
            for state in (entry.get("state") or {}, entry.get("lastState") or {}):
                ended = state.get("terminated") or {}
                if ended.get("reason") in NOT_STARTED:
                    return str(ended["reason"]), str(ended.get("message") or "")
    return "", ""


class Attempt(NamedTuple):
    """One start of one container of a Pod, and the run that followed.

    number: 1 for the first start. started and finished: whole seconds, as the kubelet notes them;
    None for a container that could not be started, or has not ended. log: the lines it printed;
    None where nobody has read them. log_cut: whether there were more lines than these.
    """

    container: str
    number: int
    started: datetime | None
    finished: datetime | None = None
    exit_code: int | None = None
    reason: str = ""
    log: tuple[str, ...] | None = None
    log_cut: bool = False

    @property
    def has_run(self) -> bool:
        """Whether the container was started at all, as far as is known."""
        return self.reason not in NOT_STARTED

    @property
    def key(self) -> tuple[str, int]:
        """What tells the attempt from all others of its Pod."""
        return self.container, self.number


def attempts(pod: Mapping[str, Any]) -> Iterator[Attempt]:
    """The attempts that the Pod's status still tells of: at most the last two of a container."""
    yield from _attempts(status(pod).get("containerStatuses") or [])


def init_attempts(pod: Mapping[str, Any]) -> Iterator[Attempt]:
    """The same of its init containers, without sidecars."""
    entries = status(pod).get("initContainerStatuses") or []
    sidecars = _restartable(pod) if entries else set()
    yield from _attempts(entry for entry in entries if entry["name"] not in sidecars)


def sidecar_attempts(pod: Mapping[str, Any]) -> Iterator[Attempt]:
    """The same of its sidecars: init containers that are always restarted."""
    entries = status(pod).get("initContainerStatuses") or []
    sidecars = _restartable(pod) if entries else set()
    yield from _attempts(entry for entry in entries if entry["name"] in sidecars)


def _attempts(entries: Iterable[Mapping[str, Any]]) -> Iterator[Attempt]:
    for entry in entries:
        count = int(entry.get("restartCount") or 0)
        state, last = entry.get("state") or {}, entry.get("lastState") or {}
        if ended := last.get("terminated"):
            # while the container waits to be started again, restartCount lacks that start
            yield _ended(entry["name"], count + 1 if state.get("waiting") else count, ended)
        if running := state.get("running"):
            yield Attempt(entry["name"], count + 1, time(running.get("startedAt")))
        elif ended := state.get("terminated"):
            yield _ended(entry["name"], count + 1, ended)


def _ended(container: str, number: int, terminated: Mapping[str, Any]) -> Attempt:
    noted = terminated.get("startedAt")
    started = None if noted == NEVER else time(noted)
    finished = time(terminated.get("finishedAt"))
    if started and finished:  # a short program may be done before the runtime notes its start
        started = min(started, finished)
    return Attempt(
        container,
        number,
        started,
        finished,
        terminated.get("exitCode"),
        str(terminated.get("reason") or ""),
    )


# ---- events


def event_time(event: Mapping[str, Any]) -> datetime | None:
    """When the event was last seen: by its series, else by lastTimestamp, else by eventTime.

    By creationTimestamp where it has none of these.
    """
    series = event.get("series") or {}
    return (
        time(series.get("lastObservedTime"))
        or time(event.get("lastTimestamp"))
        or time(event.get("eventTime"))
        or time(metadata(event).get("creationTimestamp"))
    )
