"""What is wrong with a text that is no YAML, in plain words, and what to do.

labs/manifest.py puts them behind the words of the reader, which name the line.
"""

from __future__ import annotations

import yaml

from kubectl_joblab.formats import goyaml
from kubectl_joblab.language import Phrase, phrase


def meaning(error: Exception) -> Phrase:
    """What one of PyYAML's errors, or of goyaml's, means for whoever wrote the text."""
    if isinstance(error, yaml.MarkedYAMLError):
        return _marked(error)
    text = str(error)
    if isinstance(error, yaml.reader.ReaderError):
        return phrase("The file has a character that YAML does not take; write that line anew.")
    if "map key" in text:
        return phrase("A key is a word; what stands before the colon is a list or a mapping.")
    if "unsupported value" in text:
        return phrase("A manifest has no infinite numbers; in quotes it is text.")
    if "alias" in text or "anchor" in text:
        return phrase("An alias (*name) repeats too much; write the lines out instead.")
    if "merge" in text:
        return phrase("What follows << has to be a mapping; write its lines out instead.")
    return phrase("A value does not fit the type that ! gives it; leave out the ! and its word.")


def _marked(error: yaml.MarkedYAMLError) -> Phrase:
    problem, context = error.problem or error.context or "", error.context or ""
    here = error.problem_mark or error.context_mark
    begun = error.context_mark or here
    line, first = (mark.line + 1 if mark else 1 for mark in (here, begun))
    if "'\\t'" in problem or "\\t" in problem:
        return phrase("YAML is indented with spaces, not with tabs: replace the tab by spaces.")
    if "mapping values are not allowed" in problem:
        return phrase(
            "Line {line} stands deeper than the line that it belongs to, or the line above it lacks"
            " a colon, or a text with a colon and a space needs quotes.",
            line=line,
        )
    if "expected <block end>" in problem:
        return _out_of_line(error)
    if isinstance(error, goyaml.QuestionMarkError):
        return phrase("In brackets a text with a ? needs quotes; kubectl takes it for a key.")
    if "expected ',' or" in problem:
        return phrase(
            "The bracket that begins in line {first} is not closed, or a comma is missing in it.",
            first=first,
        )
    if "quoted scalar" in context and "escape" not in problem:
        return phrase("The quote that begins in line {first} has no end.", first=first)
    if "escape" in problem or "hexadecimal" in problem:
        return phrase("In double quotes \\ is special: use single quotes, or write \\\\.")
    if "could not find expected ':'" in problem:
        return phrase("Line {first} is a key without a colon and a space behind it.", first=first)
    if "entries are not allowed" in problem or "keys are not allowed" in problem:
        return phrase(
            "An item of a list or a mapping begins on a line of its own, not behind another key."
        )
    if "cannot start any token" in problem or "alphabetic or numeric" in problem:
        return phrase("A text that begins with a special character needs quotes.")
    if "alias" in problem or "anchor" in problem:
        return phrase("* and & name repeated parts; a text that begins with one needs quotes.")
    if "indentation indicator" in problem or "comment or a line break" in problem:
        return phrase("Behind | or > nothing follows on that line; the text begins below it.")
    if "tag" in problem or "tag" in context:
        return phrase("A text that begins with ! needs quotes.")
    if "node content" in problem:
        return phrase("A value is missing in line {line}, or a text there needs quotes.", line=line)
    if "document" in problem and "found '{'" in problem:
        return phrase(
            "A second object begins in line {line}; start creates one Job: leave one in the file.",
            line=line,
        )
    if "document" in problem:
        return phrase(
            "Line {line} does not belong to the lines above it: all keys of a mapping begin in one"
            " column.",
            line=line,
        )
    if "directive" in context:
        return phrase("Leave out the line that begins with %, or put its text in quotes.")
    return phrase(
        "Look in line {line} and above it for a colon, a quote or an indent that is wrong.",
        line=line,
    )


def _out_of_line(error: yaml.MarkedYAMLError) -> Phrase:
    """What is wrong with a line that ends a block which the block around it does not go on with."""
    here, begun = error.problem_mark, error.context_mark
    assert here is not None
    assert begun is not None
    if here.line == begun.line or "'}'" in str(error.problem) or "']'" in str(error.problem):
        return phrase("A bracket or a quote in line {line} is one too many.", line=here.line + 1)
    if here.column == begun.column:
        return phrase(
            "Line {line} does not go on with what begins in line {first}: in a list each item"
            " begins with -, in a mapping each line with a key and a colon.",
            line=here.line + 1,
            first=begun.line + 1,
        )
    return phrase(
        "Line {line} begins in column {column}, where nothing above it begins (line {first}: column"
        " {wanted}); lines that belong together begin in the same column.",
        line=here.line + 1,
        column=here.column + 1,
        first=begun.line + 1,
        wanted=begun.column + 1,
    )
