"""All commands that are there to be typed, as they are shown with -n and with --context.

They are read back by shlex, not by the reader that puts the flags in: each command of kubectl's or
ours that takes the flag has it once, before a --, also inside of $( ); all else is as it was.
"""

from __future__ import annotations

import dataclasses
import functools
import io
import json
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pytest

import kubectl_joblab
from kubectl_joblab.cli import program
from kubectl_joblab.cli.session import Session
from kubectl_joblab.labs import actions
from kubectl_joblab.labs.definition import model
from kubectl_joblab.labs.definition.advice import command_lines, texts
from kubectl_joblab.labs.exercise import Exercise
from kubectl_joblab.language import MARK, Command, Text, phrase
from kubectl_joblab.printing import fold
from tests.labs import ours

FLAGS = {"-n h": {"namespace": "h"}, "--context=there": {"context": "there"}}
NOBODY = [["config"], ["completion"], ["joblab", "options"]]
NO_NAMESPACE = [["explain"], *NOBODY]
INNER = re.compile(r"\$\((kubectl [^()]*)\)")
# what a line of several commands and of quotes may be; what a lab says is in the labs
LINES = [
    "kubectl apply -f a.yaml -f b.yaml && kubectl create job by-hand --from=cronjob/minute",
    "kubectl get pod > pods.txt 2>&1; kubectl logs job/echo | head -n 3",
    "kubectl exec job/echo -- head -n 1 /etc/hosts",
    "kubectl exec job/echo -- sh -c 'kubectl get pod -n other; echo \"$(date)\"'",
    'kubectl annotate job echo a="$(kubectl exec job/echo -- date)" b="$(kubectl get pod -o name)"',
    'kubectl create cronjob c --image=busybox:1.36 --schedule="* * * * *" -- echo "$((1 + 2))"',
    """kubectl patch job elastic -p '{"spec":{"parallelism":5,"completions":5}}'""",
    "kubectl get job echo -o jsonpath='{.status.failed} {.spec.backoffLimit}'",
    "kubectl joblab start retry -f 'my file.yaml' --backoff-limit=1",
    "echo '{}' | kubectl create --raw /api/v1/namespaces/h/pods/p/eviction -f -",
    "kubectl wait --for=condition=complete job/echo --timeout=60s",
]


def session(given: Mapping[str, object], lang: str = "en") -> Session:
    made = Session(io.StringIO(), io.StringIO(), io.StringIO(), {"LANG": f"{lang}.UTF-8"})
    made.flags = dict(given)
    return made


def inside(value: object) -> Iterator[Text]:
    """All texts in a lab."""
    if isinstance(value, Text):
        yield value
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from inside(getattr(value, field.name))
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from inside(one)
    elif isinstance(value, Iterable) and not isinstance(value, str):
        for one in value:
            yield from inside(one)


def in_texts(lab: model.Lab, asked: Session) -> list[str]:
    """The commands in a lab's texts, as they are shown."""
    return [one for text in inside(lab) for one in asked.text.marked(text).split(MARK)[1::2]]


def of_their_own(lab: model.Lab) -> list[str]:
    """The lines of a lab that are commands and nothing else."""
    lines = [lab.next, *lab.commands, *(check.run for check in lab.checks)]
    lines += [reason.run for check in lab.checks for reason in check.because]
    for stage in lab.stages:
        exercise = Exercise(lab, lab.variant(stage.variant))
        lines += [actions.command(one, exercise) for one in stage.do]
    return [line for line in lines if line]


def commands(line: str) -> Iterator[list[str]]:
    """The words of each command of a line, as shlex reads them, those in $( ) as well."""
    for inner in INNER.findall(line):
        yield from commands(inner)
    lexer = shlex.shlex(INNER.sub("INNER", line), posix=True, punctuation_chars=True)
    lexer.whitespace_split, lexer.commenters = True, ""
    words: list[str] = []
    for word in lexer:
        if word and set(word) <= set(";|&"):
            yield words
            words = []
        else:
            words.append(word)
    yield words


def before(words: list[str], sign: str = "--") -> list[str]:
    return words[: words.index(sign)] if sign in words else words


def assert_carries(shown: str, plain: str, flag: str) -> None:
    """Fail unless a line is as it was, but for the flag in each of its commands that takes it."""
    wanted, none = shlex.split(flag), NO_NAMESPACE if flag.startswith("-n") else NOBODY
    pairs = list(zip(commands(shown), commands(plain), strict=True))
    assert pairs
    for words, old in pairs:
        own = before(words)
        takes = old[0] == "kubectl" and not any(old[1 : 1 + len(one)] == one for one in none)
        takes = takes and (old[1:3] != ["joblab", "practice"])
        places = [at for at in range(len(own)) if own[at : at + len(wanted)] == wanted]
        assert len(places) == takes, shown
        for at in places:
            del words[at : at + len(wanted)]
        assert words == old, shown


@functools.cache
def complaint(line: str) -> str:
    """What our own command line says of ours, kubectl's list of verbs of kubectl's."""
    for words in commands(line):
        own = before(words)
        if own[0] != "kubectl":
            continue
        if own[1] not in command_lines.VERBS:
            return f"{own[1]} is no command of kubectl"
        if own[1] == "joblab" and (said := program.complaint(session({}), own[2:])):
            return said
    return ""


@pytest.mark.parametrize("flag", FLAGS)
@pytest.mark.parametrize("lang", ["en", "ko"])
@pytest.mark.parametrize("lab", ours.LABS, ids=lambda lab: lab.name)
def test_each_command_of_a_lab_has_the_flag_once(lab: model.Lab, lang: str, flag: str) -> None:
    asked = session(FLAGS[flag], lang)
    shown, plain, own = in_texts(lab, asked), in_texts(lab, session({}, lang)), of_their_own(lab)
    assert len(plain) > 2
    assert len(own) > 10
    for line, was in zip([*shown, *map(asked.with_flags, own)], [*plain, *own], strict=True):
        assert_carries(line, was, flag)
        assert complaint(line) == ""


@pytest.mark.parametrize("flag", FLAGS)
@pytest.mark.parametrize("line", LINES)
def test_each_command_of_a_line_has_the_flag_once(line: str, flag: str) -> None:
    shown = session(FLAGS[flag]).with_flags(line)
    assert_carries(shown, line, flag)
    assert session(FLAGS[flag]).with_flags(shown) == shown


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("kubectl exec job/sleep -- ps", "kubectl exec job/sleep -n h -- ps"),
        (
            'kubectl annotate job echo exec="$(kubectl exec job/echo -- date 2>&1)"',
            'kubectl annotate job echo exec="$(kubectl exec job/echo -n h -- date 2>&1)" -n h',
        ),
        ("kubectl get pod > out.txt", "kubectl get pod -n h > out.txt"),
        ("kubectl get pod -n other", "kubectl get pod -n other"),
        ("kubectl get pod --namespace=other", "kubectl get pod --namespace=other"),
        ("kubectl get pod -A", "kubectl get pod -A"),
        ("kubectl create namespace h", "kubectl create namespace h"),
        ("echo 'it does not end", "echo 'it does not end"),
    ],
)
def test_where_the_flag_stands(line: str, shown: str) -> None:
    assert session({"namespace": "h"}).with_flags(line) == shown


def test_a_command_of_another_namespace_has_that_before_what_it_runs() -> None:
    line = session({}).with_flags("kubectl exec job/echo -- date", "other")
    assert line == "kubectl exec job/echo -n other -- date"


@pytest.mark.parametrize("lang", ["en", "ko"])
@pytest.mark.parametrize("lab", ours.LABS, ids=lambda lab: lab.name)
def test_no_line_of_a_text_ends_in_a_command(lab: model.Lab, lang: str) -> None:
    asked = session({"namespace": "h", "context": "there"}, lang)
    for text in inside(lab):
        lines = asked.fold(text, first="  - ")
        for one in asked.text.marked(text).split(MARK)[1::2]:
            assert any(one in line for line in lines), one
        assert MARK not in "".join(lines)


@pytest.mark.parametrize("lab", ours.LABS, ids=lambda lab: lab.name)
def test_what_is_to_be_typed_is_marked(lab: model.Lab) -> None:
    for text in inside(lab):
        for said in (" ".join(text.en.split()), " ".join(text.ko.split())):
            assert (texts.whole(said), texts.glued(said)) == ("", "")
            bare = re.sub("`[^`]*`", "", said)
            assert not re.search(rf"kubectl joblab [a-z]+ (?:{'|'.join(ours.BY_NAME)})", bare)


def test_a_command_among_the_values_of_a_phrase_is_whole_and_has_its_flags() -> None:
    said = phrase("To begin anew, delete it: {command}", command=Command("kubectl delete job a"))
    asked = session({"namespace": "n" * 50})
    assert asked.fold(said) == [
        "To begin anew, delete it:",
        f"kubectl delete job a -n {'n' * 50}",
    ]
    assert asked.text(said) == f"To begin anew, delete it: kubectl delete job a -n {'n' * 50}"
    assert fold.fold(asked.text(said))[1] != asked.fold(said)[1]  # it is the mark that holds it


def test_no_message_has_a_whole_command_as_words() -> None:
    catalog = json.loads((Path(kubectl_joblab.__file__).parent / "ko.json").read_text("utf-8"))
    said = [one for pair in catalog.items() for one in pair]
    assert [one for one in said if texts.whole(one)] == []
