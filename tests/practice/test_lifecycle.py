"""Up and down: one cluster however often it is started, healed whatever became of it."""

from __future__ import annotations

import shutil
import socket
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
import yaml

from kubectl_joblab import files
from kubectl_joblab.errors import ConfigError, JoblabError
from kubectl_joblab.practice import handshake, identity, kubectl_context, lifecycle, processes
from kubectl_joblab.practice.api.storage.database import Key
from kubectl_joblab.practice.api.storage.store import Store
from kubectl_joblab.practice.identity import Identity
from tests.practice import faults, warm
from tests.practice.clusters import Cluster, await_true

OTHER = """\
apiVersion: v1
kind: Config
current-context: other
contexts: [{name: other, context: {cluster: other}}]
clusters: [{name: other, cluster: {server: "https://other:6443"}}]
"""


@pytest.fixture
def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cluster]:
    """A cluster that does not run yet."""
    monkeypatch.setattr(lifecycle, "subprocess", warm.SUBPROCESS)
    made = Cluster(tmp_path)
    made.have_documents()
    yield made
    made.end()


def current_context(cluster: Cluster) -> str:
    """The kubeconfig's."""
    return str(yaml.safe_load(cluster.kubeconfig.read_text("utf-8"))["current-context"])


def test_up_again_is_the_same_cluster_and_down_ends_it(cluster: Cluster) -> None:
    first, again = cluster.up(), cluster.up()
    assert (first.started, first.first, first.switched) == (True, True, True)
    assert (again.started, again.first, again.switched) == (False, False, False)
    assert again.server == first.server
    assert cluster.request("GET", "/version")["minor"] == "37"
    start = processes.started(first.server.pid)
    assert cluster.down() == lifecycle.Down(was_up=True)
    # its lock is free a moment before the process has gone
    await_true(lambda: not processes.is_running(first.server.pid, start))
    assert cluster.down() == lifecycle.Down(was_up=False)
    assert current_context(cluster) == ""


def test_two_who_start_it_at_once_get_one_cluster(cluster: Cluster) -> None:
    done: list[lifecycle.Up] = []
    threads = [threading.Thread(target=lambda: done.append(cluster.up())) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({one.server for one in done}) == 1
    assert sorted(one.started for one in done) == [False, False, True]


def test_what_was_current_before_is_so_again_after(cluster: Cluster) -> None:
    cluster.kubeconfig.parent.mkdir()
    cluster.kubeconfig.write_text(OTHER)
    cluster.up(switch=False)
    assert current_context(cluster) == "other"
    assert cluster.up().switched
    assert cluster.is_current
    assert cluster.down() == lifecycle.Down(was_up=True, contexts=("other",))
    assert yaml.safe_load(cluster.kubeconfig.read_text()) == {**yaml.safe_load(OTHER), "users": []}


def test_objects_and_credentials_outlive_down_but_not_wipe(cluster: Cluster) -> None:
    cluster.up()
    cluster.make_config_map("kept")
    credentials = (cluster.home.pki / "client.crt").read_bytes()
    cluster.down()
    again = cluster.up()
    assert not again.first
    assert cluster.config_maps() == ["kept"]
    assert (cluster.home.pki / "client.crt").read_bytes() == credentials
    cluster.reset()
    assert cluster.config_maps() == []
    assert cluster.is_current
    cluster.down(wipe=True)
    assert sorted(path.name for path in cluster.home.root.iterdir()) == ["lock", "server.lock"]


def test_after_kill_9_up_brings_everything_back(cluster: Cluster) -> None:
    before = cluster.up().server
    for index in range(20):
        cluster.make_config_map(f"acknowledged-{index:02}")
    cluster.kill()
    assert lifecycle.find(cluster.home) is None
    after = cluster.up()
    assert after.started
    assert after.server.pid != before.pid
    assert after.server.port == before.port
    assert len(cluster.config_maps()) == 20


def test_a_port_that_is_taken_gives_way_to_another(cluster: Cluster) -> None:
    port = cluster.up().server.port
    cluster.down()
    with socket.socket() as thief:
        thief.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        thief.bind(("127.0.0.1", port))
        thief.listen()
        now = cluster.up().server
    assert now.port != port
    (entry,) = yaml.safe_load(cluster.kubeconfig.read_text())["clusters"]
    assert entry["cluster"]["server"] == now.url


def test_a_number_that_another_process_has_now_is_not_the_server(cluster: Cluster) -> None:
    cluster.home.make()
    mine = {"pid": 1, "started": "once upon a time", "port": 1, "since": 1.0}
    files.write_json(cluster.home.server, mine)
    assert lifecycle.find(cluster.home) is None
    assert cluster.down() == lifecycle.Down(was_up=False)


def test_two_users_of_one_machine_have_a_cluster_each(cluster: Cluster, tmp_path: Path) -> None:
    other = Cluster(tmp_path / "other")
    other.folder.mkdir()
    other.have_documents()
    try:
        ours, theirs = cluster.up().server, other.up().server
        assert ours.port != theirs.port
        cluster.make_config_map("ours")
        assert other.config_maps() == []
        with pytest.raises(OSError, match="certificate verify failed"):
            cluster.ask("GET", "/version", port=theirs.port)
        other.down()
        assert cluster.config_maps() == ["ours"]
    finally:
        other.end()


# ---- that a client gets in


def gets_in(cluster: Cluster) -> bool:
    """Whether a client with the kubeconfig gets in."""
    entry = kubectl_context.entry(cluster.kubeconfig)
    pem = entry.ca, entry.certificate, entry.key
    return handshake.why_not(entry.server, *pem, folder=cluster.folder) == ""


@pytest.mark.parametrize(
    "name", ["ca.crt", "server.crt", "server.key", "client.key", "identity.json"]
)
def test_up_heals_what_is_damaged_while_the_server_runs(cluster: Cluster, name: str) -> None:
    before = cluster.up().server
    cluster.make_config_map("kept")
    (cluster.home.pki / name).write_bytes(b"damaged")
    again = cluster.up()
    assert gets_in(cluster)
    assert again.started
    assert again.server.pid != before.pid
    assert cluster.config_maps() == ["kept"]
    assert not cluster.up().started


@pytest.mark.parametrize("name", ["ca.crt", "server.key"])
def test_up_heals_what_is_damaged_while_the_server_is_down(cluster: Cluster, name: str) -> None:
    cluster.up()
    cluster.down()
    (cluster.home.pki / name).write_bytes(b"")
    cluster.up()
    assert gets_in(cluster)


NOW = datetime.now(timezone.utc)
CLOCKS = {
    "two years ahead": timedelta(days=730),
    "over a year ago": timedelta(days=-366),
}


@pytest.mark.parametrize("clock", CLOCKS)
@pytest.mark.parametrize("runs", [True, False], ids=["the server runs", "the server is down"])
def test_up_renews_what_was_made_at_another_time(cluster: Cluster, runs: bool, clock: str) -> None:
    if runs:
        cluster.up()
        shutil.rmtree(cluster.home.pki)
    identity.ensure(cluster.home.pki, NOW + CLOCKS[clock])
    assert cluster.up().started
    assert gets_in(cluster)


def test_up_restarts_a_server_that_has_other_certificates_than_its_files(cluster: Cluster) -> None:
    cluster.up()
    shutil.rmtree(cluster.home.pki)
    identity.ensure(cluster.home.pki, NOW)
    assert cluster.up().started
    assert gets_in(cluster)


@pytest.mark.parametrize("part", ["clusters", "users", "contexts"])
def test_up_puts_back_what_is_missing_in_the_kubeconfig(cluster: Cluster, part: str) -> None:
    cluster.up()
    text = yaml.safe_load(cluster.kubeconfig.read_text())
    text[part] = []
    cluster.kubeconfig.write_text(yaml.safe_dump(text))
    assert not cluster.up().started
    assert gets_in(cluster)


def test_up_renews_a_key_that_is_damaged_in_the_kubeconfig(cluster: Cluster) -> None:
    cluster.up()
    text = yaml.safe_load(cluster.kubeconfig.read_text())
    text["users"][0]["user"]["client-key-data"] = "ZGFtYWdlZA=="
    cluster.kubeconfig.write_text(yaml.safe_dump(text))
    assert not gets_in(cluster)
    assert not cluster.up().started
    assert gets_in(cluster)


def test_up_says_what_to_type_where_no_client_gets_in(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster.up()
    with socket.create_server(("127.0.0.1", 0)) as deaf:  # stands for what is between the two
        url = f"https://127.0.0.1:{deaf.getsockname()[1]}"
        entry = kubectl_context.Entry.of(url, Identity(cluster.home.pki))
        monkeypatch.setattr(kubectl_context, "entry", lambda _: entry)
        monkeypatch.setattr(handshake, "SECONDS", 0.2)
        with pytest.raises(JoblabError, match=r"^error: the practice cluster runs, but") as refused:
            cluster.up()
    assert refused.value.next == "kubectl joblab practice down --wipe"


def test_a_broken_kubeconfig_starts_nothing(tmp_path: Path) -> None:
    cluster = Cluster(tmp_path)
    cluster.kubeconfig.parent.mkdir()
    cluster.kubeconfig.write_text("a: [\n")
    with pytest.raises(ConfigError):
        cluster.up()
    assert cluster.kubeconfig.read_text() == "a: [\n"
    assert not cluster.home.root.exists()


def test_a_folder_that_cannot_be_made_is_named_with_the_way_to_another(tmp_path: Path) -> None:
    cluster = Cluster(tmp_path)
    (cluster.folder / "state").write_text("a file")
    with pytest.raises(JoblabError) as refused:
        cluster.up()
    assert str(refused.value) == (
        "error: the practice cluster cannot keep its objects in "
        f"{cluster.home.root}: Not a directory"
    )
    assert [str(one) for one in refused.value.means] == ["XDG_STATE_HOME can name another folder."]


def test_a_server_that_cannot_start_says_why(cluster: Cluster) -> None:
    cluster.home.make()
    cluster.home.database.mkdir()
    with pytest.raises(JoblabError) as refused:
        cluster.up()
    assert str(refused.value) == (
        "error: the practice cluster did not start: "
        f"{cluster.home.database}: unable to open database file"
    )
    assert refused.value.next == "kubectl joblab practice logs"
    assert any("Traceback" in line for line in lifecycle.follow(cluster.home, forever=False))


def test_damaged_objects_are_told_and_stay_until_the_user_says_so(cluster: Cluster) -> None:
    cluster.home.make()
    store = Store(cluster.home.database)
    store.put(Key("configmaps", "default", "a"), {"metadata": {"name": "a"}, "data": "kept"})
    store.close()
    data = cluster.home.database.read_bytes()
    faults.flip(cluster.home.database, data.index(b"kept") * 8 + 7)
    before = cluster.home.database.read_bytes()
    with pytest.raises(JoblabError) as refused:
        cluster.up()
    assert str(refused.value) == (
        "error: the objects of the practice cluster are damaged: "
        f"{cluster.home.database}: 1 of its 1 objects cannot be read"
    )
    assert refused.value.next == "kubectl joblab practice reset"
    assert cluster.home.database.read_bytes() == before
    assert cluster.reset().started


def test_what_others_could_read_is_closed(cluster: Cluster) -> None:
    cluster.up()
    cluster.make_config_map("a")
    modes = {
        path.relative_to(cluster.home.root).parts[0]: path.stat().st_mode & 0o077
        for path in cluster.home.root.rglob("*")
        # images are the machine's own programs
        if not path.is_symlink() and "images" not in path.parts
    }
    assert {name: mode for name, mode in modes.items() if mode} == {}
    assert cluster.home.root.stat().st_mode & 0o777 == 0o700


def test_the_log_is_followed_over_its_end(cluster: Cluster) -> None:
    cluster.home.make()
    cluster.home.log.write_text("one\n")
    seen: list[str] = []

    def read() -> None:
        for line in lifecycle.follow(cluster.home, forever=True):
            seen.append(line)
            if line == "three\n":
                return

    reader = threading.Thread(target=read)
    reader.start()
    await_true(lambda: seen == ["one\n"])
    with cluster.home.log.open("a") as log:
        log.write("two\n")
    await_true(lambda: seen[1:] == ["two\n"])
    cluster.home.log.rename(cluster.home.root / "server.log.1")
    cluster.home.log.write_text("three\n")
    reader.join()
    assert seen == ["one\n", "two\n", "three\n"]


LOSABLE = ("contexts.json", "server.json", "pki", "objects.db", "openapi", "server.log", "lock")


@pytest.mark.parametrize("key", ["pid", "started", "port", "since"])
def test_a_server_whose_note_has_changed_is_found_by_its_lock(cluster: Cluster, key: str) -> None:
    server = cluster.up().server
    start = processes.started(server.pid)
    facts = files.read_json(cluster.home.server)
    del facts[key]
    files.write_json(cluster.home.server, facts)
    assert cluster.up().started
    assert not processes.is_running(server.pid, start)


@pytest.mark.parametrize("lost", [*LOSABLE, "all but the locks"])
def test_down_ends_all_and_gives_the_kubeconfig_back_whatever_file_is_lost(
    cluster: Cluster, lost: str
) -> None:
    cluster.kubeconfig.parent.mkdir()
    cluster.kubeconfig.write_text(OTHER)
    server = cluster.up().server
    start = processes.started(server.pid)
    for name in LOSABLE[:-1] if lost not in LOSABLE else [lost]:
        path = cluster.home.root / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    done = cluster.down()
    assert done.was_up
    await_true(lambda: not processes.is_running(server.pid, start))
    found = yaml.safe_load(cluster.kubeconfig.read_text("utf-8"))
    assert found["contexts"] == yaml.safe_load(OTHER)["contexts"]
    assert found["clusters"] == yaml.safe_load(OTHER)["clusters"]
    assert found["users"] == []
    kept = "contexts.json" in (path.name for path in cluster.home.root.iterdir())
    assert not kept
    knew = lost not in ("contexts.json", "all but the locks")
    assert found["current-context"] == ("other" if knew else "")
    assert cluster.up().started


def test_down_gives_the_kubeconfig_back_where_all_state_is_gone(cluster: Cluster) -> None:
    cluster.up()
    cluster.kill()
    shutil.rmtree(cluster.home.root)
    assert cluster.down() == lifecycle.Down(was_up=False)
    assert yaml.safe_load(cluster.kubeconfig.read_text("utf-8"))["contexts"] == []


def test_down_leaves_the_context_of_another_cluster(cluster: Cluster, tmp_path: Path) -> None:
    other = Cluster(tmp_path / "other")
    other.folder.mkdir()
    other.have_documents()
    try:
        other.up()
        cluster.up()
        cluster.home.contexts.unlink()
        theirs = other.kubeconfig.read_bytes()
        lifecycle.down(cluster.home, kubeconfigs=[cluster.kubeconfig, other.kubeconfig])
        assert other.kubeconfig.read_bytes() == theirs
    finally:
        other.end()
