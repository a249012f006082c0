"""What a learner reads, in English or Korean: phrases of the program and texts of a lab.

Everything that makes sentences uses it. It knows nothing of Kubernetes. Kubernetes' nouns,
reasons, headers and commands are never translated, so they stand in the phrases as they are.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Mapping
from typing import NamedTuple

CODES = ("en", "ko")


class Phrase(NamedTuple):
    """A sentence of the program: its English template, which is also its key, and the values.

    A value may be a Phrase again. ``str()`` gives the English sentence.
    """

    template: str
    values: Mapping[str, object]

    def __str__(self) -> str:
        return Language("en")(self)


class Text(NamedTuple):
    """A text of a lab, written once for each language."""

    en: str
    ko: str


Sentence = Phrase | Text | str


def phrase(template: str, **values: object) -> Phrase:
    """A Phrase of this template; `template` is a literal, so that a test can find it."""
    return Phrase(template, values)


def plural(number: int, one: str, many: str, **values: object) -> Phrase:
    """`one` where `number` is 1, else `many`; both may use ``{n}``."""
    return Phrase(one if number == 1 else many, {"n": number, **values})


class Language(NamedTuple):
    """Turns phrases and texts into strings of one language. `code` is one of CODES."""

    code: str

    def __call__(self, sentence: Sentence) -> str:
        """The sentence in this language; a plain string is returned as it is."""
        if isinstance(sentence, str):
            return sentence
        if isinstance(sentence, Text):
            return sentence.ko if self.code == "ko" else sentence.en
        template = sentence.template
        if self.code == "ko":
            template = _korean().get(template, template)
        return template.format(
            **{
                name: self(value) if isinstance(value, Phrase | Text) else value
                for name, value in sentence.values.items()
            }
        )


@functools.cache
def _korean() -> dict[str, str]:
    """English template -> Korean template; a test holds it against the code."""
    import json  # not needed for English

    with open(os.path.join(os.path.dirname(__file__), "ko.json"), encoding="utf-8") as file:
        catalog: dict[str, str] = json.load(file)
    return catalog


def from_environment(environ: Mapping[str, str]) -> str:
    """The language code the locale asks for: POSIX's order, English where it says nothing known."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := environ.get(name):
            return "ko" if value.partition("_")[0].partition(".")[0] == "ko" else "en"
    return "en"
