"""What lint says of labs: one that is right, then the same with one thing broken."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from kubectl_joblab.labs.definition import lint, loader, model, schema
from kubectl_joblab.labs.judge import assertions

LAB = """\
format: joblab/v1
name: demo
number: 7
level: beginner
minutes: 5
requires: [sleep]
title: {en: A demo, ko: 시연}
goal: {en: One success., ko: 성공 한 번.}
tasks:
- {en: Create a Job., ko: Job을 만듭니다.}
- {en: See it end., ko: 끝나는지 봅니다., shows: job}
observe:
- {en: There is one Pod., ko: Pod가 하나 있습니다.}
commands: [kubectl get jobs]
debrief: {en: It ran once., ko: 한 번 실행되었습니다.}
next: kubectl joblab list
parameters:
- name: completions
  flag: --completions
  type: integer
  minimum: 1
  maximum: 9
  field: spec.completions
  help: {en: how many, ko: 몇 개}
variants:
- {name: once, job: demo, file: job.yaml}
checks:
- id: job
  task: 1
  within: 10
  assert: {exists: {kind: Job}}
  ask: {en: there is a Job, ko: Job이 있습니다}
  fix: {en: Create a Job., ko: Job을 만드세요.}
  run: kubectl get job {job}
- id: complete
  task: 2
  within: 60
  assert: {condition: {type: Complete, succeeded: =completions}}
  ask: {en: it is Complete, ko: Complete입니다}
  fix: {en: Wait for it., ko: 기다리세요.}
  run: kubectl describe job {job}
hints:
- check: complete
  stages:
  - {en: Have patience., ko: 기다리세요.}
solutions:
- file: solutions/two.yaml
cheats:
- {name: bare-pod, by: spec, file: cheats/pod.yaml, fails: job}
- {name: too-few, by: behaviour, file: cheats/few.yaml, fails: complete}
"""
JOB = """\
apiVersion: batch/v1
kind: Job
metadata:
  name: demo
spec:
  completions: 1
"""
FILES = {
    "lab.yaml": LAB,
    "job.yaml": JOB,
    "solutions/two.yaml": JOB,
    "cheats/pod.yaml": JOB.replace("Job", "Pod"),
    "cheats/few.yaml": JOB,
    "README.md": "# Demo\n",
}

Change = Callable[[Path], object]


def make_lab(parent: Path, name: str = "07-demo") -> Path:
    """A lab of two tasks, two checks and two cheats, as small as a lab can be."""
    for file, text in FILES.items():
        write(file, text)(parent / name)
    return parent / name


def write(file: str, text: str | bytes) -> Change:
    def change(folder: Path) -> None:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_bytes(text if isinstance(text, bytes) else text.encode())

    return change


def edit(old: str, new: str, file: str = "lab.yaml") -> Change:
    def change(folder: Path) -> None:
        text = (folder / file).read_text("utf-8")
        assert text.count(old) >= 1, f"{old!r} is not in {file}"
        (folder / file).write_text(text.replace(old, new, 1), "utf-8")

    return change


def remove(file: str) -> Change:
    return lambda folder: (folder / file).unlink()


def starter(folder: Path) -> None:
    edit("file: job.yaml}", "file: job.yaml, starter: true}")(folder)
    edit("succeeded: =completions", "succeeded: 1")(folder)
    write("job.yaml", "metadata: {name: demo}\n# completions: 1\n")(folder)


def two_variants(folder: Path) -> None:
    more = "- {name: again, job: demo-again, file: again.yaml}\n"
    edit("checks:\n", f"{more}checks:\n")(folder)
    write("again.yaml", JOB.replace("demo", "demo-again"))(folder)


class Case:
    """One thing broken, and all that lint says then; file names without the lab's folder."""

    def __init__(self, sentence: str, *changes: Change, says: Sequence[str] = ()) -> None:
        self.sentence = sentence
        self.changes = changes
        self.says = list(says)


BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join(['*' + before] * 9)}]\n"
    for before, name in zip("abcdef", "bcdefg", strict=True)
)

CASES = [
    # ---- lab.yaml can be read
    Case(
        "a folder without lab.yaml is no lab",
        remove("lab.yaml"),
        says=[
            "lab.yaml:1: there is no such file; a lab is a folder NN-name with a lab.yaml",
        ],
    ),
    Case(
        "an empty lab.yaml says how to begin",
        write("lab.yaml", ""),
        says=[
            "lab.yaml:1: is empty; begin it with format: joblab/v1",
        ],
    ),
    Case(
        "a lab.yaml of comments only is empty",
        write("lab.yaml", "# later\n"),
        says=[
            "lab.yaml:1: is empty; begin it with format: joblab/v1",
        ],
    ),
    Case(
        "a lab.yaml that is a list is no lab",
        write("lab.yaml", "# a list\n- name: demo\n"),
        says=[
            "lab.yaml:2: is a list, not a mapping; begin it with format: joblab/v1",
        ],
    ),
    Case(
        "a lab.yaml that is one word is no lab",
        write("lab.yaml", "demo\n"),
        says=[
            "lab.yaml:1: is text, not a mapping; begin it with format: joblab/v1",
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
            "lab.yaml:31: checks[0].assert.pods.operator: = is a date or a sign of YAML's own; "
            "put it in quotes",
        ],
    ),
    Case(
        "an operator != without quotes is a tag",
        edit("{exists: {kind: Job}}", "{pods: {operator: !=, value: 1}}"),
        says=[
            "lab.yaml:31: is not YAML: expected ',' or '}', but got ':'; end the bracket, or put "
            "!= and a text with a comma in quotes",
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
            "lab.yaml:7: is not YAML: expected ',' or ']', but got ':'; end the bracket, or put "
            "!= and a text with a comma in quotes",
        ],
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
            "lab.yaml:3: is not YAML: but found another document; leave out what follows the "
            "line ---",
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
        "a date is found",
        edit("en: A demo", "en: 2026-02-30"),
        says=[
            "lab.yaml:7: title.en: 2026-02-30 is a date or a sign of YAML's own; put it in quotes",
        ],
    ),
    Case(
        "a fraction is found",
        edit("minutes: 5", "minutes: 5.5"),
        says=[
            "lab.yaml:5: minutes: 5.5 is a fraction; write a whole number, or put it in quotes",
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
            "lab.yaml:5: minutes: has more than 18 digits; shorten it, or put it in quotes",
        ],
    ),
    Case(
        "what only looks like a number is found",
        edit("minutes: 5", "minutes: 0b_"),
        says=[
            "lab.yaml:5: minutes: 0b_ is no number or date; put it in quotes",
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
    Case(
        "no format is found",
        edit("format: joblab/v1\n", ""),
        says=[
            "lab.yaml:1: format: is missing; begin the file with format: joblab/v1",
        ],
    ),
    Case(
        "a format of the future is found",
        edit("joblab/v1", "joblab/v2"),
        says=[
            'lab.yaml:1: format: "joblab/v2" is not known here; write joblab/v1, or update joblab',
        ],
    ),
    Case(
        "a format that is a list is found",
        edit("joblab/v1", "[joblab/v1]"),
        says=[
            "lab.yaml:1: format: a list is not known here; write joblab/v1, or update joblab",
        ],
    ),
    # ---- it fits the schema
    Case(
        "a key that is missing is explained",
        edit("number: 7\n", ""),
        says=[
            "lab.yaml:1: number: is missing; add the lab's place in the list, by which it can be "
            "called, too",
        ],
    ),
    Case(
        "a key that is missing deep inside is explained",
        edit("  within: 60\n", ""),
        says=[
            "lab.yaml:35: checks[1].within: is missing; add seconds after the Job's creation in "
            "which it must hold",
        ],
    ),
    Case(
        "a typo in a key is one problem, not two",
        edit("  within: 60\n", "  wihtin: 60\n"),
        says=[
            'lab.yaml:37: checks[1].wihtin: "wihtin" is not a key here; did you mean within?',
        ],
    ),
    Case(
        "a key like no other lists those there are",
        edit("  - {en: Have", "  - {zz: 1, en: Have"),
        says=[
            'lab.yaml:45: hints[0].stages[0].zz: "zz" is not a key here; write en or ko',
        ],
    ),
    Case(
        "a key with a strange name is one line",
        edit("number: 7", 'number: 7\n"a\\nb\\u2028": 1'),
        says=[
            'lab.yaml:4: ["a\\nb\\u2028"]: "a\\nb\\u2028" is not a key here; write format, name, '
            "number, level, minutes, requires, title, goal, tasks, observe, commands, debrief, "
            "next, parameters, variants, checks, hints, solutions or cheats",
        ],
    ),
    Case(
        "a key of many letters is cut",
        edit("number: 7", f"number: 7\n{'k' * 99}: 1"),
        says=[
            f'lab.yaml:4: ["{"k" * 54}..."]: "{"k" * 54}..." is not a key here; '
            "write format, name, number, level, minutes, requires, title, goal, tasks, observe, "
            "commands, debrief, next, parameters, variants, checks, hints, solutions or cheats",
        ],
    ),
    Case(
        "a kind of assertion that is not there is found",
        edit("exists:", "exist:"),
        says=[
            'lab.yaml:31: checks[0].assert.exist: "exist" is not a key here; did you mean exists?',
        ],
    ),
    Case(
        "an option of another kind is found",
        edit("{exists: {kind: Job}}", "{exists: {kind: Job, value: 1}}"),
        says=[
            'lab.yaml:31: checks[0].assert.exists.value: "value" is not a key here; write kind',
        ],
    ),
    Case(
        "an assertion is one kind",
        edit("{exists: {kind: Job}}", "{exists: {kind: Job}, owner: {kind: Job}}"),
        says=[
            "lab.yaml:31: checks[0].assert: has 2 keys; write one kind of assertion",
        ],
    ),
    Case(
        "an assertion is a kind",
        edit("{exists: {kind: Job}}", "{}"),
        says=[
            "lab.yaml:31: checks[0].assert: says nothing; write one kind of assertion",
        ],
    ),
    Case(
        "an operator that is not there is found",
        edit("{exists: {kind: Job}}", "{pods: {operator: =>, value: 1}}"),
        says=[
            'lab.yaml:31: checks[0].assert.pods.operator: "=>" is not possible; write ==, !=, <, '
            "<=, > or >=",
        ],
    ),
    Case(
        "a value that is not there is found",
        edit("kind: Job}}", "kind: job}}"),
        says=[
            'lab.yaml:31: checks[0].assert.exists.kind: "job" is not possible; write Job or Pod',
        ],
    ),
    Case(
        "True as a word wants quotes",
        edit("{type: Complete,", "{type: Complete, status: True,"),
        says=[
            "lab.yaml:38: checks[1].assert.condition.status: is true or false; put it in quotes",
        ],
    ),
    Case(
        "a number in quotes is no number",
        edit("minutes: 5", 'minutes: "5"'),
        says=[
            "lab.yaml:5: minutes: is text; write a whole number",
        ],
    ),
    Case(
        "a text that is a number wants quotes",
        edit("en: A demo", "en: 7"),
        says=[
            "lab.yaml:7: title.en: is a whole number; write text, in quotes",
        ],
    ),
    Case(
        "a number that is too small is found",
        edit("minutes: 5", "minutes: 0"),
        says=[
            "lab.yaml:5: minutes: 0 is too small; write 1 or more",
        ],
    ),
    Case(
        "a number that is too large is found",
        edit("minutes: 5", "minutes: 600"),
        says=[
            "lab.yaml:5: minutes: 600 is too large; write 240 or less",
        ],
    ),
    Case(
        "a counted value is a number or expression",
        edit("=completions", "many"),
        says=[
            'lab.yaml:38: checks[1].assert.condition.succeeded: "many" does not fit; write a '
            "whole number from 0 on, or an expression such as =min(parallelism, completions)",
        ],
    ),
    Case(
        "a counted value is not true",
        edit("=completions", "true"),
        says=[
            "lab.yaml:38: checks[1].assert.condition.succeeded: is true or false; write a whole "
            "number from 0 on, or an expression such as =min(parallelism, completions)",
        ],
    ),
    Case(
        "a text that is not there is found",
        edit("title: {en: A demo, ko: 시연}", "title:\n  en: A demo\n  ko:"),
        says=[
            "lab.yaml:9: title.ko: is empty; write text",
        ],
    ),
    Case(
        "a text in one language is found",
        edit(", ko: 시연", ""),
        says=[
            "lab.yaml:7: title.ko: is missing; add the text in Korean; Kubernetes' nouns, "
            "reasons and commands stay as they are",
        ],
    ),
    Case(
        "a blank text is found",
        edit("ko: 시연", "ko: ' '"),
        says=[
            'lab.yaml:7: title.ko: " " does not fit; write text that is not blank',
        ],
    ),
    Case(
        "a text without languages is found",
        edit("title: {en: A demo, ko: 시연}", "title: A demo"),
        says=[
            "lab.yaml:7: title: is text; write a mapping with en, ko",
        ],
    ),
    Case(
        "a name does not begin with a digit",
        edit("name: demo", "name: 7-demo"),
        says=[
            'lab.yaml:2: name: "7-demo" does not fit; write lower-case letters, digits and '
            "single hyphens, beginning with a letter",
        ],
    ),
    Case(
        "a Job's name is a DNS label",
        edit("job: demo", "job: Demo_1"),
        says=[
            'lab.yaml:26: variants[0].job: "Demo_1" does not fit; write lower-case letters, '
            "digits and hyphens, with a letter or digit at both ends",
        ],
    ),
    Case(
        "a flag begins with two hyphens",
        edit("flag: --completions", "flag: completions"),
        says=[
            'lab.yaml:19: parameters[0].flag: "completions" does not fit; write a flag such as '
            "--backoff-limit",
        ],
    ),
    Case(
        "a field is a path",
        edit("field: spec.completions", "field: .spec.completions"),
        says=[
            'lab.yaml:23: parameters[0].field: ".spec.completions" does not fit; write a path '
            "such as spec.template.spec.containers[0].image; a key with dots as in "
            "metadata.labels['a.b/c']",
        ],
    ),
    Case(
        "a command begins with kubectl",
        edit("run: kubectl get", "run: oc get"),
        says=[
            'lab.yaml:34: checks[0].run: "oc get job {job}" does not fit; write a command that '
            "begins with kubectl",
        ],
    ),
    Case(
        "a file does not begin with a slash",
        edit("file: job.yaml", "file: /etc/passwd"),
        says=[
            'lab.yaml:26: variants[0].file: "/etc/passwd" does not fit; write the path of a file '
            "in the lab's folder, with / between folders",
        ],
    ),
    Case(
        "a file has no backslash",
        edit("cheats/pod.yaml", r"cheats\pod.yaml"),
        says=[
            'lab.yaml:49: cheats[0].file: "cheats\\\\pod.yaml" does not fit; write the path of a '
            "file in the lab's folder, with / between folders",
        ],
    ),
    Case(
        "a list is not empty",
        edit("- {en: There is one Pod., ko: Pod가 하나 있습니다.}", "  []"),
        says=[
            "lab.yaml:12: observe: is too short, with 0; write 1 or more",
        ],
    ),
    Case(
        "one cheat is not enough",
        edit("- {name: bare-pod, by: spec, file: cheats/pod.yaml, fails: job}\n", ""),
        says=[
            "lab.yaml:48: cheats: is too short, with 1; write 2 or more",
        ],
    ),
    Case(
        "a lab is not required twice",
        edit("[sleep]", "[sleep, sleep]"),
        says=[
            "lab.yaml:6: requires: has an entry twice; remove one of the two",
        ],
    ),
    Case(
        "only an integer has a range",
        edit("type: integer", "type: string"),
        says=[
            "lab.yaml:21: parameters[0].minimum: does not go with the keys beside it; remove it",
            "lab.yaml:22: parameters[0].maximum: does not go with the keys beside it; remove it",
        ],
    ),
    Case(
        "an enum has values",
        edit("type: integer\n  minimum: 1\n  maximum: 9", "type: enum"),
        says=[
            "lab.yaml:18: parameters[0].values: is missing; add it",
        ],
    ),
    Case(
        "only an enum picks a variant",
        edit("type: integer", "type: integer\n  picksVariant: true"),
        says=[
            "lab.yaml:21: parameters[0].picksVariant: does not go with the keys beside it; "
            "remove it",
        ],
    ),
    Case(
        "an expression is short",
        edit("=completions", "=" + "1+" * 60 + "1"),
        says=[
            "lab.yaml:38: checks[1].assert.condition.succeeded: has more than 100 characters; "
            "shorten it",
        ],
    ),
    # ---- the rules
    Case(
        "a folder has the number of its lab",
        edit("number: 7", "number: 8"),
        says=[
            "lab.yaml:3: number: 8 is not that of the folder 07-demo; rename one of the two",
        ],
    ),
    Case(
        "a folder has the name of its lab",
        edit("name: demo", "name: demos"),
        says=[
            'lab.yaml:2: name: "demos" is not that of the folder 07-demo; rename one of the two',
        ],
    ),
    Case(
        "a lab does not require itself",
        edit("[sleep]", "[sleep, demo]"),
        says=[
            "lab.yaml:6: requires[1]: is this lab itself; remove it",
        ],
    ),
    Case(
        "ids of checks are given once",
        edit("id: complete", "id: job"),
        edit("check: complete", "check: job"),
        edit("fails: complete", "fails: job"),
        says=[
            'lab.yaml:35: checks[1].id: "job" is already in checks[0]; choose another',
        ],
    ),
    Case(
        "names of cheats are given once",
        edit("name: too-few", "name: bare-pod"),
        says=[
            'lab.yaml:50: cheats[1].name: "bare-pod" is already in cheats[0]; choose another',
        ],
    ),
    Case(
        "Jobs of variants are told apart",
        two_variants,
        edit("job: demo-again", "job: demo"),
        edit("demo-again", "demo", "again.yaml"),
        says=[
            'lab.yaml:27: variants[1].job: "demo" is already in variants[0]; choose another',
        ],
    ),
    Case(
        "names of variants are told apart",
        two_variants,
        edit("name: again", "name: once"),
        says=[
            'lab.yaml:27: variants[1].name: "once" is already in variants[0]; choose another',
        ],
    ),
    Case(
        "a check has its hints in one place",
        edit("hints:\n", "hints:\n- {check: complete, stages: [{en: Wait., ko: 기다리세요.}]}\n"),
        says=[
            'lab.yaml:44: hints[1].check: "complete" is already in hints[0]; choose another',
        ],
    ),
    Case(
        "hints for the way in are in one place",
        edit(
            "- check: complete\n  stages:", "- stages: [{en: Begin., ko: 시작하세요.}]\n- stages:"
        ),
        says=[
            'lab.yaml:44: hints[1].check: "" is already in hints[0]; choose another',
        ],
    ),
    Case(
        "a Korean text in English is found",
        edit("ko: 시연", "ko: A demonstration"),
        says=[
            "lab.yaml:7: title.ko: has no Hangul; translate it (demonstration)",
        ],
    ),
    Case(
        "the same text twice is found",
        edit("ko: 시연", "ko: A demo"),
        says=[
            "lab.yaml:7: title.ko: has no Hangul; translate it (demo)",
        ],
    ),
    Case(
        "a reason's own way on is a text, too",
        edit(
            "id: job\n",
            "id: job\n  because:\n  - when: {exists: {kind: Job}}\n    en: so\n    ko: 그래서\n"
            "    fix: {en: Do this, ko: Do this}\n",
        ),
        says=[
            "lab.yaml:33: checks[0].because[0].fix.ko: has no Hangul; translate it (Do, this)",
        ],
    ),
    Case(
        "an English text in Korean is found",
        edit("en: A demo", "en: 시연"),
        says=[
            "lab.yaml:7: title.en: has Hangul; write it in English",
        ],
    ),
    Case(
        "a text of code is the same in both languages",
        edit("{en: A demo, ko: 시연}", "{en: kubectl get pods -w, ko: kubectl get pods -w}"),
    ),
    Case(
        "a text of Kubernetes' nouns is the same in both",
        edit(
            "{en: A demo, ko: 시연}",
            "{en: 'Job, Pod, spec.backoffLimit', ko: 'Job, Pod, spec.backoffLimit'}",
        ),
    ),
    Case(
        "a check proves a task that is there",
        edit("task: 2", "task: 5"),
        says=[
            "lab.yaml:11: tasks[1]: no check proves it; add one with task: 2",
            "lab.yaml:36: checks[1].task: 5 is not a task; write 1 to 2",
        ],
    ),
    Case(
        "a task is proven by a check",
        edit("task: 2", "task: 1"),
        says=[
            "lab.yaml:11: tasks[1]: no check proves it; add one with task: 2",
        ],
    ),
    Case(
        "a task has a check that a cheat fails",
        edit("fails: complete", "fails: job"),
        says=[
            "lab.yaml:11: tasks[1]: no cheat fails on a check of it; add one for complete",
        ],
    ),
    Case(
        "a check is about a variant that is there",
        edit("id: job\n", "id: job\n  variant: onces\n"),
        says=[
            'lab.yaml:29: checks[0].variant: "onces" is not a variant; did you mean once?',
            'lab.yaml:50: cheats[0].fails: "job" is not a check of variant once; write complete',
        ],
    ),
    Case(
        "a solution is about a variant that is there",
        edit("- file: sol", "- variant: twice\n  file: sol"),
        says=[
            'lab.yaml:47: solutions[0].variant: "twice" is not a variant; write once',
        ],
    ),
    Case(
        "a hint helps with a check that is there",
        edit("check: complete", "check: compleat"),
        says=[
            'lab.yaml:43: hints[0].check: "compleat" is not a check; did you mean complete?',
        ],
    ),
    Case(
        "a cheat by spec is there",
        edit("by: spec", "by: behaviour"),
        says=[
            "lab.yaml:48: cheats: none is by spec; add one",
        ],
    ),
    Case(
        "a cheat by behaviour is there",
        edit("by: behaviour", "by: spec"),
        says=[
            "lab.yaml:48: cheats: none is by behaviour; add one",
        ],
    ),
    Case(
        "a cheat fails on a check that is there",
        edit("fails: job", "fails: jobs"),
        says=[
            "lab.yaml:10: tasks[0]: no cheat fails on a check of it; add one for job",
            'lab.yaml:49: cheats[0].fails: "jobs" is not a check of variant once; did you mean '
            "job?",
        ],
    ),
    Case(
        "a cheat fails on a check of its own variant",
        two_variants,
        edit("id: job\n", "id: job\n  variant: again\n"),
        says=[
            'lab.yaml:51: cheats[0].fails: "job" is not a check of variant once; write complete',
        ],
    ),
    Case(
        "a starter has a solution",
        starter,
        edit("solutions:\n- file: solutions/two.yaml\n", ""),
        remove("solutions/two.yaml"),
        says=[
            "lab.yaml:26: variants[0].starter: has no solution; add one to solutions, with "
            "variant: once",
        ],
    ),
    Case(
        "a starter may be incomplete",
        starter,
    ),
    Case(
        "a starter is a mapping",
        starter,
        write("job.yaml", "- kind: Job\n"),
        says=[
            "job.yaml:1: is a list, not a mapping; write one Kubernetes object",
        ],
    ),
    Case(
        "a starter's checks cannot use parameters",
        starter,
        edit("succeeded: 1", "succeeded: =completions"),
        says=[
            "lab.yaml:38: checks[1].assert.condition.succeeded: variant once is a starter, "
            "which the learner completes; write a number",
        ],
    ),
    Case(
        "a file that is named is there",
        remove("cheats/few.yaml"),
        says=[
            'lab.yaml:50: cheats[1].file: "cheats/few.yaml" is not a file in this folder; did '
            "you mean cheats/pod.yaml?",
        ],
    ),
    Case(
        "a file's name with a typo is found",
        edit("cheats/pod.yaml", "cheats/pot.yaml"),
        says=[
            "lab.yaml:48: cheats: cheats/pod.yaml is not named here; add it, or delete it",
            'lab.yaml:49: cheats[0].file: "cheats/pot.yaml" is not a file in this folder; did '
            "you mean cheats/pod.yaml?",
        ],
    ),
    Case(
        "a file is inside the folder",
        write("../job.yaml", JOB),
        edit("file: job.yaml", "file: ../job.yaml"),
        says=[
            'lab.yaml:26: variants[0].file: "../job.yaml" is outside of the lab\'s folder; copy '
            "it there",
        ],
    ),
    Case(
        "a file's name may be too long",
        edit("file: job.yaml", f"file: {'j' * 300}.yaml"),
        says=[
            "lab.yaml:26: variants[0].file: "
            '"jjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjj..." is not a file in this '
            "folder; write README.md, cheats/few.yaml, cheats/pod.yaml, job.yaml, lab.yaml or "
            "solutions/two.yaml",
        ],
    ),
    Case(
        "a solution that is left over is found",
        write("solutions/old.yaml", JOB),
        says=[
            "lab.yaml:46: solutions: solutions/old.yaml is not named here; add it, or delete it",
        ],
    ),
    Case(
        "a cheat that is left over is found",
        write("cheats/old.yaml", JOB),
        says=[
            "lab.yaml:48: cheats: cheats/old.yaml is not named here; add it, or delete it",
        ],
    ),
    Case(
        "hidden files are left alone",
        write("cheats/.old.yaml.swp", ""),
        write("solutions/.git/config", ""),
    ),
    Case(
        "a manifest is YAML",
        edit("kind: Job", "kind: 'Job", "job.yaml"),
        says=[
            "job.yaml:2: is not YAML: found unexpected end of stream; end the quote that begins "
            "here",
        ],
    ),
    Case(
        "a manifest is not empty",
        write("cheats/pod.yaml", ""),
        says=[
            "cheats/pod.yaml:1: is empty; write one Kubernetes object",
        ],
    ),
    Case(
        "a manifest has no key twice",
        edit("kind: Pod", "kind: Pod\nkind: Job", "cheats/pod.yaml"),
        says=[
            "cheats/pod.yaml:3: kind: is already in line 2; remove one of the two",
        ],
    ),
    Case(
        "a manifest may have dates and fractions",
        edit("kind: Pod", "kind: Pod\nwhen: 2026-01-01\nhow: 1.5", "cheats/pod.yaml"),
    ),
    Case(
        "a variant's manifest is a Job",
        edit("kind: Job", "kind: CronJob", "job.yaml"),
        says=[
            'job.yaml:2: kind: is "CronJob"; write Job, as variant once has it',
        ],
    ),
    Case(
        "a solution is a Job",
        edit("kind: Job\n", "", "solutions/two.yaml"),
        says=[
            "solutions/two.yaml:1: kind: is missing; write Job, as variant once has it",
        ],
    ),
    Case(
        "a solution's Job has its variant's name",
        edit("name: demo", "name: other", "solutions/two.yaml"),
        says=[
            'solutions/two.yaml:4: metadata.name: is "other"; write demo, as variant once has it',
        ],
    ),
    Case(
        "a cheat is a Job or a Pod",
        edit("kind: Pod", "kind: CronJob", "cheats/pod.yaml"),
        says=[
            'cheats/pod.yaml:2: kind: is "CronJob"; lab test makes a Job or a Pod',
        ],
    ),
    Case(
        "a cheat may have no kind",
        edit("kind: Pod\n", "", "cheats/pod.yaml"),
    ),
    Case(
        "a Job's name leaves room for more",
        edit("job: demo", f"job: {'d' * 60}"),
        says=[
            "lab.yaml:26: variants[0].job: has more than 57 characters; shorten it",
        ],
    ),
    Case(
        "a parameter's field is in the manifest",
        edit("  completions: 1", "  parallelism: 1", "job.yaml"),
        says=[
            "lab.yaml:23: parameters[0].field: spec.completions is not in job.yaml; add it "
            "there, or correct the path",
        ],
    ),
    Case(
        "a parameter's value is a number",
        edit("completions: 1", "completions: one", "job.yaml"),
        says=[
            'job.yaml:6: spec.completions: "one" is not a whole number, as parameter '
            "completions; change one of the two",
        ],
    ),
    Case(
        "a parameter's field may wait in a starter's comment",
        starter,
        write("job.yaml", "metadata: {name: demo}\n# spec:\n#   completions: 1  # --completions\n"),
    ),
    Case(
        "a parameter's field is in the starter at all",
        starter,
        write("job.yaml", "metadata: {name: demo}\n"),
        says=[
            "lab.yaml:23: parameters[0].field: spec.completions is not in job.yaml; add it "
            "there, as a comment at least, or correct the path",
        ],
    ),
    Case(
        "a parameter's value in a starter's comment is in its range",
        starter,
        write("job.yaml", "metadata: {name: demo}\n# spec:\n#   completions: 10\n"),
        says=[
            'job.yaml:3: spec.completions: "10" is not in the range of parameter completions; '
            "change one of the two",
        ],
    ),
    Case(
        "a parameter's number may be text, as in a command",
        edit("completions: 1", 'completions: "1"', "job.yaml"),
    ),
    Case(
        "a parameter's number in text is in its range",
        edit("completions: 1", 'completions: "10"', "job.yaml"),
        says=[
            'job.yaml:6: spec.completions: "10" is not in the range of parameter completions; '
            "change one of the two",
        ],
    ),
    Case(
        "a parameter's value is in its range",
        edit("completions: 1", "completions: 10", "job.yaml"),
        says=[
            "job.yaml:6: spec.completions: 10 is not in the range of parameter completions; "
            "change one of the two",
        ],
    ),
    Case(
        "a parameter's range is not empty",
        edit("minimum: 1", "minimum: 10"),
        says=[
            "lab.yaml:21: parameters[0].minimum: is more than maximum; exchange the two",
            "job.yaml:6: spec.completions: 1 is not in the range of parameter completions; "
            "change one of the two",
        ],
    ),
    Case(
        "a parameter's value is text",
        edit("type: integer\n  minimum: 1\n  maximum: 9", "type: string"),
        edit("succeeded: =completions", "succeeded: 1"),
        says=[
            "job.yaml:6: spec.completions: 1 is not text, as parameter completions; change one "
            "of the two",
        ],
    ),
    Case(
        "a parameter's value is one of its values",
        edit("type: integer\n  minimum: 1\n  maximum: 9", "type: enum\n  values: [a, b]"),
        edit("succeeded: =completions", "succeeded: 1"),
        says=[
            "job.yaml:6: spec.completions: 1 is not among the values of parameter completions; "
            "change one of the two",
        ],
    ),
    Case(
        "a parameter that picks finds each variant",
        edit(
            "type: integer\n  minimum: 1\n  maximum: 9",
            "type: enum\n  values: [demo, demo-again]\n  picksVariant: true",
        ),
        edit("field: spec.completions", "field: metadata.name"),
        edit("succeeded: =completions", "succeeded: 1"),
        says=[
            "lab.yaml:21: parameters[0].values[1]: no variant has demo-again in metadata.name; "
            "add one, or remove the value",
        ],
    ),
    Case(
        "a parameter cannot pick a starter",
        starter,
        edit(
            "type: integer\n  minimum: 1\n  maximum: 9",
            "type: enum\n  values: [demo]\n  picksVariant: true",
        ),
        two_variants,
        edit("field: spec.completions", "field: metadata.name"),
        edit("[demo]", "[demo-again]"),
        says=[
            "lab.yaml:22: parameters[0].picksVariant: a starter has no value to be picked by; "
            "remove one of the two",
        ],
    ),
    Case(
        "a parameter is not called as a function is",
        edit("name: completions", "name: min"),
        edit("=completions", '"=min(1, 2)"'),
        says=[
            "lab.yaml:18: parameters[0].name: is a function of expressions; choose another name",
        ],
    ),
    Case(
        "flags are given once",
        edit(
            "variants:\n",
            "- {name: more, flag: --completions, type: integer, field: spec.completions,\n"
            "   help: {en: more, ko: 더}}\nvariants:\n",
        ),
        says=[
            'lab.yaml:25: parameters[1].flag: "--completions" is already in parameters[0]; '
            "choose another",
        ],
    ),
    Case(
        "an expression uses the lab's parameters",
        edit("=completions", "=completion"),
        says=[
            'lab.yaml:38: checks[1].assert.condition.succeeded: "completion" is not a parameter; '
            "did you mean completions?",
        ],
    ),
    Case(
        "an expression can be read",
        edit("=completions", '"=completions +"'),
        says=[
            'lab.yaml:38: checks[1].assert.condition.succeeded: "=completions +" gives no '
            "number; use numbers, parameters, + - *, min() and max()",
        ],
    ),
    Case(
        "an expression gives a number",
        edit("=completions", "=max()"),
        says=[
            'lab.yaml:38: checks[1].assert.condition.succeeded: "=max()" gives no number; use '
            "numbers, parameters, + - *, min() and max()",
        ],
    ),
    Case(
        "an expression has no power",
        edit("=completions", "=9**9**9"),
        says=[
            'lab.yaml:38: checks[1].assert.condition.succeeded: "=9**9**9" gives no number; use '
            "numbers, parameters, + - *, min() and max()",
        ],
    ),
    Case(
        "an expression has no truth",
        edit("=completions", "=True"),
        says=[
            'lab.yaml:38: checks[1].assert.condition.succeeded: "=True" gives no number; use '
            "numbers, parameters, + - *, min() and max()",
        ],
    ),
    Case(
        "an expression in a when is read, too",
        edit("id: job\n", "id: job\n  when: {attempts: {operator: ==, value: =tries}}\n"),
        says=[
            'lab.yaml:29: checks[0].when.attempts.value: "tries" is not a parameter; write '
            "completions",
        ],
    ),
    Case(
        "an expression in a because is read, too",
        edit(
            "id: job\n",
            "id: job\n  because:\n"
            "  - {when: {attempts: {operator: ==, value: =tries}}, en: so, ko: 그래서}\n",
        ),
        says=[
            'lab.yaml:30: checks[0].because[0].when.attempts.value: "tries" is not a parameter; '
            "write completions",
        ],
    ),
    Case(
        "a comparison that is always so is found",
        edit("{exists: {kind: Job}}", '{pods: {operator: ">=", value: 0}}'),
        says=[
            "lab.yaml:31: checks[0].assert.pods.operator: >= 0 is always so; choose another "
            "operator or value",
        ],
    ),
    Case(
        "a comparison that is never so is found",
        edit("{exists: {kind: Job}}", "{restarts: {operator: <, value: 0}}"),
        says=[
            "lab.yaml:31: checks[0].assert.restarts.operator: < 0 is never so; choose another "
            "operator or value",
        ],
    ),
    Case(
        "text is not smaller than text",
        edit("{exists: {kind: Job}}", "{field: {path: kind, operator: <, value: Job}}"),
        says=[
            "lab.yaml:31: checks[0].assert.field.operator: < compares numbers; write a number, "
            "or the operator == or !=",
        ],
    ),
    Case(
        "a field is compared with text, too",
        edit("{exists: {kind: Job}}", "{field: {path: kind, operator: ==, value: Job}}"),
    ),
    Case(
        "all problems are told, in the order of lines",
        edit("task: 1", "task: 3"),
        edit("fails: complete", "fails: done"),
        edit("kind: Job", "kind: Jobs", "job.yaml"),
        says=[
            "lab.yaml:10: tasks[0]: no check proves it; add one with task: 1",
            "lab.yaml:11: tasks[1]: no cheat fails on a check of it; add one for complete",
            "lab.yaml:29: checks[0].task: 3 is not a task; write 1 to 2",
            'lab.yaml:50: cheats[1].fails: "done" is not a check of variant once; write job or '
            "complete",
            'job.yaml:2: kind: is "Jobs"; write Job, as variant once has it',
        ],
    ),
    Case(
        "a merged mapping has its lines",
        edit(
            "- id: complete\n  task: 2\n  within: 60",
            "- &it\n  <<: {task: 5, within: 60}\n  id: complete",
        ),
        says=[
            "lab.yaml:11: tasks[1]: no check proves it; add one with task: 2",
            "lab.yaml:36: checks[1].task: 5 is not a task; write 1 to 2",
        ],
    ),
]


def said(folder: Path) -> list[str]:
    """The lines lint prints, without the lab's folder."""
    return [str(it).replace(f"{folder}{os.sep}", "", 1) for it in lint.problems(folder)]


def test_a_lab_that_is_right_has_no_problems_and_can_be_loaded(tmp_path: Path) -> None:
    folder = make_lab(tmp_path)
    assert said(folder) == []
    assert loader.load(folder).name == "demo"


@pytest.mark.parametrize("case", [pytest.param(case, id=case.sentence) for case in CASES])
def test_lint_says(case: Case, tmp_path: Path) -> None:
    folder = make_lab(tmp_path)
    for change in case.changes:
        change(folder)
    assert said(folder) == case.says


# ---- among labs

SLEEP = (
    edit("name: demo", "name: sleep"),
    edit("number: 7", "number: 6"),
    edit("requires: [sleep]\n", ""),
)


def load(parent: Path, name: str, *changes: Change) -> model.Lab:
    """The lab, changed; a folder of this name may hold any."""
    folder = make_lab(parent, name)
    for change in changes:
        change(folder)
    return loader.load(folder)


def test_labs_that_go_together_have_no_problems_among_them(tmp_path: Path) -> None:
    labs = [load(tmp_path, "first", *SLEEP), load(tmp_path, "second")]
    assert lint.problems_among(labs) == []


@pytest.mark.parametrize(
    ("changes", "line", "message"),
    [
        pytest.param(
            [edit("name: demo", "name: sleep"), edit("[sleep]", "[]")],
            2,
            'name: "sleep" is the name of {other}; choose another',
            id="a name is given once",
        ),
        pytest.param(
            [edit("number: 7", "number: 6")],
            3,
            "number: 6 is the number of {other}; choose another",
            id="a number is given once",
        ),
        pytest.param(
            [edit("[sleep]", "[sleep, slep]")],
            6,
            'requires[1]: "slep" is not a lab; did you mean sleep?',
            id="a lab that is required is there",
        ),
    ],
)
def test_lint_says_of_labs_together(
    changes: list[Change], line: int, message: str, tmp_path: Path
) -> None:
    first, second = load(tmp_path, "first", *SLEEP), load(tmp_path, "second", *changes)
    expected = f"{second.folder / 'lab.yaml'}:{line}: {message.format(other=first.folder)}"
    assert [str(it) for it in lint.problems_among([first, second])] == [expected]


def test_a_lab_that_has_vanished_is_named_all_the_same(tmp_path: Path) -> None:
    lab = load(tmp_path, "second")
    file = lab.folder / "lab.yaml"
    file.unlink()
    assert [str(it) for it in lint.problems_among([lab])] == [
        f'{file}:1: requires[0]: "sleep" is not a lab; write demo'
    ]


@pytest.mark.parametrize("folder", loader.folders([]), ids=lambda folder: folder.name)
def test_a_lab_of_joblab_has_no_problems(folder: Path) -> None:
    assert said(folder) == []


def test_the_labs_of_joblab_go_together() -> None:
    assert lint.problems_among(loader.load_all([])) == []


# ---- the schema and what is written about it


def assertion_schemas() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(schema.text())["$defs"]["assertion"]["properties"]
    return found


def objects_of(part: Any, at: str = "#") -> Iterator[tuple[str, dict[str, Any]]]:
    """All schemas of mappings, each with where it is."""
    if isinstance(part, dict):
        if part.get("type") == "object":
            yield at, part
        for key, inner in part.items():
            yield from objects_of(inner, f"{at}/{key}")
    elif isinstance(part, list):
        for index, inner in enumerate(part):
            yield from objects_of(inner, f"{at}/{index}")


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(json.loads(schema.text()))


def test_the_schema_knows_the_kinds_of_assertion_that_can_be_measured() -> None:
    assert assertion_schemas().keys() == assertions.KINDS.keys()


def test_the_schema_knows_the_operators_that_can_be_computed() -> None:
    assert json.loads(schema.text())["$defs"]["operator"]["enum"] == list(assertions.OPERATORS)


@pytest.mark.parametrize(
    "mapping", [pytest.param(it, id=at) for at, it in objects_of(json.loads(schema.text()))]
)
def test_a_mapping_in_the_schema_is_closed_and_its_keys_are_explained(
    mapping: dict[str, Any],
) -> None:
    assert mapping["additionalProperties"] is False
    assert set(mapping.get("required", ())) <= mapping["properties"].keys()
    for key in mapping["properties"].values():
        assert key["title"]
        assert key["description"]


DOCS = Path(__file__).parents[3] / "docs" / "lab-format.md"
EXAMPLES = re.findall(r"^- `(\w+): (\{.*?\})`", DOCS.read_text("utf-8"), re.M)


def test_each_kind_of_assertion_has_an_example_in_the_docs() -> None:
    assert [kind for kind, _ in EXAMPLES] == list(assertions.KINDS)


@pytest.mark.parametrize(("kind", "options"), EXAMPLES)
def test_an_example_in_the_docs_is_right(kind: str, options: str, tmp_path: Path) -> None:
    folder = make_lab(tmp_path)
    edit("{exists: {kind: Job}}", f"{{{kind}: {options}}}")(folder)
    assert said(folder) == []


@pytest.mark.parametrize("kind", assertions.KINDS)
def test_the_docs_name_each_option_of_an_assertion(kind: str) -> None:
    (line,) = re.findall(rf"^- `{kind}: .*(?:\n  .*)*", DOCS.read_text("utf-8"), re.M)
    for option in assertion_schemas()[kind]["properties"]:
        assert re.search(rf"\b{option}\b", line)


def test_the_docs_name_each_key() -> None:
    text = DOCS.read_text("utf-8")
    for _, mapping in objects_of(json.loads(schema.text())):
        for key in mapping["properties"]:
            assert f"`{key}`" in text or f"{key}:" in text, key


# ---- whatever a file holds

JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.dates() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)

often = settings(deadline=None, max_examples=60)  # files are written, so times vary


def lint_or_load(text: str) -> None:
    """There are problems, each in one line, or a lab."""
    with tempfile.TemporaryDirectory() as parent:
        folder = make_lab(Path(parent))
        (folder / "lab.yaml").write_text(text, "utf-8", newline="")
        lines = said(folder)
        assert all(len(line.splitlines()) == 1 for line in lines)
        if not lines:
            assert loader.load(folder)


@often
@given(st.text())
def test_any_text_gives_problems_or_a_lab(text: str) -> None:
    lint_or_load(text)


@often
@given(st.text(alphabet="-:[]{}&*!|>'\"#%@`,?=<~ \t\nabl0e1_.", max_size=40))
def test_any_yaml_gives_problems_or_a_lab(text: str) -> None:
    lint_or_load(f"format: joblab/v1\n{text}")


@often
@given(st.integers(0, len(LAB)), st.integers(0, 30), st.text(max_size=5))
def test_a_lab_with_any_cut_gives_problems_or_a_lab(at: int, cut: int, new: str) -> None:
    lint_or_load(LAB[:at] + new + LAB[at + cut :])


@often
@given(JUNK)
def test_any_data_gives_problems_or_a_lab(junk: object) -> None:
    lint_or_load(yaml.safe_dump(junk, allow_unicode=True))


@often
@given(st.data())
def test_a_lab_with_any_value_replaced_gives_problems_or_a_lab(data: st.DataObject) -> None:
    lab: Any = yaml.safe_load(LAB)
    value, inner = lab, lab
    while isinstance(inner, dict | list) and inner:
        value = inner
        keys = sorted(value) if isinstance(value, dict) else range(len(value))
        key: Any = data.draw(st.sampled_from(keys))
        inner = value[key] if data.draw(st.booleans()) else None
    value[key] = data.draw(JUNK)
    lint_or_load(yaml.safe_dump(lab, allow_unicode=True, sort_keys=False))
