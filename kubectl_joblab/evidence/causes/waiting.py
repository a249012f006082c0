"""Pods that are there and do not run: no node, no image, no volume, no container.

A Job never fails from any of these. The messages are the scheduler's, the kubelet's and the
container runtime's, which are told by what all of them have in common.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta

from kubectl_joblab import objects
from kubectl_joblab.evidence.causes import dependencies, forbidden, kinds
from kubectl_joblab.evidence.causes.kinds import Cause, Fact
from kubectl_joblab.evidence.snapshot import PodRecord, Snapshot
from kubectl_joblab.language import Sentence, phrase
from kubectl_joblab.objects import Object

# Reasons for which a container waits and that do not go away by themselves.
IMAGE = ("ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull")
CONFIG = ("CreateContainerConfigError", "CreateContainerError")
FIRST_PULL = "ErrImagePull"  # a pull has failed; ImagePullBackOff is the wait for the next
# the kubelet cannot mount a volume: FailedMountVolume in pkg/kubelet/events/event.go
_FAILED_MOUNT = "FailedMount"
_FAILED_SCHEDULING, _PULL = "FailedScheduling", "Failed to pull image"
# pkg/kubelet/images/image_manager.go, of a name that it cannot read; and of what fails in a Pod
_INSPECT, _INVALID = "InspectFailed", "InvalidImageName"
_CRASHED = "Back-off restarting failed container"
_BEING_MADE = ("ContainerCreating", "PodInitializing")
SLOW = timedelta(seconds=10)  # after which it is asked why containers are still being made
_CREATE_IT = kinds.anew(
    phrase(
        "A Job never fails from this. Create what is missing, and its Pod goes on; or correct its"
        " name."
    ),
    kinds.FOR_THAT,
)
_AGAIN = kinds.anew(phrase("A Job never fails from this: correct the image."))
_WAIT_OR_ASK_LESS = kinds.anew(
    phrase("Wait until a node has what the Pod asks for. Or ask for what one has."),
    kinds.FOR_THAT,
)
# what to do where a deadline has ended the wait, by the kind of the cause
_ENDED = {
    "unschedulable": kinds.anew(
        phrase(
            "No node took its Pod in time. See that one has what the Pod asks for, or ask for what"
            " one has."
        )
    ),
    "mount": kinds.anew(phrase("Create what is missing, or correct its name.")),
    "image": kinds.anew(phrase("Correct the image, or have the node get it in time.")),
}
_ENDED_OTHERWISE = kinds.anew(phrase("Mend what the message names."))
# what the messages of a missing key have in common: the kubelet's, of a variable and of a volume
_KEY = r"couldn't find key|non-existent (?:config|secret) key"
_MISSING = (
    ("key-missing", _KEY),
    ("config-map-missing", r"configmap \"[^\"]*\" not found"),
    ("secret-missing", r"secret \"[^\"]*\" not found"),
)
# what a registry or the way to it is told by: the OCI distribution's codes as containerd has them
_IMAGES = (
    (
        "image-name-or-access",
        r"40[13] |insufficient_scope|authorization failed|pull access denied|denied",
    ),
    ("image", r"unexpected media type"),  # what is there is no image, and is told as not found
    ("image-not-found", r"not found|manifest unknown|404 "),
    (
        "registry-unreachable",
        r"dial tcp|no such host|connection refused|i/o timeout|x509|TLS|tls|EOF|5\d\d ",
    ),
)
# the scheduler's plugins, by their own words: pkg/scheduler/framework/plugins
_PLACES = (
    ("claim-missing", dependencies.MISSING),
    ("claim-not-bound", dependencies.NOT_BOUND),
    ("unschedulable-resources", r"Insufficient |Too many pods"),
    ("unschedulable-taint", r"untolerated taint"),
    ("unschedulable-affinity", r"didn't match Pod's node affinity|didn't match pod "),
    ("host-port-taken", r"didn't have free ports"),
    ("unschedulable-cordoned", r"were unschedulable"),
)


def waiting(seen: Snapshot) -> Iterator[Cause]:
    """What keeps Pods from running, as long as they are still there."""
    for record in seen.pods:
        if record.gone:
            continue
        name, run = f"pod/{record.name}", f"kubectl describe pod {record.name}"
        reason, message = objects.waiting(record.pod)
        shows: tuple[Fact, ...] = (
            Fact(name, "state waiting", f"{reason}: {message}" if message else reason),
        )
        if reason in (*IMAGE, FIRST_PULL):
            word, fix = _image(reason, message)
            yield Cause(
                "image", reason in IMAGE, name, reason, message, fix, run, id=word, shows=shows
            )
        elif reason in CONFIG:
            word, fix = _config(message)
            yield Cause("config", True, name, reason, message, fix, run, id=word, shows=shows)
        scheduled = objects.condition(record.pod, "PodScheduled") or {}
        if scheduled.get("reason") == "Unschedulable":
            message = str(scheduled.get("message") or "")
            word, fix, run = _place(record.name, message)
            shows = kinds.condition(name, record.pod, "PodScheduled")
            if told := dependencies.told(seen, record):
                run, shows = told.run, (*shows, *told.shows)
            yield Cause(
                "unschedulable",
                False,
                name,
                "Unschedulable",
                message,
                fix,
                run,
                id=word,
                shows=shows,
            )


def crashed(seen: Snapshot) -> Object | None:
    """The newest event of a container that failed again and again, in a Pod that is gone."""
    found = [one for one in seen.events or () if _CRASHED in str(one.get("message"))]
    return next(reversed(kinds.events_of(found, "BackOff")), None)


def waited(seen: Snapshot) -> Iterator[Cause]:
    """What Pods have waited for that a deadline has ended since, as events alone tell."""
    if not kinds.made_pods(seen) and (refusal := forbidden.refused(seen)) is not None:
        yield refusal._replace(fix=_ENDED_OTHERWISE)
        return
    if crashed(seen) is not None:
        return
    about = [
        event
        for event in seen.events or ()
        if kinds.about(event).get("kind") == "Pod" and str(event.get("type")) == "Warning"
    ]
    newest = kinds.events_of(about, _FAILED_SCHEDULING, _FAILED_MOUNT, _INSPECT, "Failed")[-1:]
    for event in newest:
        message = str(event.get("message") or "")
        name = f"pod/{kinds.about(event).get('name')}"
        reason, kind = str(event.get("reason")), "unschedulable"
        if reason == _FAILED_SCHEDULING:
            word, _, _ = _place("", message)
        elif reason == _FAILED_MOUNT:
            word, kind = _first(_MISSING, message) or "volume-not-mounted", "mount"
        elif reason == _INSPECT or _INVALID in message:
            word, kind = "image-name-invalid", "image"
        else:
            event = (kinds.events_of([e for e in about if _PULL in str(e)], "Failed") or [event])[
                -1
            ]
            message = str(event.get("message") or "")
            word, _ = _image("", message) if _PULL in message else _config(message)
            kind = "image" if _PULL in message else "config"
        fix = _ENDED.get(kind, _ENDED_OTHERWISE)
        run = f"kubectl describe job {seen.name}"
        yield Cause(
            kind, True, name, reason, message, fix, run, id=word, shows=(kinds.event(event),)
        )


def _image(reason: str, message: str) -> tuple[str, Sentence]:
    """The id of an image that cannot be had, and what to do."""
    if reason == "InvalidImageName":
        return "image-name-invalid", _AGAIN
    if reason == "ErrImageNeverPull":
        mend = phrase(
            "The node does not have the image, and imagePullPolicy is Never: bring the image to the"
            " node, or take another policy."
        )
        return "image-never-pulled", kinds.anew(mend, kinds.FOR_THAT)
    word = _first(_IMAGES, message) or "image"
    if word == "image-name-or-access":
        mend = phrase(
            "The registry does not tell which: the image is not there by this name, or this Pod may"
            " not have it. Correct the name, or add imagePullSecrets."
        )
        return word, kinds.anew(mend)
    if word == "image-not-found":
        mend = phrase(
            "The registry has no such image or tag. A Job never fails from this: correct the image."
        )
        return word, kinds.anew(mend)
    if word == "registry-unreachable":
        return word, phrase(
            "The node does not reach the registry: the name of its host, the network, or a"
            " certificate. The kubelet tries again by itself."
        )
    return word, _AGAIN


def _config(message: str) -> tuple[str, Sentence]:
    """The id of why a container cannot be created, and what to do.

    The messages are those of pkg/kubelet/kuberuntime/security_context_others.go and of what reads
    ConfigMaps and Secrets.
    """
    if "run as root" in message or "non-root" in message:
        mend = phrase(
            "A Job never fails from this. Set securityContext.runAsUser to the number of a user"
            " other than 0, or take an image with one."
        )
        return "runs-as-root", kinds.anew(mend)
    word = _first(_MISSING, message)
    if word or "not found" in message:
        return word or "container-config", _CREATE_IT
    mend = phrase("A Job never fails from this. Correct what the message names.")
    return "container-config", kinds.anew(mend)


def _place(pod: str, message: str) -> tuple[str, Sentence, str]:
    """The id of why a Pod gets no node, what to do, and the command that shows more.

    Where a scheduler names several reasons, for different nodes, none of them is the one.
    """
    fitting = [word for word, pattern in _PLACES if re.search(pattern, message)]
    run = f"kubectl describe pod {pod}"
    if "claim-missing" in fitting or "claim-not-bound" in fitting:
        fix = (
            _CREATE_IT
            if fitting[0] == "claim-missing"
            else phrase(
                "See why the claim is not bound: a storage class that is not there, or no volume"
                " that fits. The scheduler tries again by itself."
            )
        )
        missing = fitting[0] == "claim-missing"  # so that there may be none to describe
        return fitting[0], fix, run if missing else "kubectl describe persistentvolumeclaims"
    if len(fitting) != 1:
        return "unschedulable", _WAIT_OR_ASK_LESS, run
    if fitting[0] in ("unschedulable-taint", "unschedulable-affinity", "unschedulable-cordoned"):
        run = "kubectl get nodes --show-labels"
    if fitting[0] == "unschedulable-taint":
        run = "kubectl describe nodes"
    return fitting[0], _WAIT_OR_ASK_LESS, run


def _first(patterns: Sequence[tuple[str, str]], message: str) -> str:
    return next((word for word, pattern in patterns if re.search(pattern, message)), "")


# ---- volumes


def slow(seen: Snapshot) -> PodRecord | None:
    """The first Pod whose containers have been made for SLOW by now; its events may say why."""
    for record in seen.pods:
        waits = objects.waiting(record.pod)[0] in _BEING_MADE and not record.gone
        if waits and seen.now - (objects.created(record.pod) or seen.now) >= SLOW:
            return record
    return None


def unmounted(seen: Snapshot) -> Iterator[Cause]:
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
    yield Cause(
        "mount",
        True,
        name,
        _FAILED_MOUNT,
        message,
        _CREATE_IT,
        f"kubectl describe pod {record.name}",
        id=_first(_MISSING, message) or "volume-not-mounted",
        shows=(kinds.event(newest),),
    )
