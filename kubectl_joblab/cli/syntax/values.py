"""The values that flags take, as types of click."""

from __future__ import annotations

from typing import Any

import click

from kubectl_joblab.cli.syntax.declare import Flag
from kubectl_joblab.errors import UsageError


def of_flag(flag: Flag) -> click.ParamType[Any]:
    """The type of click for the value that a flag takes."""
    if flag.takes == "choice":
        return click.Choice(flag.values)
    if flag.takes == "format":
        return _Format(flag.values)
    if flag.takes == "integer":
        return _Integer(*flag.bounds)
    return {"": click.BOOL, "duration": _Duration()}.get(flag.takes, click.STRING)


class _Duration(click.ParamType[float]):
    """A span of time: a number of seconds, or Go's notation such as 1m30s."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if isinstance(value, float):
            return value
        import durationpy  # only where a duration is given

        text = str(value)
        try:
            seconds = durationpy.from_str(f"{text}s" if text.isdigit() else text).total_seconds()
        except durationpy.DurationError:
            seconds = -1.0
        if seconds < 0:
            self.fail(f'"{text}" must be a duration such as 30s, 2m or 1h', param, ctx)
        return float(seconds)


class _Integer(click.ParamType[int]):
    """A whole number within bounds."""

    name = "integer"

    def __init__(self, minimum: int | None, maximum: int | None) -> None:
        self.minimum = minimum
        self.maximum = maximum

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            number = int(value)
        except ValueError:
            self.fail(f'"{value}" must be a whole number', param, ctx)
        low = self.minimum is not None and number < self.minimum
        if low or (self.maximum is not None and number > self.maximum):
            self.fail(f'"{value}" must be {self._bounds()}', param, ctx)
        return number

    def _bounds(self) -> str:
        if self.minimum is None or self.maximum is None:
            return f"{self.minimum} or more" if self.maximum is None else f"{self.maximum} or less"
        return f"from {self.minimum} to {self.maximum}"


class _Format(click.ParamType[str]):
    """A format that -o takes."""

    name = "format"

    def __init__(self, formats: tuple[str, ...]) -> None:
        self.formats = formats

    def convert(self, value: Any, *_: object) -> Any:
        if value and value not in self.formats:
            allowed = ",".join(sorted(self.formats))
            raise UsageError(
                f'error: unable to match a printer suitable for the output format "{value}",'
                f" allowed formats are: {allowed}",
                see="",
            )
        return value
