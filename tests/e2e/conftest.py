"""The end-to-end tests: the installed command on a real cluster, as a user types it.

    pytest -m e2e tests/e2e                          the project's own cluster, brought up
    JOBLAB_TEST_KUBECONFIG=FILE pytest -m e2e ...    any cluster; FILE is an admin's
    JOBLAB_TEST_KUBECONFIG=practice pytest ...       a practice cluster of the run's own
    REWRITE_GOLDEN=1 pytest -m e2e ...               writes golden/ anew; read the difference

Each test has a namespace of its own, except those that only read what another has finished.
"""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator

import pytest

from tests.e2e import abilities, labs, place
from tests.e2e import cluster as clusters
from tests.e2e.cluster import Cluster
from tests.e2e.labs import Finished, Proofs
from tests.e2e.place import Place

MakePlace = Callable[..., Place]

# What a shell runs in the background ignores Ctrl-C, and so would every command that is tested.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", name="cluster")
def the_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """The cluster under test."""
    try:
        with clusters.find(tmp_path_factory.mktemp("cluster")) as found:
            yield found
    except clusters.CannotRunError as reason:
        pytest.skip(str(reason))


@pytest.fixture(scope="session")
def make_place(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MakePlace]:
    """Makes fresh namespaces, `make_place("name", label=value)`; all are deleted at the end."""
    made: list[Place] = []
    folder = tmp_path_factory.mktemp("places")

    def make(name: str, **labels: str) -> Place:
        made.append(place.make(cluster, folder, f"joblab-{name}", labels))
        return made[-1]

    yield make
    for one in made:
        place.forget(one)


@pytest.fixture(name="place")
def a_place(make_place: MakePlace) -> Iterator[Place]:
    """A fresh namespace for one test."""
    made = make_place("test")
    yield made
    place.forget(made)


@pytest.fixture(scope="session")
def make_proving_place(
    make_place: MakePlace, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[MakePlace]:
    """Makes namespaces for `lab test`, as make_place does.

    Where practice clusters are tested, each thread has one of its own for them, which skips waits:
    a cluster skips nothing while a container of another test runs.
    """
    if not clusters.is_practice():
        yield make_place
        return
    of_thread = threading.local()
    with contextlib.ExitStack() as running:

        def make(name: str, **labels: str) -> Place:
            if not hasattr(of_thread, "cluster"):
                folder = tmp_path_factory.mktemp("proving")
                of_thread.cluster = running.enter_context(clusters.skipping(folder))
            found: Cluster = of_thread.cluster
            places = found.kubeconfig.parent / "places"
            return place.make(found, places, f"joblab-{name}", labels)

        yield make


@pytest.fixture(scope="session")
def proofs(make_proving_place: MakePlace) -> Iterator[Proofs]:
    """The runs of `lab test` of every lab, in namespaces that enforce Pod Security `restricted`.

    They go on while the other tests run.
    """
    pool = labs.prover()
    yield labs.prove_all(pool, make_proving_place)
    pool.shutdown(cancel_futures=True)


@pytest.fixture(scope="session", autouse=True)
def early(request: pytest.FixtureRequest) -> None:
    """Begin first what takes longest, where a test that uses it was chosen."""
    if any("proofs" in fixtures_of(item) for item in request.session.items):
        request.getfixturevalue("proofs")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order the tests: near the end those of what was begun early, then those of `breakable`.

    The latter stop the API server of all other tests.
    """
    items.sort(key=lambda item: ("breakable" in fixtures_of(item), "proofs" in fixtures_of(item)))


def fixtures_of(item: pytest.Item) -> list[str]:
    """The names of the fixtures that a test uses."""
    return item.fixturenames if isinstance(item, pytest.Function) else []


@pytest.fixture(scope="session")
def finished(make_place: MakePlace) -> Finished:
    """A namespace in which `start` has finished every lab and variant, side by side.

    It enforces Pod Security `restricted`, where the cluster knows that.
    """
    return labs.finish_all(make_place("finished", **abilities.RESTRICTED))


@pytest.fixture(scope="session")
def later(make_place: MakePlace) -> Finished:
    """A namespace of the same kind in which `start` has run every later lab and variant."""
    return labs.start_later(make_place("later", **abilities.RESTRICTED))


@pytest.fixture(scope="session")
def quotas(cluster: Cluster, make_place: MakePlace) -> None:
    """Skips the test where the cluster does not enforce quotas."""
    if not abilities.enforces_quotas(make_place("ask")):
        pytest.skip("this cluster does not enforce ResourceQuotas")


@pytest.fixture(scope="session")
def access_control(make_place: MakePlace) -> None:
    """Skips the test where the cluster allows everybody everything, or knows no Roles."""
    if not abilities.enforces_rbac(make_place("ask")):
        pytest.skip("this cluster does not enforce RBAC")


@pytest.fixture(scope="session")
def pod_security(make_place: MakePlace) -> None:
    """Skips the test where the cluster does not enforce Pod Security."""
    if not abilities.enforces_pod_security(make_place("ask", **abilities.RESTRICTED)):
        pytest.skip("this cluster does not enforce Pod Security")


@pytest.fixture
def breakable(cluster: Cluster) -> None:
    """Skips the test where the API server is not ours to stop."""
    if not cluster.own:
        pytest.skip("stops the API server, so it needs the project's own cluster")
