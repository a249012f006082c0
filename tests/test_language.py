"""Every sentence of the program exists in Korean, and says the same with the same values."""

from __future__ import annotations

import ast
import json
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

import kubectl_joblab
from kubectl_joblab.language import Language, Text, from_environment, phrase, plural

PACKAGE = Path(kubectl_joblab.__file__).parent
KOREAN = json.loads((PACKAGE / "ko.json").read_text("utf-8"))


def templates() -> Iterator[str]:
    """All literal templates given to phrase() and plural() in the package."""
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
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
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def test_each_sentence_has_a_translation_and_none_is_left_over() -> None:
    assert sorted(set(templates())) == sorted(KOREAN)


@pytest.mark.parametrize("template", KOREAN)
def test_a_translation_has_the_values_of_its_sentence(template: str) -> None:
    allowed = fields(template)
    assert fields(KOREAN[template]) == allowed


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
