"""The page "Parallel Processing using Expansions".

https://kubernetes.io/docs/tasks/job/parallel-processing-expansion/. Of its Jinja2 template the test
has what comes out, three documents: what expands a template is no matter of the cluster.
"""

from __future__ import annotations

import pytest

from tests.e2e.place import Place

pytestmark = pytest.mark.e2e

TEMPLATE = """\
apiVersion: batch/v1
kind: Job
metadata:
  name: process-item-$ITEM
  labels: {jobgroup: jobexample}
spec:
  template:
    metadata:
      name: jobexample
      labels: {jobgroup: jobexample}
    spec:
      containers:
      - name: c
        image: busybox:1.36
        command: [sh, -c, echo Processing item $ITEM && sleep 2]
      restartPolicy: Never
"""
ITEMS = ("apple", "banana", "cherry")
EXPAND = r"""bash -c '
mkdir ./jobs
for i in apple banana cherry
do
  cat job-tmpl.yaml | sed "s/\$ITEM/$i/" > ./jobs/job-$i.yaml
done'"""


def test_jobs_are_made_of_a_template_by_sed(place: Place) -> None:
    place.write("job-tmpl.yaml", TEMPLATE)
    place.run(EXPAND).expect(0)
    assert place.kubectl("create -f ./jobs") == "".join(
        f"job.batch/process-item-{item} created\n" for item in ITEMS
    )
    _follow_the_group(place, [f"process-item-{item}" for item in ITEMS], "Processing item")


def test_jobs_are_made_of_documents_in_one_stream(place: Place) -> None:
    jobs = [
        TEMPLATE.replace("process-item-$ITEM", f"jobexample-{item}").replace(
            "item $ITEM", f"URL http://dbpedia.org/resource/{item.title()}"
        )
        for item in ITEMS
    ]
    applied = place.kubectl("apply -f -", stdin="---\n".join(["", *jobs]))
    assert applied == "".join(f"job.batch/jobexample-{item} created\n" for item in ITEMS)
    _follow_the_group(place, [f"jobexample-{item}" for item in ITEMS], "Processing URL")


def _follow_the_group(place: Place, names: list[str], printed: str) -> None:
    place.kubectl("wait jobs -l jobgroup=jobexample --for=condition=complete --timeout=120s")
    jobs = place.kubectl("get jobs -l jobgroup=jobexample").splitlines()
    assert [line.split()[:3] for line in jobs[1:]] == [[name, "Complete", "1/1"] for name in names]
    pods = place.kubectl("get pods -l jobgroup=jobexample").splitlines()
    assert [line.split()[2] for line in pods[1:]] == ["Completed"] * 3
    logs = place.kubectl("logs -f -l jobgroup=jobexample").splitlines()
    assert [line.startswith(printed) for line in logs] == [True] * 3

    deleted = place.kubectl("delete job -l jobgroup=jobexample")
    assert deleted.count("deleted") == 3
    place.kubectl("wait pods -l jobgroup=jobexample --for=delete --timeout=60s")
