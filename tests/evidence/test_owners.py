"""What to do about a Job that another makes again: its template is corrected, not the Job."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest

import kubectl_joblab.evidence.causes
from kubectl_joblab.evidence.causes import kinds, table
from kubectl_joblab.objects import Object
from tests import sources
from tests.causes import worlds
from tests.labs import builders as b

CAUSES = Path(kubectl_joblab.evidence.causes.__file__).parent
JOBS = {world.name: world for world in worlds.all_of() if world.is_job}
CRON: Object = {"apiVersion": "batch/v1", "kind": "CronJob", "name": "nightly", "controller": True}
SET: Object = {
    "apiVersion": "jobset.x-k8s.io/v1alpha2",
    "kind": "JobSet",
    "name": "train",
    "controller": True,
}
MAKERS: dict[str, tuple[dict[str, Any], str]] = {
    "a CronJob": (
        {"ownerReferences": [CRON]},
        "Do so in spec.jobTemplate of cronjob.batch/nightly, which makes each next Job: kubectl"
        " edit cronjob nightly. To try it at once: kubectl create job nightly-again"
        " --from=cronjob/nightly.",
    ),
    "another controller": (
        {"ownerReferences": [SET]},
        "Do so in jobset.jobset.x-k8s.io/train, which makes this Job, and makes it the same again:"
        " kubectl edit jobset.jobset.x-k8s.io train.",
    ),
    "a chart": (
        {"annotations": {"meta.helm.sh/release-name": "shop"}},
        "Do so where Helm has the Job from, and apply it again: it makes the Job the same again.",
    ),
    "a hook of a chart": (
        {"annotations": {"helm.sh/hook": "pre-upgrade"}},
        "Do so where Helm has the Job from, and apply it again: it makes the Job the same again.",
    ),
    "Argo CD": (
        {"labels": {"argocd.argoproj.io/instance": "shop"}},
        "Do so where Argo CD has the Job from, and apply it again: it makes the Job the same"
        " again.",
    ),
    "Flux": (
        {"labels": {"kustomize.toolkit.fluxcd.io/name": "shop"}},
        "Do so where Flux has the Job from, and apply it again: it makes the Job the same again.",
    ),
}


@pytest.mark.parametrize("maker", MAKERS)
def test_the_template_of_whoever_makes_the_job_is_corrected(maker: str) -> None:
    meta, where = MAKERS[maker]
    job = b.job()
    job["metadata"] |= meta
    (cause,) = table.of(b.seen(job, b.ran("demo-a", 1, 2, 2)))
    assert str(cause.fix) == f"Correct the command. {where}"


@pytest.mark.parametrize("meta", [{}, {"ownerReferences": [{**CRON, "controller": False}]}])
def test_a_job_that_stands_alone_is_created_again(meta: dict[str, Any]) -> None:
    job = b.job()
    job["metadata"] |= meta
    (cause,) = table.of(b.seen(job, b.ran("demo-a", 1, 2, 2)))
    assert str(cause.fix) == "Correct the command. Then delete the Job and create it again."


@pytest.mark.parametrize("world", JOBS.values(), ids=JOBS)
def test_nothing_that_a_cronjob_makes_is_created_again_by_hand(world: worlds.World) -> None:
    seen = world.snapshot()
    job = seen.job or {}
    seen = seen._replace(job={**job, "metadata": {**job["metadata"], "ownerReferences": [CRON]}})
    found = table.findings(seen, world.last_line(seen))
    causes = [*filter(None, (found.root,)), *found.origins, *found.consequences, *found.also]
    assert not [str(one.fix) for one in causes if "create it again" in str(one.fix)]


def test_how_a_job_is_created_again_is_said_apart_from_what_to_correct() -> None:
    """Else what is said of a template, in which a correction lasts, would say so as well."""
    made = {
        str(node.value)
        for path in CAUSES.glob("*.py")
        for node in ast.walk(sources.tree(path))
        if isinstance(node, ast.Constant) and "create it again" in str(node.value)
    }
    assert len(made) > 3
    assert [text for text in made if not text.startswith(("Then ", "For that "))] == []


def test_of_what_a_cronjob_may_not_create_only_the_correction_is_told() -> None:
    fix = kinds.anew("Correct it.")
    assert str(fix) == "Correct it. Then delete the Job and create it again."
    assert kinds.correction(fix) == "Correct it."
    assert kinds.correction("Wait.") == "Wait."
