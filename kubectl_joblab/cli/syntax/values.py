"""The values that flags take, as types of click."""

from __future__ import annotations

from typing import Any

import click

from kubectl_joblab.cli.syntax.declare import Flag
from kubectl_joblab.errors import UsageError
from kubectl_joblab.language import Phrase, phrase


def of_flag(flag: Flag) -> click.ParamType[Any]:
    """The type of click for the value that a flag takes."""
    if flag.takes == "choice":
        return _Choice(flag.values)
    if flag.takes == "format":
        return _Format(flag.values)
    if flag.takes == "integer":
        return _Integer(*flag.bounds)
    return {"": click.BOOL, "duration": _Duration()}.get(flag.takes, click.STRING)


def seconds(text: str) -> float | None:
    """The seconds of a duration: a number of them, or Go's notation such as 1m30s; else None."""
    import durationpy  # only where a duration is given

    try:
        found = durationpy.from_str(f"{text}s" if text.isdigit() else text).total_seconds()
    except durationpy.DurationError:
        return None
    return float(found) if found >= 0 else None


class UnfitError(click.BadParameter):
    """A value that a flag does not take. what: what it must be."""

    def __init__(self, value: str, what: Phrase, param: click.Parameter | None) -> None:
        super().__init__(f'"{value}" must be {what}', param=param)
        self.value = value
        self.what = what


class _Choice(click.Choice[str]):
    """One of several words."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if value not in self.choices:
            what = phrase("one of {values}", values=", ".join(self.choices))
            raise UnfitError(str(value), what, param)
        return super().convert(value, param, ctx)


class _Duration(click.ParamType[float]):
    """A span of time: a number of seconds, or Go's notation such as 1m30s."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, _: click.Context | None) -> Any:
        if isinstance(value, float):
            return value
        found = seconds(str(value))
        if found is None:
            raise UnfitError(str(value), phrase("a duration such as 30s, 2m or 1h"), param)
        return found


class _Integer(click.ParamType[int]):
    """A whole number within bounds."""

    name = "integer"

    def __init__(self, minimum: int | None, maximum: int | None) -> None:
        self.minimum = minimum
        self.maximum = maximum

    def convert(self, value: Any, param: click.Parameter | None, _: click.Context | None) -> Any:
        try:
            number = int(value)
        except ValueError:
            raise UnfitError(str(value), phrase("a whole number"), param) from None
        low = self.minimum is not None and number < self.minimum
        if low or (self.maximum is not None and number > self.maximum):
            raise UnfitError(str(value), self._bounds(), param)
        return number

    def _bounds(self) -> Phrase:
        low, high = self.minimum, self.maximum
        if high is None:
            return phrase("{low} or more", low=low)
        if low is None:
            return phrase("{high} or less", high=high)
        return phrase("from {low} to {high}", low=low, high=high)


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
