"""The stream of changes: columns set before the first line, as on the screens of start."""

from __future__ import annotations

import pytest

from kubectl_joblab.labs.definition.model import Lab
from kubectl_joblab.printing.stream import Stream
from tests.labs import ours


@pytest.mark.parametrize(
    ("job", "lines"),
    [
        pytest.param(
            "parallelism",
            [
                "AGE   OBJECT                  STATUS               DETAIL",
                "0s    job.batch/parallelism   Running              0/6",
                "1s    pod/parallelism-jj96x   Running              1 at once",
            ],
            id="parallelism",
        ),
        pytest.param(
            "retry",
            [
                "AGE   OBJECT            STATUS               DETAIL",
                "0s    job.batch/retry   Running              0/6",
                "1s    pod/retry-jj96x   Running              1 at once",
            ],
            id="retry",
        ),
        pytest.param(
            "x",
            [
                "AGE   OBJECT        STATUS               DETAIL",
                "0s    job.batch/x   Running              0/6",
                "1s    pod/x-jj96x   Running              1 at once",
            ],
            id="a short name",
        ),
    ],
)
def test_the_columns_are_as_wide_as_the_jobs_names(job: str, lines: list[str]) -> None:
    stream = Stream(job)
    assert [
        stream.header(),
        stream.change(0, f"job.batch/{job}", "Running", "0/6"),
        stream.change(1, f"pod/{job}-jj96x", "Running", "1 at once"),
    ] == lines


@pytest.mark.parametrize(
    ("age", "shown"),
    [
        pytest.param(-3, "0s", id="before its creation, by another clock"),
        pytest.param(0.9, "0s", id="parts of a second are cut"),
        pytest.param(12.99, "12s", id="seconds"),
        pytest.param(119, "119s", id="seconds up to two minutes"),
        pytest.param(125, "2m5s", id="minutes, as ages are"),
        pytest.param(600, "10m", id="ten minutes"),
    ],
)
def test_ages_are_kubectls(age: float, shown: str) -> None:
    assert Stream("x").change(age, "job.batch/x", "Running", "").split()[0] == shown


def test_a_line_without_a_detail_has_nothing_behind_its_status() -> None:
    line = Stream("retry").change(18, "pod/retry-4hk9l", "CrashLoopBackOff", "")
    assert line == "18s   pod/retry-4hk9l   CrashLoopBackOff"


@pytest.mark.parametrize(
    "status",
    [
        "SuccessCriteriaMet",
        pytest.param("CreateContainerConfigError", id="a status wider than its column"),
    ],
)
def test_a_detail_never_touches_its_status(status: str) -> None:
    assert Stream("x").change(1, "pod/x-abcde", status, "detail").split() == [
        "1s",
        "pod/x-abcde",
        status,
        "detail",
    ]


def test_a_korean_detail_stands_in_its_column() -> None:
    stream = Stream("retry")
    line = stream.change(3, "pod/retry-4hk9l", "Running", "재시작 1")
    assert line.index("재") == stream.header().index("DETAIL")


def test_the_pods_of_an_indexed_job_stay_in_their_columns() -> None:
    stream = Stream("retry")
    line = stream.change(1, "pod/retry-0-jj96x", "Running", "1 at once")
    assert line.index("Running") == stream.header().index("STATUS")


@pytest.mark.parametrize("lab", ours.LABS, ids=lambda lab: lab.name)
def test_the_verdicts_of_all_labs_stay_in_their_columns(lab: Lab) -> None:
    for variant in lab.variants:
        names = [f"{variant.job}/{check.id}" for check in lab.checks_of(variant)]
        stream = Stream(variant.job, others=names)
        column = stream.header().index("STATUS")
        for name in (*names, f"pod/{variant.job}-4hk9l"):
            assert stream.change(1, name, "PASS", "").index(" PASS") + 1 == column
