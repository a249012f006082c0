"""Pages that build an image or have Pods talk to each other, as far as they do neither.

https://kubernetes.io/docs/tasks/job/coarse-parallel-processing-work-queue/ and
https://kubernetes.io/docs/tasks/job/fine-parallel-processing-work-queue/: their Jobs, with a
folder of the node for the queue of RabbitMQ or Redis, and busybox for the image that is built.
https://kubernetes.io/docs/tasks/job/job-with-pod-to-pod-communication/: its objects and the names
of its Pods, without the name server that leads from a name to a Pod.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.e2e.place import Place

pytestmark = pytest.mark.e2e

SERVICE = """\
apiVersion: v1
kind: Service
metadata: {name: redis, labels: {app: redis}}
spec:
  ports: [{port: 6379, targetPort: 6379}]
  selector: {app: redis}
"""
QUEUE = """\
apiVersion: batch/v1
kind: Job
metadata: {name: NAME}
spec:
  SPEC
  template:
    metadata: {name: NAME}
    spec:
      restartPolicy: OnFailure
      containers:
      - name: c
        image: busybox:1.36
        command: [sh, -c, 'SCRIPT']
        workingDir: /queues/FOLDER
        volumeMounts: [{mountPath: /queues, name: queues}]
      volumes: [{name: queues, hostPath: {path: /tmp/joblab-queues, type: DirectoryOrCreate}}]
"""
# of two workers that rename a file, one alone has it
LEASE = "for item in $(ls new); do mv new/$item taken/$item 2>/dev/null || continue;"
ONE = f"{LEASE} echo Working on $item; exit; done; exit 1"
ALL = f"{LEASE} echo Working on $item; sleep 1; done; echo Queue empty, exiting"
FRUIT = ("apple", "banana", "cherry", "date", "fig", "grape", "lemon", "melon")


@pytest.fixture
def queue(place: Place) -> Iterator[Place]:
    """A place whose node has a queue with eight items, in a folder called as the namespace."""
    fill = f"mkdir new taken; cd new; touch {' '.join(FRUIT)}"
    _run_queue_job(place, "fill", "completions: 1", fill)
    yield place
    _run_queue_job(place, "clear", "completions: 1", f"rm -r /queues/{place.namespace}")


def _run_queue_job(place: Place, name: str, spec: str, script: str) -> None:
    manifest = QUEUE
    for word, text in (
        ("NAME", name),
        ("SPEC", spec),
        ("SCRIPT", script),
        ("FOLDER", place.namespace),
    ):
        manifest = manifest.replace(word, text)
    place.write("job.yaml", manifest)
    assert place.kubectl("apply -f ./job.yaml") == f"job.batch/{name} created\n"
    place.await_condition(f"job/{name}", "condition=complete")


def _worked_on(place: Place, job: str) -> list[list[str]]:
    """The items that each Pod of a Job has worked on."""
    logs = [place.kubectl(f"logs {pod['metadata']['name']}") for pod in place.pods(job)]
    return [re.findall(r"Working on (\w+)", log) for log in logs]


def test_a_pod_for_each_item_of_a_queue(queue: Place) -> None:
    _run_queue_job(queue, "job-wq-1", "completions: 8\n  parallelism: 2", ONE)

    described = queue.kubectl("describe jobs/job-wq-1")
    assert re.search(r"Pods Statuses: +0 Active \(0 Ready\) / 8 Succeeded / 0 Failed", described)
    assert described.count("Created pod: job-wq-1-") == 8
    assert sorted(_worked_on(queue, "job-wq-1")) == [[item] for item in FRUIT]


def test_pods_that_each_take_several_items_until_the_queue_is_empty(queue: Place) -> None:
    queue.kubectl("apply -f -", stdin=SERVICE)
    host = queue.kubectl("get service redis -o jsonpath={.spec.clusterIP}")
    script = f"test $REDIS_SERVICE_HOST = {host}; {ALL}"
    _run_queue_job(queue, "job-wq-2", "parallelism: 2", script)

    described = queue.kubectl("describe jobs/job-wq-2")
    assert re.search(r"Parallelism: +2\nCompletions: +<unset>\n", described)
    assert re.search(r"Pods Statuses: +0 Active \(0 Ready\) / 2 Succeeded / 0 Failed", described)
    shares = _worked_on(queue, "job-wq-2")
    assert sorted(item for share in shares for item in share) == list(FRUIT)
    waited = queue.kubectl("wait --for=condition=complete --timeout=300s job/job-wq-2")
    assert waited == "job.batch/job-wq-2 condition met\n"


NAMED = """\
apiVersion: v1
kind: Service
metadata: {name: headless-svc}
spec:
  clusterIP: None
  selector: {job-name: example-job}
---
apiVersion: batch/v1
kind: Job
metadata: {name: example-job}
spec:
  completions: 3
  parallelism: 3
  completionMode: Indexed
  template:
    spec:
      subdomain: headless-svc
      restartPolicy: Never
      containers:
      - {name: example-workload, image: "busybox:1.36", command: [sh, -c, hostname; hostname -f]}
"""


def test_each_pod_of_a_job_has_a_name_below_its_headless_service(place: Place) -> None:
    place.kubectl("apply -f -", stdin=NAMED)
    place.await_condition("job/example-job", "condition=complete")
    service = place.kubectl("get service headless-svc").splitlines()[1]
    assert service.split()[:5] == ["headless-svc", "ClusterIP", "None", "<none>", "<none>"]
    names = sorted(pod["metadata"]["name"] for pod in place.pods("example-job"))
    for index, name in enumerate(names):
        host = f"example-job-{index}"
        domain = f"headless-svc.{place.namespace}.svc.cluster.local"
        assert place.kubectl(f"logs {name}") == f"{host}\n{host}.{domain}\n"
