"""A disk that fills, that may not be written to, and that gives back other bits than it was given.

What was acknowledged is there as soon as there is room again; a file that has changed is refused
with its name, or everything in it is as it was. No message shows what a Secret holds.
"""

from __future__ import annotations

import base64
import json
import subprocess
from pathlib import Path
from typing import Any

from kubectl_joblab.errors import JoblabError
from tests.attack.rounds import MAPS, Family, Round
from tests.practice import faults
from tests.practice.clusters import Cluster, await_true

SECRETS = "/api/v1/namespaces/default/secrets"
SECRET = base64.b64encode(b"never in a message").decode()
NAME = "disk"


def play(trial: Round) -> None:
    """Play one of the three."""
    chosen = trial.chance.choice((_flip, _fill, _forbid))
    chosen(trial)


def _flip(trial: Round) -> None:
    with trial.cluster() as cluster:
        cluster.up()
        kept = {f"m{number}": "x" * trial.chance.randrange(3_000) for number in range(30)}
        for name, value in kept.items():
            _create(trial, cluster, name, value)
        trial.ask(cluster, "POST", SECRETS, {"metadata": {"name": "s"}, "data": {"s": SECRET}})
        cluster.down()
        database = cluster.home.root
        whole = {path: path.read_bytes() for path in database.glob("objects.db*") if path.is_file()}
        for _ in range(1 if trial.quick else 6):
            path = trial.chance.choice([path for path, data in whole.items() if data])
            bit = trial.chance.randrange(len(whole[path]) * 8)
            faults.flip(path, bit)
            what = f"bit {bit} of {path.name}"
            try:
                cluster.up()
            except JoblabError as refused:
                trial.hold(str(database) in str(refused), f"{what}: {refused}")
                trial.hold(SECRET not in _all(refused), f"{what}: a Secret is shown")
                cluster.home.log.unlink(missing_ok=True)  # it may show where it was found out
            else:
                trial.hold(_maps(trial, cluster) == kept, f"{what}: objects differ, nothing said")
            cluster.down()
            for one in database.glob("objects.db*"):
                one.unlink()
            for one, data in whole.items():
                one.write_bytes(data)


def _fill(trial: Round) -> None:
    kib = trial.chance.randrange(12_000, 16_000)
    _apart(trial, kib, "fill_here")


def _fill_here(trial: Round) -> None:
    with trial.cluster(documents=False) as cluster:
        cluster.up()
        kept: dict[str, str] = {}
        filler = faults.fill(trial.folder)
        room = trial.chance.choice((0, 4, 30, 200)) << 10
        with filler.open("r+b") as file:
            file.truncate(filler.stat().st_size - room)
        for number in range(20):
            value = "x" * trial.chance.choice((10, 1_000, 30_000))
            code, said = _create(trial, cluster, f"m{number}", value)
            if code == 201:
                kept[f"m{number}"] = value
                continue
            is_told = "no space left on device" in said.get("message", "")
            trial.hold(code == 500 and is_told, f"a full disk: {code} {said}")
        trial.hold(_maps(trial, cluster) == kept, "on a full disk what is read differs")
        cluster.kill()
        filler.unlink()
        cluster.home.log.unlink(missing_ok=True)  # a refused write is no mistake
        cluster.up()
        trial.hold(_maps(trial, cluster) == kept, "after a full disk objects differ")


def _forbid(trial: Round) -> None:
    _apart(trial, 20_000, "forbid_here")


def _forbid_here(trial: Round) -> None:
    with trial.cluster(documents=False) as cluster:
        cluster.up()
        _create(trial, cluster, "m", "x")
        cluster.down()
        _remount(trial.folder, "ro")
        try:
            cluster.up()
        except JoblabError as refused:
            is_named = str(trial.folder) in str(refused)
            trial.hold(is_named, f"a disk that may not be written to: {refused}")
        else:
            trial.hold(False, "`up` says ok on a disk that may not be written to")
        finally:
            _remount(trial.folder, "rw")
        cluster.up()
        trial.hold(_maps(trial, cluster) == {"m": "x"}, "objects differ once it may be written to")


def _remount(folder: Path, how: str) -> None:
    command = ["mount", "-o", f"remount,{how}", str(folder)]
    # a server frees its lock, which `down` waits for, a moment before its files are closed
    await_true(lambda: subprocess.run(command, capture_output=True).returncode == 0)


# ---- in a process of its own, on a small disk


def _apart(trial: Round, kib: int, function: str) -> None:
    folder = trial.folder / str(trial.seed)  # the name is how the seed gets there
    folder.mkdir()
    said = faults.on_small_disk(folder, kib, f"{__name__}:{function}")
    told = json.loads(said)
    trial.requests += told["requests"]
    trial.faults += told["faults"]


def fill_here(folder: Path) -> None:
    """Play _fill_here in a folder called by the seed, and print what it has found."""
    _play_here(folder, _fill_here)


def forbid_here(folder: Path) -> None:
    """Play _forbid_here in a folder called by the seed, and print what it has found."""
    _play_here(folder, _forbid_here)


def _play_here(folder: Path, function: Family) -> None:
    trial = Round(NAME, int(folder.name), folder)
    function(trial)
    print(json.dumps({"requests": trial.requests, "faults": trial.faults}))


# ---- objects


def _create(trial: Round, cluster: Cluster, name: str, value: str) -> tuple[int, Any]:
    return trial.ask(cluster, "POST", MAPS, {"metadata": {"name": name}, "data": {"value": value}})


def _maps(trial: Round, cluster: Cluster) -> dict[str, str]:
    """What the ConfigMaps of the round hold."""
    code, found = trial.ask(cluster, "GET", MAPS)
    trial.hold(code == 200, f"a list: {code} {found}")
    items = [one for one in found.get("items", []) if "value" in one.get("data", {})]
    return {one["metadata"]["name"]: one["data"]["value"] for one in items}


def _all(error: JoblabError) -> str:
    return f"{error} {[str(one) for one in error.means]} {error.next}"
