"""Waits that are skipped on a practice cluster, which these tests have for themselves.

A cluster skips nothing while a container runs, so no other test may use it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest

from tests.e2e import cluster as clusters
from tests.e2e import place as places
from tests.e2e import terminal
from tests.e2e.place import Place

pytestmark = pytest.mark.e2e

VARIANTS = ("never", "onfailure", "recover")
ENDLESS = """\
apiVersion: batch/v1
kind: Job
metadata: {name: six}
spec:
  backoffLimit: 6
  template:
    spec:
      restartPolicy: Never
      containers: [{name: main, image: busybox, command: [sh, -c, exit 1]}]
"""


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A namespace of a practice cluster that nobody else uses."""
    folder = tmp_path_factory.mktemp("alone")
    try:
        with clusters.practice(folder) as found:
            yield places.make(found, folder / "places", "joblab-skipping", {})
    except clusters.CannotRunError as reason:
        pytest.skip(str(reason))


def on_clock(place: Place, line: str = "") -> str:
    """What `practice clock LINE` prints, by the kubeconfig that `practice up` has written."""
    kubeconfig = place.cluster.kubeconfig.with_name(clusters.PRACTICE_KUBECONFIG)
    whole = f"kubectl joblab practice clock {line} -n {place.namespace}"
    return place.with_environ(KUBECONFIG=str(kubeconfig)).run(whole).expect(0).out


def ahead(place: Place) -> int:
    """How many seconds the cluster has skipped by now."""
    return int(json.loads(on_clock(place, "-o json"))["ahead"])


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_retry_lab_passes_whose_waits_are_skipped(alone: Place, variant: str) -> None:
    before = ahead(alone)

    outcome = alone.joblab(f"start retry --variant={variant} --skip-waits").expect(0)

    jumps = re.findall(r"^skipped (\d+)s of back-off  ", outcome.out, re.MULTILINE)
    assert sum(map(int, jumps)) == ahead(alone) - before
    assert len(jumps) == {"never": 2, "onfailure": 1, "recover": 0}[variant]
    assert " FAIL " not in outcome.out


def test_a_key_has_the_live_view_skip_waits(alone: Place) -> None:
    shown = terminal.open_on(alone, "kubectl joblab start retry --name=keyed --no-predict")
    shown.await_frame(lambda frame: any("1 failed, next try in" in line for line in frame))
    shown.type("s")

    outcome = shown.finish().expect(0)

    assert "+ more than 9;\n  the key s skips waits\n" in outcome.out
    assert re.search(r"^skipped \d+s of back-off  job/keyed: next Pod$", outcome.out, re.MULTILINE)
    assert not shown.cursor_hidden


@pytest.mark.parametrize("command", ["check {lab} --wait", "watch {lab}"])
def test_the_key_is_there_wherever_a_job_is_followed(alone: Place, command: str) -> None:
    name = command.partition(" ")[0]
    alone.joblab(f"start retry --name={name} --no-wait").expect(0)
    line = command.format(lab=f"retry --name={name}")
    shown = terminal.open_on(alone, f"kubectl joblab {line}")
    shown.await_frame(lambda frame: any("1 failed, next try in" in line for line in frame))
    shown.type("s")
    if name == "watch":
        shown.await_text("Waiting for another job.batch/watch")
        shown.type("\x03")

    outcome = shown.finish().expect(0)

    assert "The key s skips waits.\n" in outcome.out
    assert re.search(
        rf"^skipped \d+s of back-off  job/{name}: next Pod$", outcome.out, re.MULTILINE
    )
    assert not shown.cursor_hidden


def test_what_else_is_typed_does_nothing(alone: Place) -> None:
    before = ahead(alone)
    shown = terminal.open_on(alone, "kubectl joblab start echo --name=typed --no-predict")
    shown.await_frame(lambda frame: any("Ctrl-C stops watching" in line for line in frame))
    shown.type("abc\n")

    assert "skipped" not in shown.finish().expect(0).out
    assert ahead(alone) == before


def test_a_job_with_six_retries_is_taken_to_its_end(alone: Place) -> None:
    alone.kubectl("create -f -", stdin=ENDLESS)
    before = ahead(alone)

    told = on_clock(alone, "until job/six=Failed")

    created = [pod["metadata"]["creationTimestamp"] for pod in alone.pods("six")]
    assert len(created) == 7
    assert ahead(alone) - before > 600  # 10, 20, 40, 80, 160 and 320 s
    assert told.splitlines()[-1].startswith("job.batch/six has reached Failed; 10m")
    assert "<invalid>" not in alone.kubectl("get jobs,pods,events")


def test_an_hour_ahead_runs_a_cronjob_as_often_as_it_is_due(alone: Place) -> None:
    alone.kubectl("create cronjob often --image=busybox --schedule='*/10 * * * *' -- true")

    told = on_clock(alone, "advance 1h")

    assert len(re.findall(r"^skipped \S+ of schedule  cronjob/often: next Job$", told, re.M)) == 6
    alone.kubectl("wait cronjob/often --for=jsonpath={.status.lastSuccessfulTime} --timeout=30s")
    jobs = alone.kubectl("get jobs -o name").split()
    minutes = sorted(int(name.rpartition("-")[2]) for name in jobs if "/often-" in name)
    assert [minute % 10 for minute in minutes] == [0, 0, 0]  # the last three that have ended
    assert minutes[2] - minutes[0] == 20
    alone.kubectl("delete cronjob often")
