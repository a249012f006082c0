"""How it is told what a practice cluster waits for, and that its clock has jumped."""

from __future__ import annotations

from kubectl_joblab import objects
from kubectl_joblab.client.cluster_clock import Container, Jump, Wait
from kubectl_joblab.language import Sentence, phrase

_NEXT_TRY = "next try of "  # with the container's name behind it
_WHATS = {
    "next Job": phrase("next Job"),
    "next Pod": phrase("next Pod"),
    "failed": phrase("failed"),
    "deleted": phrase("deleted"),
    "mount": phrase("mount"),
    "sync": phrase("sync"),
}
_WHYS = {
    "deadline": phrase("deadline"),
    "image back-off": phrase("image back-off"),
    "retry": phrase("retry"),
    "schedule": phrase("schedule"),
}


def what(wait: Wait) -> Sentence:
    """What comes when the wait is over."""
    if wait.what.startswith(_NEXT_TRY):
        return phrase("next try of {container}", container=wait.what.removeprefix(_NEXT_TRY))
    return _WHATS.get(wait.what, wait.what)


def why(wait: Wait) -> Sentence:
    """What makes it wait."""
    return _WHYS.get(wait.why, wait.why)


def called(wait: Wait) -> str:
    """The object that waits, as kubectl takes it."""
    return f"{wait.kind.lower()}/{wait.name}"


def skipped(jump: Jump, namespace: str) -> Sentence:
    """The line about a jump. namespace: where an object needs no word about where it is."""
    time = objects.human_duration(jump.seconds)
    if jump.wait is None:
        return phrase("skipped {time}", time=time)
    where = "" if jump.wait.namespace == namespace else f" -n {jump.wait.namespace}"
    return phrase(
        "skipped {time} of {why}  {object}: {what}",
        time=time,
        why=why(jump.wait),
        object=called(jump.wait) + where,
        what=what(jump.wait),
    )


def runs(container: Container, namespace: str) -> Sentence:
    """The line about a container for which the clock waits."""
    where = "" if container.namespace == namespace else f" -n {container.namespace}"
    return phrase(
        "waiting for {object}: its container {container} runs",
        object=f"pod/{container.pod}{where}",
        container=container.container,
    )
