"""Puts a lab's Job into the cluster: creates it, replaces an earlier run, or joins one that runs.

`start` calls it; `clean` and `lab test` use the labels that it writes. It never touches an object
that no lab made.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from kubectl_joblab import objects
from kubectl_joblab.client import resources
from kubectl_joblab.client.connection import Stop
from kubectl_joblab.errors import ApiError, JoblabError
from kubectl_joblab.formats import quantity
from kubectl_joblab.labs.definition import model
from kubectl_joblab.labs.exercise import Exercise
from kubectl_joblab.language import Command, Sentence, phrase
from kubectl_joblab.objects import Object

PATIENCE = 60.0  # seconds that a deleted Job may take to be gone
RACES = 5  # times that someone else may create or delete the Job in between before launch gives up
# the paths of a Pod template where the server may write an amount otherwise than the manifest does
_QUANTITY = re.compile(r"\.(resources\.(limits|requests)|overhead)\.|\.(sizeLimit|divisor)$")


def is_ours(job: Object, lab: model.Lab | None = None) -> bool:
    """Whether a lab made the Job, or another object: any lab, or this one where one is given.

    A lab that is called FOLDER/NAME shares its label with one of joblab's own. What start has made
    of it says so; what kubectl has made is known by its name.
    """
    labels = objects.labels(job)
    if labels.get(objects.MANAGED_BY_LABEL) != objects.MANAGER:
        return False
    if lab is None or labels.get(objects.LAB_LABEL) != lab.label:
        return lab is None
    marked = objects.annotation(job, objects.LAB_ANNOTATION)
    if marked is not None:
        return marked == lab.name
    return lab.is_own or objects.name(job) in makes(lab)


def makes(lab: model.Lab) -> set[str]:
    """The names of the Jobs of a lab and of what it sets up, as its files have them."""
    beside = (one for file in lab.setup for one in lab.files[file].every)
    return {variant.job for variant in lab.variants} | {objects.name(one) for one in beside}


def claim(job: Object, lab: model.Lab) -> Object:
    """The manifest with the labels by which clean and start know what a lab made."""
    metadata = dict(job.get("metadata") or {})
    metadata["labels"] = {
        **(metadata.get("labels") or {}),
        objects.MANAGED_BY_LABEL: objects.MANAGER,
        objects.LAB_LABEL: lab.label,
    }
    if not lab.is_own:
        mark = {objects.LAB_ANNOTATION: lab.name}
        metadata["annotations"] = {**(metadata.get("annotations") or {}), **mark}
    return {**job, "metadata": metadata}


def launch(
    client: resources.Client,
    namespace: str,
    exercise: Exercise,
    wanted: Object,
    say: Callable[[Sentence], None],
) -> Object:
    """Create the Job `wanted`, in place of a finished one of this lab, or join one that runs.

    say: called with kubectl's line for each thing that was done. Raises ApiError for what the
    server refuses, JoblabError where no lab made the Job of that name or where it runs with other
    values.
    """
    name, lab = objects.name(wanted), exercise.lab
    wanted = claim(wanted, lab)

    def settle(found: Object, error: ApiError) -> tuple[Object, Sentence] | None:
        if not is_ours(found, lab):
            raise _not_ours(error, exercise, found) from error
        if not objects.is_finished(found) and not objects.is_deleted(found):
            _same_or_raise(found, wanted)
            return found, _joined(found)
        replace(client, namespace, found)
        say(f'job.batch "{name}" deleted from {namespace} namespace')
        return None

    job, done = have(client, namespace, resources.JOBS, wanted, settle)
    say(done)
    return job


# what is done about an object whose name is taken: the object to go on with, and a line that says
# so; None where the name is free again. The error is the server's refusal.
Settle = Callable[[Object, ApiError], tuple[Object, Sentence] | None]


def have(
    client: resources.Client,
    namespace: str,
    resource: resources.Resource,
    wanted: Object,
    settle: Settle,
) -> tuple[Object, Sentence]:
    """Create an object, or settle what is to become of the one that has its name.

    Returns the object that is there then, and kubectl's line for what was done. Raises ApiError,
    and JoblabError where the name is taken and free by turns.
    """
    for _ in range(RACES):
        try:
            return client.create(resource, wanted, namespace), f"{called(wanted)} created"
        except ApiError as error:
            if error.reason != "AlreadyExists":
                raise
            found = client.find(resource, objects.name(wanted), namespace)
            settled = settle(found, error) if found is not None else None
        if settled is not None:
            return settled
    raise JoblabError(
        phrase("error: {object} is being made and deleted by someone else", object=called(wanted)),
        next=f"kubectl get {called(wanted)} -w",
    )


def called(one: Object) -> str:
    """An object as kubectl's lines name it, such as configmap/words."""
    kind = str(one["kind"])
    group = ".batch" if kind in (resources.JOBS.kind, resources.CRON_JOBS.kind) else ""
    return f"{kind.lower()}{group}/{objects.name(one)}"


def _joined(job: Object) -> Sentence:
    name = objects.name(job)
    if objects.spec(job).get("suspend"):
        return phrase("job.batch/{name} is suspended; joined it", name=name)
    return phrase("job.batch/{name} is running; joined it", name=name)


def _joins(job: Object) -> Sentence:
    name = objects.name(job)
    if objects.spec(job).get("suspend"):
        return phrase("job.batch/{name} is suspended; start joins it", name=name)
    return phrase("job.batch/{name} is running; start joins it", name=name)


def rehearse(
    client: resources.Client,
    namespace: str,
    exercise: Exercise,
    wanted: Object,
    say: Callable[[Sentence], None],
) -> Object:
    """Say what `launch` would do, and change nothing; returns the Job as the server would make it.

    The server checks a Job before it looks whether the name is taken. Where the name is taken, the
    server makes no Job: then the Job that runs is returned, or the manifest as it would be sent.
    Raises what `launch` raises.
    """
    name, lab = objects.name(wanted), exercise.lab
    wanted = claim(wanted, lab)
    try:
        job = client.create(resources.JOBS, wanted, namespace, dry_run=True)
    except ApiError as error:
        if error.reason != "AlreadyExists":
            raise
        found = client.find(resources.JOBS, name, namespace)
        if found is not None and not is_ours(found, lab):
            raise _not_ours(error, exercise, found) from error
        if found is not None and not objects.is_finished(found) and not objects.is_deleted(found):
            _same_or_raise(found, wanted)
            say(_joins(found))
            return found
        say(f'job.batch "{name}" deleted (server dry run)')
        job = wanted
    say(f"job.batch/{name} created (server dry run)")
    return job


def replace(client: resources.Client, namespace: str, job: Object) -> None:
    """Delete this very Job, known by its uid, and wait until its name is free.

    Raises ApiError, and JoblabError where the Job is still there after PATIENCE seconds: someone
    else's finalizer may keep it for ever.
    """
    name, uid = objects.name(job), objects.uid(job)
    try:
        client.delete(resources.JOBS, name, namespace, uid=uid)
    except ApiError as error:
        if error.code not in (404, 409):  # it is gone, or another Job has the name by now
            raise
        return
    stop = Stop(client.clock)
    client.clock.start(_ask_later, stop)
    fields = f"metadata.name={name}"
    try:
        for event in client.watch(resources.JOBS, namespace, fields=fields, known=job, stop=stop):
            if event.kind == "DELETED" or objects.uid(event.object) not in ("", uid):
                return
            job = event.object or job
    finally:
        stop.ask()
    kept = ", ".join(objects.metadata(job).get("finalizers") or [])
    raise JoblabError(
        phrase("error: job.batch/{name} is being deleted, and still there", name=name),
        means=[phrase("Its finalizers keep it: {finalizers}.", finalizers=kept)] if kept else [],
        next=f"kubectl get job {name} -o yaml",
    )


def _ask_later(stop: Stop) -> None:
    stop.wait(PATIENCE)
    stop.ask()


def _not_ours(error: ApiError, exercise: Exercise, found: Object) -> JoblabError:
    """The error for a Job of the name that this lab has not made."""
    whose = phrase("kubectl joblab did not make it, so it is left alone; check judges it as it is.")
    if is_ours(found):
        other = objects.annotation(found, objects.LAB_ANNOTATION)
        other = other or objects.labels(found).get(objects.LAB_LABEL, "")
        whose = phrase("Lab {lab} has made it, so it is left alone.", lab=other)
    return JoblabError(
        error.message,
        means=[
            whose,
            phrase("To begin anew, delete it: {command}", command=Command(exercise.deletion)),
            phrase(
                "With --name the lab makes a Job of another name beside it; with -f the file has to"
                " have that name, too."
            ),
        ],
        next=exercise.command("check"),
    )


def _same_or_raise(found: Object, wanted: Object) -> None:
    different = list(differences(objects.spec(wanted), objects.spec(found), "spec"))
    if not different:
        return
    name = objects.name(found)
    lines = [
        phrase(
            "  {path} is {running}, not {wanted}",
            path=path,
            running=shown(running),
            wanted=shown(asked),
        )
        for path, asked, running in different
    ]
    raise JoblabError(
        phrase("error: job.batch/{name} is running with other values", name=name),
        means=lines,
        next=f"kubectl delete job {name}",
    )


def shown(value: Any) -> str:
    """A value as a manifest has it."""
    if value is None:
        return "<unset>"
    return value if isinstance(value, str) else json.dumps(value)


def differences(wanted: Any, found: Any, path: str) -> Iterator[tuple[str, Any, Any]]:
    """Path, wanted and found value of each leaf of `wanted` that `found` has otherwise."""
    if isinstance(wanted, dict) and isinstance(found, dict):
        for key, value in wanted.items():
            yield from differences(value, found.get(key), f"{path}.{key}")
    elif isinstance(wanted, list) and isinstance(found, list) and len(wanted) == len(found):
        for index, value in enumerate(wanted):
            yield from differences(value, found[index], f"{path}[{index}]")
    elif not (wanted == found or _is_unset(wanted, found) or _same_amount(path, wanted, found)):
        yield path, wanted, found


def _is_unset(wanted: Any, found: Any) -> bool:
    """Whether `wanted` asks for nothing: the server leaves out what is empty, 0 or false."""
    return wanted in (None, {}, []) or (found is None and not wanted)


def _same_amount(path: str, one: object, other: object) -> bool:
    """Whether both are one amount, where a quantity stands: 0.5 and 500m, 1024Mi and 1Gi."""
    if not _QUANTITY.search(path):
        return False
    amounts = [quantity.number(value) for value in (one, other)]
    return None not in amounts and amounts[0] == amounts[1]
