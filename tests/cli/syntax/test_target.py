"""job/NAME and cronjob/NAME on a command line, in each way that kubectl takes a resource's name."""

from __future__ import annotations

import pytest

from kubectl_joblab.cli.syntax import target
from kubectl_joblab.cli.syntax.target import CRON_JOB, JOB, Target
from kubectl_joblab.errors import JoblabError, UsageError
from kubectl_joblab.language import Language

MEANT = {
    "job/report": Target(JOB, "report"),
    "jobs/report": Target(JOB, "report"),
    "job.batch/report": Target(JOB, "report"),
    "jobs.batch/report": Target(JOB, "report"),
    "jobs.v1.batch/report": Target(JOB, "report"),
    "Job/report": Target(JOB, "report"),
    "cronjob/nightly": Target(CRON_JOB, "nightly"),
    "cronjobs.batch/nightly": Target(CRON_JOB, "nightly"),
    "cj/nightly": Target(CRON_JOB, "nightly"),
}
LABS = ("retry", "4", "job", "course/retry", "./mine/07-x", "jobs.apps/x", "")
SINGLE = "must have a single resource and name"
WRONG = {
    "job/": f"error: arguments in resource/name form {SINGLE}",
    "job/a/b": "error: arguments in resource/name form may not have more than one slash",
    "pod/x": 'error: this command takes job/NAME, not "pod/x"',
    "deployments.apps/x": 'error: this command takes job/NAME, not "deployments.apps/x"',
}

WAYS = {
    **dict.fromkeys(("logs", "watch", "rerun"), "timeline"),
    **dict.fromkeys(("status", "events", "describe"), "cron"),
}


def english(error: JoblabError) -> str:
    return Language("en")(error.message)


@pytest.mark.parametrize(("word", "meant"), MEANT.items(), ids=MEANT)
def test_a_resource_is_written_as_kubectl_takes_it(word: str, meant: Target) -> None:
    assert target.parse(word, (JOB, CRON_JOB), "x") == meant


@pytest.mark.parametrize("word", LABS)
def test_what_names_no_resource_may_be_a_lab(word: str) -> None:
    assert target.parse(word, (JOB, CRON_JOB), "x") is None


@pytest.mark.parametrize(("word", "said"), WRONG.items(), ids=WRONG)
def test_what_cannot_be_meant_is_one_line(word: str, said: str) -> None:
    with pytest.raises(UsageError) as error:
        target.parse(word, (JOB,), "x")
    assert english(error.value) == said


@pytest.mark.parametrize(("verb", "way"), WAYS.items(), ids=WAYS)
def test_a_cron_job_where_a_job_is_wanted_leads_to_its_jobs(verb: str, way: str) -> None:
    with pytest.raises(JoblabError) as error:
        target.parse("cj/x", (JOB,), f"kubectl joblab {verb}")
    assert english(error.value) == (
        f"error: {verb} takes a Job, and cronjob/x makes one each time that it runs"
    )
    assert error.value.next == f"kubectl joblab {way} cronjob/x"


def test_a_command_that_takes_no_lab_says_what_it_takes() -> None:
    with pytest.raises(UsageError) as error:
        target.require("retry", (JOB, CRON_JOB), "x")
    assert english(error.value) == (
        'error: this command takes job/NAME or cronjob/NAME, not "retry"; did you mean job/retry?'
    )
