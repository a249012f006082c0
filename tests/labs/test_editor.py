"""The editor: values and annotations written into a manifest's text, which else stays as it is."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_joblab import objects
from kubectl_joblab.labs import manifest
from kubectl_joblab.labs.definition.document import Document
from kubectl_joblab.labs.editor import Editor
from tests.labs import builders as b

TEXT = """\
# kubectl apply -f job.yaml
apiVersion: batch/v1
kind: Job
metadata:
  name: demo                      # --name
  labels:
    app.kubernetes.io/name: demo
spec:
  completions: 6                  # --completions: Pods that must succeed
  parallelism: 3 # short
  template:
    spec:
      restartPolicy: Never        # --restart-policy: Never: a new Pod per try;
                                  # OnFailure: the same Pod is restarted
      containers:
      - name: main
        image: busybox:1.36       # --image
        command: [sleep, "10"]    # "10" is a string
        args: ['a', "b"]
        env:
        - {name: WORD, value: 'some words'}
"""
LINES = TEXT.splitlines()


def demo() -> Document:
    """The manifest above."""
    return manifest.parse(TEXT, "job.yaml")


def with_value(document: Document, path: str, value: object) -> Document:
    """The document with this value; what it says then is what its new text says."""
    editor = Editor(document)
    editor.set(path, value)
    return b.reread(editor.done())


def annotated(document: Document, changes: Mapping[str, object]) -> Document:
    """The document with an annotation for each of these parameters."""
    editor = Editor(document)
    editor.annotate(changes)
    return b.reread(editor.done())


def changed(made: Document) -> dict[int, str]:
    """The lines, from 1, that are no longer as they were; there are as many as before."""
    lines = made.text.splitlines()
    assert len(lines) == len(LINES)
    pairs = zip(lines, LINES, strict=True)
    return {number: line for number, (line, old) in enumerate(pairs, 1) if line != old}


IMAGE = "spec.template.spec.containers[0].image"
SECONDS = "spec.template.spec.containers[0].command[1]"
WORD = "spec.template.spec.containers[0].env[0].value"

# ---- setting values


@pytest.mark.parametrize(
    ("path", "value", "line", "text"),
    [
        pytest.param(
            "spec.completions",
            12,
            9,
            "  completions: 12                 # --completions: Pods that must succeed",
            id="a longer value leaves the comment in its column",
        ),
        pytest.param(
            IMAGE,
            "b",
            17,
            "        image: b                  # --image",
            id="a shorter value leaves it there too",
        ),
        pytest.param(
            IMAGE,
            "registry.example.com/team/busybox:1.36.1",
            17,
            "        image: registry.example.com/team/busybox:1.36.1  # --image",
            id="a value that reaches the comment moves it",
        ),
        pytest.param(
            SECONDS,
            5,
            18,
            '        command: [sleep, "5"]    # "10" is a string',
            id="quotes stay, and so does what stands behind them",
        ),
        pytest.param(
            WORD,
            "it's",
            21,
            "        - {name: WORD, value: 'it''s'}",
            id="a quote within quotes is doubled",
        ),
        pytest.param(
            "spec.template.spec.restartPolicy",
            "OnFailure",
            13,
            "      restartPolicy: OnFailure    # --restart-policy: Never: a new Pod per try;",
            id="only the first line of a comment moves with its value",
        ),
        pytest.param(
            "metadata.labels['app.kubernetes.io/name']",
            "other",
            7,
            "    app.kubernetes.io/name: other",
            id="a key with dots",
        ),
    ],
)
def test_a_value_is_set_and_nothing_else_changes(
    path: str, value: object, line: int, text: str
) -> None:
    assert changed(with_value(demo(), path, value)) == {line: text}


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("123", id="digits"),
        pytest.param("1e3", id="a number with an exponent"),
        pytest.param("true", id="a boolean"),
        pytest.param("null", id="null"),
        pytest.param("", id="nothing"),
        pytest.param("2026-03-01", id="a date"),
        pytest.param("a: b", id="a colon and a space"),
        pytest.param("a #b", id="a space and a hash"),
        pytest.param("*a", id="an asterisk first"),
        pytest.param("- a", id="a dash first"),
        pytest.param("[a", id="a bracket first"),
        pytest.param(" a ", id="spaces around"),
        pytest.param('say "hi"', id="double quotes"),
        pytest.param("it's", id="an apostrophe"),
        pytest.param("back\\slash", id="a backslash"),
        pytest.param("한글", id="Korean"),
    ],
)
@pytest.mark.parametrize(
    "path",
    [
        pytest.param(IMAGE, id="plain"),
        pytest.param(WORD, id="in single quotes"),
        pytest.param("spec.template.spec.containers[0].args[1]", id="in double quotes"),
    ],
)
def test_text_that_is_set_is_read_as_this_text(path: str, value: str) -> None:
    assert objects.field(with_value(demo(), path, value).data, path) == value


PATHS = {
    "spec.completions": 9,
    "spec.parallelism": 10,
    "metadata.name": 5,
    IMAGE: 17,
    SECONDS: 18,
    "spec.template.spec.containers[0].args[0]": 19,
    WORD: 21,
}
TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"]),
    max_size=40,
)


@b.SLOW_PROPERTY
@given(st.sampled_from(sorted(PATHS)), st.integers(0, 10**9) | TEXTS)
def test_what_is_set_is_read_again_and_the_other_lines_stay(path: str, value: int | str) -> None:
    made = with_value(demo(), path, value)
    quoted = path in (SECONDS, WORD) or "args" in path
    expected = str(value) if quoted else value
    assert objects.field(made.data, path) == expected
    assert set(changed(made)) <= {PATHS[path]}
    assert objects.labels(made.data) == {"app.kubernetes.io/name": "demo"}


@b.SLOW_PROPERTY
@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_a_comment_keeps_its_column_however_often_a_value_changes(one: int, two: int) -> None:
    made = with_value(with_value(demo(), "spec.completions", one), "spec.completions", two)
    assert changed(made).get(9, LINES[8]).index("#") == LINES[8].index("#")


def test_a_path_that_is_not_there_is_not_made() -> None:
    with pytest.raises(KeyError):
        with_value(demo(), "spec.backoffLimit", 4)


@pytest.mark.parametrize(
    ("text", "new"),
    [
        pytest.param("a: &n 6  # six\nb: *n\n", "a: &n 70  # six\nb: *n\n", id="an anchor"),
        pytest.param("a: !!int 6\n", "a: !!int 70\n", id="a tag"),
        pytest.param("a: &n !!str '6'\n", "a: &n !!str '70'\n", id="both, and quotes"),
        pytest.param("\ufeffa: 6\n", "\ufeffa: 70\n", id="a byte order mark"),
        pytest.param("x: &x {a: 6}\n<<: *x\n", "x: &x {a: 70}\n<<: *x\n", id="a merged mapping"),
        pytest.param("{a: 6, b: 7}  # x\n", "{a: 70, b: 7}  # x\n", id="braces"),
    ],
)
def test_what_stands_before_a_value_stays(text: str, new: str) -> None:
    made = with_value(manifest.parse(text, "job.yaml"), "a", 70)
    assert made.text == new


def test_several_changes_in_one_line_leave_its_comment_in_its_column() -> None:
    editor = Editor(manifest.parse("a: {b: 1, c: 10}    # four\n", "job.yaml"))
    editor.set("a.b", 100)
    editor.set("a.c", 2)
    made = b.reread(editor.done())
    assert made.text == "a: {b: 100, c: 2}    # four\n"


@pytest.mark.parametrize(
    "ends", [pytest.param("\n", id="Unix"), pytest.param("\r\n", id="Windows")]
)
def test_line_ends_stay_as_they_are(ends: str) -> None:
    text = TEXT.replace("\n", ends)
    made = with_value(manifest.parse(text, "job.yaml"), "spec.completions", 7)
    assert made.text == text.replace("completions: 6 ", "completions: 7 ")


# ---- annotations


def test_changed_parameters_are_annotated_below_the_name() -> None:
    made = annotated(demo(), {"parallelism": 2, "completions": 4})
    head = "  annotations:                    # what 'kubectl joblab check' expects"
    assert made.text.splitlines() == [
        *LINES[:5],
        head,
        '    kubectl-joblab/completions: "4"',
        '    kubectl-joblab/parallelism: "2"',
        *LINES[5:],
    ]
    assert made.data["metadata"]["annotations"] == {
        "kubectl-joblab/completions": "4",
        "kubectl-joblab/parallelism": "2",
    }


def test_without_changes_nothing_is_annotated() -> None:
    assert annotated(demo(), {}).text == TEXT


@pytest.mark.parametrize(
    "metadata",
    [
        pytest.param("metadata:\n  name: demo\n  annotations:\n    mine: kept\n", id="below"),
        pytest.param("metadata:\n  annotations:\n    mine: kept\n  name: demo\n", id="above"),
        pytest.param("metadata: {name: demo, annotations: {mine: kept}}\n", id="on one line"),
        pytest.param("metadata:\n  name: demo\n  annotations: {mine: kept}\n", id="in braces"),
    ],
)
def test_annotations_that_are_there_stay(metadata: str) -> None:
    made = annotated(manifest.parse(f"kind: Job\n{metadata}", "job.yaml"), {"seconds": 5})
    assert made.data == {
        "kind": "Job",
        "metadata": {
            "name": "demo",
            "annotations": {"mine": "kept", "kubectl-joblab/seconds": "5"},
        },
    }


# ---- fields that wait in comments

COMMENTED = """\
metadata:
  name: x
# spec:
#   image: one
#   containers:
#   - image: 'two'   # three
#     args: [image: four]
  # tag: old
"""


@pytest.mark.parametrize(
    ("path", "value", "line"),
    [
        pytest.param("spec.image", "new", "#   image: new", id="a key"),
        pytest.param("metadata.name", "z", "  name: z", id="a field that is there comes first"),
        pytest.param("spec.containers[0].args", "b", None, id="a value of several words"),
        pytest.param("metadata.name", "y", '  name: "y"', id="quotes where kubectl reads true"),
        pytest.param("spec.tag", "b", "  # tag: b", id="a key in a comment that is indented"),
        pytest.param("spec.tagged", "b", None, id="a key that is nowhere"),
        pytest.param("spec.four", "b", None, id="a word of a value"),
    ],
)
def test_a_field_in_a_comment_is_set_there(path: str, value: str, line: str | None) -> None:
    commented = manifest.parse(COMMENTED, "job.yaml")
    if line is None:
        with pytest.raises(KeyError):
            with_value(commented, path, value)
        return
    made = with_value(commented, path, value)
    changed = zip(COMMENTED.splitlines(), made.text.splitlines(), strict=True)
    assert [new for old, new in changed if old != new] == [line]
    assert made.value(path) == value
