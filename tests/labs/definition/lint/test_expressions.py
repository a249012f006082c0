"""What lint says of expressions that give no number, and of comparisons that tell nothing."""

from __future__ import annotations

from pathlib import Path

from tests.labs.definition.lint.lab import Case, each, edit, said, starter

V2 = edit("format: joblab/v1", "format: joblab/v2")
CASES = [
    Case(
        "a parameter's name alone is text, where a number is wanted",
        edit("succeeded: =completions", "succeeded: completions"),
        says=[
            'lab.yaml:38: checks[1].assert.condition.succeeded: "completions" is text; did you '
            "mean =completions?",
        ],
    ),
    Case(
        "a parameter's name alone is text, where text may be, too",
        edit(
            "{exists: {kind: Job}}",
            "{field: {path: spec.completions, operator: ==, value: completions}}",
        ),
        says=[
            'lab.yaml:31: checks[0].assert.field.value: "completions" is text; did you mean '
            "=completions?",
        ],
    ),
    Case(
        "a condition is one that Jobs have",
        edit("type: Complete,", "type: Completed, reason: BackOffLimitExceed,"),
        says=[
            'lab.yaml:38: checks[1].assert.condition.type: "Completed" is not a condition of '
            "Jobs; did you mean Complete?",
            'lab.yaml:38: checks[1].assert.condition.reason: "BackOffLimitExceed" is not a reason '
            "of Jobs; did you mean BackoffLimitExceeded?",
        ],
    ),
    Case(
        "a reason like none of Kubernetes' may be of another controller",
        edit("type: Complete,", "type: Complete, reason: Quota,"),
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
        "an expression in a list of conditions is read, too",
        edit(
            "id: job\n",
            "id: job\n  when:\n  - {owner: {kind: Job}}\n"
            "  - {attempts: {operator: ==, value: =tries}}\n",
        ),
        says=[
            'lab.yaml:31: checks[0].when[1].attempts.value: "tries" is not a parameter; write '
            "completions",
        ],
    ),
    Case(
        "an expression in a fix is read, too",
        edit("fix: {", "fix: {when: {attempts: {operator: ==, value: =tries}}, "),
        says=[
            'lab.yaml:33: checks[0].fix.when.attempts.value: "tries" is not a parameter; write '
            "completions",
        ],
    ),
    Case(
        "an expression in a hint is read, too",
        edit(
            "check: complete\n",
            "check: complete\n  when: {attempts: {operator: ==, value: =tries}}\n",
        ),
        says=[
            'lab.yaml:44: hints[0].when.attempts.value: "tries" is not a parameter; write '
            "completions",
        ],
    ),
    Case(
        "a hint for a starter cannot know its values",
        starter,
        edit(
            "check: complete\n",
            "check: complete\n  when: {attempts: {operator: ==, value: =completions}}\n",
        ),
        edit("fails: complete}", "fails: complete}\n"),
        says=[
            "lab.yaml:44: hints[0].when.attempts.value: variant once is a starter, which the "
            "learner completes; write a number",
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
        "a sum may be below zero",
        V2,
        edit("{exists: {kind: Job}}", '{sum: {after: sum, operator: ">=", value: 0}}'),
    ),
    Case(
        "conditions in an order are those that Jobs have",
        V2,
        edit("{exists: {kind: Job}}", "{conditionOrder: {types: [FailureTarget, Fail]}}"),
        says=[
            'lab.yaml:31: checks[0].assert.conditionOrder.types[1]: "Fail" is not a condition of '
            "Jobs; did you mean Failed?",
        ],
    ),
    Case(
        "the time until a deletion may be computed",
        V2,
        edit("{exists: {kind: Job}}", '{deleted: {kind: Job, after: "=completions + 5"}}'),
    ),
    Case(
        "the time until a deletion can be computed",
        V2,
        edit("{exists: {kind: Job}}", "{deleted: {kind: Job, after: =ttl}}"),
        says=[
            'lab.yaml:31: checks[0].assert.deleted.after: "ttl" is not a parameter; write '
            "completions",
        ],
    ),
    Case(
        "a text before numbers is no expression",
        V2,
        edit("{exists: {kind: Job}}", '{sum: {after: "= ", operator: ==, value: 3}}'),
    ),
    Case(
        "Pods are not deleted so long after the Job's end",
        V2,
        edit("{exists: {kind: Job}}", "{deleted: {kind: Pod, after: 10}}"),
        says=[
            "lab.yaml:31: checks[0].assert.deleted.after: is for kind: Job; remove it, or ask it "
            "of the Job",
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
]


@each(CASES)
def test_lint_says(case: Case, tmp_path: Path) -> None:
    assert said(case.lab(tmp_path)) == case.says
