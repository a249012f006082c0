"""Expressions: a value in a check may be computed from the lab's parameters.

labs/judge/assertions.py evaluates expressions, rules.py checks that they can be evaluated. They are
no Python: nothing is called but min and max, and nothing is named but parameters.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Any

_OPERATORS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
}
_FUNCTIONS: dict[str, Callable[..., Any]] = {"min": min, "max": max}


def options(kind: str) -> tuple[str, ...]:
    """The options of an assertion of this kind whose values may be expressions."""
    return ("value", "succeeded", "after") if kind == "deleted" else ("value", "succeeded")


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


def evaluated(
    value: Any, parameters: Mapping[str, Any], compute: Callable[..., Any] = evaluate
) -> Any:
    """The value with all expressions computed that are in it. compute: does so with one."""
    if isinstance(value, Mapping):
        return {key: evaluated(inner, parameters, compute) for key, inner in value.items()}
    if isinstance(value, list):
        return [evaluated(inner, parameters, compute) for inner in value]
    return compute(value, parameters)


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
