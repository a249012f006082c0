"""Whatever a lab.yaml holds, lint has problems to tell, or it is a lab that can be loaded."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from kubectl_joblab.labs.definition import loader
from tests.labs.definition.lint.lab import LAB, make_lab, said

JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.dates() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)

often = settings(deadline=None, max_examples=60)  # files are written, so times vary


def lint_or_load(text: str) -> None:
    """There are problems, each in one line, or a lab."""
    with tempfile.TemporaryDirectory() as parent:
        folder = make_lab(Path(parent))
        (folder / "lab.yaml").write_text(text, "utf-8", newline="")
        lines = said(folder)
        assert all(len(line.splitlines()) == 1 for line in lines)
        if not lines:
            assert loader.load(folder)


@often
@given(st.text())
def test_any_text_gives_problems_or_a_lab(text: str) -> None:
    lint_or_load(text)


@often
@given(st.text(alphabet="-:[]{}&*!|>'\"#%@`,?=<~ \t\nabl0e1_.", max_size=40))
def test_any_yaml_gives_problems_or_a_lab(text: str) -> None:
    lint_or_load(f"format: joblab/v1\n{text}")


@often
@given(st.integers(0, len(LAB)), st.integers(0, 30), st.text(max_size=5))
def test_a_lab_with_any_cut_gives_problems_or_a_lab(at: int, cut: int, new: str) -> None:
    lint_or_load(LAB[:at] + new + LAB[at + cut :])


@often
@given(JUNK)
def test_any_data_gives_problems_or_a_lab(junk: object) -> None:
    lint_or_load(yaml.safe_dump(junk, allow_unicode=True))


@often
@given(st.data())
def test_a_lab_with_any_value_replaced_gives_problems_or_a_lab(data: st.DataObject) -> None:
    lab: Any = yaml.safe_load(LAB)
    value, inner = lab, lab
    while isinstance(inner, dict | list) and inner:
        value = inner
        keys = sorted(value) if isinstance(value, dict) else range(len(value))
        key: Any = data.draw(st.sampled_from(keys))
        inner = value[key] if data.draw(st.booleans()) else None
    value[key] = data.draw(JUNK)
    lint_or_load(yaml.safe_dump(lab, allow_unicode=True, sort_keys=False))
