"""TAB on a cluster: namespaces, Jobs, and what a user without rights is offered."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.conftest import MakePlace
from tests.e2e.place import Place

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def done(make_place: MakePlace) -> Iterator[Place]:
    """A namespace with a Job of a lab and one of kubectl's, and the completion of the plugin."""
    place = make_place("completing")
    place.joblab("completion install").expect(0)
    place.joblab("start echo --no-wait").expect(0)
    place.kubectl("create job mine --image=busybox:1.36 -- true")
    yield place
    place.joblab("completion uninstall").expect(0)


def offered(place: Place, *typed: str) -> list[str]:
    """What kubectl prints of the words that the last may become; nothing else is said."""
    words = " ".join(word or "''" for word in typed)
    outcome = place.run(f"kubectl __complete joblab {words}").expect(0)
    noise = ("[Debug]", "Completion ended")
    assert [line for line in outcome.err.splitlines() if not line.startswith(noise)] == []
    return outcome.out.splitlines()


def test_namespaces_are_those_of_the_cluster(done: Place) -> None:
    *found, last = offered(done, "check", "-n", "")
    assert last == ":4"
    assert {done.namespace, "default", "kube-system"} <= set(found)
    assert offered(done, "check", f"--namespace={done.namespace}") == [done.namespace, ":4"]


def test_jobs_are_those_of_the_namespace(done: Place) -> None:
    assert offered(done, "check", "echo", "--name", "") == ["echo", "mine", ":4"]
    assert offered(done, "status", "echo", "--name=m") == ["mine", ":4"]
    assert offered(done, "status", "echo", "-n", "default", "--name=mi") == [":4"]


def test_start_is_offered_the_jobs_of_labs(done: Place) -> None:
    assert offered(done, "start", "echo", "--name", "") == ["echo", ":4"]


def test_contexts_are_those_of_the_kubeconfig(done: Place) -> None:
    assert offered(done, "check", "--context", "") == ["joblab", ":4"]


@pytest.mark.usefixtures("access_control")
def test_who_may_not_list_is_offered_nothing(done: Place) -> None:
    for typed in (["-n", ""], ["echo", "--name", ""]):
        assert offered(done, "check", "--as=joblab-stranger", *typed) == [":4"]
