"""JSON as Go reads it: what Go accepts, how it replaces bad UTF-8, what it says of bad syntax.

The practice API reads request bodies with it; goyaml.py takes its Literal, and several modules its
quotes. It knows nothing of Kubernetes. Follows encoding/json/scanner.go and decode.go, and
sigs.k8s.io/json where the two differ.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable
from typing import Any, NoReturn, TypeAlias

MAX_DEPTH = 10000  # of objects and arrays in each other: maxNestingDepth in scanner.go

_SPACE = re.compile(rb"[ \t\r\n]*")
_CLOSING = {b"{": b"}", b"[": b"]"}
_LITERALS = {b"t": b"true", b"f": b"false", b"n": b"null"}
_PLAIN_CHARACTERS = re.compile(rb'[^"\\\x00-\x1f]*')
_ESCAPES = re.compile(rb'(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*){0,1000}')
# what needs no steps of its own where it is right, a thousand at a time: members behind the first
# one of an object or array that hold nothing but a literal, a number or a plain text
_SIMPLE = (
    rb'(?:true|false|null|"[^"\\\x00-\x1f]*"|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?'
    rb"|\[[ \t\r\n]*\]|\{[ \t\r\n]*\})(?=[ \t\r\n,\]}])"
)
_ELEMENTS = re.compile(rb"(?:[ \t\r\n]*,[ \t\r\n]*" + _SIMPLE + rb"){0,1000}")
_MEMBERS = re.compile(
    rb'(?:[ \t\r\n]*,[ \t\r\n]*"[^"\\\x00-\x1f]*"[ \t\r\n]*:[ \t\r\n]*' + _SIMPLE + rb"){0,1000}"
)
_HEX = b"0123456789abcdefABCDEF"
_INTEGER = re.compile(rb"-?(?:0|[1-9][0-9]*)")
_DIGITS = re.compile(rb"[0-9]+")
_EXPONENT = re.compile(rb"[eE][+-]?")
# an escape; a surrogate that is no half of a pair is the group `lone`
_ESCAPE = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    r"|(?P<lone>u[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)
_NAMED_ESCAPES = {char: f"\\{name}" for char, name in zip("\a\b\f\n\r\t\v", "abfnrtv", strict=True)}
_MARKED = re.compile(r'["\\]')
_LONGEST_INT = 4000  # digits that Python's int() reads


_Step: TypeAlias = "Callable[[], _Step | None]"


class JSONError(ValueError):
    """A text is no JSON; the error's message is Go's."""


class Literal(float):
    """A number with a fraction or an exponent, or an enormous one. text: the number as written."""

    text: str

    def __new__(cls, text: str) -> Literal:
        """Read a number; one that no float can hold is infinite."""
        found = super().__new__(cls, text)
        found.text = str(text)
        return found


class Repeated(dict[str, Any]):
    """An object in which a key stands twice; the last value counts. pairs: all, in their order."""

    pairs: list[tuple[str, Any]]


def parse(raw: bytes) -> Any:
    """The value that a JSON text says. Raises JSONError.

    It consists of dicts (Repeated where a key stands twice), lists, str, int, Literal, True, False
    and None.
    """
    text = raw.decode("utf-8", "go-replacement")
    if "\\u" in text:
        text = _ESCAPE.sub(lambda one: "\\ufffd" if one["lone"] else one[0], text)
    try:
        return _DECODER.decode(text)
    except (ValueError, RecursionError):
        error = syntax_error(raw) or "exceeded max depth"
    raise JSONError(error)


def pairs(value: dict[str, Any]) -> Any:
    """The keys and values of an object in the order in which they stand, repeated ones too."""
    return value.pairs if type(value) is Repeated else value.items()


def quote(text: str) -> str:
    """A text in double quotes with Go's escapes, as strconv.Quote writes it."""
    if not text.isprintable() or _MARKED.search(text):
        text = "".join(map(_quoted, text))
    return f'"{text}"'


def syntax_error(raw: bytes) -> str:
    """Go's message about the first thing that is wrong with a text, "" where it is JSON."""
    try:
        _Scanner(raw).document()
    except JSONError as error:
        return str(error)
    return ""


def _go_replacement(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    return "\ufffd", error.start + 1  # Go replaces byte by byte


codecs.register_error("go-replacement", _go_replacement)


def _object(found: list[tuple[str, Any]]) -> dict[str, Any]:
    plain = dict(found)
    if len(plain) == len(found):
        return plain
    repeated = Repeated(plain)
    repeated.pairs = found
    return repeated


def _int(text: str) -> int | Literal:
    return int(text) if len(text) < _LONGEST_INT else Literal(text)


def _constant(name: str) -> NoReturn:
    raise ValueError(name)  # NaN and Infinity, which Python would read


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_float=Literal, parse_int=_int, parse_constant=_constant
)


def _quoted(char: str) -> str:
    if char in '"\\':
        return "\\" + char
    if char.isprintable():
        return char
    if char in _NAMED_ESCAPES:
        return _NAMED_ESCAPES[char]
    code = ord(char)
    if code < 0x80:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


class _Scanner:
    """Looks for the first syntax error. Each step returns the next: depth costs no stack."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw + b" "  # as Go does at the end, to see what a space there would mean
        self.at = 0
        self.open: list[bytes] = []  # what closes each object and array that is open here

    def document(self) -> None:
        """Read the whole text. Raises JSONError at the first syntax error."""
        step: _Step | None = self._value
        while step is not None:
            step = step()

    def _value(self) -> _Step:
        char = self._next()
        if char in _CLOSING:
            self.open.append(_CLOSING[char])
            if len(self.open) > MAX_DEPTH:
                self._fail("exceeded max depth")
            self.at += 1
            return self._first_member
        if char == b'"':
            self._string()
        elif char in _LITERALS:
            self._literal(_LITERALS[char])
        elif char in b"-0123456789":
            self._number()
        else:
            self._fail("looking for beginning of value")
        return self._after_value

    def _first_member(self) -> _Step:
        if self._next() == self.open[-1]:
            return self._after_value
        return self._key if self.open[-1] == b"}" else self._value

    def _key(self) -> _Step:
        if self._next() != b'"':
            self._fail("looking for beginning of object key string")
        self._string()
        if self._next() != b":":
            self._fail("after object key")
        self.at += 1
        return self._value

    def _after_value(self) -> _Step | None:
        if not self.open:
            if self._skip_space() < len(self.raw):
                self._fail("after top-level value")
            return None
        closing = self.open[-1]
        self._skip_all(_MEMBERS if closing == b"}" else _ELEMENTS)
        char = self._next()
        if char not in (b",", closing):
            where = "object key:value pair" if closing == b"}" else "array element"
            self._fail(f"after {where}")
        self.at += 1
        if char == b",":
            return self._key if closing == b"}" else self._value
        self.open.pop()
        return self._after_value

    def _string(self) -> None:
        self.at += 1
        while True:
            self._match(_PLAIN_CHARACTERS)
            if self._char() == b'"':
                break
            if self._char() != b"\\":
                self._fail("in string literal")
            before = self.at
            self._skip_all(_ESCAPES)
            if self.at == before:
                self.at += 1
                self._escape()
        self.at += 1

    def _escape(self) -> None:
        char = self._char()
        if char not in b'bfnrt\\/"u':
            self._fail("in string escape code")
        self.at += 1
        for _ in range(4 if char == b"u" else 0):
            if self._char() not in _HEX:
                self._fail("in \\u hexadecimal character escape")
            self.at += 1

    def _literal(self, word: bytes) -> None:
        for index in range(len(word)):
            if self._char() != word[index : index + 1]:
                self._fail(f"in literal {word.decode()} (expecting '{chr(word[index])}')")
            self.at += 1

    def _number(self) -> None:
        if not self._match(_INTEGER):
            self.at += 1
            self._fail("in numeric literal")
        if self.raw[self.at : self.at + 1] == b".":
            self.at += 1
            if not self._match(_DIGITS):
                self._fail("after decimal point in numeric literal")
        if self._match(_EXPONENT) and not self._match(_DIGITS):
            self._fail("in exponent of numeric literal")

    def _match(self, pattern: re.Pattern[bytes]) -> bool:
        found = pattern.match(self.raw, self.at)
        self.at = found.end() if found else self.at
        return found is not None

    def _skip_all(self, pattern: re.Pattern[bytes]) -> None:
        """Go behind all that a pattern matches, of which it takes so much at a time."""
        before = -1
        while self.at > before:
            before = self.at
            self._match(pattern)

    def _skip_space(self) -> int:
        self._match(_SPACE)
        return self.at

    def _next(self) -> bytes:
        self._skip_space()
        return self._char()

    def _char(self) -> bytes:
        if self.at >= len(self.raw):
            raise JSONError("unexpected end of JSON input")
        return self.raw[self.at : self.at + 1]

    def _fail(self, where: str) -> NoReturn:
        char = chr(self._char()[0])
        shown = {"'": "\\'", '"': '"'}.get(char) or quote(char)[1:-1]
        raise JSONError(f"invalid character '{shown}' {where}")
