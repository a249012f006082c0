"""What a lab does to the cluster while its Job runs: it patches, scales, deletes, evicts, applies.

start and lab test do it, each thing as soon as its `when` holds; a learner who works by hand types
the kubectl line that is said of it. Nothing is touched but the Job itself, its Pods, and what the
lab has set up. The Job itself only lab test deletes: start has made it for the learner to look at.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kubectl_joblab import objects, shell
from kubectl_joblab.client import resources
from kubectl_joblab.client.resources import Client
from kubectl_joblab.errors import ApiError
from kubectl_joblab.evidence.snapshot import PodRecord, Snapshot
from kubectl_joblab.labs import launch, refusals, setup
from kubectl_joblab.labs.definition import model
from kubectl_joblab.labs.exercise import Exercise
from kubectl_joblab.labs.judge import assertions, steps
from kubectl_joblab.language import Sentence

Names = Mapping[tuple[str, str], str]  # of setup objects in a run of its own, by kind and name


def command(
    action: model.Action, exercise: Exercise, pod: str = "POD", namespace: str = "NAMESPACE"
) -> str:
    """The kubectl line that does it.

    pod, namespace: of the Pod that it is done to, where that is known.
    """
    options = action.options
    if action.changes_job:
        return _patch(f"job/{exercise.job}", steps.patch(action, exercise.values))
    if action.kind == "patch":
        called = f"{str(options['kind']).lower()}/{options['name']}"
        return _patch(called, steps.patch(action, exercise.values))
    if action.deletes_job:
        return exercise.deletion
    if action.kind == "delete":
        return f"kubectl delete pod {pod}"
    if action.kind == "evict":
        return _eviction(pod, namespace)
    return f"kubectl apply -f {shell.quote(str(exercise.path().with_name(options['file'])))}"


def _eviction(pod: str, namespace: str) -> str:
    """kubectl evicts by `drain` alone, which keeps all Pods of everybody off a node."""
    body = json.dumps(resources.eviction(pod), separators=(",", ":"))
    path = f"/api/v1/namespaces/{namespace}/pods/{pod}/eviction"
    return f"echo {shell.quote(body)} | kubectl create --raw {path} -f -"


def _patch(called: str, body: Any) -> str:
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return f"kubectl patch {called} --type=merge -p {shell.quote(text)}"


class Actions:
    """What is still to be done in a run.

    say: called with the kubectl line of each action, when it is done. names: those that setup
    objects have in this run.
    """

    def __init__(
        self,
        client: Client,
        namespace: str,
        exercise: Exercise,
        actions: Sequence[model.Action],
        say: Callable[[str], None],
        names: Names | None = None,
    ) -> None:
        self._client = client
        self._namespace = namespace
        self._exercise = exercise
        self._due = list(actions)
        self._say = say
        self._names = names or {}
        self._deleted: set[str] = set()  # the uids of what was asked to go

    @property
    def left(self) -> list[model.Action]:
        """What has not been done while the Job ran, as it never came to be due."""
        return [action for action in self._due if not action.deletes_job]

    def act(self, look: Callable[[], Snapshot]) -> None:
        """Do what is due by now, in order, but delete no Job. look: gives what is seen of it.

        Raises JoblabError for what the server refuses.
        """
        while self._due and not self._due[0].deletes_job:
            action, seen = self._due[0], look()
            if not assertions.hold(action.when, seen, self._exercise.values):
                return
            found = target(action, seen) if action.takes_pod else None
            if action.takes_pod and found is None:
                return
            self._due.pop(0)
            name = found.name if found else ""
            self._say(command(action, self._exercise, name, self._namespace))
            try:
                self._do(action, seen, found)
            except ApiError as error:
                raise refusals.of_lab(self._exercise.lab, action.key, error) from error

    def end(self, seen: Snapshot) -> bool:
        """Delete the Job, where that is all that is left to do; whether what is deleted is there.

        Called when the Job is finished and nothing more is to be read of its Pods, which go with
        it. Raises JoblabError for what the server refuses.
        """
        if self._due and self._due[0].deletes_job:
            action = self._due[0]
            if assertions.hold(action.when, seen, self._exercise.values):
                self._due.pop(0)
                self._say(command(action, self._exercise))
                name, uid = self._exercise.job, _uid(seen)
                try:
                    self._client.delete(resources.JOBS, name, self._namespace, uid=uid)
                except ApiError as error:
                    raise refusals.of_lab(self._exercise.lab, action.key, error) from error
                self._deleted |= {uid, *(objects.uid(one.pod) for one in seen.pods)}
        there = {objects.uid(one.pod) for one in seen.pods if not one.gone}
        return bool(self._deleted & (there if seen.gone else {*there, _uid(seen)}))

    def _do(self, action: model.Action, seen: Snapshot, pod: PodRecord | None) -> None:
        exercise, options = self._exercise, action.options
        if pod is not None and action.kind == "evict":
            self._client.evict(pod.name, self._namespace, uid=objects.uid(pod.pod))
            self._deleted.add(objects.uid(pod.pod))
        elif pod is not None:
            setup.delete(self._client, self._namespace, resources.PODS, pod.pod)
            self._deleted.add(objects.uid(pod.pod))
        elif action.kind == "apply":
            made = setup.of_files(exercise.lab, [str(options["file"])])
            made = [setup.renamed(one, self._names) for one in made]
            list(setup.create(self._client, self._namespace, exercise.lab, made, _say_nothing))
        elif action.is_beside:
            kind, name = str(options["kind"]), str(options["name"])
            name = self._names.get((kind, name), name)
            self._require_ours(kind, name)
            body = steps.patch(action, exercise.values)
            self._client.patch(setup.KINDS[kind], name, body, self._namespace)
        else:
            body = steps.patch(action, exercise.values)
            # the uid is the precondition that the name still means this Job
            body = {**body, "metadata": {**body.get("metadata", {}), "uid": _uid(seen)}}
            self._client.patch(resources.JOBS, exercise.job, body, self._namespace)

    def _require_ours(self, kind: str, name: str) -> None:
        found = self._client.get(setup.KINDS[kind], name, self._namespace)
        if not launch.is_ours(found, self._exercise.lab):
            raise setup.not_ours(found)


def _say_nothing(_: Sentence) -> None:
    """Leave the line about an object out: the kubectl command has been said."""


def _uid(seen: Snapshot) -> str:
    return objects.uid(seen.job or {})


def target(action: model.Action, seen: Snapshot) -> PodRecord | None:
    """The Pod that an action deletes or evicts; None where there is none yet."""
    there = [one for one in seen.pods if not one.gone and not objects.is_deleted(one.pod)]
    index = action.options.get("index")
    if index is not None:
        there = [
            one
            for one in there
            if objects.annotation(one.pod, objects.INDEX_ANNOTATION) == str(index)
        ]
    which = action.options.get("which", "running")
    if which == "running":
        running = [one for one in there if _runs(one)]
        # Pods and Job are watched apart: while more seem to run than the Job counts, one has ended
        active = objects.status(seen.job or {}).get("active") or 0
        return next(iter(running), None) if len(running) <= active else None
    return next(iter(there if which == "first" else there[::-1]), None)


def _runs(record: PodRecord) -> bool:
    return objects.status(record.pod).get("phase") == "Running"
