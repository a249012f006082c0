"""Files of a cluster's identity that are gone, cut, changed or another cluster's.

`up` lets a client of the kubeconfig in, or says what to type; then that helps. `down` takes the
cluster's context out of the kubeconfig, whatever was lost.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path

import yaml

from kubectl_joblab.errors import JoblabError
from kubectl_joblab.practice import identity, kubectl_context
from tests.attack import credentials
from tests.attack.rounds import Round
from tests.practice import faults

PKI = ("ca.crt", "ca.key", "server.crt", "server.key", "client.crt", "client.key", "identity.json")
NAMES = (*(f"pki/{name}" for name in PKI), "contexts.json", "server.json")


def play(trial: Round) -> None:
    """Damage one file, of a cluster that runs or not, and start it."""
    with trial.cluster() as cluster:
        cluster.up()
        cluster.make_config_map("kept")
        if is_down := trial.chance.random() < 0.5:
            cluster.down()
        name, way = trial.chance.choice(NAMES), trial.chance.choice(list(WAYS))
        what = f"{name}: {way}, {'down' if is_down else 'while it runs'}"
        path = cluster.home.root / name
        if path.exists():
            WAYS[way](path, trial.chance)
        try:
            cluster.up()
        except JoblabError as refused:
            trial.hold(bool(refused.next or refused.means), f"{what}: {refused}, and no way on")
            trial.hold(str(refused.next).startswith("kubectl joblab"), f"{what}: {refused.next}")
            cluster.reset()
        except OSError as refused:  # the command line says it in one line, with the path
            trial.hold(str(path) in str(refused), f"{what}: {refused}")
            path.rmdir()
            cluster.up()
        trial.requests += 1
        why = credentials.why_kept_out(cluster)
        trial.hold(not why, f"{what}: `up` is content, a client is not let in: {why}")
        if not why:
            cluster.make_config_map("more")
        cluster.down()
        left = yaml.safe_load(cluster.kubeconfig.read_text("utf-8"))["contexts"]
        names = [one["name"] for one in left or []]
        trial.hold(kubectl_context.NAME not in names, f"{what}: `down` leaves its context behind")


def _remove(path: Path, _: random.Random) -> None:
    path.unlink()


def _empty(path: Path, _: random.Random) -> None:
    path.write_bytes(b"")


def _cut(path: Path, chance: random.Random) -> None:
    path.write_bytes(path.read_bytes()[: chance.randrange(path.stat().st_size)])


def _flip(path: Path, chance: random.Random) -> None:
    faults.flip(path, chance.randrange(path.stat().st_size * 8))


def _spoil(path: Path, chance: random.Random) -> None:
    path.write_bytes(chance.randbytes(chance.randrange(1, 2_000)))


def _exchange(path: Path, _: random.Random) -> None:
    """Put there what another cluster has, or another file of this one."""
    other = identity.ensure(path.parents[1] / "other", datetime.now(timezone.utc)).folder
    there = other / path.name
    path.write_bytes((there if there.exists() else other / "ca.crt").read_bytes())


def _null(path: Path, _: random.Random) -> None:
    path.write_text("null", "utf-8")


def _list(path: Path, _: random.Random) -> None:
    path.write_text('[1, {"pid": "x"}]', "utf-8")


def _make_folder(path: Path, _: random.Random) -> None:
    path.unlink()
    path.mkdir()


WAYS: dict[str, Callable[[Path, random.Random], None]] = {
    "gone": _remove,
    "empty": _empty,
    "cut": _cut,
    "a bit changed": _flip,
    "other bytes": _spoil,
    "another cluster's": _exchange,
    "null": _null,
    "a list": _list,
    "a folder": _make_folder,
}
