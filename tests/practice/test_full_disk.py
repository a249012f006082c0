"""A practice cluster on a full disk: each message says so, and where; all else goes on."""

from __future__ import annotations

import json
import re
from pathlib import Path

from kubectl_joblab.errors import JoblabError
from tests.practice import faults
from tests.practice.clusters import Cluster, await_true

CONFIG_MAPS = "/api/v1/namespaces/default/configmaps"
PODS = "/api/v1/namespaces/default/pods"
COUNT = (
    "i=0; while sleep 0.01; do for n in 1 2 3 4 5 6 7 8; do i=$((i+1)); echo line $i; done; done"
)


def _refuse_up(folder: Path) -> None:
    cluster = Cluster(folder)
    filler = faults.fill(folder)
    for room in (0, 4, 100):  # KiB
        with filler.open("r+b") as file:
            file.truncate(filler.stat().st_size - (room << 10))
        try:
            cluster.up()
        except JoblabError as error:
            print(error)


def test_up_says_that_the_disk_is_full_and_where(tmp_path: Path) -> None:
    said = faults.on_small_disk(tmp_path, 1000, f"{__name__}:_refuse_up")
    state = Cluster(tmp_path).home.root
    assert len(said.splitlines()) == 3
    for line in said.splitlines():
        folder, _, why = line.removeprefix(
            "error: the practice cluster cannot keep its objects in "
        ).rpartition(": ")
        assert state.is_relative_to(folder)
        assert why == "No space left on device"


def _fill_while_it_runs(folder: Path) -> None:
    cluster = Cluster(folder)
    cluster.up()
    try:
        main = {"name": "main", "image": "busybox", "command": ["sh", "-c", COUNT]}
        body = {"metadata": {"name": "p"}, "spec": {"restartPolicy": "Never", "containers": [main]}}
        cluster.request("POST", PODS, body)
        await_true(lambda: "line 2" in cluster.ask("GET", f"{PODS}/p/log")[1])
        filler = faults.fill(folder)
        refused: list[tuple[int, str]] = []
        taken: list[str] = []  # what fits into files that are there already
        while len(refused) < 2:
            name = f"a{len(taken)}"
            large = {"metadata": {"name": name}, "data": {"a": "b" * 100_000}}
            answer = cluster.ask("POST", CONFIG_MAPS, large)
            if answer[0] == 201:
                taken.append(name)
            else:
                refused.append(answer)
        read = [name for name in cluster.config_maps() if name not in taken]
        await_true(lambda: "output is lost" in cluster.ask("GET", f"{PODS}/p/log")[1])
        filler.unlink()
        created = cluster.ask("POST", CONFIG_MAPS, large)[0]
        log = [""]

        def goes_on() -> bool:
            log[0] = cluster.ask("GET", f"{PODS}/p/log")[1]
            return "\nline" in log[0].partition("is lost")[2]

        await_true(goes_on)
        told = {"refused": refused, "read": read, "created": created, "log": log[0]}
        print(json.dumps(told))
    finally:
        cluster.end()


def test_a_disk_that_fills_is_told_in_answers_and_logs_and_all_goes_on_when_there_is_room(
    tmp_path: Path,
) -> None:
    told = json.loads(faults.on_small_disk(tmp_path, 12_000, f"{__name__}:_fill_while_it_runs"))
    state = Cluster(tmp_path).home
    for code, text in told["refused"]:
        status = json.loads(text)
        assert (code, status["reason"]) == (500, "InternalError")
        assert status["message"] == (
            f"Internal error occurred: write {state.database}: no space left on device"
        )
    assert (told["read"], told["created"]) == ([], 201)
    (note,) = [line for line in told["log"].splitlines() if not re.fullmatch(r"line \d+", line)]
    said = "kubectl-joblab: output is lost: no space left on device: "
    assert note.startswith(f"{said}{state.pods}")
    assert note.endswith("/containers/main/0.log")
