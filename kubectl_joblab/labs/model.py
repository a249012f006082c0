"""What a lab is: frozen data read from lab.yaml, and the expressions its checks may use.

loader.py makes these, everything else about labs reads them. It knows nothing of files.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kubectl_joblab.language import Text

FORMAT = "joblab/v1"


@dataclass(frozen=True)
class Parameter:
    """Something of a lab that a flag changes.

    type: integer, string or enum; minimum and maximum bound an integer, values lists an enum's.
    field: the path in the manifest that it sets. picks_variant: the flag chooses the variant
    whose manifest has that value, instead of writing it.
    """

    name: str
    flag: str
    type: str
    field: str
    help: Text
    minimum: int | None = None
    maximum: int | None = None
    values: tuple[str, ...] = ()
    picks_variant: bool = False


@dataclass(frozen=True)
class Variant:
    """One Job of a lab: its name, and the file in the lab's folder that makes it.

    starter: the file is for the learner to complete, and is refused as it is.
    """

    name: str
    job: str
    file: str
    starter: bool = False


@dataclass(frozen=True)
class Task:
    """A step for the learner. shows: the part of start's summary that is this step's answer."""

    text: Text
    shows: str = ""


@dataclass(frozen=True)
class Assertion:
    """What must be true. kind is one of the names in checks.py, options are that kind's."""

    kind: str
    options: Mapping[str, Any]


@dataclass(frozen=True)
class Reason:
    """Why a check failed, where `when` holds. fix and run: where the check's own do not help."""

    when: Assertion
    text: Text
    fix: Text | None = None
    run: str = ""


@dataclass(frozen=True)
class Check:
    """One verdict about a Job of the lab.

    id: stable, unique in the lab. task: the number of the task it proves. within: seconds after
    the Job's creation in which it must hold. variant: the variant it is about, "" for all.
    when: it applies only where this holds. ask: what it asks; fix: what to do when it fails;
    run: the kubectl command to look at then, with {job} for the Job's name.
    """

    id: str
    task: int
    within: int
    assertion: Assertion
    ask: Text
    fix: Text
    run: str
    variant: str = ""
    when: Assertion | None = None
    because: tuple[Reason, ...] = ()


@dataclass(frozen=True)
class Hint:
    """Hints in stages. check: the check they help with, "" for the way in."""

    check: str
    stages: tuple[Text, ...]


@dataclass(frozen=True)
class Solution:
    """A manifest that must pass every check of its variant."""

    file: str
    variant: str = ""


@dataclass(frozen=True)
class Cheat:
    """A manifest that must fail on exactly one check. by: spec or behaviour."""

    name: str
    by: str
    file: str
    fails: str
    variant: str = ""


@dataclass(frozen=True)
class Lab:
    """A lab, whole. folder: where its files are."""

    folder: Path
    name: str
    number: int
    level: str
    minutes: int
    requires: tuple[str, ...]
    title: Text
    goal: Text
    tasks: tuple[Task, ...]
    observe: tuple[Text, ...]
    commands: tuple[str, ...]
    debrief: Text
    variants: tuple[Variant, ...]
    checks: tuple[Check, ...]
    hints: tuple[Hint, ...]
    solutions: tuple[Solution, ...]
    cheats: tuple[Cheat, ...]
    parameters: tuple[Parameter, ...] = ()
    next: str = ""

    def variant(self, name: str) -> Variant:
        """The variant of this name; the first where the name is "". Raises KeyError."""
        if not name:
            return self.variants[0]
        return {variant.name: variant for variant in self.variants}[name]

    def checks_of(self, variant: Variant) -> tuple[Check, ...]:
        """The checks that judge this variant's Job."""
        return tuple(check for check in self.checks if check.variant in ("", variant.name))

    def read(self, file: str) -> str:
        """The text of one of its files."""
        return (self.folder / file).read_text("utf-8")


# ---- expressions: a value in a check may be computed from the parameters

_OPERATORS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
}
_FUNCTIONS: dict[str, Callable[..., Any]] = {"min": min, "max": max}


def is_expression(value: object) -> bool:
    """Whether a value is computed: a string that begins with "="."""
    return isinstance(value, str) and value.startswith("=")


def names(expression: str) -> set[str]:
    """The parameters an expression uses. Raises ValueError where it cannot be read."""
    return {
        node.id for node in ast.walk(_parse(expression)) if isinstance(node, ast.Name)
    } - _FUNCTIONS.keys()


def evaluate(value: Any, parameters: Mapping[str, Any]) -> Any:
    """The value; if it is an expression such as ``=min(parallelism, completions)``, its result.

    Whole numbers, parameters, + - *, min and max are all there is. Raises ValueError otherwise.
    """
    if not is_expression(value):
        return value
    try:
        return _compute(_parse(value), parameters)
    except (TypeError, RecursionError) as error:
        raise ValueError(f"{value!r} cannot be computed: {error}") from error


def _parse(expression: str) -> ast.expr:
    try:
        return ast.parse(expression[1:].strip(), mode="eval").body
    except (SyntaxError, RecursionError, MemoryError) as error:
        raise ValueError(f"{expression!r} is not an expression") from error


def _compute(node: ast.expr, parameters: Mapping[str, Any]) -> Any:
    if isinstance(node, ast.Constant) and type(node.value) is int:
        return node.value
    if isinstance(node, ast.Name) and node.id in parameters:
        return parameters[node.id]
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        left, right = _compute(node.left, parameters), _compute(node.right, parameters)
        return _OPERATORS[type(node.op)](left, right)
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in _FUNCTIONS
        and not node.keywords
    ):
        return _FUNCTIONS[node.func.id](*(_compute(arg, parameters) for arg in node.args))
    raise ValueError(f"{ast.unparse(node)!r} is neither a number nor a parameter of the lab")
