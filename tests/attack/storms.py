"""Pods that fork without end, ended in every way there is, with namespaces and without.

While a storm rages other clients are answered. However it ends, nothing of it is left.
"""

from __future__ import annotations

import time

from tests.attack.rounds import JOBS, PODS, Round, script_pod
from tests.practice import test_plain
from tests.practice.clusters import Cluster, await_true
from tests.practice.node import theatre
from tests.practice.node.process.test_storms import STORMS

ENDS = ("deleted", "past its deadline", "kill -9", "down", "reset")


def play(trial: Round) -> None:
    """Start a storm in a Job of a cluster, end it, and look for what is left."""
    name, how = trial.chance.choice(list(STORMS)), trial.chance.choice(ENDS)
    is_plain = trial.chance.random() < 0.5
    what = f"a storm that {name}, {how}, {'plain' if is_plain else 'as up has it'}"
    marker = f"attack-storms-{trial.seed}"
    with trial.cluster() as cluster:
        if is_plain:
            test_plain.up(cluster)
        else:
            cluster.up()
        script = STORMS[name] + "wait; sleep 1000; :"
        template = {"spec": script_pod(script, script, marker, image="bash:5")}
        limits = {"activeDeadlineSeconds": 1} if how == "past its deadline" else {}
        job = {"metadata": {"name": "storm"}, "spec": {"template": template, **limits}}
        trial.ask(cluster, "POST", JOBS, job)
        await_true(lambda: theatre.running(marker))
        for _ in range(3):
            code, _ = trial.ask(cluster, "GET", PODS)
            trial.hold(code == 200, f"{what}: another client gets {code}")
        time.sleep(trial.chance.random() * 0.3)
        _end(trial, cluster, how)
        trial.hold(theatre.gone(marker), f"{what}: it is not over")
        if how not in ("kill -9", "down"):
            trial.hold(cluster.ask("GET", "/readyz")[0] == 200, f"{what}: the server has gone")
        cluster.down(wipe=True)
        time.sleep(0.05)  # a storm that is not over has a process in every moment
        trial.hold(not theatre.running(marker), f"{what}: it outlives the cluster")


def _end(trial: Round, cluster: Cluster, how: str) -> None:
    if how == "deleted":
        trial.ask(cluster, "DELETE", f"{JOBS}/storm?propagationPolicy=Background")
        pods = cluster.request("GET", PODS)["items"]
        for name in [one["metadata"]["name"] for one in pods]:
            trial.ask(cluster, "DELETE", f"{PODS}/{name}?gracePeriodSeconds=0")
    elif how == "kill -9":
        cluster.kill()
    elif how == "down":
        cluster.down()
    elif how == "reset":
        cluster.reset()
