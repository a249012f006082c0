"""What lint says of keys that are missing or unknown, and of values that the schema refuses."""

from __future__ import annotations

from pathlib import Path

from tests.labs.definition.lint.lab import Case, each, edit, said

CASES = [
    Case(
        "a reason says when it is so",
        edit("  within: 60\n", "  within: 60\n  because: [{en: So., ko: 그렇습니다.}]\n"),
        says=[
            "lab.yaml:38: checks[1].because[0].when: is missing; add the assertion that holds "
            "where the reason is right, or a list of them",
        ],
    ),
    *(
        Case(
            f"a lab is required by its name, not as {value}",
            edit("[sleep]", f"[{value}]"),
            says=[
                f"lab.yaml:6: requires[0]: {shown} is not a lab's name; write one as kubectl "
                "joblab list has it",
            ],
        )
        for value, shown in (("4", "4"), ("'4'", '"4"'), ("04-retry", '"04-retry"'))
    ),
    Case(
        "a command with a colon is a mapping without quotes",
        edit("[kubectl get jobs]", "\n- kubectl get job: x"),
        says=[
            "lab.yaml:15: commands[0]: is a mapping; write text, in quotes where it has a colon",
        ],
    ),
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
            "lab.yaml:35: checks[1].within: is missing; add seconds after the Job's start in "
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
            "number, level, minutes, chapter, draft, kubernetes, requires, title, goal, tasks, "
            "observe, commands, debrief, next, parameters, variants, setup, stages, questions, "
            "checks, hints, solutions or cheats",
        ],
    ),
    Case(
        "a key of many letters is cut",
        edit("number: 7", f"number: 7\n{'k' * 99}: 1"),
        says=[
            f'lab.yaml:4: ["{"k" * 54}..."]: "{"k" * 54}..." is not a key here; '
            "write format, name, number, level, minutes, chapter, draft, kubernetes, requires, "
            "title, goal, tasks, observe, commands, debrief, next, parameters, variants, setup, "
            "stages, questions, checks, hints, solutions or cheats",
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
        "conditions are one, or a list",
        edit("id: job\n", "id: job\n  when: [{owner: {kind: Job}}, {exists: {kind: Pod}}]\n"),
    ),
    Case(
        "a list of conditions has one",
        edit("id: job\n", "id: job\n  when: []\n"),
        says=[
            "lab.yaml:29: checks[0].when: is too short, with 0; write 1 or more",
        ],
    ),
    Case(
        "a condition of a list is an assertion",
        edit("id: job\n", "id: job\n  when: [{owner: {kind: Job}}, {exist: {kind: Pod}}]\n"),
        says=[
            'lab.yaml:29: checks[0].when[1].exist: "exist" is not a key here; did you mean exists?',
        ],
    ),
    Case(
        "conditions are no text",
        edit("check: complete\n", "check: complete\n  when: complete\n"),
        says=[
            "lab.yaml:44: hints[0].when: is text; write one assertion, or a list of assertions "
            "that must all be true",
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
            "lab.yaml:7: title.ko: is missing; add the text in Korean",
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
]


@each(CASES)
def test_lint_says(case: Case, tmp_path: Path) -> None:
    assert said(case.lab(tmp_path)) == case.says
