"""Every sentence of the program exists in Korean, and says the same with the same values."""

from __future__ import annotations

import ast
import json
import re
import string
import unicodedata
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

import kubectl_joblab
from kubectl_joblab.language import Language, Text, from_environment, particle, phrase, plural
from kubectl_joblab.printing import fold, tabwriter
from tests import sources
from tools import words

PACKAGE = Path(kubectl_joblab.__file__).parent
KOREAN = json.loads((PACKAGE / "ko.json").read_text("utf-8"))
BEHIND_A_VALUE = re.compile(r"\}[\"')]*((?:은|는|이|가|을|를|과|와|으|로|라|면|며|고|나|랑|였)\S*)")
PAIRS = re.compile(r"\{([^{}]*/[^{}]*)\}")


def templates() -> Iterator[str]:
    """All literal templates given to phrase() and plural() in the package."""
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(sources.tree(path)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                positions = {"phrase": (0,), "plural": (1, 2)}.get(node.func.id, ())
                for position in positions:
                    yield from literals(node.args[position], path)


def literals(node: ast.expr, path: Path) -> Iterator[str]:
    """The strings an argument can be; anything but literals is a mistake."""
    if isinstance(node, ast.IfExp):
        yield from literals(node.body, path)
        yield from literals(node.orelse, path)
        return
    if path.name == "language.py":
        return
    assert isinstance(node, ast.Constant), f"{path}:{node.lineno}: a template must be a literal"
    assert isinstance(node.value, str)
    yield node.value


def fields(template: str) -> set[str]:
    """The names of the values in a template."""
    names = {name for _, name, _, _ in string.Formatter().parse(template) if name}
    return {name for name in names if "/" not in name}


def test_each_sentence_has_a_translation_and_none_is_left_over() -> None:
    assert sorted({*templates(), *words.sentences()}) == sorted(KOREAN)


@pytest.mark.parametrize("template", KOREAN)
def test_a_translation_has_the_values_of_its_sentence(template: str) -> None:
    allowed = fields(template)
    assert fields(KOREAN[template]) == allowed


@pytest.mark.parametrize("template", KOREAN)
def test_a_particle_behind_a_value_is_left_to_the_value(template: str) -> None:
    assert BEHIND_A_VALUE.findall(KOREAN[template]) == []


@pytest.mark.parametrize("template", [one for one in KOREAN if one.startswith("error: ")])
def test_an_error_leaves_room_for_its_values_in_a_line_of_80_columns(template: str) -> None:
    literal = re.sub(r"\{[^{}]*\}", "", KOREAN[template])
    assert sum(2 if unicodedata.east_asian_width(one) == "W" else 1 for one in literal) <= 80


def test_particles_are_written_with_the_one_behind_a_consonant_first() -> None:
    pairs = {pair for korean in KOREAN.values() for pair in PAIRS.findall(korean)}
    known = {"은/는", "이/가", "을/를", "과/와", "으로/로", "이나/나"}
    assert pairs <= known | {"이라/라", "이라는/라는", "이고/고"}


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        pytest.param("실습", "실습은 실습이 실습으로", id="Hangul with a final consonant"),
        pytest.param("클러스터", "클러스터는 클러스터가 클러스터로", id="Hangul without one"),
        pytest.param("파일", "파일은 파일이 파일로", id="a final ㄹ takes 로"),
        pytest.param("basics", "basics는 basics가 basics로", id="basics: 베이식스"),
        pytest.param("sleep", "sleep은 sleep이 sleep으로", id="sleep: 슬립"),
        pytest.param("echo", "echo는 echo가 echo로", id="echo: 에코"),
        pytest.param("yaml", "yaml은 yaml이 yaml로", id="yaml: 야믈"),
        pytest.param("retry", "retry는 retry가 retry로", id="retry: 리트라이"),
        pytest.param("completions", "completions는 completions가 completions로", id="-ns"),
        pytest.param("parallelism", "parallelism은 parallelism이 parallelism으로", id="-m"),
        pytest.param("retry-onfailure", "retry-onfailure는 retry-onfailure가 retry-onfailure로"),
        pytest.param("retry-recover", "retry-recover는 retry-recover가 retry-recover로", id="-r"),
        pytest.param("joblab-practice", "joblab-practice는 joblab-practice가 joblab-practice로"),
        pytest.param("Job", "Job은 Job이 Job으로", id="Job: 잡"),
        pytest.param("Pod", "Pod는 Pod가 Pod로", id="Pod: 파드"),
        pytest.param("name", "name은 name이 name으로", id="name: 네임, for the e is silent"),
        pytest.param("file", "file은 file이 file로", id="file: 파일"),
        pytest.param("store", "store는 store가 store로", id="store: 스토어"),
        pytest.param("code", "code는 code가 code로", id="code: 코드"),
        pytest.param("testing", "testing은 testing이 testing으로", id="-ng: ㅇ"),
        pytest.param("log", "log는 log가 log로", id="log: 로그"),
        pytest.param("reset", "reset은 reset이 reset으로", id="reset: 리셋"),
        pytest.param("root", "root는 root가 root로", id="root: 루트"),
        pytest.param("test", "test는 test가 test로", id="test: 테스트"),
        pytest.param("stack", "stack은 stack이 stack으로", id="stack: 스택"),
        pytest.param("task", "task는 task가 task로", id="task: 태스크"),
        pytest.param("check", "check는 check가 check로", id="check: 체크, against the rule"),
        pytest.param("spec", "spec은 spec이 spec으로", id="spec: 스펙"),
        pytest.param("sync", "sync는 sync가 sync로", id="sync: 싱크"),
        pytest.param("dump", "dump는 dump가 dump로", id="dump: 덤프"),
        pytest.param("LAB", "LAB은 LAB이 LAB으로", id="LAB: 랩, though in capitals"),
        pytest.param(
            "job/NAME", "job/NAME은 job/NAME이 job/NAME으로", id="NAME: 네임, though in capitals"
        ),
        pytest.param("URL", "URL은 URL이 URL로", id="capitals are spelt: 엘"),
        pytest.param("HTTP", "HTTP는 HTTP가 HTTP로", id="capitals are spelt: 피"),
        pytest.param("md", "md는 md가 md로", id="so is what has no vowel: 디"),
        pytest.param("vm", "vm은 vm이 vm으로", id="so is what has no vowel: 엠"),
        pytest.param("x-r", "x-r은 x-r이 x-r로", id="a single letter is spelt: 알"),
        *(
            pytest.param(f"job-{digit}", f"job-{digit}{is_} job-{digit}{who} job-{digit}{by}")
            for digit, is_, who, by in (
                *((digit, "은", "이", "으로") for digit in "036"),
                *((digit, "은", "이", "로") for digit in "178"),
                *((digit, "는", "가", "로") for digit in "2459"),
            )
        ),
        pytest.param('"yaml"', '"yaml"은 "yaml"이 "yaml"로', id="behind a quote"),
        pytest.param("Job(잡)", "Job(잡)은 Job(잡)이 Job(잡)으로", id="behind a parenthesis"),
        pytest.param("/tmp/labs/", "/tmp/labs/는 /tmp/labs/가 /tmp/labs/로", id="behind a slash"),
        pytest.param("ラボ", "ラボ는 ラボ가 ラボ로", id="what it cannot read"),
        pytest.param("", "는 가 로", id="nothing"),
    ],
)
def test_a_particle_follows_how_the_word_is_read(said: str, expected: str) -> None:
    pairs = ("은/는", "이/가", "으로/로")
    assert " ".join(said + particle(said, pair) for pair in pairs) == expected


def test_a_sentence_chooses_its_particles() -> None:
    sentences = [
        phrase("\njob.batch/{name} is finished.", name=name) for name in ("sleep", "retry")
    ]
    assert [Language("ko")(sentence).strip() for sentence in sentences] == [
        "job.batch/sleep은 이미 끝났습니다.",
        "job.batch/retry는 이미 끝났습니다.",
    ]


def test_what_a_value_holds_is_no_notation() -> None:
    sentence = phrase('"{text}" in the log', text="{은/는} {n}")
    assert Language("ko")(sentence) == '로그에 "{은/는} {n}"'


def test_a_phrase_is_english_unless_korean_is_asked_for() -> None:
    sentence = phrase("{n} passed", n=2)
    assert (str(sentence), Language("ko")(sentence)) == ("2 passed", "2개 통과")


def test_a_phrase_within_a_phrase_is_translated_too() -> None:
    sentence = phrase("at most {value}", value=phrase("{n} at once", n=3))
    assert (str(sentence), Language("ko")(sentence)) == (
        "at most 3 at once",
        "동시에 3개 이하",
    )


def test_one_of_something_is_singular() -> None:
    found = [str(plural(n, "{n} Pod", "{n} Pods")) for n in (0, 1, 2)]
    assert found == ["0 Pods", "1 Pod", "2 Pods"]


def test_a_text_of_a_lab_is_given_in_the_language_asked_for() -> None:
    text = Text(en="goal", ko="목표")
    assert [Language(code)(text) for code in ("en", "ko")] == ["goal", "목표"]


@pytest.mark.parametrize(
    ("environ", "code"),
    [
        pytest.param({}, "en", id="no locale is English"),
        pytest.param({"LANG": "ko_KR.UTF-8"}, "ko", id="LANG is used"),
        pytest.param({"LANG": "ko"}, "ko", id="a bare language code is enough"),
        pytest.param({"LANG": "de_DE.UTF-8"}, "en", id="an unknown language is English"),
        pytest.param({"LANG": "ko_KR", "LC_ALL": "C"}, "en", id="LC_ALL wins"),
        pytest.param({"LANG": "en_US", "LC_MESSAGES": "ko_KR"}, "ko", id="LC_MESSAGES beats LANG"),
        pytest.param({"LANG": "ko_KR", "LC_ALL": ""}, "ko", id="an empty variable does not count"),
    ],
)
def test_the_locale_chooses_the_language(environ: dict[str, str], code: str) -> None:
    assert from_environment(environ) == code


def test_a_line_that_is_folded_is_followed_by_a_new_sentence() -> None:
    """Else the part of it that is folded stands in a line of its own, amid a sentence."""
    broken = [
        line
        for text in KOREAN.values()
        for line, after in pairwise(text.splitlines())
        if tabwriter.width(line) > fold.COLUMNS and after and not line.endswith((".", ":"))
    ]
    assert not broken
