"""kill -9 of the practice server, at random moments, while clients write and Jobs run.

After each kill the next `up` has all that was acknowledged, and no container of before. In the end
each Job has ended as its script says. A container starts once, and once more for each kill at most:
a server that dies before it has written down that a container runs starts it anew, as a kubelet
does. Jobs that live through no kill run each completion once.
"""

from __future__ import annotations

import collections
import json
import random
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.attack.rounds import JOBS, PODS, Round, is_gone, script_pod
from tests.practice.clusters import Cluster
from tests.practice.node import theatre

PATIENCE = 180.0  # seconds; a Job that has lost Pods twice waits for half a minute
MERGE = "application/merge-patch+json"
WRITERS = 3
MOST_JOBS = 6  # of a writer between two kills
GONE = None  # what is known of an object that is not there
SCRIPT = 'echo begin >>"$RUNS/$POD"; sleep {seconds}; echo end >>"$RUNS/$POD"; exit {code}'


def play(trial: Round) -> None:
    """Write, kill, look, again and again; then wait until all Jobs have ended."""
    marker = f"attack-kills-{trial.seed}"
    kills = 1 if trial.quick else trial.chance.randint(1, 3)
    with trial.cluster() as cluster:
        writers = [Writer(trial, cluster, number, marker) for number in range(WRITERS)]
        cluster.up()
        _runs(cluster).mkdir(mode=0o777, parents=True)
        for _ in range(kills):
            _write_until_killed(trial, cluster, writers)
            if trial.chance.random() < 0.5:  # else `up` is what waits for it
                trial.hold(theatre.gone(marker), "a container outlives its server")
            cluster.up()
            _look(trial, cluster, writers)
        last = Writer(trial, cluster, WRITERS, marker)
        last.meet()
        for _ in range(2):
            last.create()
        wanted = {name: spec for writer in (*writers, last) for name, spec in writer.made.items()}
        _await_ends(trial, cluster, wanted)
        _count_runs(trial, cluster, kills, last.made)
        cluster.down()
        trial.hold(not theatre.running(marker), "a container outlives `down`")


@dataclass
class Writer:
    """A client that creates, labels and deletes Jobs until its server is gone.

    known: the last acknowledged label of each Job. asked: the write that has no answer. made: the
    Jobs that are to end, with their specs.
    """

    trial: Round
    cluster: Cluster
    number: int
    marker: str
    known: dict[str, str | None] = field(default_factory=dict)
    asked: tuple[str, str | None] = ("", GONE)
    made: dict[str, dict[str, Any]] = field(default_factory=dict)
    answers: int = 0

    def __post_init__(self) -> None:
        self._chance = random.Random(f"{self.trial.seed}-{self.number}")
        self._port, self._has_volumes = 0, False

    def meet(self) -> None:
        """Find the server, which may have another port than the one before."""
        server = self.cluster.server
        self._port, self._has_volumes = server.port, not server.why_no_namespaces

    def write(self) -> None:
        """Write until nobody answers."""
        most = len(self.known) + MOST_JOBS
        self.meet()
        try:
            while True:
                living = [name for name, state in self.known.items() if state is not GONE]
                if len(self.known) < most or not living:
                    self.create()
                elif self._chance.random() < 0.1:
                    self._do("DELETE", self._chance.choice(living), GONE)
                else:
                    self._do("PATCH", self._chance.choice(living), str(self.answers))
        except Exception as error:
            self.trial.hold(is_gone(error), f"a write: {type(error).__name__}: {error}")

    def create(self) -> None:
        """Create a Job."""
        name = f"j{self.number}-{len(self.known)}"
        self._do("POST", name, "new")

    def _job(self, name: str) -> dict[str, Any]:
        fails = self._chance.random() < 0.15
        seconds = self._chance.choice((0, 0.05, 0.2, 0.6))
        pod = script_pod(SCRIPT.format(seconds=seconds, code=7 if fails else 0), self.marker)
        runs = str(_runs(self.cluster))
        if self._has_volumes:  # plain processes have the machine's files without
            runs = "/runs"
            pod["volumes"] = [{"name": "runs", "hostPath": {"path": runs}}]
            pod["containers"][0]["volumeMounts"] = [{"name": "runs", "mountPath": runs}]
        pod["containers"][0]["env"] = [
            {"name": "RUNS", "value": runs},
            {"name": "POD", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
        ]
        if not fails and (self.trial.quick or self._chance.random() < 0.5):
            pod["restartPolicy"] = "OnFailure"
        spec = {
            "completions": self._chance.randint(1, 3),
            "parallelism": self._chance.randint(1, 2),
            "completionMode": self._chance.choice(("NonIndexed", "Indexed")),
            "backoffLimit": 0 if fails else 20,
            "template": {"spec": pod},
        }
        return {"metadata": {"name": name, "labels": {"state": "new"}}, "spec": spec}

    def _do(self, method: str, name: str, state: str | None) -> None:
        self.asked = (name, state)
        self.trial.requests += 1
        if method == "POST":
            body = self._job(name)
            self.cluster.request("POST", JOBS, body, port=self._port)
            self.made[name] = body["spec"]
        elif method == "PATCH":
            label = {"metadata": {"labels": {"state": state}}}
            self.cluster.request("PATCH", f"{JOBS}/{name}", label, port=self._port, media=MERGE)
        else:
            self.made.pop(name, None)
            path = f"{JOBS}/{name}?propagationPolicy=Background"
            self.cluster.request("DELETE", path, port=self._port)
        self.known[name] = state
        self.asked = ("", GONE)
        self.answers += 1


def _write_until_killed(trial: Round, cluster: Cluster, writers: list[Writer]) -> None:
    threads = [threading.Thread(target=writer.write, daemon=True) for writer in writers]
    before = sum(writer.answers for writer in writers)
    wanted = trial.chance.randint(3, 30 if trial.quick else 150)
    for thread in threads:
        thread.start()
    while sum(writer.answers for writer in writers) < before + wanted:
        assert any(thread.is_alive() for thread in threads), "nobody writes"
        time.sleep(0.002)
    cluster.kill()
    for thread in threads:
        thread.join()


def _look(trial: Round, cluster: Cluster, writers: list[Writer]) -> None:
    """Compare what there is with what was acknowledged."""
    _, found = trial.ask(cluster, "GET", JOBS)
    there = {one["metadata"]["name"]: one["metadata"]["labels"]["state"] for one in found["items"]}
    for writer in writers:
        unanswered, state = writer.asked
        for name, known in writer.known.items():
            allowed = {known, state} if name == unanswered else {known}
            trial.hold(there.get(name, GONE) in allowed, f"the last write of Job {name} is lost")
        if unanswered:
            writer.known[unanswered] = there.get(unanswered, GONE)
        writer.asked = ("", GONE)


def _await_ends(trial: Round, cluster: Cluster, wanted: dict[str, dict[str, Any]]) -> None:
    """Wait until all Jobs have ended, and compare how with their scripts."""
    deadline = time.monotonic() + PATIENCE
    while True:
        jobs = {one["metadata"]["name"]: one for one in cluster.request("GET", JOBS)["items"]}
        ends = {name: _end(one) for name, one in jobs.items()}
        if all(ends.values()) or time.monotonic() > deadline:
            break
        time.sleep(0.05)
    for name, spec in wanted.items():
        should = "Complete" if "exit 0" in json.dumps(spec) else "Failed"
        is_there = name in jobs  # a deletion without an answer may have been done
        trial.hold(not is_there or ends[name] == should, f"Job {name}: {ends.get(name)!r}")
        if is_there and should == "Complete":
            count = jobs[name]["status"].get("succeeded", 0)
            trial.hold(count == spec["completions"], f"Job {name}: {count} succeeded")


def _end(job: dict[str, Any]) -> str:
    true = [one["type"] for one in job["status"].get("conditions", []) if one["status"] == "True"]
    return next((one for one in true if one in ("Complete", "Failed")), "")


def _runs(cluster: Cluster) -> Path:
    """Where containers write what they do: /runs of the node."""
    return cluster.home.host / "runs"


def _count_runs(
    trial: Round, cluster: Cluster, kills: int, unkilled: dict[str, dict[str, Any]]
) -> None:
    """Compare what containers have written with the Pods."""
    ends: dict[str, int] = collections.Counter()
    for pod in cluster.request("GET", PODS)["items"]:
        name, job = pod["metadata"]["name"], pod["metadata"]["labels"].get("job-name", "")
        path = _runs(cluster) / name
        lines = path.read_text("utf-8").split() if path.exists() else []
        begun = lines.count("begin")
        ends[job] += lines.count("end")
        trial.hold(
            begun <= 1 + (job not in unkilled) * kills, f"Pod {name} has begun {begun} times"
        )
        has_ended = pod["status"]["phase"] != "Succeeded" or "end" in lines
        trial.hold(has_ended, f"Pod {name} has succeeded and not run to its end")
    for job, spec in unkilled.items():
        count, most = ends[job], spec["completions"]
        is_right = count == most or ("exit 7" in json.dumps(spec) and count <= most)
        trial.hold(is_right, f"Job {job}: {count} runs of {most} completions")
