r"""No command passes a control character from a cluster to a terminal; a pipe gets it raw.

The world is hostile: logs, messages of events, conditions and containers, annotations, variables,
images, a schedule and the kubeconfig hold what moves the cursor, sets the title or turns a line.
All commands are run in it: one that is new has to be given a line in LINES, or a reason not to be.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import kubectl_joblab
from kubectl_joblab import objects
from kubectl_joblab.cli.syntax import words
from kubectl_joblab.client import resources
from kubectl_joblab.objects import Object
from kubectl_joblab.printing.visible import visible
from tests.inprocess.cluster import KUBECONFIG, Cluster
from tests.inprocess.terminal import ENVIRON
from tests.practice.node.fake import Program

# SGR, a title by OSC, BEL, backspace, C1's CSI, bidi overrides, CR, DEL, a line's end, no width
EVILS = (
    *("\x1b[31m", "\x1b]0;own\x07", "\x08", "\x9b2J", "\u202e", "\u2066", "\r", "\x7f"),
    *("\u2028", "\u200b", "\x1bc", "\x0e"),
)
EVIL = "evil" + "".join(EVILS) + "evil"
SCHEDULE = "*\x0b*\x85*\u2028*\r*"  # Go takes all of these for spaces
KUBECTLS = {0x1B: "^[", 0x0D: "\\r"}  # which kubectl's tables and describe write so in a pipe too
# what the live view writes itself
OURS = re.compile(r"\r(?:\x1b\[\d+A)?\x1b\[J|\x1b\[\?(?:7|25)[lh]")
CONTROL = re.compile(
    "[^\\n\\t\\x20-\\x7e\\xa0-\\U0010ffff]|[\u202a-\u202e\u2066-\u2069\u2028\u200b]"
)

LINES = {
    "start": [
        "start echo --no-predict",
        "start retry --no-predict",
        "start sleep --dry-run=server",
    ],
    "watch": ["watch job/own"],
    "check": ["check echo", "check", "check -A", "check retry --wait"],
    "cron": ["cron cronjob/own", "cron cronjob/own -o yaml"],
    "describe": ["describe job/own", "describe job/image", "describe job/held", "describe echo"],
    "diagnose": [
        *("diagnose", "diagnose -A", "diagnose cronjob/own", "diagnose job/own -o yaml"),
        *(f"diagnose job/{name}" for name in ("own", "image", "exec", "held")),
    ],
    "doctor": ["doctor", "doctor -o yaml"],
    "events": ["events job/own", "events echo", "events job/own -o yaml"],
    "hint": ["hint echo", "hint retry"],
    "list": ["list", "list -o yaml"],
    "logs": ["logs job/own", "logs job/own -f", "logs echo", "logs cronjob/own"],
    "next": ["next"],
    "predict": ["predict echo"],
    "rerun": ["rerun job/own", "rerun job/own --dry-run=client -o yaml"],
    "status": ["status job/own", "status job/held", "status cronjob/own", "status echo"],
    "timeline": ["timeline job/own", "timeline cronjob/own", "timeline job/own -o json"],
    "version": ["version"],
    "practice clock": ["practice clock"],
    "show": ["show echo"],
    "solution": ["solution echo"],
    "scaffold": ["scaffold echo -d -"],
    "simulate": ["simulate echo"],
    "reset": ["reset echo"],
    "help": ["help"],
    "options": ["options"],
    "clean": ["clean --all"],
}
# about this machine, and not about a cluster; but for `lab test`, which has threads of its own
ELSEWHERE = (
    *("completion", "lab"),
    *(f"practice {name}" for name in ("up", "down", "reset", "status", "logs")),
)
ONCE = ("clean", "start", "rerun")  # which do something else the second time
# what may write to a terminal: it makes visible what is not its own, or is the program's own help
WRITERS = {"cli/session.py", "printing/screen.py", "cli/entry.py", "cli/syntax/command.py"}
PACKAGE = Path(kubectl_joblab.__file__).parent


class _Any(dict[str, Any]):
    """A table in which each container fails, and says what is hostile."""

    def __contains__(self, name: object) -> bool:
        return True

    def __missing__(self, name: str) -> Any:
        if name == "exec":
            return [[Program(fails=f'exec: "{EVIL}": executable file not found in $PATH')]]
        exits = 0 if name == "echo" else 3  # a lab that passes
        return [[Program(runs=1, exits=exits, log=((0, EVIL), (0.5, EVIL)), message=EVIL)]]


def job(name: str, image: str = "busybox:1.36", **spec: Any) -> Object:
    container = {
        "name": "main",
        "image": image,
        "command": ["sh", "-c", EVIL],
        "env": [{"name": "SAID", "value": EVIL}],
    }
    template = {
        "metadata": {"annotations": {"example.com/said": EVIL}},
        "spec": {"restartPolicy": "Never", "containers": [container]},
    }
    meta = {"name": name, "annotations": {"example.com/said": EVIL}}
    whole = {"backoffLimit": 1, **spec, "template": template}
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": meta, "spec": whole}


def cron_job(name: str) -> Object:
    template = {"spec": job("")["spec"]}
    meta = {"name": name, "annotations": {"example.com/said": EVIL}}
    spec = {"schedule": SCHEDULE, "jobTemplate": template, "failedJobsHistoryLimit": 3}
    return {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": meta, "spec": spec}


def event(number: int, about: Object) -> Object:
    meta = objects.metadata(about)
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": f"evil-{number}", "namespace": "default"},
        "involvedObject": {
            "apiVersion": about["apiVersion"],
            "kind": about["kind"],
            "name": meta["name"],
            "namespace": "default",
            "uid": meta["uid"],
        },
        "reason": "FailedCreate",
        "message": f"Error creating: {EVIL}",
        "type": "Warning",
        "source": {"component": EVIL},
        "firstTimestamp": meta["creationTimestamp"],
        "lastTimestamp": meta["creationTimestamp"],
        "count": 1,
    }


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """The hostile world, after some minutes."""
    folder = tmp_path_factory.mktemp("hostile")
    with Cluster(folder, _Any()) as made:
        evil = KUBECONFIG.replace(": me", ': "me\\e[31m"').replace(": here", ': "here\\e[31m"')
        (folder / "kubeconfig").write_text(evil, "utf-8")
        client = made.session(io.StringIO(), io.StringIO()).client
        for one in (
            job("own"),
            job("image", "busybox\x1b[31m:1.36"),
            job("exec"),
            job("held", managedBy="example.com/evil"),
        ):
            client.create(resources.JOBS, one, "default")
        client.create(resources.CRON_JOBS, cron_job("own"), "default")
        made.sleep(130)
        begun = {
            "startTime": objects.metadata(client.get(resources.JOBS, "held", "default"))[
                "creationTimestamp"
            ]
        }
        told = {"status": "True", "reason": "Evil", "message": EVIL}
        conditions = [{"type": kind, **told} for kind in ("FailureTarget", "Failed")]
        status = {"status": {**begun, "conditions": conditions}}
        client.patch(resources.JOBS, "held/status", status, "default")
        about = [
            client.get(resources.JOBS, "own", "default"),
            client.get(resources.CRON_JOBS, "own", "default"),
            *client.list(resources.PODS, "default").items,
        ]
        for number, one in enumerate(about):
            client.create(resources.EVENTS, event(number, one), "default")
        yield made


class Terminal(io.StringIO):
    """A stream that is a terminal, and keeps all that is written as it is."""

    def isatty(self) -> bool:
        return True


def test_each_command_is_run_or_has_nothing_of_a_cluster() -> None:
    groups = {name for name, one in words.COMMANDS.items() if one.commands}
    for name in words.COMMANDS.keys() - groups - LINES.keys():
        assert name.startswith(ELSEWHERE), f"{name} needs a line in LINES"


@pytest.mark.parametrize("line", [one for lines in LINES.values() for one in lines])
def test_a_terminal_is_controlled_by_nobody_else(hostile: Cluster, line: str) -> None:
    out, err = Terminal(), Terminal()
    hostile.run_on(out, err, line.split(), environ=ENVIRON)
    shown = OURS.sub("", out.getvalue() + err.getvalue())
    assert CONTROL.findall(shown) == []
    if "Usage" in err.getvalue():
        pytest.fail(f"{line} is no command line: {err.getvalue()}")

    piped = hostile.run(*line.split())
    raw = piped.out + piped.err
    for evil in EVILS:
        if visible(evil) in shown and line.split()[0] not in ONCE:
            assert evil in raw or evil.translate(KUBECTLS) in raw


def test_nothing_writes_to_a_stream_but_what_makes_visible() -> None:
    found = {
        file.relative_to(PACKAGE).as_posix()
        for folder in ("cli", "labs", "evidence", "client", "printing")
        for file in (PACKAGE / folder).rglob("*.py")
        if re.search(
            r"std(out|err)\.write\(|\bstream\.write\(|\bprint\(|click\.echo",
            file.read_text("utf-8"),
        )
    }
    assert found <= WRITERS


def test_the_world_is_hostile_wherever_it_can_be(hostile: Cluster) -> None:
    """What is tested here is there: a pipe has it from the kinds of places that are named above."""
    for line in (
        *("logs job/own", "events job/own", "describe job/own", "describe job/image"),
        *("describe job/held", "cron cronjob/own"),
    ):
        screen = hostile.run(*line.split())
        assert CONTROL.search(screen.out + screen.err), line
