"""The official page "Running Automated Tasks with a CronJob", followed to its end with kubectl.

https://kubernetes.io/docs/tasks/job/automated-tasks-with-cron-jobs/: its manifest, but for the tag
of the image, of which the project's own cluster has no 1.28; its commands in their order, with the
name of the Job that is there instead of the page's; and the shape of what it shows.
"""

from __future__ import annotations

import re

import pytest

from tests.e2e.place import Place

pytestmark = pytest.mark.e2e

MANIFEST = """\
apiVersion: batch/v1
kind: CronJob
metadata:
  name: hello
spec:
  schedule: "* * * * *"
  jobTemplate:
    spec:
      template:
        spec:
          containers:
          - name: hello
            image: busybox:1.36
            imagePullPolicy: IfNotPresent
            command:
            - /bin/sh
            - -c
            - date; echo Hello from the Kubernetes cluster
          restartPolicy: OnFailure
"""
COLUMNS = r"NAME +SCHEDULE +TIMEZONE +SUSPEND +ACTIVE +LAST SCHEDULE +AGE"


def test_the_page_on_cronjobs_is_followed_to_its_end(place: Place) -> None:
    (place.home / "cronjob.yaml").write_text(MANIFEST, encoding="utf-8")

    # Creating a CronJob
    assert place.kubectl("create -f ./cronjob.yaml") == "cronjob.batch/hello created\n"
    watching = place.begin("kubectl get jobs --watch")
    created = place.kubectl("get cronjob hello")
    assert re.fullmatch(
        rf"{COLUMNS}\nhello +\* \* \* \* \* +<none> +False +\d +(<none>|\ds) +\d+s\n", created
    )
    watching.await_line(r"^hello-\d+ +Complete +1/1 +\d+s +\d+s$")
    watching.kill()
    name, *states = _of_first_job(watching.out)
    assert states[0] == "Running 0/1"
    assert states[-1] == "Complete 1/1"

    place.kubectl("wait cronjob/hello --for=jsonpath={.status.lastSuccessfulTime} --timeout=60s")
    scheduled = place.kubectl("get cronjob hello")
    assert re.fullmatch(
        rf"{COLUMNS}\nhello +\* \* \* \* \* +<none> +False +\d +\d+s +\S+\n", scheduled
    )
    pods = place.kubectl(
        f"get pods --selector=job-name={name} --output=jsonpath={{.items[*].metadata.name}}"
    )
    date, hello = place.kubectl(f"logs {pods}").splitlines()
    assert re.fullmatch(r"\w{3} \w{3} +\d+ \d\d:\d\d:\d\d UTC \d{4}", date)
    assert hello == "Hello from the Kubernetes cluster"

    # Deleting a CronJob
    deleted = place.kubectl("delete cronjob hello")
    assert re.fullmatch(r'cronjob\.batch "hello" deleted( from \S+ namespace)?\n', deleted)
    place.kubectl("wait jobs,pods --all --for=delete --timeout=120s")
    left = place.run("kubectl get jobs,pods").expect(0)
    assert left.err == f"No resources found in {place.namespace} namespace.\n"


def _of_first_job(watched: str) -> list[str]:
    """The name of the first Job of a watch, and what STATUS and COMPLETIONS were of it."""
    rows = [line.split() for line in watched.splitlines()[1:]]
    first = rows[0][0]
    return [first, *(f"{row[1]} {row[2]}" for row in rows if row[0] == first)]
