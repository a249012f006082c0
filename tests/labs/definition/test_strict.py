"""The strict reading of labs' files: what kubectl would take, and a lab may not have."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kubectl_joblab.labs.definition import strict
from kubectl_joblab.labs.definition.document import Document, Files

Read = Callable[[Files], Document]


def manifest(files: Files) -> Document:
    """A manifest of the lab."""
    return strict.read(files, "job.yaml")


def said(read: Read, folder: Path, text: str) -> list[str]:
    """The messages about a file of this text; none where it can be read."""
    for name in ("lab.yaml", "job.yaml"):
        (folder / name).write_text(text, "utf-8")
    try:
        read(Files(folder))
    except strict.UnreadableError as error:
        return [f"{one.line}: {one.key}: {one.message}" for one in error.problems]
    return []


QUOTES = "put it in quotes"


@pytest.mark.parametrize(
    ("value", "of_lab", "of_manifest"),
    [
        pytest.param("1e3", "", "", id="an exponent"),
        pytest.param("1.5e-3", "is a fraction; write a whole number, or", "", id="fraction"),
        pytest.param("1e-3", "is a fraction; write a whole number, or", "", id="small"),
        pytest.param("1:30", "is no number or date;", "", id="a time of day"),
        pytest.param("2026-02-30", "is a date or a sign of YAML's own;", "", id="a date"),
        pytest.param("=", "is a sign of YAML's own; write == to compare, or", "", id="a sign"),
            pytest.param("08", "begins with 0, as octal numbers do; leave out the 0, or", "",
                         id="octal"),
        pytest.param(".inf", "is a fraction; write a whole number, or", "is no number or date;",
                     id="infinity"),
    ],
)  # fmt: skip
def test_a_scalar_that_readers_of_yaml_disagree_about_wants_quotes(
    value: str, of_lab: str, of_manifest: str, tmp_path: Path
) -> None:
    text = f"format: joblab/v1\nvalue: {value}\n"
    for read, says in ((strict.lab_yaml, of_lab), (manifest, of_manifest)):
        wanted = [f"2: value: {value} {says} {QUOTES}"] if says else []
        assert said(read, tmp_path, text) == wanted


@pytest.mark.parametrize("read", [strict.lab_yaml, manifest])
@pytest.mark.parametrize(
    ("value", "tag"),
    [
        ("!!binary aGk=", "!!binary"),
        ("!!timestamp 2024-01-01", "!!timestamp"),
        ("!!str 5", "!!str"),
        ("!!int '5'", "!!int"),
        ("!mine {}", "!mine"),
        ("!mine text", "!mine"),
        ("!!int 5", ""),
        ("!!str five", ""),
        ("!!map {}", ""),
    ],
)
def test_a_tag_that_makes_something_else_of_a_value_is_refused(
    read: Read, value: str, tag: str, tmp_path: Path
) -> None:
    says = [f"2: value: has the tag {tag}; remove it, or {QUOTES}"] if tag else []
    assert said(read, tmp_path, f"format: joblab/v1\nvalue: {value}\n") == says


def test_a_key_that_kubectl_reads_as_true_is_no_text(tmp_path: Path) -> None:
    says = [f"2: y: a key must be text; {QUOTES}"]
    assert said(manifest, tmp_path, "a: 1\ny: 2\n") == says


def test_a_document_that_ends_with_its_mark_is_one(tmp_path: Path) -> None:
    assert said(manifest, tmp_path, "---\na: 1\n---\n") == []
