"""What joblab prints fits 80 columns, in English and in Korean, whose letters are two wide.

The golden screens of tests/cli are measured in tests/cli/test_labs.py.
"""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import pytest

import kubectl_joblab
from kubectl_joblab.cli import program
from kubectl_joblab.cli.commands.labs import hint
from kubectl_joblab.cli.screens import page, predictions, verdicts
from kubectl_joblab.cli.session import Session
from kubectl_joblab.errors import JoblabError
from kubectl_joblab.evidence.snapshot import Snapshot
from kubectl_joblab.labs.definition import model
from kubectl_joblab.labs.exercise import Exercise
from kubectl_joblab.labs.judge import checks
from kubectl_joblab.labs.judge.standings import Judged
from kubectl_joblab.language import CODES, Language, phrase
from kubectl_joblab.printing import fold, tabwriter
from kubectl_joblab.printing.stream import Stream
from tests.labs import builders as b
from tests.labs import ours

VARIANTS = {v.job: (lab, v) for lab in ours.LABS for v in lab.variants}
KO = Path(kubectl_joblab.__file__).parent / "ko.json"
E2E = Path(__file__).parents[2] / "e2e" / "golden"
# Commands stand on one line each, to be pasted.
TYPED = re.compile(r"\$ |# (kubectl|echo) |(Next|다음): |  (run|실행)  ")
# Into a pipe a message is one line, and a table one table; terminals fold and split them.
WHOLE_WHEN_PIPED = re.compile(
    r"error: |Error from server|The .* is invalid|\* |Unable to connect|The connection to the"
    r"|Warning: |  (because|이유)   |.*\S {3,}\S"
)
# what the lines of a Job and its Pods say, as recorder.py has it
TOLD = [
    phrase("{done}, {n} failed, next try at {age}", done="0/1", n=1, age="22s"),
    phrase("{done}, next try at {age}", done="0/1", age="22s"),
    phrase("{done}, its Pod has {grace}s to stop", done="0/1", grace=30),
    phrase("exit {code}, ran {seconds}s", code=137, seconds=10),
    phrase("restart {n}", n=6),
]
LONG = "exceeded quota: pods, requested: pods=1, used: pods=2, limited: pods=2; " * 2


class Console(io.StringIO):
    """A terminal; its colours are left out, so that a line is as long as it is wide."""

    def isatty(self) -> bool:
        return True


def terminal_in(lang: str) -> Session:
    return session_with(Console, lang)


def pipe_in(lang: str) -> Session:
    return session_with(io.StringIO, lang)


def session_with(stream: type[io.StringIO], lang: str) -> Session:
    session = Session(stream(), stream(), stream(), {"TERM": "xterm", "NO_COLOR": "1"})
    session.flags["lang"] = lang
    return session


def printed(stream: object) -> list[str]:
    assert isinstance(stream, io.StringIO)
    return stream.getvalue().splitlines()


def too_wide(lines: list[str]) -> list[str]:
    return [
        line
        for line in lines
        if tabwriter.width(line.expandtabs(8)) > fold.COLUMNS and not TYPED.match(line)
    ]


@pytest.mark.parametrize("screen", sorted(E2E.glob("*.txt")), ids=lambda path: path.stem)
def test_a_screen_of_a_cluster_fits(screen: Path) -> None:
    command, *lines = screen.read_text("utf-8").splitlines()
    if " -o " in command or " --plain" in command:  # wide is wide, a plain line says it all
        return
    piped = not screen.stem.startswith("terminal-")
    whole = [line for line in lines if piped and WHOLE_WHEN_PIPED.match(line)]
    assert [line for line in too_wide(lines) if line not in whole] == []


TO_BE_TYPED = re.compile(r"  kubectl ")  # stays whole on a line of its own, to be pasted


@pytest.mark.parametrize("lang", CODES)
@pytest.mark.parametrize("lab", ours.LABS, ids=lambda lab: lab.name)
def test_a_hint_and_a_debrief_fit(lab: model.Lab, lang: str) -> None:
    session = terminal_in(lang)
    lines = [
        line
        for one in lab.hints
        for stage in range(len(one.stages))
        for line in hint._lines(session, Exercise(lab, lab.variants[0]), one, stage, lab.name)
    ]
    program.run(session, ["show", lab.name, "--debrief", f"--lang={lang}"])
    wide = too_wide([*lines, *printed(session.stdout)])
    assert [line for line in wide if not TO_BE_TYPED.match(line)] == []


@pytest.mark.parametrize("lang", CODES)
@pytest.mark.parametrize("lab", ours.LABS, ids=lambda lab: lab.name)
def test_a_question_leaves_room_for_its_answer(lab: model.Lab, lang: str) -> None:
    """The cursor waits behind it, and what is typed there does not begin on a line of its own."""
    for question in lab.questions:
        session = terminal_in(lang)
        predictions._asked(session, question)
        for line in printed(session.stdout):
            assert tabwriter.width(line) <= fold.COLUMNS - len("0,2-5,7")


@pytest.mark.parametrize("lang", CODES)
@pytest.mark.parametrize("lab", ours.LABS, ids=lambda lab: lab.name)
def test_what_to_observe_is_cut_only_where_it_is_long(lab: model.Lab, lang: str) -> None:
    """A point of two lines is made whole before the Job runs, not by its first sentence alone."""
    session = terminal_in(lang)
    said = " ".join(" ".join(page.observe(session, lab, briefly=True)).split())
    for entry in lab.observe:
        whole = fold.fold(session.text(entry), first="  - ")
        assert len(whole) > 2 or " ".join(" ".join(whole).split()) in said


# ---- verdicts


@pytest.mark.parametrize("lang", CODES)
@pytest.mark.parametrize("job", VARIANTS)
def test_verdicts_fit(job: str, lang: str) -> None:
    session = terminal_in(lang)
    for seen in states(job):
        one = judged(job, seen)
        lines = verdicts.table(session, [one], wide=False)
        assert too_wide([*lines, *verdicts.details(session, one.verdicts)]) == []


@pytest.mark.parametrize("lang", CODES)
@pytest.mark.parametrize("job", VARIANTS)
def test_only_what_a_server_says_is_wider_in_a_pipe(job: str, lang: str) -> None:
    for verdict in (v for seen in states(job) for v in judged(job, seen).verdicts):
        if not isinstance(verdict.because, str):
            assert too_wide(verdicts.details(pipe_in(lang), [verdict])) == []


def test_what_a_server_says_is_whole_in_a_pipe_and_folded_on_a_terminal() -> None:
    failed = judged("retry", states("retry")[1]).verdicts
    said = [verdict._replace(because=LONG.strip()) for verdict in failed if verdict.because]
    assert said
    piped = verdicts.details(pipe_in("en"), said)
    assert piped.count(f"  because   {LONG.strip()}") == len(said)
    assert too_wide(verdicts.details(terminal_in("en"), said)) == []


@pytest.mark.parametrize("lang", CODES)
def test_what_is_said_of_a_verdict_stands_in_one_column(lang: str) -> None:
    failed = [v for seen in states("retry") for v in judged("retry", seen).verdicts if v.because]
    labels = [re.match(r"  (\S+) +", line) for line in verdicts.details(terminal_in(lang), failed)]
    said = {found[1]: tabwriter.width(found[0]) for found in labels if found}
    names = {"en": ("because", "do", "run"), "ko": ("이유", "해결", "실행")}[lang]
    assert said == dict.fromkeys(names, 12)


@pytest.mark.parametrize("lab", ours.LABS, ids=lambda lab: lab.name)
def test_in_korean_the_verdicts_of_a_lab_are_no_wider_than_a_terminal_or_in_english(
    lab: model.Lab,
) -> None:
    for number in range(3):
        found = [judged(one.job, states(one.job)[number]) for one in lab.variants]
        english, korean = (
            max(map(tabwriter.width, verdicts.table(pipe_in(lang), found, wide=False)))
            for lang in CODES
        )
        assert korean <= max(english, fold.COLUMNS)


@pytest.mark.parametrize("job", VARIANTS)
def test_in_korean_the_lines_of_a_job_are_no_wider_than_a_terminal_or_in_english(job: str) -> None:
    """What a line cannot do without is the Job's name and its Pods', and a STATUS of kubectl's."""
    english, korean = (
        [
            tabwriter.width(Stream(job).change(22, f"job.batch/{job}", "Running", text(one)))
            for one in TOLD
        ]
        for text in map(Language, CODES)
    )
    assert [
        one for one, en, ko in zip(TOLD, english, korean, strict=True) if ko > max(en, fold.COLUMNS)
    ] == []


@pytest.mark.parametrize("lang", CODES)
def test_verdicts_of_many_jobs_are_a_table_for_each(lang: str) -> None:
    lines = verdicts.table(terminal_in(lang), everything(), wide=False)
    assert too_wide(lines) == []
    assert lines.count("") == len(VARIANTS) - 1
    assert heads(lines) == len(VARIANTS)


@pytest.mark.parametrize("lang", CODES)
def test_among_many_jobs_the_table_of_one_says_no_less_than_it_does_alone(lang: str) -> None:
    session = terminal_in(lang)
    lines = verdicts.table(session, everything(), wide=False)
    alone = [verdicts.table(session, [one], wide=False) for one in everything()]
    assert lines == [line for table in alone for line in ["", *table]][1:]


def test_a_table_that_fits_shortens_nothing() -> None:
    wide = [
        row_of("retry-onfailure", "x" * 40, "y" * 40),
        row_of("sleep", "Job sleep", "Job sleep"),
    ]
    assert verdicts.table(terminal_in("en"), wide, wide=False)[-1].split() == [
        *("sleep/job", "PASS", "Job", "sleep", "Job", "sleep"),
    ]


def test_verdicts_that_fit_closer_together_stay_one_table() -> None:
    some = [row_of("sleep", "x", "y"), row_of("retry-onfailure", "x" * 20, "y" * 29)]
    assert verdicts.table(terminal_in("en"), some, wide=False) == [
        "NAME                 RESULT  EXPECTED              OBSERVED",
        "sleep/job            PASS    x                     y",
        f"retry-onfailure/job  PASS    {'x' * 20}  {'y' * 29}",
    ]


def row_of(job: str, expected: str, observed: str) -> Judged:
    """The first check of a Job, with these words."""
    one = judged(job, states(job)[1])
    first = one.verdicts[0]
    measure = first.measure._replace(expected_text=expected, observed_text=observed)
    return one._replace(verdicts=[first._replace(measure=measure)])


@pytest.mark.parametrize("lang", CODES)
def test_in_a_pipe_verdicts_are_one_table_as_kubectl_spaces_it(lang: str) -> None:
    lines = verdicts.table(pipe_in(lang), everything(), wide=False)
    assert too_wide(lines) != []
    assert (lines.count(""), heads(lines)) == (0, 1)
    assert lines[0].index("RESULT") == max(len(name) for name in names()) + 3


@pytest.mark.parametrize("session", [pipe_in("en"), terminal_in("en")], ids=["pipe", "terminal"])
def test_without_headers_verdicts_are_one_table_everywhere(session: Session) -> None:
    lines = verdicts.table(session, everything(), wide=False, headers=False)
    whole = verdicts.table(pipe_in("en"), everything(), wide=False)
    assert lines == whole[1:]
    assert [line.split()[0] for line in lines] == names()


def everything() -> list[Judged]:
    """Each Job there is, all failed."""
    return [judged(job, states(job)[0]) for job in VARIANTS]


def names() -> list[str]:
    return [verdict.name for one in everything() for verdict in one.verdicts]


def heads(lines: list[str]) -> int:
    return sum(line.startswith("NAME ") for line in lines)


# ---- errors and warnings

SENTENCES = [line for line in json.loads(KO.read_text("utf-8")).items() if "error: " in line[0]]


@pytest.mark.parametrize("sentence", [text for both in SENTENCES for text in both])
def test_an_error_of_ours_is_folded_on_a_terminal_and_whole_in_a_pipe(sentence: str) -> None:
    text = re.sub(r"\{\w+\}", "some-value", sentence)
    sessions = {session.stderr.isatty(): session for session in (terminal_in("en"), pipe_in("en"))}
    for session in sessions.values():
        session.fail(JoblabError(text))
    assert too_wide(printed(sessions[True].stderr)) == []
    assert printed(sessions[False].stderr) == [text]


@pytest.mark.parametrize("lang", CODES)
def test_a_warning_is_folded_on_a_terminal_and_whole_in_a_pipe(lang: str) -> None:
    sessions = terminal_in(lang), pipe_in(lang)
    for session in sessions:
        session.warn(LONG.strip())
    assert too_wide(printed(sessions[0].stderr)) == []
    assert printed(sessions[1].stderr) == [f"Warning: {LONG.strip()}"]


@pytest.mark.parametrize("lang", CODES)
def test_a_note_is_folded_on_a_terminal_and_whole_in_a_pipe(lang: str) -> None:
    sessions = terminal_in(lang), pipe_in(lang)
    for session in sessions:
        session.note(LONG.strip())
    assert too_wide(printed(sessions[0].stderr)) == []
    assert printed(sessions[1].stderr) == [LONG.strip()]


@pytest.mark.parametrize("status", ["Suspended", "Terminating", "FailureTarget"])
def test_the_list_fits_a_terminal_whatever_the_status_of_a_job(status: str) -> None:
    header = ["LAB", "NAME", "TITLE", "DONE", "STATUS", "CHECKS", "RESULT"]
    session = terminal_in("ko")
    rows = [
        [str(lab.number), lab.name, session.text(lab.title), "yes", status, "10/20", "PENDING"]
        for lab in ours.LABS
    ]
    assert too_wide(session.table(header, rows, close=True)) == []


@pytest.mark.parametrize("lang", CODES)
def test_where_labs_do_not_fit_no_observed_value_is_cut_off_after_its_first_word(lang: str) -> None:
    session = terminal_in(lang)
    found = [judged(job, states(job)[1]) for job in VARIANTS]
    lines = verdicts.table(session, found, wide=False)
    observed = {line.split("  ")[-1].strip() for line in lines}
    assert {"the same", "같음"} & observed
    assert not {"Job", "Pod", "backoffLimit", "completions", "재시작"} & observed


def judged(job: str, seen: Snapshot) -> Judged:
    lab, variant = VARIANTS[job]
    exercise = Exercise(lab, variant)
    return Judged(exercise, checks.judge(exercise, seen), started=seen.job is not None)


def states(job: str) -> list[Snapshot]:
    """A Job of this name that failed, one that is complete, and none."""
    tries = [b.ran(f"{job}-{number}", 1 + number, 3 + number, 3) for number in range(3)]
    succeeded = [b.ran(f"{job}-{number}", 1, 30) for number in range(3)]
    return [
        b.seen(b.failed(40, name=job), *tries, name=job),
        b.seen(b.complete(31, 3, name=job), *succeeded, name=job),
        b.seen(None, name=job),
    ]
