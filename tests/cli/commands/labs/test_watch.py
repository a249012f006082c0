"""watch: what it shows while the learner works with kubectl in another window."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.cli.commands.conftest import TWO_AT_ONCE, Compare
from tests.cli.conftest import MANIFESTS
from tests.inprocess import terminal
from tests.inprocess.cluster import Cluster
from tests.inprocess.terminal import Terminal

SLEEP = MANIFESTS / "01-sleep/solutions/shell.yaml"
TWO_PODS = MANIFESTS / "01-sleep/cheats/two-pods.yaml"
AGAIN = "Waiting for "  # what is said where a Job is waited for


class Interrupting(io.StringIO):
    """A stream whose reader types Ctrl-C as soon as it shows a text, so many times."""

    def __init__(self, text: str, times: int = 1) -> None:
        super().__init__()
        self._text, self._left = text, times

    def write(self, text: str) -> int:
        written = super().write(text)
        if self._text in text and self._left:
            self._left -= 1
            if not self._left:
                raise KeyboardInterrupt
        return written


def creating(cluster: Cluster, manifest: Path) -> Callable[[], object]:
    return partial(cluster.create_with_kubectl, manifest.read_text("utf-8"))


def watched(cluster: Cluster, line: str, until: str, times: int = 1) -> tuple[str, int]:
    """Both streams of a `watch` in one, as they were written, until it shows a text."""
    screen = Interrupting(until, times)
    code = cluster.run_on(screen, screen, line.split())
    return f"$ kubectl joblab {line}\n{screen.getvalue()}--- exit {code}\n", code


@pytest.mark.parametrize("lang", ["", "-ko"])
def test_it_waits_for_the_job_follows_it_and_waits_for_the_next(
    cluster: Cluster, compare: Compare, lang: str
) -> None:
    cluster.meanwhile((5, creating(cluster, SLEEP)))
    line = "watch sleep --lang=ko" if lang else "watch sleep"
    text, code = watched(cluster, line, "Ctrl-C", times=2)
    compare.text(f"watch{lang}", text)
    assert code == 0


def test_it_goes_on_with_the_next_job_of_the_name(cluster: Cluster, compare: Compare) -> None:
    cluster.meanwhile(
        (5, creating(cluster, TWO_PODS)),
        (4, partial(cluster.delete_with_kubectl, "sleep")),
        (4, creating(cluster, SLEEP)),
    )
    text, code = watched(cluster, "watch sleep", AGAIN, times=3)
    compare.text("watch-again", text)
    assert code == 0


def test_ctrl_c_has_what_is_decided_by_then_reported(cluster: Cluster, compare: Compare) -> None:
    cluster.meanwhile((5, creating(cluster, SLEEP)))
    text, code = watched(cluster, "watch sleep", "sleep/job")
    compare.text("watch-stopped", text)
    assert code == 3


def test_where_no_job_came_it_exits_as_check_does(cluster: Cluster, compare: Compare) -> None:
    text, code = watched(cluster, "watch retry --variant=onfailure", AGAIN)
    compare.text("watch-nothing", text)
    assert code == 3


def test_what_failed_is_explained(cluster: Cluster, compare: Compare) -> None:
    cluster.meanwhile((1, creating(cluster, TWO_AT_ONCE)))
    text, code = watched(cluster, "watch parallelism", AGAIN, times=2)
    compare.text("watch-failed", text)
    assert code == 2


def test_a_job_that_is_finished_is_judged_as_it_is(cluster: Cluster, compare: Compare) -> None:
    cluster.run("start", "echo", "--no-wait")
    cluster.sleep(10)
    text, code = watched(cluster, "watch echo", AGAIN)
    compare.text("watch-finished", text)
    assert code == 0


def test_a_job_that_cannot_go_on_is_told_once_and_not_left(
    cluster: Cluster, compare: Compare, tmp_path: Path
) -> None:
    text = SLEEP.read_text("utf-8")
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(text.replace("image: busybox:1.36", "image: busybox:0"), "utf-8")
    cluster.meanwhile(
        (1, creating(cluster, wrong)), (60, partial(cluster.delete_with_kubectl, "sleep"))
    )
    text, code = watched(cluster, "watch sleep", AGAIN, times=2)
    compare.text("watch-stuck", text)
    assert code == 3


def test_what_passed_is_kept_as_soon_as_it_has(cluster: Cluster) -> None:
    cluster.meanwhile((5, creating(cluster, SLEEP)))
    watched(cluster, "watch sleep", "sleep/job")
    assert passed(cluster) == ["sleep/job"]
    watched(cluster, "watch sleep", AGAIN)
    assert "sleep/complete" in passed(cluster)
    items = json.loads(cluster.run("list", "-o", "json").out)["items"]
    assert [item["name"] for item in items if item["done"]] == ["sleep"]


def passed(cluster: Cluster) -> list[str]:
    """The checks of the lab sleep that are kept as passed."""
    kept: dict[str, Any] = json.loads((cluster.state / "progress.json").read_text("utf-8"))
    return sorted(kept["labs"]["sleep"]["passed"])


def test_what_it_saw_is_recorded_as_start_does(cluster: Cluster) -> None:
    manifest = MANIFESTS / "04-retry/solutions/onfailure.yaml"
    cluster.meanwhile((1, creating(cluster, manifest)))
    _, code = watched(cluster, "watch retry --variant=onfailure", AGAIN, times=2)
    assert code == 0
    assert cluster.run("check", "retry", "--variant=onfailure").code == 0  # its Pod is gone


def test_on_a_terminal_the_verdicts_stand_below_the_bar(cluster: Cluster, compare: Compare) -> None:
    class Stopping(Terminal):
        def write(self, text: str) -> int:
            written = super().write(text)
            if text.startswith(AGAIN) and self.frames:
                raise KeyboardInterrupt
            return written

    cluster.meanwhile((5, creating(cluster, SLEEP)))
    screen = Stopping()
    code = cluster.run_on(screen, screen, ["watch", "sleep"], environ=terminal.ENVIRON)
    running = screen.frames[len(screen.frames) // 2]
    text = f"$ kubectl joblab watch sleep\n{running}--- afterwards\n{screen.getvalue()}"
    compare.text("watch-live", text)
    assert code == 0


def test_in_a_namespace_that_there_is_not_it_does_not_wait(cluster: Cluster) -> None:
    screen = cluster.run("watch", "sleep", "-n", "none")
    assert screen.err.startswith('Error from server (NotFound): namespaces "none" not found')
    assert screen.code == 1
