"""The labs as a user starts them, and a namespace in which all of them are finished."""

from __future__ import annotations

import contextlib
import itertools
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from tests.e2e import abilities
from tests.e2e.place import PATIENCE, Outcome, Place
from tests.labs import ours

MANIFESTS = Path(__file__).parents[2] / "manifests"
ANSWER = MANIFESTS / "03-yaml/solutions/list.yaml"  # one of several right ones

# What is typed after `kubectl joblab start`, by the Job it makes.
STARTS = {
    "basics": "basics",
    "sleep": "sleep",
    "echo": "echo",
    "yaml": "yaml -f job.yaml",
    "retry": "retry",
    "retry-onfailure": "retry --variant=onfailure",
    "retry-recover": "retry --variant=recover",
    "completions": "completions",
    "parallelism": "parallelism",
}
LABS = ("basics", "sleep", "echo", "yaml", "retry", "completions", "parallelism")
LEFT = {"basics": 3}  # what start and check exit with where the learner has to go on
COURSE = tuple(lab.name for lab in ours.LABS)  # all labs, those above first
# what is typed for the later labs and their variants, by the Job it makes
LATER = {
    one.job: lab.name if one == lab.variants[0] else f"{lab.name} --variant={one.name}"
    for lab in ours.LABS
    if lab.name not in LABS
    for one in lab.variants
}
_STARTED_AT_ONCE = 4  # of the later labs
_PROVED_AT_ONCE = 2  # labs; each makes several Jobs at a time
_ALONE = ("completions", "parallelism")  # they need a machine on which no others are beginning


@dataclass(frozen=True)
class Finished:
    """Labs that have been run to their ends.

    starts: what each `start` printed, by Job. seen: the tokens that `kubectl logs` read of the Pod
    of retry-onfailure while it was restarted.
    """

    place: Place
    starts: Mapping[str, Outcome]
    seen: frozenset[str]


Proofs = Mapping[str, "Future[tuple[Place, Outcome]]"]


def prove_all(pool: ThreadPoolExecutor, make_place: Callable[[str], Place]) -> Proofs:
    """Begin `lab test` of each lab in the pool; the future outcomes, by lab.

    The later labs wait longer, so they begin.
    """

    def prove(lab: str) -> tuple[Place, Outcome]:
        place = make_place(f"prove-{lab}", **abilities.RESTRICTED)
        return place, place.run(f"kubectl joblab lab test {lab}", seconds=3 * PATIENCE)

    def prove_alone(lab: str, before: Iterable[Future[Any]]) -> tuple[Place, Outcome]:
        wait(before)
        return prove(lab)

    proofs = {lab: pool.submit(prove, lab) for lab in reversed(COURSE) if lab not in _ALONE}
    for lab in _ALONE:
        proofs[lab] = pool.submit(prove_alone, lab, list(proofs.values()))
    return proofs


def prover() -> ThreadPoolExecutor:
    """The pool in which labs are proved."""
    return ThreadPoolExecutor(_PROVED_AT_ONCE)


def finish_all(place: Place) -> Finished:
    """Start all labs and variants side by side, and wait for their ends."""
    with_answer(place)
    seen: set[str] = set()
    observer = threading.Thread(
        target=lambda: seen.update(tokens_of_restarted(place, "retry-onfailure")), daemon=True
    )
    observer.start()
    running = {job: place.begin(f"kubectl joblab start {typed}") for job, typed in STARTS.items()}
    with ended(running.values()):
        starts = {job: one.finish() for job, one in running.items()}
    observer.join()
    return Finished(place, starts, frozenset(seen))


def start_later(place: Place) -> Finished:
    """Start the later labs, a few at a time, and their variants to their ends.

    Those of one lab come one after the other: what the lab sets up is theirs in common.
    """

    def start(jobs: list[str]) -> dict[str, Outcome]:
        return {job: place.run(f"kubectl joblab start {LATER[job]}") for job in jobs}

    by_lab = itertools.groupby(LATER, lambda job: LATER[job].split()[0])
    with ThreadPoolExecutor(_STARTED_AT_ONCE) as pool:
        running = [pool.submit(start, list(jobs)) for _, jobs in by_lab]
        starts = {job: outcome for one in running for job, outcome in one.result().items()}
    return Finished(place, starts, frozenset())


class Killable(Protocol):
    """A command that runs, on a terminal or not."""

    def kill(self) -> None:
        """End the command, whatever it does; do nothing where it has ended."""


@contextlib.contextmanager
def ended(running: Iterable[Killable]) -> Iterator[None]:
    """A context at whose end all these commands are ended, whatever happens."""
    try:
        yield
    finally:
        for one in running:
            one.kill()


def with_answer(place: Place) -> None:
    """Put a solution of the yaml lab into the home folder, as job.yaml."""
    shutil.copy(ANSWER, place.home / "job.yaml")


def tokens(text: str) -> list[str]:
    """The random tokens in lines such as `[pod/retry-x/main] token a1b2c3d4`."""
    return [
        line.split()[-1] for line in text.splitlines() if line.partition("token ")[1] == "token "
    ]


def tokens_of_restarted(place: Place, job: str) -> list[str]:
    """The tokens that `kubectl logs` reads of a Pod that is restarted, until the Pod is gone."""
    state = "{.metadata.name} {.status.containerStatuses[0].restartCount}"
    state += " {.status.containerStatuses[0].state}"
    line = f"kubectl get pods -l batch.kubernetes.io/job-name={job} -w"
    watch = place.begin(f"{line} -o 'jsonpath={state}{{\"\\n\"}}'")
    found: list[str] = []
    with ended([watch]):
        for restarts in (0, 1):
            started = rf'^{job}-\w+ {restarts} \{{"(running|terminated)'
            watch.await_line(started)
            pod = watch.out.split()[0]
            found += tokens(place.run(f"kubectl logs -f {pod}").out)
    return found
