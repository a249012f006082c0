"""What is no YAML is told in plain words, whatever it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_joblab.errors import ManifestError
from kubectl_joblab.labs import manifest
from tests.labs import builders as b

INDENT = """\
spec:
  template:
    spec:
      restartPolicy: Never
     containers:
     - name: main
"""
COLUMNS = (
    "Line 5 begins in column 6, where nothing above it begins (line 3: column 5);"
    " lines that belong together begin in the same column."
)
CASES = {
    "a line between two indents": (INDENT, COLUMNS),
    "an item behind a key": ("spec:\n  a: 1\n  - b\n", "Line 3 does not go on with what begins"),
    "a key behind items": ("- a\nkey: x\n", "Line 2 does not go on with what begins in line 1"),
    "a line too deep": ("kind: Job\n  spec: 1\n", "Line 2 stands deeper than the line"),
    "a colon in a text": ("a: b: c\n", "Line 1 stands deeper than the line"),
    "a first line too deep": (" a: 1\nb: 2\n", "Line 2 does not belong to the lines above it"),
    "two objects of JSON": ('{"a": 1}\n{"a": 2}\n', "A second object begins in line 2"),
    "a tab": ("a:\n\t- b\n", "YAML is indented with spaces"),
    "a bracket that stays open": ("a: [1, 2\nb: 3\n", "The bracket that begins in line 1"),
    "a brace that stays open": ("a: {b: 1\n", "The bracket that begins in line 1"),
    "a bracket too many": ("a: {x: y}}\n", "A bracket or a quote in line 1 is one too many."),
    "a quote that stays open": ("a: 1\nb: 'c\n\n", "The quote that begins in line 2 has no end."),
    "an escape": ('a: "\\q"\n', "In double quotes \\ is special"),
    "a key without a colon": ("a: 1\nkey\nb: 2\n", "Line 2 is a key without a colon"),
    "a special character": ("a: @x\n", "A text that begins with a special character"),
    "a star": ("a: *x\n", "* and & name repeated parts"),
    "an item on the line of a key": ("a: - b\n", "An item of a list or a mapping begins on"),
    "a text on the line of |": ("a: | x\n  y\n", "Behind | or > nothing follows"),
    "a tag without an end": ("a: !<x y\n", "A text that begins with ! needs quotes."),
    "a percent sign": ("%FOO\n---\na: 1\n", "Leave out the line that begins with %"),
    "a bracket alone": ("a: ]\n", "A value is missing in line 1"),
    "a question in braces": ("a: {b: is it?, c: d}\n", "In brackets a text with a ? needs quotes"),
    "a question before a mistake": ("a: {b: is it?}\nb: 'c\n", "The quote that begins in line 2"),
    "a tab before a mistake": ("a: b\t\nb: 'c\n", "The quote that begins in line 2"),
    "infinity": ("a: .inf\n", "A manifest has no infinite numbers"),
    "a list as a key": ("? [a]\n: b\n", "A key is a word"),
    "a control character": ("a: \x01\n", "The file has a character that YAML does not take"),
    "a wrong tag": ("a: !!int five\n", "A value does not fit the type"),
    "an alias in itself": ("a: &x [*x]\n", "An alias (*name) repeats too much"),
    "a merge of a number": ("<<: 3\n", "What follows << has to be a mapping"),
}


def told(text: str) -> list[str]:
    """What is said of a text besides the reader's words; nothing where the text can be read."""
    try:
        manifest.parse(text, "job.yaml")
    except ManifestError as error:
        return [str(sentence) for sentence in error.means] or [str(error)]
    return []


@pytest.mark.parametrize(("text", "said"), CASES.values(), ids=CASES)
def test_it_is_told_what_is_wrong_and_what_to_do(text: str, said: str) -> None:
    (sentence,) = told(text)
    assert sentence.startswith(said)


OURS = ("error: job.yaml:1: not a Kubernetes object", "error: job.yaml: nested too deeply")


@b.PROPERTY
@given(st.text(alphabet="ab:-[]{}'\"\\\t\n #|>&*!%@,?. 1", max_size=40))
def test_nothing_is_refused_in_the_readers_words_alone(text: str) -> None:
    assert all(one.startswith(OURS) or not one.startswith("error:") for one in told(text))
