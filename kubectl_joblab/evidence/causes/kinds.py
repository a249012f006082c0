"""What a cause is, and what all modules beside it make one of.

A cause says what is the case in Kubernetes' own words, why, what shows it, what to do, and the one
command to go on with. It knows no lab: labs/judge/standings.py leaves out the failures that a lab
wants to see, and labs/practising.py knows which lab practises a cause.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, NamedTuple

from kubectl_joblab import objects, shell
from kubectl_joblab.evidence.snapshot import Snapshot
from kubectl_joblab.language import Phrase, Sentence, phrase
from kubectl_joblab.objects import Object

# kinds of refusals of the Job's Pods
NO_ROOM = "noRoom"  # a quota is used up, which has room again when others end or it is raised
REFUSED = ("refused", NO_ROOM)
# kinds of what holds a Job as it is, so that someone may release it any time
HELD = ("suspended", "noParallelism", "managedBy", "gated")
# and of what only a wait that has an end waits for, as that may be released by nobody here
RELEASED = (*HELD, NO_ROOM)
# kinds of what may go away by itself, and as well never
MAY_LAST = ("unschedulable",)
# kinds of tries that failed after their command had begun
RAN = ("exit", "notFound", "notExecutable", "signal", "memory")
# client-go's event correlator begins so what stands for many: tools/record/events_cache.go
# events of the Job controller: pkg/controller/controller_utils.go
_MADE, _DELETED = "Created pod: ", "Deleted pod: "
COMBINED = "(combined from similar events): "


THEN = phrase("Then delete the Job and create it again.")
FOR_THAT = phrase("For that delete the Job and create it again.")


class Anew(Phrase):
    """What to do about a Job that has to be created again: its correction, and then that.

    The second half is so of a Job that nobody makes again: of any other, owners.py says instead
    where a correction lasts.
    """

    __slots__ = ()

    @property
    def mend(self) -> Sentence:
        """What to correct."""
        found = self.values["mend"]
        assert isinstance(found, Sentence)
        return found


def anew(mend: Sentence, again: Sentence = THEN) -> Anew:
    """What to do. mend: what to correct. again: how the Job is created with it."""
    return Anew(*phrase("{mend} {again}", mend=mend, again=again))


def correction(fix: Sentence) -> Sentence:
    """What to correct, of what to do: without how a Job comes to have it."""
    return fix.mend if isinstance(fix, Anew) else fix


class Fact(NamedTuple):
    """One thing that shows a cause, as kubectl confirms it.

    object: such as pod/NAME. field: where it stands: the path of a field, a condition, an event.
    value: what stands there, word by word.
    """

    object: str
    field: str
    value: str


class Cause(NamedTuple):
    """One reason why a Job does not succeed.

    kind: how far a Job came with it, as labs and warnings ask: refused, unschedulable, notStarted,
    exit. id: what is to be mended, one of table.IDS, which stays the same. Neither follows from the
    other: a program that is missing (program-missing) is met by the runtime (notStarted), or by a
    script that has begun (exit). fatal: whether the Job does not go on before someone does
    something; a failing try is not fatal, as another may follow. object: such as pod/NAME. what:
    what is the case, the API's word where there is one. because: more about it, "" where nothing is
    known. fix: what to do; an Anew where the Job has to be created again. run: the kubectl command
    that does it, or that shows more. code: the exit code of a try that failed. tries: how many have
    failed. shows: what shows it. rule: what podFailurePolicy makes of the newest failure: the
    action of the rule that fits, policy.NONE_FITS, or "". restarts: whether the container of a try
    that failed starts again in the same Pod.
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
    id: str = ""
    shows: tuple[Fact, ...] = ()
    rule: str = ""
    restarts: bool = False

    @property
    def line(self) -> Sentence:
        """The cause in one line, as `pod/NAME: ImagePullBackOff: MESSAGE`."""
        if not self.because:
            return phrase("{object}: {what}", object=self.object, what=self.what)
        return phrase(
            "{object}: {what}: {because}", object=self.object, what=self.what, because=self.because
        )


def job_word(name: str) -> str:
    """The Job as kubectl names it."""
    return f"job.batch/{name}"


def patch(name: str, spec: Object) -> str:
    """The command that changes these fields of a Job's spec."""
    return f"kubectl patch job {name} -p {shell.quote(as_json({'spec': spec}))}"


def as_json(value: object) -> str:
    """A value as short JSON."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


# ---- facts


def field(word: str, obj: Object, path: str) -> Fact:
    """What stands at a path of an object. word: what kubectl calls the object."""
    found = objects.field(obj, path)
    return Fact(word, path, found if isinstance(found, str) else as_json(found))


def condition(word: str, obj: Object, kind: str) -> tuple[Fact, ...]:
    """The condition of this type with its reason and message; nothing where there is none."""
    found = objects.condition(obj, kind)
    if found is None:
        return ()
    value = _joined(found.get("reason"), found.get("message")) or str(found.get("status"))
    return (Fact(word, f"condition {kind}", value),)


def event(found: Object) -> Fact:
    """An event, with the object that it is about."""
    reference: Any = about(found)
    kind = {"Job": "job.batch", "CronJob": "cronjob.batch"}.get(reference.get("kind"), "")
    word = f"{kind or str(reference.get('kind')).lower()}/{reference.get('name')}"
    message = str(found.get("message") or "").removeprefix(COMBINED)
    return Fact(word, f"event {found.get('reason')}", message)


def events_of(found: Iterable[Object], *reasons: str) -> list[Object]:
    """The events of these reasons, the newest last."""
    fitting = [one for one in found if one.get("reason") in reasons]
    return sorted(fitting, key=lambda one: objects.event_time(one) or objects.FIRST)


def about(found: Object) -> Object:
    """The reference to the object that an event is about."""
    reference: Object = found.get("involvedObject") or {}
    return reference


def made_pods(seen: Snapshot) -> set[str]:
    """The names of the Pods that the Job controller has made, as far as the events tell."""
    return _named(seen, _MADE)


def gone_pods(seen: Snapshot) -> set[str]:
    """The names of Pods that the Job controller has made, has not deleted, and that are gone."""
    there = {record.name for record in seen.pods if not record.gone}
    return made_pods(seen) - _named(seen, _DELETED) - there


def _named(seen: Snapshot, beginning: str) -> set[str]:
    """What the Job's own events name that begin so."""
    uid = objects.uid(seen.job or {})
    own = (one for one in seen.events or () if about(one).get("uid") == uid)
    said = [str(one.get("message") or "").removeprefix(COMBINED) for one in own]
    return {one.removeprefix(beginning) for one in said if one.startswith(beginning)}


def _joined(*parts: object) -> str:
    return ": ".join(str(part) for part in parts if part)
