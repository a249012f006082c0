"""What lint says of a lab.yaml that cannot be read, or holds what YAML reads as something else."""

from __future__ import annotations

import json
import os
from pathlib import Path

from kubectl_joblab.labs.definition import schema, strict
from tests.labs.definition.lint.lab import Case, Change, each, edit, remove, said, write

BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join(['*' + before] * 9)}]\n"
    for before, name in zip("abcdef", "bcdefg", strict=True)
)

SPECIAL: dict[str, Change] = {}
if os.name != "nt":
    SPECIAL["a pipe"] = lambda folder: os.mkfifo(folder / "lab.yaml")
    SPECIAL["a device"] = lambda folder: (folder / "lab.yaml").symlink_to("/dev/zero")

# what nothing is wrong with, and mistakes in later lines
INNOCENT = {
    "the last text in braces": ("en: A demo, ko: 시연", "en: A demo, ko: 시연?"),
    "the first": ("en: A demo", "en: Is it a demo?"),
    "braces with a tab behind them": (
        "title: {en: A demo, ko: 시연}",
        "title: {en: A demo?, ko: 시연}\t",
    ),
}
MISTAKES = {
    "a fraction": (
        edit("within: 10", "within: 1.5"),
        "lab.yaml:30: checks[0].within: 1.5 is a fraction; write a whole number",
    ),
    "a key given twice": (
        edit("task: 1\n", "task: 1\n  task: 2\n"),
        "lab.yaml:30: checks[0].task: is already in line 29; remove one of the two",
    ),
    "a quote": (
        edit("id: job", "id: 'job"),
        "lab.yaml:28: is not YAML: found unexpected end of stream; end the quote that begins here",
    ),
    "a tag": (
        edit("id: job", "id: !!binary aGk="),
        "lab.yaml:28: checks[0].id: has the tag !!binary; remove it, or put it in quotes",
    ),
    "an escape": (
        edit("en: there is a Job", 'en: "\\q"'),
        "lab.yaml:32: is not YAML: found unknown escape character 'q'; look there and above for a "
        "colon, a quote or an indent that is wrong",
    ),
}

CASES = [
    Case(
        "a folder without lab.yaml is no lab",
        remove("lab.yaml"),
        says=[
            "lab.yaml:1: there is no such file; a lab is a folder NN-name with a lab.yaml",
        ],
    ),
    *(
        Case(
            f"a lab.yaml that is {what} is not waited for",
            remove("lab.yaml"),
            make,
            says=[
                "lab.yaml:1: cannot be read (it is a folder, a pipe or a device); make it a file "
                "that you may read",
            ],
        )
        for what, make in SPECIAL.items()
    ),
    Case(
        "an empty lab.yaml says how to begin",
        write("lab.yaml", ""),
        says=[
            "lab.yaml:1: is empty; begin it with format: joblab/v2",
        ],
    ),
    Case(
        "a lab.yaml of comments only is empty",
        write("lab.yaml", "# later\n"),
        says=[
            "lab.yaml:1: is empty; begin it with format: joblab/v2",
        ],
    ),
    Case(
        "a lab.yaml that is a list is no lab",
        write("lab.yaml", "# a list\n- name: demo\n"),
        says=[
            "lab.yaml:2: is a list, not a mapping; begin it with format: joblab/v2",
        ],
    ),
    Case(
        "a lab.yaml that is one word is no lab",
        write("lab.yaml", "demo\n"),
        says=[
            "lab.yaml:1: is text, not a mapping; begin it with format: joblab/v2",
        ],
    ),
    Case(
        "a tab is found",
        edit("  task: 1", "\ttask: 1"),
        says=[
            "lab.yaml:29: is not YAML: found character '\\t' that cannot start any token; indent "
            "with spaces, not with a tab",
        ],
    ),
    Case(
        "bytes that are not UTF-8 are found",
        write("lab.yaml", b"format: joblab/v1\nname: \xff\n"),
        says=[
            "lab.yaml:2: is not UTF-8; save it as that",
        ],
    ),
    Case(
        "a control character is found",
        write("lab.yaml", b"format: joblab/v1\nname: \x07\n"),
        says=[
            "lab.yaml:2: is not YAML: the character U+0007 is not allowed; remove it",
        ],
    ),
    Case(
        "a text with a colon wants quotes",
        edit("next: kubectl", "next: now: kubectl"),
        says=[
            "lab.yaml:16: is not YAML: mapping values are not allowed here; put a text that has "
            "a colon in quotes",
        ],
    ),
    Case(
        "an operator with > wants quotes",
        edit("{exists: {kind: Job}}", "{pods: {operator: >=, value: 1}}"),
        says=[
            "lab.yaml:31: is not YAML: found character '>' that cannot start any token; put the "
            "text in quotes",
        ],
    ),
    Case(
        "a single = as operator is named",
        edit("{exists: {kind: Job}}", "{pods: {operator: =, value: 1}}"),
        says=[
            "lab.yaml:31: checks[0].assert.pods.operator: = is a sign of YAML's own; write == "
            "to compare, or put it in quotes",
        ],
    ),
    Case(
        "an operator != without quotes is a tag",
        edit("{exists: {kind: Job}}", "{pods: {operator: !=, value: 1}}"),
        says=[
            "lab.yaml:31: checks[0].assert.pods.operator: has the tag !=; remove it, or put it in "
            "quotes",
        ],
    ),
    Case(
        "a quote that does not end is found",
        edit("name: demo", "name: 'demo"),
        says=[
            "lab.yaml:2: is not YAML: found unexpected end of stream; end the quote that begins "
            "here",
        ],
    ),
    Case(
        "a list that does not end is found",
        edit("[sleep]", "[sleep"),
        says=[
            "lab.yaml:7: is not YAML: expected ',' or ']', but got ':'; end the bracket that "
            "begins in line 6",
        ],
    ),
    Case(
        "a brace that does not end is found",
        edit("ko: 시연}", "ko: 시연"),
        says=[
            "lab.yaml:8: is not YAML: expected ',' or '}', but got ':'; end the bracket that "
            "begins in line 7",
        ],
    ),
    Case(
        "a brace that does not end before an item is found",
        edit("ko: Job을 만듭니다.}", "ko: Job을 만듭니다."),
        says=[
            "lab.yaml:11: is not YAML: expected ',' or '}', but got '{'; end the bracket that "
            "begins in line 10",
        ],
    ),
    Case(
        "a text with a colon in braces wants quotes",
        edit("en: A demo", "en: Note: a demo"),
        says=[
            "lab.yaml:7: is not YAML: expected ',' or '}', but got ':'; put a text that has a "
            "colon in quotes, or a comma before the next key",
        ],
    ),
    Case(
        "a key that is indented too far is found",
        edit("\nminutes: 5", "\n minutes: 5"),
        says=[
            "lab.yaml:5: is not YAML: mapping values are not allowed here; indent it as the key "
            "above, or put a text that has a colon in quotes",
        ],
    ),
    Case(
        "a text that begins with 0 may have quotes",
        edit("name: demo", "name: 07"),
        says=[
            "lab.yaml:2: name: 07 begins with 0, as octal numbers do; leave out the 0, or put it "
            "in quotes",
        ],
    ),
    Case(
        "what a terminal would obey is in no text",
        edit("en: A demo", r'en: "A \e[31mred demo"'),
        says=["lab.yaml:7: title.en: has the control character U+001B; remove it"],
    ),
    Case(
        "nor what turns the order of letters",
        edit("en: A demo", r'en: "A \u202Edemo"'),
        says=["lab.yaml:7: title.en: has the control character U+202E; remove it"],
    ),
    Case(
        "the name of a file is shown with escapes",
        write("cheats/\x1b[31m.yaml", "kind: Job\n"),
        says=[r"lab.yaml:48: cheats: cheats/\x1b[31m.yaml is not named here; add it, or delete it"],
    ),
    Case(
        "a key given twice is found",
        edit("number: 7", "number: 7\nname: other"),
        says=[
            "lab.yaml:4: name: is already in line 2; remove one of the two",
        ],
    ),
    Case(
        "a key given twice deep inside is found",
        edit("fails: job}", "fails: job, by: spec}"),
        says=[
            "lab.yaml:49: cheats[0].by: is already in line 49; remove one of the two",
        ],
    ),
    Case(
        "two documents are one too many",
        edit("number: 7", "---\nnumber: 7"),
        says=[
            "lab.yaml:3: begins a second document; leave out what follows the line ---",
        ],
    ),
    Case(
        "a key that is a number is found",
        edit("number: 7", "number: 7\n8: eight"),
        says=[
            "lab.yaml:4: 8: a key must be text; put it in quotes",
        ],
    ),
    Case(
        "a key that YAML reads as true is found",
        edit("number: 7", "number: 7\non: eight"),
        says=[
            "lab.yaml:4: on: a key must be text; put it in quotes",
        ],
    ),
    Case(
        "a key that is a list is found",
        edit("number: 7", "number: 7\n? [a, b]\n: eight"),
        says=[
            'lab.yaml:4: ["?"]: a key must be text; put it in quotes',
        ],
    ),
    Case(
        "a text in braces that has a comma wants quotes",
        edit("en: A demo", "en: A demo, short"),
        says=["lab.yaml:7: title.en: ends at its comma; put the text in quotes"],
    ),
    Case(
        "an expression in braces that has a comma wants quotes",
        edit("succeeded: =completions", "succeeded: =min(completions, 2)"),
        says=[
            "lab.yaml:38: checks[1].assert.condition.succeeded: ends at its comma; put the text "
            "in quotes",
        ],
    ),
    Case(
        "a number that begins with 0 is octal",
        edit("number: 7", "number: 050"),
        says=[
            "lab.yaml:3: number: 050 begins with 0, as octal numbers do; leave out the 0",
        ],
    ),
    Case(
        "a date is found",
        edit("en: A demo", "en: 2026-02-30"),
        says=[
            "lab.yaml:7: title.en: 2026-02-30 is a date or a sign of YAML's own; put it in quotes",
        ],
    ),
    Case(
        "a number that is not written in digits is found",
        edit("number: 7", "number: 7e0"),
        edit("within: 60", "within: 0x3c"),
        says=[
            "lab.yaml:3: number: 7e0 is a strange way to write 7; write 7",
            "lab.yaml:37: checks[1].within: 0x3c is a strange way to write 60; write 60",
        ],
    ),
    Case(
        "a fraction is found",
        edit("minutes: 5", "minutes: 5.5"),
        says=[
            "lab.yaml:5: minutes: 5.5 is a fraction; write a whole number",
        ],
    ),
    Case(
        "a YAML tag is found",
        edit("name: demo", "name: !!python/name:os.system demo"),
        says=[
            "lab.yaml:2: name: has the tag !!python/name:os.system; remove it, or put it in quotes",
        ],
    ),
    Case(
        "a number of many digits is found",
        edit("minutes: 5", "minutes: 0x" + "f" * 5000),
        says=[
            "lab.yaml:5: minutes: has more than 18 digits; shorten it",
        ],
    ),
    Case(
        "what only looks like a number is found",
        edit("minutes: 5", "minutes: 0b_"),
        says=[
            "lab.yaml:5: minutes: 0b_ is no number or date; write a whole number",
        ],
    ),
    Case(
        "half a character is found",
        edit("en: A demo", r'en: "A \ud800 demo"'),
        says=[
            "lab.yaml:7: title.en: has half a character, of U+D800 to U+DFFF; write it whole",
        ],
    ),
    Case(
        "an alias without an anchor is found",
        edit("name: demo", "name: *demo"),
        says=[
            "lab.yaml:2: is not YAML: found undefined alias 'demo'; define the anchor above, or "
            "put the text in quotes",
        ],
    ),
    Case(
        "an alias to itself is found",
        edit("requires: [sleep]", "requires: &me [*me]"),
        says=[
            "lab.yaml:6: requires[0]: has more than 50 levels; flatten it, or end an alias to "
            "itself",
        ],
    ),
    Case(
        "aliases that unfold without end are found",
        write("lab.yaml", BOMB),
        says=[
            "lab.yaml:1: its aliases unfold into more than 50000 values; write them out",
        ],
    ),
    Case(
        "brackets without end are found",
        write("lab.yaml", "a: " + "[" * 1000),
        says=[
            "lab.yaml:1: is nested too deeply; flatten it",
        ],
    ),
    Case(
        "a merge of no mapping is found",
        edit("number: 7", "number: 7\n<<: 5"),
        says=[
            "lab.yaml:4: is not YAML: expected a mapping or list of mappings for merging, but "
            "found scalar; merge an alias of a mapping",
        ],
    ),
    *(
        Case(
            f"a question in {what} hides nothing of {mistake}",
            edit(*innocent),
            made,
            says=[says],
        )
        for what, innocent in INNOCENT.items()
        for mistake, (made, says) in MISTAKES.items()
    ),
    Case(
        "a manifest has no question in braces, as kubectl takes none",
        edit("  name: demo", "  annotations: {a: is it?, b: c}\n  name: demo", "job.yaml"),
        says=[
            "job.yaml:4: is not YAML: did not find expected ',' or '}', as kubectl reads it; put "
            "the text that has a ? in quotes",
        ],
    ),
    Case(
        "no format is found",
        edit("format: joblab/v1\n", ""),
        says=[
            "lab.yaml:1: format: is missing; begin the file with format: joblab/v2",
        ],
    ),
    Case(
        "a format of the future is found",
        edit("joblab/v1", "joblab/v3"),
        says=[
            'lab.yaml:1: format: "joblab/v3" is not known here; write joblab/v2, or update joblab',
        ],
    ),
    Case(
        "a format that is a list is found",
        edit("joblab/v1", "[joblab/v1]"),
        says=[
            "lab.yaml:1: format: a list is not known here; write joblab/v2, or update joblab",
        ],
    ),
]


def test_the_keys_of_whole_numbers_are_those_of_the_schema() -> None:
    found: set[str] = set()

    def look(node: object) -> None:
        for key, inner in node.items() if isinstance(node, dict) else ():
            if isinstance(inner, dict) and inner.get("type") == "integer":
                found.add(key)
            look(inner)
        for inner in node if isinstance(node, list) else ():
            look(inner)

    look(json.loads(schema.text()))
    assert found - set(strict.INTEGERS) == set()


@each(CASES)
def test_lint_says(case: Case, tmp_path: Path) -> None:
    assert said(case.lab(tmp_path)) == case.says
