"""Certificates made under a clock that was ahead, or long ago, or that end while they are used.

After `up` a client of the kubeconfig gets in; what the cluster has kept is still there.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone

from kubectl_joblab import files
from kubectl_joblab.practice import identity
from tests.attack import credentials
from tests.attack.rounds import Round
from tests.practice.clusters import Cluster

SOON = 4.0  # seconds; a server starts in less, as a rule


def play(trial: Round) -> None:
    """Start a cluster, move the clock under which its certificates are made, start it again."""
    with trial.cluster() as cluster:
        cluster.up()
        cluster.make_config_map("kept")
        cluster.down()
        if not trial.quick and trial.chance.random() < 0.3:
            _end_while_used(trial, cluster)
            return
        days = trial.chance.choice((-1, 1)) * trial.chance.choice((1, 40, 364, 366, 3_700))
        _make(cluster, datetime.now(timezone.utc) + timedelta(days=days))
        cluster.up()
        _look(trial, cluster, f"certificates of a clock that is {days} days off")


def _end_while_used(trial: Round, cluster: Cluster) -> None:
    """Have the certificates end under a server that runs, as after a year."""
    end = datetime.now(timezone.utc) + timedelta(seconds=SOON)
    _make(cluster, end - timedelta(days=identity.LEAF_DAYS))
    known = cluster.home.pki / "identity.json"
    # what the server believes at its start; nobody waits for a year
    files.write_json(known, {**files.read_json(known), "ends": time.time() + 10**8})
    cluster.up()
    time.sleep(max(0.0, (end - datetime.now(timezone.utc)).total_seconds()) + 1)
    cluster.up()
    _look(trial, cluster, "certificates that end while the server runs")


def _make(cluster: Cluster, then: datetime) -> None:
    for path in cluster.home.pki.iterdir():
        path.unlink()
    identity.ensure(cluster.home.pki, then)


def _look(trial: Round, cluster: Cluster, what: str) -> None:
    trial.requests += 1
    why = credentials.why_kept_out(cluster)
    trial.hold(not why, f"{what}: `up` is content, a client is not let in: {why}")
    if not why:
        trial.hold(cluster.config_maps() == ["kept"], f"{what}: objects are lost")
