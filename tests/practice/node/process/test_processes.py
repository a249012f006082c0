"""Containers as real processes: what they see, how they end, what is left of them."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from kubectl_joblab.practice.node.process.messages import ALL_CAPABILITIES
from tests.practice.node import theatre
from tests.practice.node.theatre import MODES, NAMESPACED, PLAIN, Mode, Play

Object = dict[str, Any]


def _sh(script: str, **launch: Any) -> Object:
    return {"launch": {"argv": ["sh", "-c", script], **launch}}


# three durations that no other process sleeps for, also where tests run side by side
LEFT, KILLED, EXECUTED = (f"9{os.getpid()}.{number}" for number in range(3))

ACTS: dict[str, Object] = {
    "exits with 3": _sh("exit 3"),
    "prints": _sh("echo one; echo two; printf three"),
    "complains": _sh("echo no >&2"),
    "reads": _sh("cat; echo $?"),
    "environment": {"launch": {"argv": ["env"], "env": {"PATH": "/usr/bin:/bin", "A": "b c"}}},
    "is not there": {"launch": {"argv": ["nope"]}},
    "is not there, with a path": {"launch": {"argv": ["/nope/x"]}},
    "is a folder": {"launch": {"argv": ["/usr"]}},
    "is nothing": {"launch": {"argv": [""]}},
    "files": _sh("ls /proc/self/fd | head -3 | tr '\\n' ' '; ls /proc/self/fd | wc -l"),
    "sh": _sh("[[ a = a ]] && [ -n $RANDOM ] && echo no dash"),
    "leaves a child": _sh(f"(setsid sleep {LEFT} &) ; sleep 0.1; exit 0"),
    "is asked to end": {
        **_sh("trap 'exit 7' TERM; while :; do sleep 0.02; done"),
        "steps": [["execute", ["true"]], ["signal", signal.SIGTERM], ["wait"]],
    },
    "is killed": {
        **_sh(f"sleep {KILLED} & wait"),
        "steps": [["signal", signal.SIGKILL], ["wait"]],
    },
    "executes": {
        **_sh("sleep 100", env={"PATH": "/usr/bin:/bin", "A": "b"}),
        "steps": [
            ["execute", ["sh", "-c", "echo out $A; echo err >&2; exit 4"]],
            ["execute", ["sleep", EXECUTED], 0.1],
            ["execute", ["nope"]],
            ["signal", signal.SIGKILL],
            ["wait"],
        ],
    },
}
ACTS["streams"] = {
    **_sh("sleep 100", env={"PATH": "/usr/bin:/bin", "A": "b"}),
    "steps": [
        ["stream", ["sh", "-c", "cat; echo err $A >&2; exit 3"], "typed\n"],
        [
            "stream",
            ["sh", "-c", "read a; stty size; test -t 0 && echo got $a >&2"],
            "typed\n",
            True,
        ],
        ["stream", ["true"], "nobody reads this\n"],
        ["stream", ["nope"], ""],
        ["stream", ["nope"], "", True],
        ["stream", ["sh", "-c", "kill -KILL $$"], ""],
        ["signal", signal.SIGKILL],
        ["wait"],
    ],
}
_ECHOES = "while read line; do echo got $line; done; echo over; echo why >&2; exit 5"
ACTS["waits for what is typed"] = {
    **_sh(_ECHOES, stdin=True),
    "steps": [
        ["attach", "one\n", "got one", "leave"],
        ["attach", "two\n", "", "end"],
        ["wait"],
    ],
}
ACTS["has a terminal"] = {
    **_sh(f"stty -echo; read a; stty size; {_ECHOES}", stdin=True, tty=True),
    "steps": [["attach", "now\nline\n", "got line", "leave"], ["signal", signal.SIGKILL], ["wait"]],
}
ACTS["prints much"] = {
    **_sh("sleep 0.2; head -c 3000000 /dev/zero | tr '\\0' x"),
    "steps": [["attach", "", "", "leave"], ["wait"]],
}
IN_NAMESPACES: dict[str, Object] = {
    "kills itself": _sh("kill -TERM $$; kill -KILL $$; echo alive"),
    "looks around": _sh("echo $$ $(id -u) $(id -g) $(hostname); ls /home /root | wc -l"),
    "is nobody": _sh("id -u; id -g; echo x > /tmp/y; ls -ln /tmp/y", user=65534, group=1000),
    "writes": _sh("echo x > /x && cat /x; touch /usr/x 2>/dev/null || echo cannot"),
    "writes nowhere": _sh(
        "exec 2>&1; touch /x || touch /tmp/x || echo x > /e/x; ls /e", read_only=True
    )
    | {"image": "busybox"},
    "capabilities": _sh("grep -e CapBnd -e NoNewPrivs /proc/self/status", capabilities=0xA80425FB),
    "no new privileges": _sh("grep NoNewPrivs /proc/self/status", no_new_privileges=True),
    "working directory": _sh("pwd", folder="/made/for/it"),
    "working directory that is a file": _sh("pwd", folder="/etc/passwd"),
    "mounts": _sh(
        "exec 2>&1; cat /v/a /etc/new/b /etc/hosts; ls /etc/passwd; touch /v/c; touch /ro/c"
    ),
    "looks for keys": _sh(
        "exec 2>&1; cat /h/v/a; echo; ls -A /h/keys /h/keys/pki; echo x > /h/keys/x",
        binds=[("files", "/h", True)],
        hidden=["files/keys"],
        capabilities=0xA80425FB,
    ),
    "mounts keys": _sh("ls /k", binds=[("files/keys/pki", "/k", False)], hidden=["files/keys"]),
    "mounts keys another way": _sh(
        "ls /k", binds=[("files/v/../keys", "/k", False)], hidden=["files/keys"]
    ),
    "mounts what has become a link": _sh(
        "ls /k", binds=[("files/host/away", "/k", False)], shown=["files/host"]
    ),
    "could unmount": _sh(
        "ls /h",
        binds=[("files", "/h", False)],
        hidden=["files/keys"],
        capabilities=ALL_CAPABILITIES,
    ),
    "executes in it": {
        **_sh("echo $$ > /tmp/pid; sleep 100", hostname="there"),
        "steps": [
            ["execute", ["sh", "-c", "while ! cat /tmp/pid; do :; done 2>/dev/null; hostname"]],
            ["signal", signal.SIGTERM],
            ["signal", signal.SIGKILL],
            ["wait"],
        ],
    },
    "busybox has nothing else": {
        "image": "busybox:1.36",
        "launch": {
            "argv": ["sh", "-c", "exec 2>&1; ls /; bash || busybox | head -1 | cut -c-7; id -un"]
        },
    },
}
IN_NAMESPACES["mounts"]["launch"]["binds"] = [
    ("files/v", "/v", True),
    ("files/v", "/ro", False),
    ("files/new", "/etc/new", False),
    ("files/hosts", "/etc/hosts", False),
]
IN_NAMESPACES["writes nowhere"]["launch"]["binds"] = [("files/e", "/e", True)]
FILES = {
    "files/v/a": "a",
    "files/keys/pki/ca.key": "secret",
    "files/new/b": "b",
    "files/hosts": "hosts\n",
    "files/e": None,
    "files/host/away": Path("../v"),
}


@cache
def _play(mode: Mode) -> tuple[dict[str, Object], Iterator[Play]]:
    """What came of all acts in a mode; the stage stays until the tests are over."""
    acts = ACTS | (IN_NAMESPACES if mode.namespaces else {})
    stage = theatre.played(mode, list(acts.values()), FILES)
    play = stage.__enter__()
    return dict(zip(acts, play.said, strict=True)), stage  # type: ignore[return-value]


@pytest.fixture(scope="module", autouse=True)
def _ending() -> Iterator[None]:
    yield
    for mode in MODES:
        try:
            _, stage = _play(mode)
        except pytest.skip.Exception:
            continue
        stage.__exit__(None, None, None)  # type: ignore[attr-defined]
    _play.cache_clear()


def _said(mode: Mode, act: str) -> Object:
    return _play(mode)[0][act]


each_mode = pytest.mark.parametrize("mode", MODES, ids=str)
in_namespaces = pytest.mark.parametrize("mode", NAMESPACED, ids=str)
without_namespaces = pytest.mark.parametrize("mode", PLAIN, ids=str)


@each_mode
def test_the_exit_code_is_the_programs(mode: Mode) -> None:
    assert _said(mode, "exits with 3")["results"] == [3]


@each_mode
def test_the_log_holds_both_streams_and_the_line_without_end(mode: Mode) -> None:
    assert _said(mode, "prints")["log"] == [
        ["stdout", "F", "one"],
        ["stdout", "F", "two"],
        ["stdout", "P", "three"],
    ]
    assert _said(mode, "complains")["log"] == [["stderr", "F", "no"]]


@each_mode
def test_there_is_nothing_to_read_on_standard_input(mode: Mode) -> None:
    assert _said(mode, "reads")["log"] == [["stdout", "F", "0"]]


@each_mode
def test_nothing_of_the_users_environment_is_inherited(mode: Mode) -> None:
    lines = {line[2].partition("=")[0] for line in _said(mode, "environment")["log"]}
    assert lines - {"HOME"} == {"A", "PATH"}


@each_mode
def test_no_file_of_the_server_is_open_in_a_container(mode: Mode) -> None:
    assert _said(mode, "files")["log"] == [["stdout", "F", "0 1 2 4"]]


@each_mode
@pytest.mark.parametrize(
    ("act", "error"),
    [
        ("is not there", 'exec: "nope": executable file not found in $PATH'),
        (
            "is not there, with a path",
            'exec: "/nope/x": stat /nope/x: no such file or directory',
        ),
        ("is a folder", 'exec: "/usr": permission denied'),
        ("is nothing", 'exec: "": executable file not found in $PATH'),
    ],
)
def test_what_cannot_be_started_is_refused_in_a_runtimes_words(
    mode: Mode, act: str, error: str
) -> None:
    assert _said(mode, act) == {"error": error}


@each_mode
def test_sh_is_never_dash(mode: Mode) -> None:
    assert _said(mode, "sh")["log"] == [["stdout", "F", "no dash"]]


@each_mode
def test_what_a_container_leaves_behind_ends_with_it(mode: Mode) -> None:
    assert _said(mode, "leaves a child")["results"] == [0]
    assert theatre.running(LEFT) == []


@each_mode
def test_a_handler_of_sigterm_decides_how_it_ends(mode: Mode) -> None:
    assert _said(mode, "is asked to end")["results"] == [[0, ""], 7]


@each_mode
def test_sigkill_ends_the_whole_tree(mode: Mode) -> None:
    assert _said(mode, "is killed")["results"] == [137]
    assert theatre.running(KILLED) == []


@each_mode
def test_what_is_executed_in_a_container_has_its_environment_and_its_own_end(mode: Mode) -> None:
    assert _said(mode, "executes")["results"] == [
        [4, "out b\nerr\n"],
        [None, ""],
        'exec: "nope": executable file not found in $PATH',
        137,
    ]
    assert theatre.gone(EXECUTED)


@each_mode
def test_a_program_whose_streams_are_held_reads_what_is_typed_and_says_how_it_ended(
    mode: Mode,
) -> None:
    piped, on_terminal, ended, *refused, killed, _ = _said(mode, "streams")["results"]
    assert piped == [3, {"stdout": "typed\n", "stderr": "err b\n"}]
    code, printed = on_terminal
    assert (code, list(printed)) == (0, ["stdout"])
    assert "25 81\r\n" in printed["stdout"]
    assert "got typed\r\n" in printed["stdout"]
    assert ended == [0, {"stdout": "", "stderr": ""}]
    assert refused == ['exec: "nope": executable file not found in $PATH'] * 2
    assert killed == [137, {"stdout": "", "stderr": ""}]


@each_mode
def test_who_is_attached_types_into_the_container_and_sees_what_it_prints(mode: Mode) -> None:
    said = _said(mode, "waits for what is typed")
    first, second, code = said["results"]
    assert first == {"stdout": "got one\n"}
    assert second == {"stdout": "got two\nover\n", "stderr": "why\n"}
    assert code == 5
    log = sorted(line[2] for line in said["log"])
    assert log == ["got one", "got two", "over", "why"]


@each_mode
def test_the_terminal_of_a_container_is_typed_on_and_its_output_is_the_log(mode: Mode) -> None:
    said = _said(mode, "has a terminal")
    printed, code = said["results"]
    assert "25 81\r\ngot line\r\n" in printed["stdout"]
    assert code == 137
    assert ["stdout", "F", "got line"] in said["log"]


@each_mode
def test_who_is_attached_misses_nothing_of_what_is_printed_fast(mode: Mode) -> None:
    printed, code = _said(mode, "prints much")["results"]
    assert (printed["stdout"], code) == ("x" * 3_000_000, 0)


@in_namespaces
def test_a_signal_without_a_handler_does_not_reach_process_1(mode: Mode) -> None:
    assert _said(mode, "kills itself")["log"] == [["stdout", "F", "alive"]]


@in_namespaces
def test_it_is_process_1_and_root_with_a_name_of_its_own_and_sees_no_home(mode: Mode) -> None:
    log = [line[2] for line in _said(mode, "looks around")["log"]]
    assert log[0] == "1 0 0 stage"
    assert log[-1].strip() == "3"  # two headings and an empty line


@in_namespaces
def test_another_uid_is_only_another_number_for_the_same_user(mode: Mode) -> None:
    user, group, listed = (line[2] for line in _said(mode, "is nobody")["log"])
    assert (user, group) == ("65534", "1000")
    assert listed.split()[2:4] == ["65534", "1000"]


@in_namespaces
def test_the_root_can_be_written_and_the_machine_cannot(mode: Mode) -> None:
    assert _said(mode, "writes")["log"] == [["stdout", "F", "x"], ["stdout", "F", "cannot"]]


@in_namespaces
def test_a_read_only_root_leaves_volumes_to_write(mode: Mode) -> None:
    log = _said(mode, "writes nowhere")["log"]
    assert log[-1] == ["stdout", "F", "x"]
    assert [line[2] for line in log[:2]] == [
        "touch: /x: Read-only file system",
        "touch: /tmp/x: Read-only file system",
    ]


@in_namespaces
def test_capabilities_are_the_runtimes_and_privileges_do_not_grow(mode: Mode) -> None:
    values = [line[2].split()[1] for line in _said(mode, "capabilities")["log"]]
    assert values == ["0" * 8 + "a80425fb", "0"]
    assert _said(mode, "no new privileges")["log"][0][2].split() == ["NoNewPrivs:", "1"]


@in_namespaces
def test_the_working_directory_is_made(mode: Mode) -> None:
    assert _said(mode, "working directory")["log"] == [["stdout", "F", "/made/for/it"]]
    assert _said(mode, "working directory that is a file") == {
        "error": "error during container init: mkdir /etc/passwd: not a directory"
    }


@in_namespaces
def test_volumes_are_mounted_also_where_the_machines_folders_are(mode: Mode) -> None:
    log = sorted(line[2] for line in _said(mode, "mounts")["log"])
    assert log[0] == "/etc/passwd"
    assert log[1] == "abhosts"
    assert "Read-only file system" in log[2]


@in_namespaces
def test_no_volume_shows_a_folder_that_is_hidden(mode: Mode) -> None:
    seen, *told = [line[2] for line in _said(mode, "looks for keys")["log"]]
    assert seen == "a"
    assert len(told) == 3
    assert "secret" not in str(told)
    assert all("/h/keys" in line for line in told), told
    assert _said(mode, "mounts keys").keys() == {"error"}
    assert _said(mode, "mounts keys another way")["error"].endswith(
        "is a file of the practice cluster itself"
    )
    assert _said(mode, "could unmount")["error"].endswith("of the practice cluster itself")


@in_namespaces
def test_no_volume_shows_where_a_link_leads_that_was_put_in_its_place(mode: Mode) -> None:
    assert _said(mode, "mounts what has become a link")["error"].endswith(
        "files/host/away has become a link that leads out of its volume"
    )


@in_namespaces
def test_what_is_executed_sees_the_containers_files_and_name(mode: Mode) -> None:
    assert _said(mode, "executes in it")["results"] == [[0, "1\nthere\n"], 137]


@in_namespaces
def test_a_busybox_image_has_busybox_and_nothing_else(mode: Mode) -> None:
    if "error" in _said(mode, "busybox has nothing else"):
        pytest.skip("no busybox on this machine")
    log = [line[2] for line in _said(mode, "busybox has nothing else")["log"]]
    assert log == [
        *("bin", "dev", "etc", "home", "proc", "root", "run", "tmp", "usr", "var"),
        "sh: bash: not found",
        "BusyBox",
        "root",
    ]


@without_namespaces
def test_a_plain_process_runs_with_the_rights_of_the_user(mode: Mode) -> None:
    user = theatre.NOBODY if mode.ordinary_user else os.getuid()
    with theatre.played(mode, [_sh("id -u")]) as play:
        assert play.said[0]["log"] == [["stdout", "F", str(user)]]
