"""predict: what can be an answer, and what is said of the answer once the run is there."""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest

from kubectl_joblab.cli import entry
from kubectl_joblab.cli.commands.labs import predict
from tests.cli.commands.test_requests import sent
from tests.inprocess import terminal
from tests.inprocess.cluster import Cluster
from tests.inprocess.terminal import Terminal
from tests.labs.definition.lint.lab import JOB, edit, make_lab, write
from tests.practice.node.fake import Program


@pytest.mark.parametrize(
    ("answer", "lang", "told"),
    [
        pytest.param(
            "pods=zwei", "en", "error: --answer pods=zwei: write a whole number", id="in English"
        ),
        pytest.param(
            "pods=zwei", "ko", "error: --answer pods=zwei: 답의 형식: 정수", id="in Korean"
        ),
        pytest.param(
            "x=1",
            "ko",
            "error: --answer x=1: 다음 가운데 하나로 쓰세요: pods=...",
            id="an unknown question",
        ),
    ],
)
def test_an_answer_that_cannot_be_read_is_an_error(
    cluster: Cluster, answer: str, lang: str, told: str
) -> None:
    screen = cluster.run("predict", "deadline", "--answer", answer, f"--lang={lang}")
    assert (screen.err.splitlines()[0], screen.code) == (told, 1)


# ---- what is said to an answer

LABS = "--lab-path=own"
ONE = '{when: {pods: {operator: "==", value: 1}}, en: one was enough, ko: 하나로 충분했습니다}'
MORE = '{when: {pods: {operator: ">", value: 1}}, en: more were needed, ko: 더 필요했습니다}'
ELSE = "{en: so it is, ko: 그렇습니다}"


@pytest.fixture
def lab(tmp_path: Path) -> Path:
    """A lab with a Job that asks how many Pods there will be, or how often a line is printed."""
    folder = make_lab(tmp_path / "own")
    pods = "{restartPolicy: Never, containers: [{name: main, image: busybox:1.36}]}"
    write("job.yaml", f"{JOB}  template: {{spec: {pods}}}\n")(folder)
    edit("format: joblab/v1", "format: joblab/v2")(folder)
    return folder


@pytest.fixture
def printing(tmp_path: Path) -> Iterator[Cluster]:
    """A cluster whose Jobs' containers print a line."""
    with Cluster(tmp_path, defaultdict(lambda: [[Program(runs=3, log=((0, "done"),))]])) as made:
        yield made


def asks(lab: Path, measure: str, because: str) -> None:
    ask = "{en: How many?, ko: 몇 개입니까?}"
    edit(
        "checks:\n",
        "questions:\n"
        f"- {{id: pods, ask: {ask}, measure: {measure}, because: {because}}}\nchecks:\n",
    )(lab)


@pytest.mark.parametrize(
    ("because", "told"),
    [
        pytest.param(ELSE, "pods: you said 5, the cluster made 1: so it is", id="a text"),
        pytest.param(ONE, "pods: you said 5, the cluster made 1: one was enough", id="what is so"),
        pytest.param(
            f"[{MORE}, {ONE}, {ELSE}]",
            "pods: you said 5, the cluster made 1: one was enough",
            id="the first that is so",
        ),
        pytest.param(
            f"[{MORE}, {ELSE}]",
            "pods: you said 5, the cluster made 1: so it is",
            id="else the last",
        ),
        pytest.param(f"[{MORE}]", "pods: you said 5, the cluster made 1", id="none that is so"),
    ],
)
def test_a_wrong_answer_is_told_the_reason_that_is_so(
    printing: Cluster, lab: Path, because: str, told: str
) -> None:
    asks(lab, "{pods: {}}", because)
    printing.run("predict", "demo", "--answer=pods=5", LABS)
    assert told in printing.run("start", "demo", LABS).out.splitlines()
    assert told in printing.run("check", "demo", LABS).out.splitlines()


@pytest.mark.parametrize(
    ("measure", "because"),
    [
        ("{log: {contains: done}}", ELSE),
        ("{pods: {}}", f'[{{when: {{sum: {{after: x, operator: "!=", value: 1}}}}, {ELSE[1:]}]'),
    ],
)
def test_what_an_answer_rests_on_is_read_where_no_check_needs_it(
    printing: Cluster, lab: Path, measure: str, because: str
) -> None:
    asks(lab, measure, because)
    printing.run("start", "demo", "--no-wait", LABS)
    printing.sleep(10)
    assert not any("log" in one for one in sent(printing, f"check demo {LABS}"))
    printing.run("predict", "demo", "--answer=pods=5", LABS)
    assert "1 GET log" in sent(printing, f"check demo {LABS}")


def test_a_field_that_counts_takes_a_whole_number(cluster: Cluster) -> None:
    screen = cluster.run("predict", "success-policy", "--answer", "succeeded=many")
    told = "error: --answer succeeded=many: write a whole number"
    assert (screen.err.splitlines()[0], screen.code) == (told, 1)


def test_what_was_said_of_a_time_has_its_unit(cluster: Cluster) -> None:
    screen = cluster.run("predict", "attempts", "--answer", "seconds=30", "--lang=ko")
    assert "  내 답: 30초" in screen.out.splitlines(), screen


def test_the_examples_of_the_help_have_questions(cluster: Cluster) -> None:
    examples = [line.split()[2:] for _, line in predict.predict.examples]
    asked = [cluster.run(*example).out for example in examples]
    assert [one.partition(": ")[0] for one in asked] == ["pods"] * len(examples)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        pytest.param("0-2", "indexes: you said 0-2, and so it was", id="as Kubernetes writes it"),
        pytest.param(
            "0,1,2",
            "indexes: you said 0,1,2, and so it was, written as 0-2: three completions are the",
            id="in another way",
        ),
    ],
)
def test_what_is_right_but_written_in_another_way_is_explained(
    cluster: Cluster, said: str, told: str
) -> None:
    cluster.run("predict", "indexed", "--answer", f"indexes={said}")
    screen = cluster.run("start", "indexed")
    assert told in " ".join(screen.out.split())


class Interrupted(Terminal):
    """A terminal at which Ctrl-C is typed instead of an answer."""

    def readline(self, *_: object) -> NoReturn:
        raise KeyboardInterrupt


def test_ctrl_c_at_a_question_says_what_is_left_and_how_to_go_on(cluster: Cluster) -> None:
    screen, err = Interrupted(), io.StringIO()
    session = cluster.session(screen, err, environ=terminal.ENVIRON)
    session.stdin = screen
    assert entry.carry_out(session, ["start", "deadline"]) == 130
    assert err.getvalue() == (
        "\nStopped before anything was created.\nNext: kubectl joblab start deadline\n"
    )
    assert cluster.names("Job") == []
