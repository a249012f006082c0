"""What a check can ask: one pure function for each kind of assertion, from a snapshot to a Measure.

checks.py turns measures into verdicts. course.py has the kinds that go by what was seen while the
Job ran, traces.py those about what someone has left. The options of each kind stand in
../definition/lab.schema.json.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

from kubectl_joblab import objects
from kubectl_joblab.evidence import schedules, snapshot
from kubectl_joblab.evidence.causes import tries
from kubectl_joblab.evidence.snapshot import PodRecord, Snapshot
from kubectl_joblab.labs.definition import expressions, model
from kubectl_joblab.labs.judge import course, measures, traces
from kubectl_joblab.labs.judge.measures import Measure
from kubectl_joblab.language import Phrase, Sentence, phrase, plural

EVENTS_LAST = timedelta(hours=1)  # the API server's --event-ttl
OF_COMMANDS = "ofCommands"  # option of exitCodes that no lab gives: of commands that have run
_NO_CRON_JOB = phrase("no CronJob")
_LONG = 13  # letters of a name, from which on it is said once in a row


def measure(assertion: model.Assertion, seen: Snapshot, values: Mapping[str, Any]) -> Measure:
    """What this assertion finds. values: of the parameters that its expressions may name."""
    computed = expressions.options(assertion.kind)
    options = {
        key: expressions.evaluate(value, values) if key in computed else value
        for key, value in assertion.options.items()
    }
    return KINDS[assertion.kind](options, seen)


def of_check(assertion: model.Assertion, seen: Snapshot, values: Mapping[str, Any]) -> Measure:
    """What a check's own assertion finds.

    Where it asks how commands have ended, a container that could not be started fits nothing: its
    exit code is the runtime's, unless that very code is asked for, or the reason.
    """
    options = assertion.options
    asks = assertion.kind == "exitCodes" and options["operator"] != "==" and "reason" not in options
    if asks:
        assertion = assertion._replace(options={**options, OF_COMMANDS: True})
    return measure(assertion, seen, values)


def hold(when: model.When, seen: Snapshot, values: Mapping[str, Any]) -> bool:
    """Whether all of these are known to be true; what can only be guessed at is not."""
    return all(
        found.holds and (found.settled or found.complete)
        for found in (measure(assertion, seen, values) for assertion in when)
    )


def by_default(lab: model.Lab, when: model.Assertion, values: Mapping[str, Any]) -> bool:
    """Whether a `when` of a check holds for the lab's own values, or is not decided by them."""
    own = {one.field: values[one.name] for one in lab.parameters if one.name in values}
    if when.kind != "field" or when.options["path"] not in own:
        return True
    wanted = expressions.evaluate(when.options["value"], values)
    return measures.compare(when.options["operator"], own[when.options["path"]], wanted)


def _pods_text(number: int, phase: str = "") -> Sentence:
    if phase:
        return plural(number, "{n} Pod {phase}", "{n} Pods {phase}", phase=phase)
    return plural(number, "{n} Pod", "{n} Pods")


def _exists(options: Mapping[str, Any], seen: Snapshot) -> Measure:
    wanted = f"{options['kind']} {seen.name}"
    if options["kind"] == "Pod":
        return measures.count(
            {"operator": ">=", "value": 1}, len(seen.pods), seen.has_every_pod, _pods_text
        )
    if seen.job is not None:
        return Measure("Job", "Job", True, wanted, wanted, settled=True)
    if seen.bare_pod:
        text = phrase("Pod {name}, no Job", name=seen.name)
        return Measure("Job", "Pod", False, wanted, text, settled=True)
    return Measure("Job", None, False, wanted, phrase("not found"))


def _absent(options: Mapping[str, Any], seen: Snapshot) -> Measure:
    left = phrase("no {kind} left", kind=options["kind"])
    if options["kind"] == "Job":
        gone = seen.job is None or seen.gone
        observed: Sentence = left if gone else f"Job {seen.name}"
        return Measure(0, int(not gone), gone, left, observed, settled=gone)
    number = sum(
        1 for record in seen.pods if not record.gone and not objects.is_deleted(record.pod)
    )
    return Measure(0, number, number == 0, left, _pods_text(number) if number else left)


def _field(options: Mapping[str, Any], seen: Snapshot) -> Measure:
    path, symbol, expected = options["path"], options["operator"], options["value"]
    observed = objects.field(seen.job or {}, path)
    label = path.rpartition(".")[2]
    shown = "<unset>" if observed is None else _as_kubectl(observed)
    # a word says what it is; a long name is said once, or not at all, so that both fit in a row
    is_word = isinstance(expected, str) and not expected.isdigit()
    is_long = len(label) > _LONG
    wanted = str(expected) if is_word and is_long else f"{label} {_as_kubectl(expected)}"
    return Measure(
        expected,
        observed,
        seen.job is not None and measures.compare(symbol, observed, expected),
        _bound_of_field(path, symbol, expected) or measures.bound(symbol, wanted),
        _value_text(seen, str(shown) if is_word or is_long else f"{label} {shown}"),
        symbol,
        # status changes as the Job goes on; the rest does so only by someone's hand
        settled=seen.job is not None and not path.startswith("status"),
    )


def _cron_job(options: Mapping[str, Any], seen: Snapshot) -> Measure:
    """A field of the CronJob that the Job is of.

    spec.suspend is switched while the lab goes on; the rest is wrong from the first moment on, as
    a field of a Job is.
    """
    if seen.schedule is None:
        found = _field(options, seen._replace(job=None))
        return found._replace(settled=_is_of_none(seen), outlasts=True, observed_text=_NO_CRON_JOB)
    found = _field(options, seen._replace(job=seen.schedule.cron_job))
    switched = options["path"] == "spec.suspend"
    return found._replace(settled=found.holds or not switched, outlasts=True)


def _scheduled(options: Mapping[str, Any], seen: Snapshot) -> Measure:
    """How many Jobs the schedule has made; of those that are gone, the CronJob tells of one."""
    number = 0
    if seen.schedule is not None:
        last = objects.status(seen.schedule.cron_job).get("lastScheduleTime")
        number = max(len(seen.schedule.scheduled), int(last is not None))
    found = measures.count(
        options, number, True, lambda n: plural(n, "{n} scheduled Job", "{n} scheduled Jobs")
    )
    if _is_of_none(seen):
        found = found._replace(settled=True, observed_text=_NO_CRON_JOB)
    return found._replace(outlasts=True)


def _is_of_none(seen: Snapshot) -> bool:
    """Whether the Job is there, and no CronJob has made it, which cannot change any more."""
    return seen.job is not None and not schedules.maker(seen.job)


def _as_kubectl(value: Any) -> Any:
    """A value as kubectl prints it: true and false, which Python calls True and False."""
    return str(value).lower() if isinstance(value, bool) else value


def _value_text(seen: Snapshot, shown: str) -> str:
    """A field's value as it is shown, where there is a Job to have it."""
    return "<none>" if seen.job is None else shown


def _bound_of_field(path: str, symbol: str, expected: object) -> Sentence | None:
    """What a bound of a field means, where the bound alone does not say it."""
    name = path.rpartition(".")[2]
    if expected is None:
        unset, some = phrase("no {field}", field=name), phrase("any {field}", field=name)
        return unset if symbol == "==" else some
    if symbol == "!=":
        return phrase("{name} not {value}", name=name, value=expected)
    if symbol == ">=" and expected == 0:  # the API server refuses what is less
        return phrase("set") if len(name) > _LONG else phrase("{name} set", name=name)
    if symbol == ">=" and path == "metadata.generation":
        return phrase("Job changed (generation {n} or more)", n=expected)
    return None


def _condition(options: Mapping[str, Any], seen: Snapshot) -> Measure:
    kind, job = options["type"], seen.job or {}
    found = objects.condition(job, kind) or {}
    holds = found.get("status", "False") == options.get("status", "True")
    if "reason" in options:
        holds = holds and found.get("reason") == options["reason"]
    expected = options.get("reason", kind)
    observed = _ended_as(job) if "reason" in options else objects.job_status(job)
    expected_text: Sentence = expected
    observed_text: Sentence = observed
    if "succeeded" in options:
        succeeded = objects.status(job).get("succeeded") or 0
        holds = holds and succeeded == options["succeeded"]
        # where none or few need to succeed, what matters is of how many
        few = not options["succeeded"] or options.get("reason") == "SuccessPolicy"
        wanted = objects.completions(job).partition("/")[2] if few else options["succeeded"]
        expected_text = f"{expected}, {options['succeeded']}/{wanted}"
        observed_text = f"{observed}, {objects.completions(job)}"
        if objects.completions(job).endswith(" of " + str(objects.spec(job).get("parallelism"))):
            # without completions kubectl counts to 1, however many have succeeded
            expected_text = _succeeded(expected, options["succeeded"])
            observed_text = _succeeded(observed, succeeded)
    if seen.job is None:
        observed, observed_text = "", "<none>"
    return Measure(expected, observed or None, holds, expected_text, observed_text)


def _succeeded(status: str, number: int) -> Sentence:
    return phrase("{status}, {n} succeeded", status=status, n=number)


def _ended_as(job: objects.Object) -> str:
    """The reason of the condition that ended the Job, else the Job's STATUS."""
    status = objects.job_status(job)
    return str((objects.condition(job, status) or {}).get("reason") or status)


def _pods(options: Mapping[str, Any], seen: Snapshot) -> Measure:
    phase = options.get("phase", "")
    number = sum(
        1 for record in seen.pods if not phase or objects.status(record.pod).get("phase") == phase
    )
    found = measures.count(options, number, seen.has_every_pod, lambda n: _pods_text(n, phase))
    # Pods of a phase can become fewer: only the end of the Job settles how many there are
    final = not phase or phase in ("Succeeded", "Failed")
    return found if final else found._replace(settled=False)


def _attempts(options: Mapping[str, Any], seen: Snapshot) -> Measure:
    number = sum(record.starts for record in seen.pods)
    return measures.count(
        options, number, seen.has_every_pod, lambda n: plural(n, "{n} start", "{n} starts")
    )


def _restarts(options: Mapping[str, Any], seen: Snapshot) -> Measure:
    number = sum(objects.pod_columns(record.pod).restarts for record in seen.pods)
    return measures.count(
        options, number, seen.has_every_pod, lambda n: plural(n, "{n} restart", "{n} restarts")
    )


def _exit_codes(options: Mapping[str, Any], seen: Snapshot) -> Measure:
    which, symbol, expected = options.get("which", "all"), options["operator"], options["value"]
    reason = options.get("reason", "")
    ended = [attempt for attempt in measures.attempts(seen) if attempt.exit_code is not None]
    codes = [attempt.exit_code for attempt in ended]
    knows_first = seen.has_every_pod and bool(ended) and ended[0].number == 1
    chosen = {"first": ended[:1] if knows_first else [], "last": ended[-1:]}.get(which, ended)
    fits = [
        measures.compare(symbol, attempt.exit_code, expected)
        and reason in ("", attempt.reason)
        and (attempt.has_run or not options.get(OF_COMMANDS))
        for attempt in chosen
    ]
    holds = bool(fits) and (any(fits) if which == "any" else all(fits))
    settled = {"all": bool(fits) and not holds, "any": holds, "first": knows_first}.get(which)
    complete = {"first": knows_first, "last": seen.has_every_pod}.get(which, seen.has_every_start)
    text = measures.bound(symbol, f"{expected} {reason}".rstrip())
    label = {
        "all": text,
        "any": _once(symbol, expected, reason),
        "first": phrase("{value} at first", value=text),
        "last": phrase("{value} at last", value=text),
    }[which]
    shown = ", ".join(map(str, codes)) or "<none>"
    return Measure(expected, codes, holds, label, shown, symbol, bool(settled), complete)


def _once(symbol: str, expected: object, reason: str) -> Phrase:
    """How it reads that one container at least ended with such an exit code, and reason."""
    if symbol == "!=":
        return phrase("once not {value}", value=f"{expected} {reason}".rstrip())
    code = measures.bound(symbol, str(expected))
    if reason:
        return phrase("once {code} {reason}", code=code, reason=reason)
    return phrase("once {value}", value=code)


def _concurrency(options: Mapping[str, Any], seen: Snapshot) -> Measure:
    number = snapshot.peak(snapshot.runs(record, seen.now) for record in seen.pods)
    return measures.count(
        options, number, seen.has_every_start, lambda n: phrase("{n} at once", n=n)
    )


def _completed_indexes(options: Mapping[str, Any], seen: Snapshot) -> Measure:
    return _indexes("completedIndexes", options, seen)


def _failed_indexes(options: Mapping[str, Any], seen: Snapshot) -> Measure:
    return _indexes("failedIndexes", options, seen)


def _indexes(field: str, options: Mapping[str, Any], seen: Snapshot) -> Measure:
    observed = objects.status(seen.job or {}).get(field) or ""
    expected = str(options["value"])
    wanted = f"{field} {expected}" if expected.isdigit() else expected  # a number says nothing
    return Measure(expected, observed, observed == expected, wanted, observed or "<none>")


def _last_index(options: Mapping[str, Any], seen: Snapshot) -> Measure:
    """The index whose Pod ended last; all of them where several ended in the same second."""
    expected = options["value"]
    ends = [(end, index) for end, index in _ends_of_indexes(seen.pods) if end is not None]
    newest = max((end for end, _ in ends), default=None)
    last = sorted({index for end, index in ends if end == newest})
    return Measure(
        expected,
        last[0] if len(last) == 1 else last,
        expected in last,
        phrase("index {n} at last", n=expected),
        ", ".join(map(str, last)) or "<none>",
        complete=seen.has_every_start,
    )


def _ends_of_indexes(pods: Sequence[PodRecord]) -> Iterator[tuple[datetime | None, int]]:
    """When each Pod of an Indexed Job ended, and its index."""
    for record in pods:
        index = objects.annotation(record.pod, objects.INDEX_ANNOTATION)
        if index is not None and measures.is_number(index):
            yield measures.last_end(record), int(index)


def _duration(options: Mapping[str, Any], seen: Snapshot) -> Measure:
    symbol, what = options["operator"], options["of"]
    ended = [
        (a.started, a.finished)
        for record in seen.pods
        for a in record.attempts
        if a.started and a.finished and not tries.was_cut_off(seen, record, a)
    ]
    lengths = [(end - start).total_seconds() for start, end in ended]
    if what == "job":
        start, end = (
            objects.time(objects.status(seen.job or {}).get(key))
            for key in ("startTime", "completionTime")
        )
        spans = [(end - start).total_seconds()] if start and end else []
    elif what == "elapsed":
        spans = (
            [(max(e for _, e in ended) - min(s for s, _ in ended)).total_seconds()] if ended else []
        )
    else:
        spans = lengths
    work = int(sum(lengths))
    expected = work if options["value"] == "work" else options["value"]
    value: Sentence = f"{expected}s"
    if options["value"] == "work":
        value = phrase("{seconds}s (one by one)", seconds=work)
        if not work:
            value = phrase("the time one by one takes")
    complete = seen.has_every_start or (what == "job" and options["value"] != "work")
    if not spans:
        wanted = expected if lengths or options["value"] != "work" else None
        return Measure(
            wanted, None, False, measures.bound(symbol, value), "<none>", symbol, complete=complete
        )
    observed = int(min(spans) if symbol in (">=", ">") else max(spans))
    holds = measures.compare(symbol, observed, expected)
    return Measure(
        expected,
        observed,
        holds,
        measures.bound(symbol, value),
        f"{observed}s",
        symbol,
        complete=complete,
    )


def _gaps(options: Mapping[str, Any], seen: Snapshot) -> Measure:
    """The seconds from each Pod's last finish of a container to the next Pod's creation.

    At least `base` is expected of the first gap, `factor` times as many of each further one.
    """
    base, factor = options["base"], options["factor"]
    ends = [measures.last_end(record) for record in seen.pods]
    gaps = [
        int((created - end).total_seconds())
        for end, record in zip(ends, seen.pods[1:], strict=False)
        if end and (created := objects.created(record.pod))
    ]
    least = [base * factor**index for index in range(max(len(gaps), 1))]
    fits = [gap >= bound for gap, bound in zip(gaps, least, strict=False)]
    return Measure(
        least,
        gaps,
        bool(fits) and all(fits),
        _each_at_least(least),
        ", ".join(f"{gap}s" for gap in gaps) or "<none>",
        ">=",
        settled=not all(fits),
        complete=seen.has_every_pod,
    )


def _each_at_least(bounds: Sequence[int]) -> Phrase:
    """The least of each of several times, as in `at least 10s, 20s`."""
    first, *more = (f"{bound}s" for bound in bounds)
    said = phrase("at least {value}", value=first)
    for bound in more:
        said = phrase("{start}, {value}", start=said, value=bound)
    return said


def _log(options: Mapping[str, Any], seen: Snapshot) -> Measure:
    text, symbol, expected = options["contains"], options["operator"], options["value"]
    counts = [
        sum(text in line for attempt in record.attempts for line in attempt.log or ())
        for record in seen.pods
    ]
    read = measures.has_every_log(seen)
    label = phrase('"{text}" in the log', text=text)
    if options.get("perPod"):
        fits = [measures.compare(symbol, count, expected) for count in counts]
        return Measure(
            expected,
            counts,
            bool(fits) and all(fits),
            phrase('"{text}" in each log', text=text),
            phrase("in {n} of {total}", n=sum(fits), total=len(fits)),
            symbol,
            complete=read,
        )
    number = sum(counts)
    return Measure(
        expected,
        number,
        measures.compare(symbol, number, expected),
        label,
        plural(number, "{n} line", "{n} lines"),
        symbol,
        measures.growing(symbol, number, expected),
        read,
    )


def _sum(options: Mapping[str, Any], seen: Snapshot) -> Measure:
    """The sum of the whole numbers that follow a text in the log lines."""
    text, symbol, expected = options["after"], options["operator"], options["value"]
    number = re.compile(re.escape(text) + r"[ \t]*(-?[0-9]{1,18})(?![0-9])")
    lines = chain.from_iterable(attempt.log or () for attempt in measures.attempts(seen))
    found = [int(match) for line in lines for match in number.findall(line)]
    observed = sum(found) if found else None
    return Measure(
        expected,
        observed,
        observed is not None and measures.compare(symbol, observed, expected),
        measures.bound(symbol, phrase("{n} in all", n=expected)),
        "<none>" if observed is None else phrase("{n} in all", n=observed),
        symbol,
        complete=measures.has_every_log(seen),
    )


def _event(options: Mapping[str, Any], seen: Snapshot) -> Measure:
    reason = options["reason"]
    number = sum(
        int((event.get("series") or {}).get("count") or event.get("count") or 1)
        for event in seen.events or ()
        if event.get("reason") == reason
    )
    unit: Callable[[int], Sentence] = lambda n: phrase("{n} {reason}", n=n, reason=reason)  # noqa: E731 -- one line says it
    # events expire: where none at all is left, nobody knows which there were
    created = objects.created(seen.job or {})
    fresh = created is not None and seen.now - created < EVENTS_LAST
    return measures.count(options, number, bool(seen.events) and fresh, unit)


def _owner(options: Mapping[str, Any], seen: Snapshot) -> Measure:
    kind, uid = options["kind"], objects.uid(seen.job or {})
    owners = [objects.controller(record.pod) or {} for record in seen.pods]
    fits = [owner.get("kind") == kind and owner.get("uid") == uid for owner in owners]
    wanted = phrase("owned by {kind} {name}", kind=kind, name=seen.name)
    observed = phrase("{n} of {total} Pods", n=sum(fits), total=len(fits))
    settled = bool(fits) and not all(fits)
    return Measure(
        len(fits),
        sum(fits),
        bool(fits) and all(fits),
        wanted,
        observed,
        "==",
        settled,
        seen.has_every_pod,
    )


def _completed_after(options: Mapping[str, Any], seen: Snapshot) -> Measure:
    """How many Pods had succeeded when the Job became Complete."""
    expected = options["value"]
    end = objects.time(objects.status(seen.job or {}).get("completionTime"))
    wins = [
        max(a.finished for a in record.attempts if a.finished)
        for record in seen.pods
        if record.succeeded and any(a.finished for a in record.attempts)
    ]
    before = sum(1 for when in wins if end and when <= end)
    unit = plural(expected, "after {n} success", "after {n} successes")
    if end is None:
        return Measure(expected, None, False, unit, phrase("not Complete"))
    text = plural(before, "after {n} success", "after {n} successes")
    return Measure(
        expected, before, before >= expected, unit, text, ">=", complete=seen.has_every_start
    )


# a test holds that lab.schema.json has the same kinds
KINDS: dict[str, Callable[[Mapping[str, Any], Snapshot], Measure]] = {
    "exists": _exists,
    "absent": _absent,
    "field": _field,
    "condition": _condition,
    "pods": _pods,
    "attempts": _attempts,
    "restarts": _restarts,
    "exitCodes": _exit_codes,
    "concurrency": _concurrency,
    "completedIndexes": _completed_indexes,
    "duration": _duration,
    "gaps": _gaps,
    "log": _log,
    "event": _event,
    "owner": _owner,
    "completedAfter": _completed_after,
    "failedIndexes": _failed_indexes,
    "suspended": course.suspended,
    "conditionOrder": course.condition_order,
    "deleted": course.deleted,
    "replaced": course.replaced,
    "sum": _sum,
    "lastIndex": _last_index,
    "answered": course.answered,
    "cronJob": _cron_job,
    "scheduled": _scheduled,
    "message": traces.message,
    "noted": traces.noted,
}
