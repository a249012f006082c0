"""What a learner reads, in English or Korean: phrases of the program and texts of a lab.

Every module that makes sentences uses this one, which knows nothing of Kubernetes. Kubernetes'
nouns, reasons, headers and commands are never translated, so they stand in the phrases as they are.

A command to type is marked as one: in a lab's text by backquotes, in a phrase by a value that is a
Command. So it gets the flags of the session and is never folded, and nobody has to guess from the
words around it where it ends.

A Korean particle depends on how the word before it ends. Behind a value ko.json has both forms of
the particle, first the one that follows a consonant, such as ``{name}{은/는}``; `particle` chooses.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Mapping
from typing import NamedTuple

from kubectl_joblab.locales import CODES as CODES
from kubectl_joblab.locales import from_environment as from_environment

MARK = "\x0e"  # before and behind each command in what `marked` returns; never seen by anyone


class Phrase(NamedTuple):
    """A sentence of the program: its English template, which is also its key, and the values.

    A value may be a Phrase again. ``str()`` gives the English sentence.
    """

    template: str
    values: Mapping[str, object]

    def __str__(self) -> str:
        return Language("en")(self)


class Text(NamedTuple):
    """A text of a lab, written once for each language; its commands stand in backquotes."""

    en: str
    ko: str


class Command(str):
    """A command line among the values of a Phrase; it is shown with the flags that were given."""

    __slots__ = ()


Sentence = Phrase | Text | str


def phrase(template: str, **values: object) -> Phrase:
    """A Phrase of this template; `template` is a literal, so that a test can find it."""
    return Phrase(template, values)


def plural(number: int, one: str, many: str, **values: object) -> Phrase:
    """A Phrase of the template `one` where `number` is 1, else of `many`; both may use ``{n}``."""
    return Phrase(one if number == 1 else many, {"n": number, **values})


class Language(NamedTuple):
    """Turns phrases and texts into strings of one language.

    code: one of CODES. carry: what gives a command the flags that it is to be typed with.
    """

    code: str
    carry: Callable[[str], str] = str

    def __call__(self, sentence: Sentence) -> str:
        """The sentence in this language; a plain string is returned as it is."""
        return sentence if isinstance(sentence, str) else self.marked(sentence).replace(MARK, "")

    def marked(self, sentence: Sentence) -> str:
        """The sentence with a MARK before and behind each of its commands, for `fold`."""
        if isinstance(sentence, str):
            return sentence
        if isinstance(sentence, Text):
            return self._of_lab(sentence.ko if self.code == "ko" else sentence.en)
        values = {name: self._value(value) for name, value in sentence.values.items()}
        if self.code == "ko":
            return _fill(_korean().get(sentence.template, sentence.template), values)
        return sentence.template.format(**values)

    def _value(self, value: object) -> object:
        if isinstance(value, Command):
            return f"{MARK}{self.carry(value)}{MARK}"
        return self.marked(value) if isinstance(value, Phrase | Text) else value

    def _of_lab(self, text: str) -> str:
        """A lab's text; what else stands in backquotes than commands keeps them."""
        said, *quoted = text.split("`")
        while len(quoted) > 1:
            inside, behind, *quoted = quoted
            if inside.startswith("kubectl "):
                said += f"{MARK}{self.carry(' '.join(inside.splitlines()))}{MARK}{behind}"
            else:
                said += f"`{inside}`{behind}"
        return "`".join([said, *quoted])

    def declared(self, text: str) -> str:
        """A text that a command declares, such as its help; as it is where it has no twin."""
        return _korean().get(text, text) if self.code == "ko" else text


@functools.cache
def _korean() -> dict[str, str]:
    """English template -> Korean template; a test compares its keys with the code's phrases."""
    import json  # not imported for English

    with open(os.path.join(os.path.dirname(__file__), "ko.json"), encoding="utf-8") as file:
        catalog: dict[str, str] = json.load(file)
    return catalog


def _fill(template: str, values: Mapping[str, object]) -> str:
    """The Korean template with its values, and with the particles that follow these."""
    import re  # not imported for English

    said = ""
    for index, piece in enumerate(re.split(r"\{([^{}]*/[^{}]*)\}", template)):
        said += particle(said, piece) if index % 2 else piece.format(**values)
    return said


def particle(said: str, pair: str) -> str:
    """The form of a pair such as 은/는 that follows the text `said`; quotes at its end are skipped.

    Before 으로 and the like ㄹ counts as a vowel (파일로), as Korean has it.
    """
    behind_consonant, behind_vowel = pair.split("/")
    final = _final(said)
    if final == "ㄹ" and behind_consonant.startswith("으"):
        return behind_vowel
    return behind_consonant if final else behind_vowel


# Digits and letters whose Korean names end in ㄹ (일, 칠, 팔; 엘, 알) or in another consonant.
_SIGNS = {**dict.fromkeys("178LR", "ㄹ"), **dict.fromkeys("036MN", "ㄴ")}
# How English words end that are read with a final consonant: yaml 야믈, file 파일; echo-main 메인,
# testing 테스팅, name 네임, sleep 슬립 (loop 루프), limit 리밋 (wait 웨이트), job 잡, spec 스펙,
# stack 스택 (check 체크), hook 훅. All others end in a vowel: test 테스트, pod 파드.
_LIQUID = r"l$|le$"
_CLOSED = (
    r"[mn]$|ng$|[aeiou][mn]e$|([aeiu]|(?<!o)o)p$|(?<![aeiou])[aeiou]t$|[aeiou][bc]$|[aiou]ck$|ook$"
)


_NAMES = {"LAB", "NAME"}  # arguments in capitals that are read as words: 랩, 네임


def _final(said: str) -> str:
    """The last sound of a text when it is read in Korean: ㄹ, ㄴ for any other consonant, or "".

    Hangul shows its last sound. Digits and abbreviations are read sign by sign, other Latin words
    by rule. A text that cannot be read so, such as Japanese, counts as ending in a vowel.
    """
    import re

    found = re.search(r"([가-힣]|[0-9]|[A-Za-z]+)[\W_]*$", said)
    if found is None:
        return ""
    word = found[1]
    if word >= "가":
        place = (ord(word) - ord("가")) % 28  # among the final consonants; 0 is none, 8 is ㄹ
        return "ㄹ" if place == 8 else "ㄴ" * (place > 0)
    word = word.lower() if word in _NAMES else word
    if word.isdigit() or word.isupper() or not re.search("[aeiouy]", word):
        return _SIGNS.get(word[-1].upper(), "")
    word = word.lower()
    if re.search(_LIQUID, word):
        return "ㄹ"
    return "ㄴ" if re.search(_CLOSED, word) else ""
