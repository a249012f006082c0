"""The page "Indexed Job for Parallel Processing with Static Work Assignment".

https://kubernetes.io/docs/tasks/job/indexed-parallel-processing-static/
"""

from __future__ import annotations

import re

import pytest

from tests.e2e.place import Place

pytestmark = pytest.mark.e2e

JOB = """\
apiVersion: batch/v1
kind: Job
metadata: {name: indexed-job}
spec:
  completions: 5
  parallelism: 3
  completionMode: Indexed
  template:
    spec:
      restartPolicy: Never
      containers:
      - name: worker
        image: docker.io/library/busybox:1.36
        command: [rev, /input/data.txt]
        volumeMounts: [{mountPath: /input, name: input}]
"""
BY_VARIABLE = f"""{JOB}
      initContainers:
      - name: input
        image: docker.io/library/busybox:1.36
        command:
        - sh
        - -c
        - |
          set -- foo bar baz qux xyz
          shift $JOB_COMPLETION_INDEX
          echo $1 > /input/data.txt
        volumeMounts: [{{mountPath: /input, name: input}}]
      volumes: [{{name: input, emptyDir: {{}}}}]
"""
BY_FILE = f"""{JOB}
      volumes:
      - name: input
        downwardAPI:
          items:
          - path: data.txt
            fieldRef:
              fieldPath: metadata.annotations['batch.kubernetes.io/job-completion-index']
"""


@pytest.mark.parametrize(
    ("manifest", "printed"),
    [(BY_VARIABLE, ["oof", "rab", "zab", "xuq", "zyx"]), (BY_FILE, ["0", "1", "2", "3", "4"])],
    ids=["the index as a variable", "the index as a file"],
)
def test_each_pod_works_on_what_its_index_says(
    place: Place, manifest: str, printed: list[str]
) -> None:
    place.write("indexed-job.yaml", manifest)
    assert place.kubectl("apply -f indexed-job.yaml") == "job.batch/indexed-job created\n"
    place.await_condition("job/indexed-job", "condition=complete")

    described = place.kubectl("describe jobs/indexed-job")
    for line in (
        r"Parallelism: +3",
        r"Completions: +5",
        r"Completion Mode: +Indexed",
        r"Pods Statuses: +0 Active \(0 Ready\) / 5 Succeeded / 0 Failed",
        r"Completed Indexes: +0-4",
    ):
        assert re.search(f"^{line}$", described, re.MULTILINE), line
    created = re.findall(r"Normal +SuccessfulCreate .* Created pod: (indexed-job-\d)-", described)
    assert sorted(created) == [f"indexed-job-{index}" for index in range(5)]
    names = sorted(pod["metadata"]["name"] for pod in place.pods("indexed-job"))
    logs = [place.kubectl(f"logs {name}").rstrip("\n") for name in names]
    assert logs == printed
