"""rerun: the same Job again under a new name; the one that is there stays as it is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any

from kubectl_joblab import objects
from kubectl_joblab.cli.commands.jobs import subject
from kubectl_joblab.cli.session import Session
from kubectl_joblab.cli.syntax import declare
from kubectl_joblab.cli.syntax.target import JOB
from kubectl_joblab.client import resources
from kubectl_joblab.errors import ApiError, JoblabError, UsageError
from kubectl_joblab.language import phrase
from kubectl_joblab.objects import Object
from kubectl_joblab.printing import dump

_SEE = "kubectl joblab rerun"
LONGEST = 63  # characters of a Job's name: each of its Pods has it in a label
NAMES = 100  # names that are tried, where none is given
# what the API server or the Job controller has written, and the source of the object
_LABELS = (
    *("controller-uid", "job-name"),
    *(objects.CONTROLLER_UID_LABEL, objects.JOB_NAME_LABEL),
)
_ANNOTATIONS = (
    objects.SCHEDULED_ANNOTATION,
    "batch.kubernetes.io/job-tracking",
    "kubectl.kubernetes.io/last-applied-configuration",
)


@declare.command(
    "rerun",
    short_help="Create the same Job again under a new name",
    help="Create the same Job again under a new name: what the cluster has added (labels of the\n"
    "controller, selector, owner, status) is left out. The Job that is there stays as it is.",
    examples=[
        ("Run a Job again", "kubectl joblab rerun job/report"),
        (
            "With another image, under a name of your own",
            "kubectl joblab rerun job/report --name=report-fixed --set-image=main=report:8",
        ),
        (
            "See what would be created",
            "kubectl joblab rerun job/report --dry-run=client -o yaml",
        ),
    ],
)
@declare.target_argument(JOB)
@declare.option("--name", help="The name of the new Job; else the old one's with a number.")
@declare.option(
    "--set-image",
    "images",
    many=True,
    default=None,
    help="CONTAINER=IMAGE: another image of a container, * of all; repeatable.",
)
@declare.option(
    "--dry-run",
    takes="choice",
    values=("none", "client", "server"),
    default="none",
    help="Create nothing: print it (client), or have the server check it (server).",
)
@declare.output("json", "yaml", "name")
def rerun(
    session: Session, /, job: str, name: str, images: Sequence[str], dry_run: str, output: str
) -> int:
    """Create the copy, or with --dry-run only say what it would be."""
    wanted = dict(_image(one) for one in images)
    meant = subject.require(session, job, JOB)
    found = subject.locate(session, meant.typed, "", "", recorded=True).job
    copy = again(found, name)
    set_images(copy, wanted)
    made = _created(session, found, copy, dry_run, named=bool(name))
    if output in ("json", "yaml"):
        session.out(dump.dump(dump.unmanaged(made), output))
        return 0
    said = {"client": " (dry run)", "server": " (server dry run)"}.get(dry_run, "")
    line = f"job.batch/{objects.name(made)}"
    session.out(line if output == "name" else f"{line} created{said}")
    if dry_run == "none":
        session.next(subject.of_any("watch", objects.name(made)))
    return 0


def _created(session: Session, found: Object, copy: Object, dry_run: str, *, named: bool) -> Object:
    """The new Job; where nobody has named it, under the first name that is free. Raises ApiError.

    found: the Job that is run again. named: whether the user has named the copy.
    """
    client, namespace = session.client, session.namespace
    if named:
        if dry_run == "client":
            return copy
        return client.create(resources.JOBS, copy, namespace, dry_run=dry_run == "server")
    taken: ApiError | None = None
    for name in _names(objects.name(found)):
        copy["metadata"]["name"] = name
        if client.find(resources.JOBS, name, namespace) is not None:
            continue
        if dry_run == "client":
            return copy
        try:
            return client.create(resources.JOBS, copy, namespace, dry_run=dry_run == "server")
        except ApiError as error:
            if error.code != 409:
                raise
            taken = error
    raise taken or JoblabError(
        phrase("error: no name is free for the new Job; give one with --name"), next=_SEE
    )


# ---- what is created


def again(job: Object, name: str) -> Object:
    """The manifest of the same Job under another name."""
    meta, spec = objects.metadata(job), deepcopy(dict(objects.spec(job)))
    template = spec.get("template") or {}
    for key in ("selector", "manualSelector"):  # the API server makes one, for these Pods alone
        spec.pop(key, None)
    of_template = dict(template.get("metadata") or {})
    of_template.pop("creationTimestamp", None)
    labels = _without(of_template.pop("labels", None), _LABELS)
    spec["template"] = {**template, "metadata": {**of_template, **_if("labels", labels)}}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {
            "name": name,
            "namespace": meta.get("namespace"),
            **_if("labels", _without(meta.get("labels"), _LABELS)),
            **_if("annotations", _without(meta.get("annotations"), _ANNOTATIONS)),
        },
        "spec": spec,
    }


def _without(mapping: Mapping[str, str] | None, names: Sequence[str]) -> dict[str, str]:
    return {key: value for key, value in (mapping or {}).items() if key not in names}


def _if(name: str, value: Any) -> dict[str, Any]:
    return {name: value} if value else {}


def _names(name: str) -> Iterator[str]:
    """Names for what is run again, in turn: report-2 for report, report-3 for report-2.

    The long number at the end of a CronJob's run is part of its name.
    """
    counted = re.fullmatch(r"(.+)-(\d{1,3})", name)
    base, last = (counted[1], int(counted[2])) if counted else (name, 1)
    for number in range(last + 1, last + 1 + NAMES):
        end = f"-{number}"
        yield base[: LONGEST - len(end)].rstrip("-.") + end


def _image(text: str) -> tuple[str, str]:
    """The container and the image of a --set-image. Raises UsageError."""
    container, equals, image = text.partition("=")
    if not (container and equals and image):
        raise UsageError(
            phrase(
                'error: invalid argument "{value}" for "{flag}" flag: must be {what}',
                value=text,
                flag="--set-image",
                what="CONTAINER=IMAGE",
            ),
            see=_SEE,
        )
    return container, image


def set_images(job: Object, images: Mapping[str, str]) -> None:
    """Give containers other images; a name that no container has is an error, in kubectl's words.

    Follows set_image.go in k8s.io/kubectl/pkg/cmd/set.
    """
    pod = objects.field(job, "spec.template.spec") or {}
    there = [*(pod.get("initContainers") or ()), *(pod.get("containers") or ())]
    for name, image in images.items():
        meant = [one for one in there if name in ("*", one["name"])]
        if not meant:
            names = ", ".join(str(one["name"]) for one in there)
            raise JoblabError(
                f'error: unable to find container named "{name}"',
                means=[phrase("There is {names}.", names=names)],
            )
        for one in meant:
            one["image"] = image
