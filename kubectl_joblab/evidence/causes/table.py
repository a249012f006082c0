"""The table of all causes, and what asks it: for a lab, and for a Job of anyone's.

A row is the id of a cause, which stays the same, and what it stands for. `of` finds what keeps a
Job from succeeding; labs ask it. `findings` puts it in order: the one root first, below it what
came of it, and apart from both what a person has asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import NamedTuple

from kubectl_joblab import objects
from kubectl_joblab.evidence.causes import (
    dependencies,
    disruption,
    endings,
    failing,
    forbidden,
    held,
    limits,
    owners,
    policy,
    probes,
    stranded,
    waiting,
)
from kubectl_joblab.evidence.causes.kinds import Cause
from kubectl_joblab.evidence.snapshot import Snapshot
from kubectl_joblab.evidence.surroundings import Missing

# id -> what it stands for, as docs/causes.md prints it
IDS: Mapping[str, str] = {
    # tries that fail
    "exit-code": "A program ends with an exit code of its own",
    "command-not-executable": "Exit code 126, or a file that may not be run",
    "command-not-found": "Exit code 127: the shell did not find the command",
    "signal-or-own-code": "Exit code 128 + n: a signal, or the program's own code",
    "killed": "Exit code 137 without OOMKilled: SIGKILL, or the program's own code",
    "probe-failed": "The kubelet has ended a container whose liveness or startup probe fails",
    "out-of-memory": "OOMKilled: more memory than the container's limit",
    "program-missing": "StartError: the image has no such program",
    "shell-missing": "StartError: the image has no such shell",
    "exec-format-error": "A program of another architecture, or a script without its first line",
    "container-not-started": "StartError for any other reason",
    # limits
    "backoff-limit": "BackoffLimitExceeded, where nothing is left of the tries",
    "job-deadline": "The Job's activeDeadlineSeconds",
    "pod-deadline": "The template's activeDeadlineSeconds",
    "pod-failure-policy": "A rule of podFailurePolicy ends the Job",
    "failed-indexes": "FailedIndexes or MaxFailedIndexesExceeded",
    "success-policy": "A success policy ends the Job early: as it was asked",
    "job-failed": "The Job Failed for a reason that another controller gives",
    # images
    "image-name-invalid": "InvalidImageName",
    "image-never-pulled": "ErrImageNeverPull: imagePullPolicy Never, and no such image on the node",
    "image-not-found": "The registry has no such image or tag",
    "image-name-or-access": "The registry does not say whether it is the name or the access",
    "registry-unreachable": "The node does not reach the registry",
    "image": "An image that cannot be pulled for any other reason",
    # what a Pod needs
    "config-map-missing": "A ConfigMap that is not there",
    "secret-missing": "A Secret that is not there",
    "key-missing": "A key that a ConfigMap or a Secret has not",
    "claim-missing": "A PersistentVolumeClaim that is not there",
    "claim-not-bound": "A PersistentVolumeClaim that is not bound",
    "volume-not-mounted": "A volume that cannot be mounted for any other reason",
    "runs-as-root": "runAsNonRoot, and an image that runs as root",
    "container-config": "A container that cannot be created for any other reason",
    # refusals
    "quota": "A ResourceQuota leaves no room, or asks for resources that are not written",
    "limit-range": "A LimitRange does not allow the resources",
    "pod-security": "Pod Security forbids the Pod",
    "admission-webhook": "A webhook or an admission policy denies the Pod, or does not answer",
    "service-account-missing": "A ServiceAccount that is not there",
    "priority-class-missing": "A PriorityClass that is not there",
    "namespace-terminating": "The namespace is being deleted",
    "pods-refused": "The API server refuses the Pods for any other reason",
    # places
    "unschedulable-resources": "No node has the resources that the Pod requests",
    "unschedulable-affinity": "No node fits nodeSelector or affinity",
    "unschedulable-taint": "All nodes have a taint that the Pod does not tolerate",
    "unschedulable-cordoned": "All nodes are cordoned",
    "host-port-taken": "No node has the hostPort free",
    "unschedulable": "No node fits, for several reasons or any other",
    "scheduling-gated": "schedulingGates that nobody has removed",
    "scheduler-missing": "No scheduler takes the Pod",
    # Pods that were ended from outside
    "preempted": "A Pod of a higher priority took its place",
    "eviction": "A drain, another eviction, or a deletion by hand",
    "evicted-for-disk": "The kubelet ended it for disk",
    "evicted-for-memory": "The kubelet ended it for the node's memory",
    "evicted": "The kubelet ended it for any other resource",
    "node-lost": "Its node is not there, not ready, not reachable, or tainted",
    "pod-failed": "A Pod that failed without a word of its containers",
    # held
    "suspended": "A person has suspended it: as it was asked",
    "suspended-by-controller": "kueue, its owner or another controller has suspended it",
    "no-parallelism": "parallelism 0",
    "managed-by": "managedBy another controller",
    "finalizer": "It is deleted, and a finalizer holds it",
    "selector-of-others": "A selector by hand that chooses Pods of another",
    "sidecar-never-ends": "A container that runs on when the others have ended",
    "runs-on-after-success": "All successes are there, and a Pod runs on",
    "pod-does-not-stop": "A Pod that was asked to stop runs on, and the Job waits for its end",
    # CronJobs
    "cron-suspended": "A CronJob that is suspended",
    "cron-never-due": "A schedule to which no day fits",
    "cron-schedule-invalid": "A schedule or a time zone that the controller cannot use",
    "cron-deadline-too-short": "startingDeadlineSeconds below 10",
    "cron-forbid-behind-job": "concurrencyPolicy Forbid, behind a Job that does not end",
    "cron-missed": "A run that was missed",
    "cron-replaced": "concurrencyPolicy Replace ends each run before it is done",
    "cron-run-failed": "The last run failed, and its Job is gone",
    "cron-jobs-pile-up": "Ten Jobs at once under Allow, and none that succeeds",
    "cron-history": "More than ten finished Jobs that are kept",
}
# ids of what ends a Job because of a plain exit code, and says more than the exit code does
_SAYS_MORE = ("pod-failure-policy", "failed-indexes")


def may_come_of(one: str, other: str) -> bool:
    """Whether a cause of the first id may be a consequence of one of the second.

    What ends a Job comes of how its tries went, of what they wait for or of who has ended them, and
    none of these comes of it. What a finalizer holds, or what does not stop, is deleted with its
    namespace.
    """
    if one in limits.ALL:
        return other not in limits.ALL
    return one in ("finalizer", "pod-does-not-stop") and other == "namespace-terminating"


class Findings(NamedTuple):
    """Why a Job is as it is.

    root: the one cause of all, or what says most; None where nothing is wrong, or nothing is known.
    origins: what a root came of that says more than they do. consequences: what came of the root.
    also: further causes that stand on their own. meant: what a person or the spec has asked for,
    with which nothing is wrong. lost: whether the Job Failed, and what would tell why is gone.
    """

    root: Cause | None = None
    consequences: tuple[Cause, ...] = ()
    also: tuple[Cause, ...] = ()
    meant: Cause | None = None
    lost: bool = False
    origins: tuple[Cause, ...] = ()


def of(seen: Snapshot, last_line: str | None = None) -> list[Cause]:
    """The causes that a snapshot shows, first those that do not go away by themselves.

    last_line: the last line that the newest failed try has logged, where the snapshot has not its
    log. A Job that is Complete has none.
    """
    return [_told(one, seen) for one in _of(seen, last_line)]


def known(seen: Snapshot, last_line: str | None = None) -> list[Cause]:
    """The same of any Job, by what `findings` makes of them: what came of another is left out.

    Where no Pod shows the root, it is told with what came of it.
    """
    whole = findings(seen, last_line)
    root = [whole.root] if whole.root and not whole.lost else []
    ids = {one.id for one in (*root, *whole.origins, *whole.also, whole.meant) if one}
    shown = [one for one in of(seen, last_line) if one.id in ids]
    return shown or ([*root, *whole.consequences] if root else [])


def _told(cause: Cause, seen: Snapshot) -> Cause:
    """The cause, with what the failure policy and the Job's owner make of it."""
    return policy.ruled(owners.mended(cause, seen.job or {}), seen)


def _of(seen: Snapshot, last_line: str | None) -> list[Cause]:
    """The causes, without what the failure policy and the Job's owner make of them."""
    if seen.job is None or objects.is_true(seen.job, "Complete"):
        return []
    found: list[Cause] = []
    if not seen.over and not objects.is_deleted(seen.job):
        found = [*held.held(seen.job, seen.pods), *forbidden.still_refused(seen)]
        found += [*waiting.waiting(seen), *waiting.unmounted(seen), *stranded.unnoticed(seen)]
        found = [one for one in found if not dependencies.has_arrived(one, seen)]
        found += endings.sidecars(seen)
    found += [*disruption.lost(seen), *failing.failing(seen, last_line)]
    return sorted(found, key=lambda cause: not cause.fatal)


def missing(seen: Snapshot) -> list[Missing]:
    """What is named as missing in all that keeps a Job from succeeding, each once."""
    named = (one for cause in _of(seen, None) for one in dependencies.missing(cause, seen))
    return list(dict.fromkeys(named))


def findings(seen: Snapshot, last_line: str | None = None) -> Findings:
    """Why any Job is as it is, the root first."""
    found = _findings(seen, last_line)
    root, told = found.root, partial(_told, seen=seen)
    ended = root is not None and root.id == "pod-failure-policy"  # which tells of the rule itself
    of_origin = partial(owners.mended, job=seen.job or {}) if ended else told
    return found._replace(
        root=told(root) if root else None,
        origins=tuple(map(of_origin, found.origins)),
        consequences=tuple(map(told, found.consequences)),
        also=tuple(map(told, found.also)),
    )


def _findings(seen: Snapshot, last_line: str | None) -> Findings:
    if seen.job is None:
        return Findings()
    deleted = [*endings.terminating(seen), *endings.held_deleted(seen)]
    if objects.is_deleted(seen.job):
        deleted += [*stranded.lost_nodes(seen), *endings.not_stopping(seen)]
    if deleted:
        first, *others = deleted
        came = tuple(one for one in others if may_come_of(one.id, first.id))
        return Findings(first, came, tuple(one for one in others if one not in came))
    roots = _roots(seen, last_line)
    limit = limits.reached(seen)
    meant = next((one for one in roots if _is_meant(one, seen)), None)
    roots = [one for one in roots if one != meant]
    if limit is None:
        also = _others(roots)
        meant = meant or limits.succeeded_early(seen)
        return Findings(roots[0] if roots else None, (), also, meant)
    if not roots and limit.id == "job-deadline":
        roots = [*waiting.waited(seen)]
    if not roots and limit.id == "backoff-limit":
        roots = [*probes.of_gone(seen)]
    if not roots:
        lost = limit.id == "backoff-limit" or (
            limit.id == "job-deadline" and waiting.crashed(seen) is not None
        )
        return Findings(limit, lost=lost)
    first = roots[0]
    if first.id == "exit-code" and limit.id in _SAYS_MORE:
        return Findings(limit, (), _others(roots), origins=(first,))
    return Findings(first, (limit,), _others(roots))


def _roots(seen: Snapshot, last_line: str | None) -> list[Cause]:
    """All that may be a root, in the order in which one comes of another."""
    strange = [*endings.strangers(seen)]
    if objects.is_true(seen.job or {}, "Complete"):
        return strange
    found = [*strange, *_ended_from_outside(seen, _of(seen, last_line))]
    found += [*endings.running_on(seen), *endings.working_on(seen)]
    if limits.reached(seen) is not None:
        return found
    lost = [*stranded.lost_nodes(seen)]
    return [*lost, *found, *([] if lost else endings.not_stopping(seen))]


def _is_meant(found: Cause, seen: Snapshot) -> bool:
    """Whether a person or the spec has asked for what was found, so that nothing is wrong."""
    return held.is_on_purpose(found, seen) or endings.is_at_work(found, seen)


def _ended_from_outside(seen: Snapshot, found: list[Cause]) -> list[Cause]:
    """The causes, where what has ended a Pod stands for the exit codes that came of it."""
    disrupted = (
        [*disruption.disrupted(seen)]
        or [*disruption.taken_away(seen)]
        or [*endings.outlasting(seen)]
    )
    if not disrupted:
        return found
    ran = ("exit", "signal", "pod", "lost")
    return [*disrupted, *(one for one in found if one.kind not in ran)]


def _others(roots: list[Cause]) -> tuple[Cause, ...]:
    """The causes beside the first, each id once."""
    known: dict[str, Cause] = {}
    for one in roots:
        known.setdefault(one.id, one)
    return tuple(known.values())[1:]
