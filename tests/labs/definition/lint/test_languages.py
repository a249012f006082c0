"""What lint says of texts that are in the wrong language, or twice the same."""

from __future__ import annotations

from pathlib import Path

from tests.labs.definition.lint.lab import Case, each, edit, said

CASES = [
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
]


@each(CASES)
def test_lint_says(case: Case, tmp_path: Path) -> None:
    assert said(case.lab(tmp_path)) == case.says
