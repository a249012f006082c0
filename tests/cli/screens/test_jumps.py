"""The line about a wait that was skipped, in both languages."""

from __future__ import annotations

import pytest

from kubectl_joblab.cli.screens import jumps
from kubectl_joblab.client.cluster_clock import Container, Jump, Wait
from kubectl_joblab.language import Language

ENGLISH, KOREAN = Language("en"), Language("ko")


def job(what: str, why: str, namespace: str = "labs") -> Wait:
    return Wait("Job", namespace, "retry", what, why)


def pod(what: str, why: str) -> Wait:
    return Wait("Pod", "labs", "retry-a", what, why)


# all that the practice cluster's timers say
LINES = {
    ("skipped 20s of back-off  job/retry: next Pod", "back-off 20s 건너뜀  job/retry: 다음 Pod"): (
        job("next Pod", "back-off")
    ),
    ("skipped 20s of deadline  job/retry: failed", "시간 제한 20s 건너뜀  job/retry: 실패"): (
        job("failed", "deadline")
    ),
    ("skipped 20s of TTL  job/retry: deleted", "TTL 20s 건너뜀  job/retry: 삭제됨"): (
        job("deleted", "TTL")
    ),
    (
        "skipped 20s of back-off  pod/retry-a: next try of main",
        "back-off 20s 건너뜀  pod/retry-a: main의 다음 시도",
    ): pod("next try of main", "back-off"),
    (
        "skipped 20s of image back-off  pod/retry-a: next try of main",
        "이미지 back-off 20s 건너뜀  pod/retry-a: main의 다음 시도",
    ): pod("next try of main", "image back-off"),
    ("skipped 20s of retry  pod/retry-a: mount", "재시도 20s 건너뜀  pod/retry-a: 볼륨 마운트"): (
        pod("mount", "retry")
    ),
    ("skipped 20s of retry  job/retry: sync", "재시도 20s 건너뜀  job/retry: 상태 다시 확인"): (
        job("sync", "retry")
    ),
    (
        "skipped 20s of TTL  job/retry -n other: deleted",
        "TTL 20s 건너뜀  job/retry -n other: 삭제됨",
    ): job("deleted", "TTL", "other"),
    (
        "skipped 20s of schedule  cronjob/hello: next Job",
        "일정 20s 건너뜀  cronjob/hello: 다음 Job",
    ): (Wait("CronJob", "labs", "hello", "next Job", "schedule")),
    # of a later version
    ("skipped 20s of night  job/retry: next day", "night 20s 건너뜀  job/retry: next day"): (
        job("next day", "night")
    ),
}


@pytest.mark.parametrize("lines", LINES)
def test_a_jump_is_told_with_what_has_waited_and_why(lines: tuple[str, str]) -> None:
    line = jumps.skipped(Jump(20, LINES[lines]), "labs")
    assert (ENGLISH(line), KOREAN(line)) == lines


def test_a_jump_to_a_time_is_told_as_one() -> None:
    line = jumps.skipped(Jump(3600, None), "labs")
    assert (ENGLISH(line), KOREAN(line)) == ("skipped 60m", "60m 건너뜀")


@pytest.mark.parametrize(
    ("namespace", "where"),
    [pytest.param("labs", "", id="here"), pytest.param("other", " -n labs", id="elsewhere")],
)
def test_a_container_that_runs_is_named(namespace: str, where: str) -> None:
    line = jumps.runs(Container("labs", "retry-a", "main"), namespace)
    assert ENGLISH(line) == f"waiting for pod/retry-a{where}: its container main runs"
