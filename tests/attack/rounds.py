"""A round of an attack: its seed, what it sends, and the faults that it finds.

A family (families.py) is a function that is given a Round. What the round does is decided by
`chance`, and so by the name of the family and the seed: the same two do the same again, as far as
that is not up to the machine's own order of events. A round ends every process that it starts.
"""

from __future__ import annotations

import http.client
import json
import random
import signal
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from tests.practice.clusters import Cluster

PODS = "/api/v1/namespaces/default/pods"
JOBS = "/apis/batch/v1/namespaces/default/jobs"
MAPS = "/api/v1/namespaces/default/configmaps"


@dataclass
class Round:
    """One round. folder: its own. quick: whether it is to be over in a second or two.

    requests: how many were sent, each by a client or as a command. faults: what was wrong.
    """

    family: str
    seed: int
    folder: Path
    quick: bool = False
    requests: int = 0
    faults: list[str] = field(default_factory=list)

    @cached_property
    def chance(self) -> random.Random:
        """All that is left to chance."""
        return random.Random(f"{self.family}:{self.seed}")

    def hold(self, held: bool, otherwise: str) -> None:
        """Count a fault, in these words, where something does not hold; the same words once."""
        if not held and otherwise not in self.faults:
            self.faults.append(otherwise)

    def ask(self, cluster: Cluster, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Send a request to a cluster; the code and the body of the answer."""
        self.requests += 1
        code, text = cluster.ask(method, path, body)
        return code, json.loads(text)

    @contextmanager
    def cluster(self, *, documents: bool = True) -> Iterator[Cluster]:
        """A practice cluster of the round that does not run yet; it is ended with the context.

        A mistake of its server's is a fault of the round. documents: whether a quick round has the
        OpenAPI documents from the beginning; in any other the server generates them.
        """
        made = Cluster(self.folder)
        if self.quick and documents:
            made.have_documents()
        try:
            yield made
        finally:
            made.end()
            if made.home.log.exists():
                said = made.home.log.read_text("utf-8", "replace")
                mistake = said.rpartition("Traceback")[2].strip().splitlines()
                self.hold("Traceback" not in said, f"the server's log: {mistake[-1:]}")


Family = Callable[[Round], None]
LONGEST = 300.0  # seconds of a round; it takes some ten as a rule


class OverdueError(Exception):
    """A round has not ended within LONGEST."""


@dataclass
class Tally:
    """What the rounds of a family came to. skipped: why it cannot run on this machine."""

    family: str
    rounds: int = 0
    requests: int = 0
    faults: list[str] = field(default_factory=list)
    skipped: str = ""


def play(family: str, function: Family, seed: int, *, quick: bool = False) -> Round:
    """Play a round, in a folder that is deleted afterwards.

    A failed assertion is a fault, and so is any other exception. Raises pytest's exception for
    skipped tests where this machine cannot play it.
    """
    with tempfile.TemporaryDirectory(prefix=f"attack-{family}-") as folder:
        trial = Round(family, seed, Path(folder), quick)
        try:
            with _bounded():
                function(trial)
        except Exception as error:  # whatever it is, it is what this round has found
            where = traceback.extract_tb(error.__traceback__)[-1]
            said = f"{type(error).__name__}: {error}".strip()
            trial.faults.append(f"{said} ({Path(where.filename).name}:{where.lineno})")
        return trial


@contextmanager
def _bounded() -> Iterator[None]:
    """End what takes longer than LONGEST, where this thread is the one that signals reach."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(*_: object) -> None:
        raise OverdueError(f"it has not ended within {LONGEST:.0f} s")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, LONGEST)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def play_all(
    family: str, function: Family, seeds: Iterator[int], seconds: float, tell: Callable[[str], None]
) -> Tally:
    """Play a round for each seed, until the seeds or the seconds are over.

    tell: is given a line for each round as it ends, which names the seed.
    """
    tally, end = Tally(family), time.monotonic() + seconds
    for seed in seeds:
        try:
            trial = play(family, function, seed)
        except pytest.skip.Exception as reason:
            tally.skipped = str(reason)
            tell(f"{family}: skipped: {reason}")
            break
        tally.rounds += 1
        tally.requests += trial.requests
        tally.faults += trial.faults
        tell(f"{family}:{seed}: {trial.requests} requests, {len(trial.faults)} faults")
        for fault in trial.faults:
            tell(f"  {fault}")
        if time.monotonic() > end:
            break
    return tally


def is_gone(error: Exception) -> bool:
    """Whether an exception of a request says that the server went away before its answer."""
    return isinstance(error, OSError | http.client.HTTPException)


def script_pod(script: str, *arguments: str, image: str = "busybox:1.36") -> dict[str, Any]:
    """The spec of a Pod that runs a script of sh once; arguments: its $0, $1 and so on."""
    command = ["sh", "-c", script, *arguments]
    main = {"name": "main", "image": image, "command": command}
    return {"restartPolicy": "Never", "containers": [main]}
