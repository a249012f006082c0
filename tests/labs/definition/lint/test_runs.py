"""What lint says of setup objects, stages, what is done in them, questions, and drafts."""

from __future__ import annotations

from pathlib import Path

from kubectl_joblab.labs.definition import examination, loader
from tests.labs.definition.lint.lab import Case, each, edit, said, write

WORDS = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: words}
data: {mode: bad}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: reader}
"""
STAGES = """\
setup: [words.yaml]
stages:
- name: bad
  title: {en: It fails, ko: 실패합니다}
- name: good
  title: {en: It is mended, ko: 고칩니다}
  do:
  - when: {pods: {phase: Failed, operator: ==, value: 1}}
    patch: {kind: ConfigMap, name: words, patch: {data: {mode: good}}}
  - scale: {parallelism: =completions}
  - delete: {kind: Pod, which: last}
  - apply: {file: more.yaml}
questions:
- id: pods
  ask: {en: How many Pods?, ko: Pod는 몇 개입니까?}
  measure: {pods: {}}
  because: {en: there is one retry, ko: 재시도는 한 번입니다}
checks:
"""
NEW = edit("joblab/v1", "joblab/v2")
WITH = [
    NEW,
    write("words.yaml", WORDS),
    write("more.yaml", WORDS),
    edit("checks:\n", STAGES),
    edit("  task: 2\n  within: 60\n", "  task: 2\n  stage: good\n  within: 60\n"),
]

CASES = [
    Case("a lab with setup, stages and questions is right", *WITH, says=[]),
    Case(
        "keys of joblab/v2 are not in joblab/v1",
        *WITH[1:],
        says=[
            "lab.yaml:27: setup: is not in joblab/v1; write format: joblab/v2",
            "lab.yaml:28: stages: is not in joblab/v1; write format: joblab/v2",
            "lab.yaml:39: questions: is not in joblab/v1; write format: joblab/v2",
            "lab.yaml:54: checks[1].stage: is not in joblab/v1; write format: joblab/v2",
        ],
    ),
    Case(
        "a file of the setup has to be there",
        *WITH,
        edit("setup: [words.yaml]", "setup: [word.yaml]"),
        says=[
            'lab.yaml:27: setup[0]: "word.yaml" is not a file in this folder; did you mean '
            "words.yaml?",
        ],
    ),
    Case(
        "a setup makes no Pods",
        *WITH,
        edit("kind: ServiceAccount", "kind: Pod", file="words.yaml"),
        says=[
            'words.yaml:7: kind: "Pod" is not set up by labs; write ConfigMap, Secret, '
            "ServiceAccount or CronJob",
        ],
    ),
    Case(
        "an object of the setup has a name and no namespace",
        *WITH,
        edit("{name: reader}", "{namespace: mine}", file="words.yaml"),
        says=[
            "words.yaml:8: metadata.name: is missing; add the object's name",
            "words.yaml:8: metadata.namespace: is the learner's to choose; remove it",
        ],
    ),
    Case(
        "a stage that no check judges is none",
        *WITH,
        edit("stage: good", "stage: bad"),
        says=[
            "lab.yaml:31: stages[1].name: no check judges it; add one with stage: good",
        ],
    ),
    Case(
        "a check is about a stage that is there",
        *WITH,
        edit("stage: good", "stage: god"),
        says=[
            "lab.yaml:31: stages[1].name: no check judges it; add one with stage: good",
            'lab.yaml:54: checks[1].stage: "god" is not a stage; did you mean good?',
        ],
    ),
    Case(
        "there is nothing to repair in the first stage",
        *WITH,
        edit("- name: bad\n", "- name: bad\n  repair: true\n"),
        says=[
            "lab.yaml:30: stages[0].repair: is for later stages; there is no Job to mend yet",
        ],
    ),
    Case(
        "what is to be repaired has a solution",
        *WITH,
        edit("- name: good\n", "- name: good\n  repair: true\n"),
        says=[
            "lab.yaml:32: stages[1].repair: has no solution; add one to solutions, with "
            "stage: good",
        ],
    ),
    Case(
        "a cheat makes the Job of a stage that makes one",
        *WITH,
        edit("fails: complete}", "fails: complete, stage: good}"),
        says=[
            "lab.yaml:68: cheats[1].stage: makes no Job of its own; write bad",
        ],
    ),
    Case(
        "the last thing that is done may be that the Job is deleted",
        *WITH,
        edit(
            "  - apply: {file: more.yaml}\n",
            "  - apply: {file: more.yaml}\n  - delete: {kind: Job}\n",
        ),
        says=[],
    ),
    Case(
        "when the Job is deleted there is nothing left to do",
        *WITH,
        edit("  - delete: {kind: Pod, which: last}\n", "  - delete: {kind: Job}\n"),
        says=[
            "lab.yaml:37: stages[1].do[2].delete.kind: deletes the Job while there is more to do; "
            "make it the last action of all",
        ],
    ),
    Case(
        "a stage that comes later has no Job any more",
        *WITH,
        edit("- name: good\n", "  do:\n  - delete: {kind: Job}\n- name: good\n"),
        says=[
            "lab.yaml:32: stages[0].do[0].delete.kind: deletes the Job while there is more to do; "
            "make it the last action of all",
        ],
    ),
    Case(
        "of Jobs there is one to delete",
        *WITH,
        edit(
            "  - delete: {kind: Pod, which: last}\n  - apply: {file: more.yaml}\n",
            "  - apply: {file: more.yaml}\n  - delete: {kind: Job, which: last}\n",
        ),
        says=[
            "lab.yaml:38: stages[1].do[3].delete.which: chooses among Pods; remove it, or write "
            "Pod",
        ],
    ),
    Case(
        "an action is one",
        *WITH,
        edit("  - scale: {parallelism: =completions}\n", "  - when: {exists: {kind: Job}}\n"),
        says=[
            "lab.yaml:36: stages[1].do[1]: is no action; write patch, scale, delete, evict or "
            "apply",
        ],
    ),
    Case(
        "an action does one thing",
        *WITH,
        edit(
            "  - delete: {kind: Pod, which: last}\n",
            "  - {delete: {kind: Pod}, scale: {parallelism: 1}}\n",
        ),
        says=[
            "lab.yaml:37: stages[1].do[2]: does several things; write an action for each",
        ],
    ),
    Case(
        "a Job is scaled to what can be computed",
        *WITH,
        edit("=completions}\n  - del", "=pods}\n  - del"),
        says=[
            'lab.yaml:36: stages[1].do[1].scale.parallelism: "=pods" gives no number; use '
            "numbers, parameters, + - *, min() and max()",
        ],
    ),
    Case(
        "a question is about a stage that is there",
        *WITH,
        edit("- id: pods\n", "- id: pods\n  stage: god\n"),
        says=[
            'lab.yaml:41: questions[0].stage: "god" is not a stage; did you mean good?',
        ],
    ),
    Case(
        "a question measures what can be predicted",
        *WITH,
        edit("measure: {pods: {}}", "measure: {owner: {kind: Job}}"),
        says=[
            'lab.yaml:42: questions[0].measure.owner: "owner" is not something to predict; write '
            "condition, completedIndexes, failedIndexes, lastIndex, pods, attempts, restarts, "
            "exitCodes, concurrency, duration, suspended, log, event, sum, field, completedAfter, "
            "gaps, replaced, exists, absent or deleted",
        ],
    ),
    Case(
        "an answer may have reasons, each where it is so",
        *WITH,
        edit(
            "because: {en: there is one retry, ko: 재시도는 한 번입니다}",
            "because:\n  - {when: {pods: {operator: ==, value: =completions}}, en: one, ko: 하나}\n"
            "  - {en: two, ko: 둘}",
        ),
        says=[],
    ),
    Case(
        "what is so of a reason is held against the lab as in a check",
        *WITH,
        edit(
            "because: {en: there is one retry, ko: 재시도는 한 번입니다}",
            "because:\n  - {when: {pods: {operator: ==, value: =tries}}, en: one, ko: 하나}\n"
            "  - {en: two, ko: 둘}\n  - {en: three, ko: 셋}",
        ),
        says=[
            'lab.yaml:44: questions[0].because[0].when.pods.value: "tries" is not a parameter; '
            "write completions",
            "lab.yaml:46: questions[0].because[2]: comes after questions[0].because[1], which is "
            "always so; exchange the two, or give that one a when",
        ],
    ),
    Case(
        "a question says what it measures",
        *WITH,
        edit("measure: {pods: {}}", "measure: {duration: {}}"),
        says=[
            "lab.yaml:42: questions[0].measure.duration.of: is missing; add run: each run of a "
            "container; job: from the Job's start to its completion; elapsed: from the first "
            "start of a container to the last finish",
        ],
    ),
]


@each(CASES)
def test_lint_says(case: Case, tmp_path: Path) -> None:
    assert said(case.lab(tmp_path)) == case.says


def test_a_draft_is_warned_of_what_it_lacks(tmp_path: Path) -> None:
    case = Case(
        "a draft",
        edit("joblab/v1", "joblab/v2\ndraft: true"),
        edit("{en: A demo, ko: 시연}", "{en: A demo}"),
        edit("- {name: bare-pod, by: spec, file: cheats/pod.yaml, fails: job}\n", ""),
        edit("- {name: too-few, by: behaviour, file: cheats/few.yaml, fails: complete}\n", ""),
        edit("cheats:\n", "cheats: []\n"),
        says=[],
    )
    folder = case.lab(tmp_path)
    for file in folder.glob("cheats/*"):
        file.unlink()
    examined = examination.examine(folder)
    assert examined.problems == []
    assert [str(one).replace(f"{folder}/", "") for one in examined.warnings] == [
        "lab.yaml:8: warning: title.ko: is missing; add the text in Korean",
        "lab.yaml:11: warning: tasks[0]: no cheat fails on a check of it; add one for job",
        "lab.yaml:12: warning: tasks[1]: no cheat fails on a check of it; add one for complete",
        "lab.yaml:49: warning: cheats: none is by spec; add one",
        "lab.yaml:49: warning: cheats: none is by behaviour; add one",
    ]
    lab = loader.load(folder)
    assert (lab.title.en, lab.title.ko) == ("A demo", "A demo")


def test_what_a_run_goes_through_is_loaded(tmp_path: Path) -> None:
    lab = loader.load(Case("stages", *WITH, says=[]).lab(tmp_path))
    bad, good = lab.stages_of(lab.variants[0])
    assert (bad.do, good.makes_job) == ((), False)
    assert [action.kind for action in good.do] == ["patch", "scale", "delete", "apply"]
    assert [check.stage for check in lab.checks] == ["", "good"]
    assert [one.measure.kind for one in lab.questions_of(lab.variants[0])] == ["pods"]
    assert lab.setup == ("words.yaml",)


def test_what_is_odd_in_a_file_of_several_objects_is_told_where_it_is(tmp_path: Path) -> None:
    case = Case("odd", *WITH, edit("data: {mode: bad}", "data: {on: bad}", "words.yaml"))
    assert said(case.lab(tmp_path)) == [
        "words.yaml:4: data.on: a key must be text; put it in quotes"
    ]
    case = Case("odd", *WITH, edit("name: reader}", "name: reader}}", "words.yaml"))
    (problem,) = said(case.lab(tmp_path / "other"))
    assert problem.startswith("words.yaml:8: is not YAML")
