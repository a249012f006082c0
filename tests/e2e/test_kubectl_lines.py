"""Lines that kubectl prints too are kubectl's, byte for byte.

Ages move while two commands run one after the other. So kubectl is asked again and again while
ours runs, and ours must be one of its answers.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

import pytest

from tests.e2e import screens
from tests.e2e.labs import STARTS, Finished
from tests.e2e.place import Outcome, Place

pytestmark = pytest.mark.e2e

T = TypeVar("T")
AGE = re.compile(r"(?<= )\d+(?=s\b)")
MOMENT = 5  # seconds between our summary and kubectl's answer, on a busy machine
JOBS = [pytest.param(job, typed.partition(" -f")[0], id=job) for job, typed in STARTS.items()]


def beside(
    place: Place, commands: Sequence[str], action: Callable[[], T]
) -> tuple[T, dict[str, list[str]]]:
    """What the action returns, and what each of kubectl's commands printed meanwhile."""
    answers: dict[str, list[str]] = {command: [] for command in commands}
    done = threading.Event()

    def ask(command: str) -> None:
        last = False
        while not last:
            last = done.is_set()  # once more after the end
            outcome = place.run(command).expect(0)
            answers[command].append(outcome.out or outcome.err)

    askers = [threading.Thread(target=ask, args=(command,)) for command in commands]
    for asker in askers:
        asker.start()
    try:
        result = action()
    finally:
        done.set()
        for asker in askers:
            asker.join()
    return result, answers


def assert_among(ours: str, answers: Sequence[str]) -> None:
    """Fail unless ours is one of the answers, or one that lies between two of them.

    On a busy machine kubectl may not be asked in each second. What it would have printed then is
    byte for byte what it printed of another second, but for the digits of its ages.
    """
    if ours in answers:
        return
    shown = f"ours:\n{ours}\nkubectl's first:\n{answers[0]}\nkubectl's last:\n{answers[-1]}"
    alike = [
        answer
        for answer in answers
        if screens.same_but_for_ages(answer) == screens.same_but_for_ages(ours)
    ]
    assert alike, shown
    ages = screens.ages(ours)
    assert any(_none_older(screens.ages(answer), ages) for answer in alike), shown
    assert any(_none_older(ages, screens.ages(answer)) for answer in alike), shown


def _none_older(ages: Sequence[int], others: Sequence[int]) -> bool:
    return all(one <= other for one, other in zip(ages, others, strict=True))


def get(job: str) -> tuple[str, str]:
    """kubectl's commands for the Job and its Pods."""
    return (
        f"kubectl get job {job}",
        f"kubectl get pods -l batch.kubernetes.io/job-name={job}",
    )


@pytest.mark.parametrize(("job", "typed"), JOBS)
@pytest.mark.parametrize("flags", ["", " -o wide", " --no-headers"])
def test_status_prints_kubectls_tables(
    finished: Finished, job: str, typed: str, flags: str
) -> None:
    place = finished.place
    jobs, pods = (command + flags for command in get(job))

    outcome, answers = beside(place, (jobs, pods), lambda: place.joblab(f"status {typed}{flags}"))

    our_jobs, our_pods, _ = outcome.expect(0).out.split("\n\n")
    assert_among(f"{our_jobs}\n", answers[jobs])
    assert_among(f"{our_pods}\n", answers[pods])


@pytest.mark.parametrize(("job", "typed"), JOBS)
def test_describe_begins_with_kubectls_describe(finished: Finished, job: str, typed: str) -> None:
    place, command = finished.place, f"kubectl describe job {job}"

    outcome, answers = beside(place, [command], lambda: place.joblab(f"describe {typed}"))

    theirs, separator, ours = outcome.expect(0).out.partition(
        "\nNot shown by kubectl describe job:"
    )
    assert_among(theirs, answers[command])
    below = Outcome(f"kubectl joblab describe {typed}", 0, separator + ours, outcome.err)
    screens.assert_screen(f"describe-{job}", below, place)


@pytest.mark.parametrize(("job", "typed"), JOBS)
def test_below_status_stands_what_kubectl_leaves_out(
    finished: Finished, job: str, typed: str
) -> None:
    outcome = finished.place.joblab(f"status {typed}").expect(0)

    screens.assert_screen(f"status-{job}", outcome, finished.place)


def test_the_tables_of_start_are_kubectls_of_that_moment(place: Place) -> None:
    """kubectl answers a moment after the summary was made, so its ages may be a little higher."""
    job = "completions"
    jobs, pods = get(job)

    outcome = place.joblab(f"start {job}").expect(0)

    for command in (jobs, pods):
        ours = screens.section(outcome.out, f"# {command}")
        theirs = place.kubectl(command.removeprefix("kubectl ")).splitlines()
        assert [AGE.sub("N", line) for line in ours] == [AGE.sub("N", line) for line in theirs]
        moved = [
            int(later) - int(earlier)
            for line, other in zip(ours, theirs, strict=True)
            for earlier, later in zip(AGE.findall(line), AGE.findall(other), strict=True)
        ]
        assert all(0 <= seconds <= MOMENT for seconds in moved), (ours, theirs)


def test_while_a_job_runs_status_and_describe_are_kubectls_too(place: Place) -> None:
    place.joblab("start sleep --seconds=40 --no-wait").expect(0)
    place.await_condition("pod -l job-name=sleep", "jsonpath={.status.phase}=Running")
    jobs, pods = get("sleep")

    def both() -> tuple[Outcome, Outcome]:
        return place.joblab("status sleep"), place.joblab("describe sleep")

    describe = "kubectl describe job sleep"
    (status, described), answers = beside(place, (jobs, pods, describe), both)

    our_jobs, our_pods, _ = status.expect(0).out.split("\n\n")
    assert_among(f"{our_jobs}\n", answers[jobs])
    assert_among(f"{our_pods}\n", answers[pods])
    assert_among(described.expect(0).out.partition("\nNot shown by")[0], answers[describe])


def test_events_are_those_kubectl_lists_for_the_job_and_its_pods(finished: Finished) -> None:
    place = finished.place
    names = ["job/basics", *(f"pod/{pod['metadata']['name']}" for pod in place.pods("basics"))]

    ours = place.joblab("events basics --no-headers").expect(0).out.splitlines()

    theirs = [
        line
        for name in names
        for line in place.kubectl(f"events --for {name} --no-headers").splitlines()
    ]
    assert sorted(screens.without_ages(ours)) == sorted(screens.without_ages(theirs))
