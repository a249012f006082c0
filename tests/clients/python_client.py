"""The Python client of tests/clients: what the kubernetes package sends by default.

    python -m tests.clients.python_client NAMESPACE

It prints a line of JSON for each step, as the Go client does. The namespace is there and empty.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

from kubernetes import client, config, dynamic, stream, watch
from kubernetes.client.exceptions import ApiException

LABELS = {"app": "clients"}
SELECTED = "app=clients"
SECONDS = 80


def main(namespace: str) -> None:
    """Take all steps in this namespace."""
    config.load_kube_config()
    steps = Steps(namespace)
    steps.jobs()
    steps.pods()
    steps.streams()
    steps.evictions()
    steps.tokens()
    steps.changes()
    steps.deletions()
    steps.untyped()


def step(name: str, call: Callable[[], Any]) -> Any:
    """Take a step, print what it was answered, a value or the refusal, and return the value."""
    value, said = None, {}
    try:
        value = call()
        said = {"value": compared(client.ApiClient().sanitize_for_serialization(value))}
    except ApiException as error:
        status = json.loads(error.body)
        kept = ("code", "reason", "message", "details")
        said = {"refused": {key: status.get(key) for key in kept}}
    print(json.dumps({"step": name, **said}), flush=True)
    return value


def compared(value: Any) -> Any:
    """JSON data without what no two clusters have in common."""
    if isinstance(value, list):
        return [compared(one) for one in value]
    if not isinstance(value, dict):
        return value
    dropped = ("managedFields", "resourceVersion")
    return {key: compared(one) for key, one in value.items() if key not in dropped}


def job(name: str, labels: dict[str, str] | None = None, **spec: Any) -> client.V1Job:
    """A Job whose one Pod prints two lines."""
    container = client.V1Container(
        name="main", image="busybox:1.36", command=["sh", "-c", "echo hello; echo again"]
    )
    pod = client.V1PodSpec(restart_policy="Never", containers=[container])
    template = client.V1PodTemplateSpec(spec=pod)
    return client.V1Job(
        api_version="batch/v1",
        kind="Job",
        metadata=client.V1ObjectMeta(name=name, labels=labels),
        spec=client.V1JobSpec(template=template, **spec),
    )


class Steps:
    """The steps in one namespace."""

    def __init__(self, namespace: str) -> None:
        self.namespace = namespace
        self.batch, self.core = client.BatchV1Api(), client.CoreV1Api()

    def jobs(self) -> None:
        """Create Jobs, and read them in every way."""
        batch, space = self.batch, self.namespace
        made = step("create a Job", lambda: batch.create_namespaced_job(space, job("a", LABELS)))
        step("create it again", lambda: batch.create_namespaced_job(space, job("a")))
        step(
            "create by dry run",
            lambda: batch.create_namespaced_job(
                space, job("b"), dry_run="All", field_validation="Strict"
            ),
        )
        step(
            "create a Job that breaks rules",
            lambda: batch.create_namespaced_job(space, job("b", completions=-1)),
        )
        version = made.metadata.resource_version
        step("watch it until it is complete", lambda: self.complete(version))
        step("get a Job", lambda: batch.read_namespaced_job("a", space).metadata.name)
        step("get a Job that is not there", lambda: batch.read_namespaced_job("none", space))
        step(
            "list Jobs",
            lambda: named(batch.list_namespaced_job(space, label_selector=SELECTED, limit=1)),
        )
        step(
            "list Jobs of all namespaces",
            lambda: named(
                batch.list_job_for_all_namespaces(field_selector=f"metadata.namespace={space}")
            ),
        )
        step(
            "list by a selector that is none",
            lambda: batch.list_namespaced_job(space, label_selector="a in"),
        )

    def complete(self, version: str) -> Any:
        """Watch from a version on for the end of a Job; its status."""
        watching = watch.Watch()
        events = watching.stream(
            self.batch.list_namespaced_job,
            self.namespace,
            field_selector="metadata.name=a",
            resource_version=version,
            timeout_seconds=SECONDS,
        )
        for event in events:
            if event["object"].status.completion_time:
                watching.stop()
                return event["object"].status
        return "the watch has ended"

    def pods(self) -> None:
        """Read the Pods of a Job, and their logs."""
        core, space = self.core, self.namespace
        found = core.list_namespaced_pod(space, label_selector="job-name=a").items
        step("list the Pods of a Job", lambda: [pod.status.phase for pod in found])
        name = found[0].metadata.name
        step("read a log", lambda: core.read_namespaced_pod_log(name, space))
        step(
            "follow the end of a log",
            lambda: core.read_namespaced_pod_log(name, space, follow=True, tail_lines=1),
        )
        step(
            "read the log of no container",
            lambda: core.read_namespaced_pod_log(name, space, container="none"),
        )
        step(
            "watch a log",
            lambda: list(watch.Watch().stream(core.read_namespaced_pod_log, name, space)),
        )

    def streams(self) -> None:
        """Execute programs in a Pod that runs, be attached to it, and reach one that has ended."""
        core, space = self.core, self.namespace
        script = 'echo begun; while read line; do echo "got $line"; done; sleep 1000'
        main = client.V1Container(
            name="main", image="busybox:1.36", command=["sh", "-c", script], stdin=True
        )
        spec = client.V1PodSpec(containers=[main], termination_grace_period_seconds=1)
        body = client.V1Pod(metadata=client.V1ObjectMeta(name="streams"), spec=spec)
        core.create_namespaced_pod(space, body)
        watching = watch.Watch()
        for event in watching.stream(
            core.list_namespaced_pod,
            space,
            field_selector="metadata.name=streams",
            timeout_seconds=SECONDS,
        ):
            if event["object"].status.phase == "Running":
                watching.stop()

        def executed(typed: str = "", *command: str) -> Any:
            found = stream.stream(
                core.connect_get_namespaced_pod_exec,
                "streams",
                space,
                command=list(command),
                stdin=bool(typed),
                stdout=True,
                stderr=True,
                _preload_content=False,
            )
            if typed:
                found.write_stdin(typed)
            found.run_forever(timeout=SECONDS)
            return [found.read_stdout(), found.read_stderr(), found.returncode]

        step("execute a program", lambda: executed("", "sh", "-c", "echo out; echo err >&2"))
        step("execute one that fails", lambda: executed("", "sh", "-c", "exit 3"))
        step("execute one that reads", lambda: executed("typed\n", "sh", "-c", "read a; echo $a"))
        step("be attached", lambda: self._attached())
        ended = core.list_namespaced_pod(space, label_selector="job-name=a").items[0]
        step("execute in a Pod that has ended", lambda: self._refused(ended.metadata.name))

    def _attached(self) -> str:
        """What a container answers to what is typed."""
        found = stream.stream(
            self.core.connect_get_namespaced_pod_attach,
            "streams",
            self.namespace,
            stdin=True,
            stdout=True,
            _preload_content=False,
        )
        found.write_stdin("typed\n")
        said = str(found.readline_stdout(timeout=SECONDS))
        found.close()
        return said

    def _refused(self, name: str) -> str:
        """What the server says where nothing can be executed."""
        try:
            stream.stream(
                self.core.connect_get_namespaced_pod_exec,
                name,
                self.namespace,
                command=["true"],
                stdout=True,
            )
        except ApiException as error:
            return str(error.reason).rpartition("-+-+- ")[2]
        return "not refused"

    def evictions(self) -> None:
        """Add a container to the Pod that runs, and evict it."""
        core, space = self.core, self.namespace

        def debugged() -> Any:
            found = core.read_namespaced_pod("streams", space)
            found.spec.ephemeral_containers = [
                client.V1EphemeralContainer(name="looks", image="busybox:1.36", command=["true"])
            ]
            put = core.replace_namespaced_pod_ephemeralcontainers
            return put("streams", space, found).spec.ephemeral_containers

        def evict(name: str, **options: Any) -> Callable[[], Any]:
            meta = client.V1ObjectMeta(name=name, namespace=space)
            chosen = client.V1DeleteOptions(**options) if options else None
            body = client.V1Eviction(metadata=meta, delete_options=chosen)
            return lambda: core.create_namespaced_pod_eviction(name, space, body)

        step("debug a Pod", debugged)
        step("evict by dry run", evict("streams", dry_run=["All"]))
        other = client.V1Preconditions(uid="other")
        step("evict another", evict("streams", preconditions=other))
        step("evict", evict("streams", grace_period_seconds=1))
        step("evict a Pod that is not there", evict("none"))

    def tokens(self) -> None:
        """Ask for tokens of service accounts."""

        def ask(name: str, **spec: Any) -> Callable[[], Any]:
            wanted = client.V1TokenRequestSpec(**{"audiences": [], **spec})
            body = client.AuthenticationV1TokenRequest(spec=wanted)

            def asked() -> Any:
                create = self.core.create_namespaced_service_account_token
                found = create(name, self.namespace, body)
                return [found.spec, found.status.token.count(".")]

            return asked

        step("ask for a token", ask("default"))
        step("ask for one for another", ask("default", audiences=["vault"], expiration_seconds=900))
        step("ask for a short token", ask("default", expiration_seconds=1))
        step("ask for a token of nobody", ask("none"))

    def changes(self) -> None:
        """Replace and patch a Job."""
        batch, space = self.batch, self.namespace
        found = batch.read_namespaced_job("a", space)
        found.metadata.labels["changed"] = "yes"
        step(
            "replace a Job", lambda: batch.replace_namespaced_job("a", space, found).metadata.labels
        )
        step("replace a Job of before", lambda: batch.replace_namespaced_job("a", space, found))
        step(
            "patch by operations",
            lambda: (
                batch.patch_namespaced_job(
                    "a",
                    space,
                    [{"op": "add", "path": "/metadata/annotations", "value": {"a": "1"}}],
                ).metadata.annotations
            ),
        )
        step(
            "patch by a part",
            lambda: (
                batch.patch_namespaced_job(
                    "a", space, {"metadata": {"annotations": {"a": None, "b": "2"}}}
                ).metadata.annotations
            ),
        )
        step(
            "patch by a part that breaks rules",
            lambda: batch.patch_namespaced_job("a", space, {"spec": {"completions": 7}}),
        )

    def deletions(self) -> None:
        """Delete Jobs by each of the options, and a collection."""
        batch, space = self.batch, self.namespace
        options: dict[str, dict[str, Any]] = {
            "by-default": {},
            "in-the-background": {"propagation_policy": "Background"},
            "by-a-body": {
                "body": client.V1DeleteOptions(
                    propagation_policy="Foreground", grace_period_seconds=0
                )
            },
            "by-dry-run": {"dry_run": "All"},
            "with-another-uid": {
                "body": client.V1DeleteOptions(preconditions=client.V1Preconditions(uid="other"))
            },
        }
        for name, how in options.items():
            batch.create_namespaced_job(space, job(name, LABELS, suspend=True))
            step(f"delete a Job {name}", self._deleting(name, how))
        step("delete a Job that is not there", self._deleting("none", {}))
        step(
            "delete a collection",
            lambda: (
                batch.delete_collection_namespaced_job(
                    space,
                    label_selector=SELECTED,
                    body=client.V1DeleteOptions(propagation_policy="Background"),
                ).status
            ),
        )

    def _deleting(self, name: str, options: dict[str, Any]) -> Callable[[], Any]:
        def delete() -> Any:
            found = self.batch.delete_namespaced_job(name, self.namespace, **options)
            data = client.ApiClient().sanitize_for_serialization(found)
            # not the status: the controller may have written it by now, or may not
            finalizers = (data.get("metadata") or {}).get("finalizers")
            return {"kind": data["kind"], "finalizers": finalizers, "details": data.get("details")}

        return delete

    def untyped(self) -> None:
        """Create, apply and delete with the dynamic client."""
        found = dynamic.DynamicClient(client.ApiClient())
        maps = found.resources.get(api_version="v1", kind="ConfigMap")
        body = {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": "a", "labels": LABELS},
            "data": {"a": "b"},
        }
        space = self.namespace
        step("create any object", lambda: maps.create(body=body, namespace=space).to_dict()["data"])
        body["data"] = {"c": "d"}
        step(
            "apply any object",
            lambda: maps.server_side_apply(
                body=body, namespace=space, name="a", field_manager="me", force_conflicts=True
            ).to_dict()["data"],
        )
        step(
            "delete any object", lambda: maps.delete(name="a", namespace=space).to_dict()["status"]
        )


def named(found: Any) -> list[str]:
    """The names of the objects in a list."""
    return [one.metadata.name for one in found.items]


if __name__ == "__main__":
    main(sys.argv[1])
