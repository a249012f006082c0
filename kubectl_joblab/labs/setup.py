"""What a lab sets up beside its Job: ConfigMaps, Secrets, ServiceAccounts and CronJobs.

start and lab test create the objects, clean deletes them. None is touched that no lab has made. A
kind more is an entry more in KINDS, and in model.SETUP_KINDS. A Job may be made from a CronJob that
is set up, as `kubectl create job --from` does.
"""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from kubectl_joblab import objects
from kubectl_joblab.client import resources
from kubectl_joblab.client.resources import Client, Resource
from kubectl_joblab.errors import ApiError, JoblabError
from kubectl_joblab.labs import launch, refusals
from kubectl_joblab.labs.definition import model
from kubectl_joblab.labs.definition.facts import references
from kubectl_joblab.language import Sentence, phrase
from kubectl_joblab.objects import Object

KINDS: Mapping[str, Resource] = {
    one.kind: one
    for one in (
        resources.CONFIG_MAPS,
        resources.SECRETS,
        resources.SERVICE_ACCOUNTS,
        resources.CRON_JOBS,
    )
}
# what a lab says of an object, beside its metadata
_CONTENT = (
    *("data", "binaryData", "stringData", "type", "immutable", "automountServiceAccountToken"),
    "spec",
)


def kept_apart(made: Sequence[Object], suffix: str) -> dict[tuple[str, str], str]:
    """The names for these objects in a run of its own, by kind and name."""
    return {
        (str(one.get("kind")), objects.name(one)): f"{objects.name(one)}-{suffix}" for one in made
    }


def of_files(lab: model.Lab, files: Sequence[str]) -> list[Object]:
    """The objects that these files of the lab say, in order."""
    return [made for file in files for made in lab.files[file].every]


def renamed(made: Object, names: Mapping[tuple[str, str], str]) -> Object:
    """The object under its name among these, or as it is."""
    name = names.get((str(made.get("kind")), objects.name(made)))
    return {**made, "metadata": {**objects.metadata(made), "name": name}} if name else made


def pointed(job: Object, names: Mapping[tuple[str, str], str]) -> Object:
    """The Job, with its Pods looking for objects under their names among these."""
    found = copy.deepcopy(job)
    for one in references.references(objects.field(found, "spec.template.spec")):
        if (one.kind, one.name) in names:
            one.holder[one.field] = names[one.kind, one.name]
    return found


def taken(job: Object, made: Iterable[Object]) -> Object:
    """The Job, with the CronJob as its owner where it is made from one that is set up.

    Its manifest says that it is, by the annotation that `kubectl create job --from` writes. The
    owner is as createJobFromCronJob of kubectl's pkg/cmd/create/create_job.go has it. made: what is
    in the cluster of that which is set up.
    """
    cron_job = next((one for one in made if one.get("kind") == resources.CRON_JOBS.kind), None)
    if cron_job is None or objects.annotation(job, objects.INSTANTIATE_ANNOTATION) is None:
        return job
    owner = {
        "apiVersion": "batch/v1",
        "kind": resources.CRON_JOBS.kind,
        "name": objects.name(cron_job),
        "uid": objects.uid(cron_job),
        "controller": True,
    }
    return {**job, "metadata": {**objects.metadata(job), "ownerReferences": [owner]}}


def create_all(
    client: Client,
    namespace: str,
    lab: model.Lab,
    say: Callable[[Sentence], None],
    names: Mapping[tuple[str, str], str] | None = None,
) -> Iterator[Object]:
    """Have in the cluster what the lab sets up; each object, once it is there.

    names: what the objects are called in this run, by kind and name. say: as for `create`. Raises
    JoblabError for one that no lab has made, and for what the server refuses.
    """
    for file in lab.setup:
        for number, one in enumerate(of_files(lab, [file])):
            try:
                yield from create(client, namespace, lab, [renamed(one, names or {})], say)
            except ApiError as error:
                raise refusals.of_file(lab, file, number, error) from error


def create(
    client: Client,
    namespace: str,
    lab: model.Lab,
    made: Sequence[Object],
    say: Callable[[Sentence], None],
) -> Iterator[Object]:
    """Have these objects in the cluster, as the lab says them; each, once it is there.

    say: called with kubectl's line for each object. Raises JoblabError for one that no lab has
    made, ApiError for what the server refuses.
    """
    for one in made:
        resource, wanted = KINDS[str(one["kind"])], launch.claim(one, lab)
        settle = functools.partial(_settle, client, namespace, lab, wanted)
        there, done = launch.have(client, namespace, resource, wanted, settle)
        say(done)
        yield there


def _settle(
    client: Client, namespace: str, lab: model.Lab, one: Object, found: Object, error: ApiError
) -> tuple[Object, Sentence]:
    """Bring an object that is there to what the lab says. Raises JoblabError for another's."""
    if not launch.is_ours(found, lab):
        raise not_ours(one) from error
    body = change(one, found)
    if not body:
        return found, f"{launch.called(one)} unchanged"
    resource, name = KINDS[str(one["kind"])], objects.name(one)
    return client.patch(resource, name, body, namespace), f"{launch.called(one)} configured"


def rehearse(
    client: Client, namespace: str, lab: model.Lab, say: Callable[[Sentence], None]
) -> None:
    """Say what `create_all` would do, and change nothing. Raises what `create_all` raises."""
    for file in lab.setup:
        for number, one in enumerate(of_files(lab, [file])):
            try:
                done = _rehearsed(client, namespace, lab, one)
            except ApiError as error:
                raise refusals.of_file(lab, file, number, error) from error
            say(f"{launch.called(one)} {done} (server dry run)")


def _rehearsed(client: Client, namespace: str, lab: model.Lab, one: Object) -> str:
    """What would be done to have the object in the cluster, in kubectl's word."""
    resource, name = KINDS[str(one["kind"])], objects.name(one)
    try:
        client.create(resource, launch.claim(one, lab), namespace, dry_run=True)
    except ApiError as error:
        if error.reason != "AlreadyExists":
            raise
        if not launch.is_ours(client.get(resource, name, namespace), lab):
            raise not_ours(one) from error
        return "configured"
    return "created"


def change(wanted: Object, found: Object) -> Object:
    """The merge patch that brings an object to what the lab says, {} where it is so."""
    wanted = encoded(wanted)
    body: Object = {}
    for key in _CONTENT:
        if key not in wanted or wanted[key] == found.get(key):
            continue
        if key == "spec" and not any(launch.differences(wanted[key], found.get(key), key)):
            continue  # what the server has filled in
        body[key] = wanted[key]
        if isinstance(wanted[key], dict):  # what the lab does not say, goes
            body[key] = dict.fromkeys(found.get(key) or {}) | wanted[key]
    return body


def encoded(one: Object) -> Object:
    """An object, or a patch of one, with its stringData as the server writes it into data."""
    if "stringData" not in one:
        return one
    import base64  # only a Secret may have it

    text = {
        key: base64.b64encode(str(value).encode()).decode()
        for key, value in (one["stringData"] or {}).items()
    }
    rest = {key: value for key, value in one.items() if key != "stringData"}
    return {**rest, "data": {**(one.get("data") or {}), **text}}


def not_ours(one: Object) -> JoblabError:
    """That an object has a lab's name, and is not the lab's to change."""
    return JoblabError(
        phrase(
            "error: {object} is there already, and no lab has made it", object=launch.called(one)
        ),
        means=[phrase("The lab needs the name; kubectl joblab leaves alone what is not its own.")],
        next=f"kubectl get {launch.called(one)} -o yaml",
    )


def made_by_labs(
    client: Client, namespace: str, lab: model.Lab | None = None
) -> Iterator[tuple[Resource, Object]]:
    """What labs have set up in a namespace: all of them, or this one where one is given.

    A kind that the user may not list is left out: no lab can have set it up for this user.
    """
    labels = f"{objects.MANAGED_BY_LABEL}={objects.MANAGER}"
    if lab:
        labels += f",{objects.LAB_LABEL}={lab.label}"
    for resource in KINDS.values():
        try:
            items = client.list(resource, namespace, labels=labels).items
        except ApiError as error:
            if error.code != 403:
                raise
            continue
        for one in items:
            if launch.is_ours(one, lab):
                yield resource, one


def delete(client: Client, namespace: str, resource: Resource, one: Object) -> bool:
    """Delete this very object, known by its uid; whether it was there. Raises ApiError."""
    try:
        client.delete(resource, objects.name(one), namespace, uid=objects.uid(one))
    except ApiError as error:
        if error.code not in (404, 409):
            raise
        return False
    return True
