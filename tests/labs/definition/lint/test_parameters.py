"""What lint says of parameters that do not fit the manifests of their lab."""

from __future__ import annotations

from pathlib import Path

from tests.labs.definition.lint.lab import Case, each, edit, said, starter, two_variants, write

CASES = [
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
            "lab.yaml:20: parameters[0].type: a parameter for spec.completions must be an integer",
        ],
    ),
    Case(
        "a parameter's value is one of its values",
        edit("type: integer\n  minimum: 1\n  maximum: 9", "type: enum\n  values: [a, b]"),
        edit("succeeded: =completions", "succeeded: 1"),
        says=[
            "lab.yaml:20: parameters[0].type: a parameter for spec.completions must be an integer",
        ],
    ),
    *(
        Case(
            f"a parameter of type {kind} sets neither true nor false",
            edit("type: integer\n  minimum: 1\n  maximum: 9", f"type: {kind}"),
            edit("field: spec.completions", "field: spec.suspend"),
            edit("succeeded: =completions", "succeeded: 1"),
            edit("completions: 1", "completions: 1\n  suspend: true", "job.yaml"),
            says=[
                "lab.yaml:20: parameters[0].type: spec.suspend is true or false, which no flag "
                "sets; make a variant of each instead",
            ],
        )
        for kind in ("integer", "string", "enum\n  values: ['true', 'false']")
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
]


@each(CASES)
def test_lint_says(case: Case, tmp_path: Path) -> None:
    assert said(case.lab(tmp_path)) == case.says
