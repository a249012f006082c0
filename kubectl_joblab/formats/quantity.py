"""Quantities of resources, read and printed as k8s.io/apimachinery/pkg/api/resource does.

Whoever reads a quantity reads it here: the practice API makes those it decodes canonical, its rules
and its scheduler compare them, `describe` and `start` work with them. The module knows nothing of
objects. It follows quantity.go and suffix.go, their oddities included: what is written plainly
enough is kept word for word (+1, 1.500), and what is too large for a suffix is printed without one.
An exponent may be any of 32 bits; no power of ten of that size is ever computed.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass, replace
from decimal import Decimal

BINARY_SI = "BinarySI"  # 12Mi
DECIMAL_EXPONENT = "DecimalExponent"  # 12e6
DECIMAL_SI = "DecimalSI"  # 12M

FORMAT_WRONG = (
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
)
NUMBER_WRONG = "unable to parse numeric part of quantity"
SUFFIX_WRONG = "unable to parse quantity's suffix"

_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}
_DECIMAL_SUFFIXES = {exponent: suffix for suffix, exponent in _DECIMAL.items()}
_BINARY_SUFFIXES = {exponent: suffix for suffix, exponent in _BINARY.items()}

_NANO = -9
MILLI = -3  # the scale of the finest amount that a ResourceList knows
_MAX = 2**63 - 1
_INT64_DIGITS = 19  # of the largest int64
_MAX_DIGITS = 18  # that surely fit an int64
_MAX_BINARY_DIGITS = 15
_MAX_LENGTH = 4000  # upstream has no limit, Python's int() has
_MOST = Decimal((0, (1,), _MAX_LENGTH))
_WRITTEN = re.compile(
    r"(?P<number>(?P<sign>[+-]?)0*(?P<whole>[0-9]*)(?:\.(?P<part>[0-9]*))?)"
    r"(?P<suffix>[eEinumkKMGTP]*[+-]?[0-9]*)",
    re.ASCII,
)


class QuantityError(ValueError):
    """A text is no quantity; the error's own text is upstream's."""


@dataclass(frozen=True)
class Quantity:
    """The number digits * 10**scale.

    format: BINARY_SI, DECIMAL_EXPONENT or DECIMAL_SI, as it was written. text: the text itself
    where upstream keeps it, else "".
    """

    digits: int
    scale: int
    format: str
    text: str = ""

    @property
    def number(self) -> Decimal:
        """The quantity's value, exactly, if it is less than 10**4000; else that.

        So it can be written out and added up, whatever the exponent was.
        """
        exact = self._exact
        return exact if exact.adjusted() < _MAX_LENGTH else _MOST.copy_sign(exact)

    @property
    def _exact(self) -> Decimal:
        sign, digits = int(self.digits < 0), str(abs(self.digits))
        return Decimal((sign, tuple(map(int, digits)), self.scale))

    @property
    def is_whole(self) -> bool:
        """Whether the quantity is a whole number."""
        return self.scale >= 0 or not self.digits % 10**-self.scale

    def compared_to(self, other: Quantity) -> int:
        """-1, 0 or 1 as it is less than, equal to or more than the other, as Quantity.Cmp."""
        left, right = self._exact, other._exact
        return (left > right) - (left < right)

    def rounded_up(self, finest: int) -> Quantity:
        """The next multiple of 10**finest, away from zero, as Quantity.RoundUp."""
        if self.scale >= finest:
            return self
        digits, scale = _no_finer(self.digits, self.scale, finest)
        return replace(self, digits=digits, scale=scale, text="")

    def scaled_value(self, scale: int) -> int:
        """The quantity in units of 10**scale, rounded away from zero, as Quantity.ScaledValue.

        What does not fit an int64 is 0, as upstream, where it overflows.
        """
        digits, finest = _no_finer(self.digits, self.scale, scale)
        if finest - scale > _INT64_DIGITS:
            return 0
        value: int = digits * 10 ** (finest - scale)
        return value if abs(value) <= _MAX else 0

    def __str__(self) -> str:
        if self.text or not self.digits:
            return self.text or "0"
        if self.format == BINARY_SI and self.scale <= 0:
            whole, remainder = divmod(self.digits, 10**-self.scale)
            if not remainder and abs(whole) >= 1024:
                amount, times = _without_factors(whole, 1024)
                return f"{amount}{_BINARY_SUFFIXES.get(10 * times, '')}"
        amount, times = _without_factors(self.digits, 10)
        scale = self.scale + times
        amount, scale = amount * 10 ** (scale % 3), scale - scale % 3
        if self.format == DECIMAL_EXPONENT:
            return f"{amount}e{scale}" if scale else str(amount)
        return f"{amount}{_DECIMAL_SUFFIXES.get(scale, '')}"


def parse(text: str) -> Quantity:
    """The quantity that a text says. Raises QuantityError where the text is none."""
    found = _WRITTEN.fullmatch(text)
    if not text or not found:
        raise QuantityError(FORMAT_WRONG)
    exponent, kind = _suffix(found["suffix"])
    if len(text) > _MAX_LENGTH:
        raise QuantityError(NUMBER_WRONG)
    part = found["part"] or ""
    written = (found["whole"] or "0") + part
    digits = int(written) * (-1 if found["sign"] == "-" else 1)
    scale = -len(part) if kind == BINARY_SI else exponent - len(part)
    # 1. What surely fits an int64, upstream reads without big numbers, and may keep as written.
    if kind == BINARY_SI:
        if not part and len(written) + exponent * 3 // 10 < _MAX_BINARY_DIGITS:
            return Quantity(digits << exponent, 0, kind, text if digits % 8 else "")
    elif len(written) <= _MAX_DIGITS and scale >= _NANO:
        plain = scale % 3 == 0 and not written.startswith("0") and not written.endswith("000")
        return Quantity(digits, scale, kind, text if plain else "")
    # 2. The rest is made no finer than a billionth.
    if not re.search(r"[0-9]", found["number"]):
        raise QuantityError(NUMBER_WRONG)
    if kind == BINARY_SI:
        return _binary(digits << exponent, scale)
    return Quantity(*_no_finer(digits, scale, _NANO), kind)


def of_number(number: Decimal, form: str) -> Quantity:
    """The quantity of a number, such as a sum of `Quantity.number`s, to be printed in a format."""
    sign, digits, exponent = number.as_tuple()
    assert isinstance(exponent, int)  # neither infinite nor NaN
    whole = int("".join(map(str, digits))) * (-1 if sign else 1)
    if exponent > 0:
        whole, exponent = whole * 10**exponent, 0
    return Quantity(whole, exponent, form)


def plus(one: Quantity, other: Quantity) -> Quantity:
    """The sum of two quantities, in the format of the first that is not 0, as Quantity.Add."""
    form = one.format if one.digits else other.format
    return of_number(one.number + other.number, form)


def minus(one: Quantity, other: Quantity) -> Quantity:
    """The difference of two quantities, in the format of the first that is not 0: Quantity.Sub."""
    form = one.format if one.digits else other.format
    return of_number(one.number - other.number, form)


def number(value: object) -> Decimal | None:
    """The number that a value of JSON stands for as a quantity, None where it is no quantity."""
    try:
        return parse(str(value)).number
    except QuantityError:
        return None


def canonical(text: str) -> str:
    """A quantity's text as the API serves it. Raises QuantityError where the text is none."""
    return str(parse(text))


def compare(one: str, other: str) -> int:
    """-1, 0 or 1 as one is less than, equal to or more than the other, as Quantity.Cmp.

    Raises QuantityError where one of the texts is no quantity.
    """
    return parse(one).compared_to(parse(other))


@functools.cache
def _suffix(text: str) -> tuple[int, str]:
    if text in _DECIMAL:
        return _DECIMAL[text], DECIMAL_SI
    if text in _BINARY:
        return _BINARY[text], BINARY_SI
    if re.fullmatch(r"[eE][+-]?[0-9]{1,18}", text, re.ASCII):
        return (int(text[1:]) + 2**31) % 2**32 - 2**31, DECIMAL_EXPONENT  # upstream's int32
    raise QuantityError(SUFFIX_WRONG)


def _binary(digits: int, scale: int) -> Quantity:
    quantity = Quantity(*_no_finer(digits, scale, _NANO), BINARY_SI)
    size = quantity.number.copy_abs()
    if size > _MAX:
        return Quantity(_MAX if digits > 0 else -_MAX, 0, BINARY_SI)
    return replace(quantity, format=DECIMAL_SI) if 0 < size < 1 else quantity


def _no_finer(digits: int, scale: int, finest: int) -> tuple[int, int]:
    """Digits and scale, rounded away from zero to a multiple of 10**finest."""
    cut = finest - scale
    if cut <= 0:
        return digits, scale
    sign = (digits > 0) - (digits < 0)
    if cut > len(str(digits)):
        return sign, finest
    return -(-abs(digits) // 10**cut) * sign, finest


def _without_factors(number: int, factor: int) -> tuple[int, int]:
    times = 0
    while number % factor == 0:
        number, times = number // factor, times + 1
    return number, times
