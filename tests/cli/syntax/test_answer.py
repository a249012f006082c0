"""What TAB offers behind `kubectl joblab`: asked as kubectl asks, through the file it runs."""

from __future__ import annotations

import os
import select
import shutil
import signal
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kubectl_joblab.cli.syntax import answer as complete
from kubectl_joblab.cli.syntax import words
from tests.api_server import Answer, Gate, Request, Server, Silence
from tests.cli.completing import KUBECTL, TRIES, Shell, Words, install, read
from tests.cli.conftest import LABS, MANIFESTS, PATIENCE, Home

CONFIG = """\
current-context: here
contexts:
- {name: here, context: {cluster: close, user: me, namespace: labs}}
- {name: there, context: {cluster: far, user: you}}
- {name: "arn:aws:eks:cluster/far away", context: {cluster: far, user: you}}
- {name: "two\\nlines", context: {cluster: far, user: you}}
clusters:
- {name: close, cluster: {server: "SERVER"}}
- {name: far, cluster: {server: "https://127.0.0.1:1"}}
users:
- {name: me, user: {token: t}}
- {name: you, user: {token: t}}
"""
TABLE = {"kind": "Table", "rows": [{"cells": [name, "x"]} for name in ("one", "two", "three")]}


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the plugin is installed, once: a completion writes nothing there."""
    return install(Home(tmp_path_factory.mktemp("installed")))


@pytest.fixture(params=["kubectl", "directly"])
def shell(home: Home, folder: Path, request: pytest.FixtureRequest) -> Shell:
    if request.param == "kubectl" and KUBECTL is None:
        pytest.skip("no kubectl on the PATH")
    return Shell(home, folder, request.param == "kubectl", {})


@pytest.fixture
def direct(home: Home, folder: Path) -> Shell:
    return Shell(home, folder, False, {})


def with_config(shell: Shell, server: str = "http://127.0.0.1:1") -> Shell:
    shell.home.write("config", CONFIG.replace("SERVER", server))
    return shell.with_environ(KUBECONFIG="config")


# ---- words of the program

BELOW = words.COMMANDS[""].commands
STATIC = {
    "every command": ("", list(BELOW), 4),
    "a command that is begun": ("sta", ["start", "status"], 4),
    "the commands of a group": (
        "practice ",
        ["clock", "down", "logs", "reset", "status", "up"],
        4,
    ),
    "what the clock can be told": ("practice clock ", ["advance", "auto", "until"], 4),
    "on and off": ("practice clock auto o", ["off", "on"], 4),
    "what a Job can be skipped to": ("practice clock until job/a=S", ["job/a=Suspended"], 6),
    "nothing of a duration": ("practice clock advance ", [], 4),
    "a group behind a flag": ("--lang=ko completion ba", ["bash"], 4),
    "nothing behind a word that is no command": ("nope ", [], 4),
    "nothing where no argument is taken": ("version ", [], 4),
    "a long flag": ("check --no-h", ["--no-headers"], 4),
    "a flag of all commands": ("check --kube", ["--kubeconfig"], 4),
    "the help of a command": ("practice up --h", ["--help"], 4),
    "the flags of a group": ("lab --pl", ["--plain"], 4),
    "no flag twice": ("check --wait --wa", [], 4),
    "a flag twice that can be given more than once": (
        "check --as-group=a --as-g",
        ["--as-group"],
        4,
    ),
    "no flag that was given by its letter": ("check -o json --out", [], 4),
    "the values of -o": ("doctor -o ", ["json", "yaml"], 4),
    "the values of --output": ("doctor --output ", ["json", "yaml"], 4),
    "a value behind an equals sign": ("doctor --output=y", ["yaml"], 4),
    "a value behind a letter and an equals sign": ("doctor -o=y", ["yaml"], 4),
    "a value behind a letter": ("doctor -oy", ["-oyaml"], 4),
    "a value behind two letters": ("logs -pf --lang=", ["en", "ko"], 4),
    "the languages": ("show sleep --lang ", ["en", "ko"], 4),
    "the kinds of a dry run": ("start sleep --dry-run=s", ["server"], 4),
    "the types of events": ("events sleep --types ", ["Normal", "Warning"], 4),
    "a type behind another": ("events sleep --types=Normal,", ["Normal,Warning"], 4),
    "no value of a flag that takes any text": ("check --token ", [], 4),
    "no value of a number": ("logs retry --tail ", [], 4),
    "no value of a switch": ("check --wait=", [], 4),
    "no value of a flag that is unknown": ("check --nope=", [], 4),
    "the name of a Job that is still to be made": ("scaffold sleep --name ", [], 4),
    "files": ("check --kubeconfig ", [], 0),
    "files behind an equals sign": ("check --client-key=", [], 0),
    "folders": ("check --lab-path ", [], 16),
    "folders for an argument": ("lab lint ", [], 16),
    "a folder to write to": ("scaffold sleep -d ", [], 16),
    "manifests": ("start yaml -f ", ["yaml", "yml", "json"], 8),
    "no flag behind --": ("version -- -", [], 4),
}


@pytest.mark.parametrize(("line", "offered", "directive"), STATIC.values(), ids=STATIC)
def test_words_of_the_program_are(
    shell: Shell, line: str, offered: list[str], directive: int
) -> None:
    found = shell.after(line)
    assert (found.names, found.directive) == (offered, directive)


def test_commands_and_flags_come_with_what_they_do(direct: Shell) -> None:
    assert direct.after("chec").found == {"check": words.COMMANDS["check"].summary}
    waits = "Wait until the Jobs are finished, or the checks decided."
    assert direct.after("check --wai").found == {"--wait": waits}


def test_without_descriptions_words_stand_alone(home: Home) -> None:
    described, plain = (home.run(way, "show", "") for way in ("__complete", "__completeNoDesc"))
    assert "\t" in described.out
    lines = [line.partition("\t")[0] for line in described.out.splitlines()]
    assert plain.out.splitlines() == lines


def test_without_any_word_there_are_the_commands(home: Home) -> None:
    assert home.run("__complete") == home.run("__complete", "")


def test_what_takes_a_path_or_a_list_is_there() -> None:
    flags = [*words.OPTIONS, *(flag for one in words.COMMANDS.values() for flag in one.flags)]
    known = {flag.to for flag in flags}
    known |= {name for one in words.COMMANDS.values() for name in one.arguments}
    listed = {*complete._PATHS, *complete._LISTS, *complete._LOOKED_UP}
    assert listed <= known


# ---- labs

IN_LABS = {
    "all labs by number": ("show ", LABS, 36),
    "a lab that is begun": ("start re", ["retry", "replacement"], 36),
    "no lab that is named": ("check sleep ", [name for name in LABS if name != "sleep"], 36),
    "no lab whose number is named": ("check 1 ", [name for name in LABS if name != "sleep"], 36),
    "labs, and any Job, where either is meant": ("status ", [*LABS, "job/"], 36),
    "a Job that is begun": ("logs j", ["job/"], 38),
    "one lab where one is taken": ("show sleep ", [], 4),
    "labs behind a flag that is none": ("--no-such show sle", ["sleep"], 36),
    "labs behind --": ("check -- re", ["retry", "replacement"], 36),
    "labs behind a flag and its value": ("check -n labs -o json re", ["retry", "replacement"], 36),
    "labs behind a flag of a lab": ("start --completions 6 para", ["parallelism"], 36),
    "the variants of a lab": ("check retry --variant ", ["never", "onfailure", "recover"], 4),
    "the variants of a lab by number": ("check 4 --variant=n", ["never"], 4),
    "no variants of no lab": ("check --variant ", [], 4),
    "the flags of a lab": ("start parallelism --para", ["--parallelism"], 4),
    "the flags of a lab that stands behind one": (
        "start --completions 3 parallelism --para",
        ["--parallelism"],
        4,
    ),
    "no flag of another lab": ("start sleep --para", [], 4),
    "no flag of a lab twice": ("start parallelism --parallelism=2 --para", [], 4),
    "the values of a lab's flag": ("start retry --restart-policy ", ["Never", "OnFailure"], 4),
    "a value of a lab's flag": ("start retry --restart-policy=O", ["OnFailure"], 4),
    "no value of a lab's number": ("start parallelism --parallelism ", [], 4),
}


@pytest.mark.parametrize(("line", "offered", "directive"), IN_LABS.values(), ids=IN_LABS)
def test_words_of_labs_are(shell: Shell, line: str, offered: list[str], directive: int) -> None:
    found = shell.after(line)
    assert (found.names, found.directive) == (offered, directive)


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ("show sl", "Run once and finish"),
        ("show --lang=ko sl", "한 번 실행하고 끝내기"),
        ("show --lang ko sl", "한 번 실행하고 끝내기"),
    ],
)
def test_labs_have_their_titles_in_the_language(shell: Shell, line: str, title: str) -> None:
    assert shell.after(line).found == {"sleep": title}
    if "ko" in line:
        assert shell.with_environ(LANG="ko_KR.UTF-8").after("show sl").found == {"sleep": title}


def test_labs_of_ones_own_are_offered_and_broken_ones_left_out(direct: Shell) -> None:
    for number, name in ((90, "mine"), (91, "broken")):
        folder = direct.home.folder / "own" / f"{number:02}-{name}"
        shutil.copytree(MANIFESTS / "01-sleep", folder)
        file = folder / "lab.yaml"
        text = file.read_text("utf-8").replace("name: sleep", f"name: {name}", 1)
        file.write_text(text.replace("number: 1", f"number: {number}"), "utf-8")
    file.write_text("name: [", "utf-8")
    shutil.copytree(MANIFESTS / "01-sleep", direct.home.folder / "own" / "sleep-again")
    for offered in (
        direct.with_environ(JOBLAB_PATH="own").after("show "),
        direct.after("show --lab-path own "),
    ):
        assert sorted(offered.names) == sorted([*LABS, "mine", "own/sleep"])
    assert direct.after("show --lab-path nowhere ").names == LABS


# ---- the kubeconfig

KUBECONFIG = {
    "contexts": ("check --context ", ["here", "there", "arn:aws:eks:cluster/far away"]),
    "a context that is begun": ("check --context=th", ["there"]),
    "a context with colons": ("check --context=arn:aws", ["arn:aws:eks:cluster/far away"]),
    "contexts before the command": ("--context he", ["here"]),
    "clusters": ("check --cluster ", ["close", "far"]),
    "users": ("check --user ", ["me", "you"]),
    "contexts of the file that is named": ("check --kubeconfig other --context ", ["other"]),
    "none of a file that is not there": ("check --kubeconfig nope --context ", []),
    "none of a file that is broken": ("check --kubeconfig broken --context ", []),
    "no namespace of a context that is not there": ("check --context nope -n ", []),
}


@pytest.mark.parametrize(("line", "offered"), KUBECONFIG.values(), ids=KUBECONFIG)
def test_words_of_the_kubeconfig_are(shell: Shell, line: str, offered: list[str]) -> None:
    shell.home.write("other", "contexts: [{name: other, context: {cluster: c}}]")
    shell.home.write("broken", "contexts: {]")
    typed = with_config(shell)
    found = typed.in_the_end(line) if offered else typed.after(line)
    assert (found.names, found.directive) == (offered, 4)


def test_a_kubeconfig_that_never_ends_is_not_waited_for(direct: Shell) -> None:
    os.mkfifo(direct.home.folder / "pipe")
    assert direct.after("check --kubeconfig pipe --context ").names == []


# ---- the cluster


def asked(server: Server) -> list[Request]:
    """What was asked for names; a kubectl that runs others by version asks for that first."""
    return [request for request in server.requests if request.path != "/version"]


@pytest.fixture
def server() -> Iterator[Server]:
    with Server([Answer(TABLE)] * 9) as running:
        yield running


ASKED = {
    "namespaces": ("check -n ", "/api/v1/namespaces"),
    "namespaces behind an equals sign": ("check --namespace=", "/api/v1/namespaces"),
    "Jobs of the context's namespace": (
        "check sleep --name ",
        "/apis/batch/v1/namespaces/labs/jobs",
    ),
    "Jobs of the namespace that is given": (
        "status sleep -n class --name=",
        "/apis/batch/v1/namespaces/class/jobs",
    ),
}


@pytest.mark.parametrize(("line", "path"), ASKED.values(), ids=ASKED)
def test_the_cluster_is_asked_for(shell: Shell, server: Server, line: str, path: str) -> None:
    found = with_config(shell, server.url).in_the_end(line)
    assert (found.names, found.directive) == (["one", "two", "three"], 4)
    request = asked(server)[-1]
    assert (request.method, request.path) == ("GET", path)
    assert (request.query["includeObject"], request.query["limit"]) == ("None", "500")
    assert "as=Table" in request.header("Accept")[0]


@pytest.mark.parametrize("resource", ["job", "jobs.batch"])
def test_behind_a_resource_its_names_are_offered(
    shell: Shell, server: Server, resource: str
) -> None:
    found = with_config(shell, server.url).in_the_end(f"logs {resource}/t")
    assert (found.names, found.directive) == ([f"{resource}/two", f"{resource}/three"], 4)
    assert asked(server)[-1].path == "/apis/batch/v1/namespaces/labs/jobs"


def test_a_long_list_is_asked_for_page_by_page(direct: Shell) -> None:
    first = Answer({"rows": [{"cells": ["a"]}, {"cells": ["b"]}], "metadata": {"continue": "on"}})
    with Server([first, Answer({"rows": [{"cells": ["c"]}]})]) as server:
        found = with_config(direct, server.url).after("check -n ")
    asked_for = [request.query.get("continue") for request in server.requests]
    assert (found.names, asked_for) == (["a", "b", "c"], [None, "on"])


def test_start_is_offered_the_jobs_that_it_may_replace(direct: Shell, server: Server) -> None:
    found = with_config(direct, server.url).in_the_end("start sleep --name t")
    assert found.names == ["two", "three"]
    request = asked(server)[-1]
    assert request.query["labelSelector"] == "app.kubernetes.io/managed-by=kubectl-joblab"


def test_the_clock_is_offered_the_jobs_of_the_practice_cluster(
    direct: Shell, server: Server
) -> None:
    shell = with_config(direct, server.url)
    config = shell.home.folder / "config"
    config.write_text(config.read_text("utf-8").replace("here", "joblab-practice"), "utf-8")
    found = shell.in_the_end("practice clock until job/t")
    assert (found.names, found.directive) == (["job/two=", "job/three="], 6)


def test_connection_flags_of_the_line_hold(direct: Shell, server: Server) -> None:
    line = f"check -s {server.url} --token=abc --as alice --as-group a --as-group=b -n o"
    assert with_config(direct, "https://127.0.0.1:1").in_the_end(line).names == ["one"]
    request = asked(server)[-1]
    assert request.header("Authorization") == ["Bearer abc"]
    assert request.header("Impersonate-User") == ["alice"]
    assert request.header("Impersonate-Group") == ["a", "b"]


REFUSALS = {
    "no rights": Answer({"kind": "Status", "reason": "Forbidden", "code": 403}, 403),
    "no credentials": Answer({"kind": "Status", "reason": "Unauthorized", "code": 401}, 401),
    "no namespace": Answer({"kind": "Status", "reason": "NotFound", "code": 404}, 404),
    "a warning": Answer({"kind": "Table"}, headers={"Warning": '299 - "old"'}),
    "an error of the server": Answer("oops", 500),
    "something that is no Kubernetes": Answer("<html>"),
    "something else than names": Answer({"rows": [{"cells": []}]}),
    "half an answer": Answer(chunks=['{"rows": [{"cells": ["one"]}'], end="cut"),
}


@pytest.mark.parametrize("answer", REFUSALS.values(), ids=REFUSALS)
def test_a_cluster_that_tells_nothing_is_no_error(shell: Shell, answer: Answer) -> None:
    for _ in range(TRIES):
        with Server([answer] * 3) as server:
            found = with_config(shell, server.url).after("check -n ")
        assert found == Words({}, 4)
        if asked(server):
            break
    assert len(asked(server)) == 1


def test_a_server_that_is_not_there_is_no_error(shell: Shell) -> None:
    assert with_config(shell).after("check -n ") == Words({}, 4)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_server_that_never_answers_is_not_waited_for(shell: Shell, scheme: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:  # it connects, and says nothing
        url = f"{scheme}://127.0.0.1:{listener.getsockname()[1]}"
        assert with_config(shell, url).after("check -n ") == Words({}, 4)


def test_a_list_that_goes_on_for_ever_is_not_waited_for(direct: Shell) -> None:
    page = Answer({**TABLE, "metadata": {"continue": "more"}})
    for _ in range(TRIES):
        gate = Gate()
        with Server([page, Silence(gate)]) as server:
            found = with_config(direct, server.url).after("check -n ")
            gate.open()
        assert found == Words({}, 4)
        if len(server.requests) == 2:
            break
    assert len(server.requests) == 2


def test_ctrl_c_leaves_no_trace(direct: Shell) -> None:
    """It reaches a completion that leads its group, and so cannot leave it."""
    gate = Gate()
    with Server([Silence(gate)]) as server:
        shell = with_config(direct, server.url)
        process = shell.start(["check", "-n", ""])
        while not server.requests:
            if process.poll() is not None:  # on a busy machine its second is over before it asks
                assert read(process) == Words({}, 4)
                process = shell.start(["check", "-n", ""])
        process.send_signal(signal.SIGINT)
        assert read(process) == Words({}, 4)
        gate.open()


PLUGIN = """\
#!/bin/sh
echo noise >&2
read answer
BODY
"""
CREDENTIAL = """\
echo '{"kind": "ExecCredential", "apiVersion": "client.authentication.k8s.io/v1",
  "status": {"token": "secret"}}'
"""
EXEC = """\
current-context: c
contexts: [{name: c, context: {cluster: c, user: u}}]
clusters: [{name: c, cluster: {server: "SERVER"}}]
users:
- name: u
  user:
    exec:
      apiVersion: client.authentication.k8s.io/v1
      command: ./plugin
      interactiveMode: IfAvailable
"""


def with_plugin(shell: Shell, body: str, server: str) -> Shell:
    plugin = shell.home.write("plugin", PLUGIN.replace("BODY", body))
    plugin.chmod(0o755)
    shell.home.write("config", EXEC.replace("SERVER", server))
    return shell.with_environ(KUBECONFIG="config")


def test_a_credential_plugin_that_hangs_is_ended(direct: Shell) -> None:
    os.mkfifo(direct.home.folder / "held")
    held = os.open(direct.home.folder / "held", os.O_RDONLY | os.O_NONBLOCK)
    body = "exec 3>held; echo begun >&3; sleep 1000"
    shell = with_plugin(direct, body, "http://127.0.0.1:1")
    begun = b""
    while not begun:  # a machine that is busy may not come as far as to start it
        assert shell.after("check -n ") == Words({}, 4)
        with suppress(BlockingIOError):
            begun = os.read(held, 6)
    assert begun == b"begun\n"
    os.set_blocking(held, True)
    assert select.select([held], [], [], PATIENCE)[0]
    assert os.read(held, 99) == b""  # nobody has it open any more
    os.close(held)


def test_a_credential_plugin_is_asked_and_not_heard(direct: Shell, server: Server) -> None:
    found = with_plugin(direct, CREDENTIAL, server.url).after("check -n ")
    assert found.directive == 4
    assert found.names in ([], ["one", "two", "three"])  # as fast as this machine is


def test_nothing_is_written_and_no_cluster_brought_up(direct: Shell) -> None:
    folders = (direct.home.folder, direct.folder)
    before = [sorted(folder.rglob("*")) for folder in folders]
    for line in ("check -n ", "start sleep --name ", "check --context ", "show ", "practice "):
        assert direct.after(line).directive in (4, 36)
    assert [sorted(folder.rglob("*")) for folder in folders] == before


# ---- whatever is typed

PIECES = st.sampled_from(
    [
        *("", "-", "--", "=", "--=", "-=", "-n", "-n=", "-o", "-oj", "-pf", "--lang", "--lang="),
        *("--variant", "--name", "--context", "--kubeconfig", "--as-group", "--types", "--zzz"),
        *("check", "start", "lab", "test", "practice", "up", "completion", "retry", "4", "nope"),
    ]
)
TYPED = st.lists(
    PIECES | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=5),
    max_size=5,
)


@settings(max_examples=60, deadline=None)
@given(TYPED)
def test_whatever_is_typed_has_an_answer(anywhere: Shell, typed: list[str]) -> None:
    found = anywhere.offered(*typed)
    assert found.directive in (0, 4, 8, 16, 36)
    last = typed[-1] if typed else ""
    if found.directive == 4 and "=" not in last:
        assert [name for name in found.names if not name.startswith(last)] == []


@pytest.fixture(scope="session")
def anywhere(tmp_path_factory: pytest.TempPathFactory, folder: Path) -> Shell:
    return with_config(Shell(Home(tmp_path_factory.mktemp("anywhere")), folder, False, {}))
