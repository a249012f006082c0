"""What start saw, on disk: read as it was written, private, whole or not there at all."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_joblab.evidence import records, snapshot
from kubectl_joblab.evidence.snapshot import PodRecord
from kubectl_joblab.objects import Attempt
from tests.labs import builders as b

UID = b.JOB_UID
TRIES = (
    b.attempt(1, 3, 3, log=["try 1", "token 7f3a", ""]),
    b.attempt(3, 5, 3, number=2, log=[]),
    b.attempt(18, 20, 3, number=3, log=["한글"], cut=True),
)
REMOVED = b.record(b.ran("demo-a", 18, 20, 3), *TRIES, gone=True)
STILL_RUNS = b.record(b.runs("demo-b", 22, created=21))
NEVER_STARTED = b.record(b.pod("demo-c", created=22), b.attempt(None))


def _unkept(error: OSError) -> None:
    raise AssertionError(error)


# ---- written and read


def test_what_is_kept_is_read_again(tmp_path: Path) -> None:
    kept = [REMOVED, STILL_RUNS, NEVER_STARTED]
    records.keep(tmp_path / "records", UID, kept, _unkept)
    assert records.load(tmp_path / "records", UID) == kept


TIMES = st.none() | st.integers(0, 10**6).map(b.at)
ATTEMPTS = st.builds(
    Attempt,
    container=st.text(min_size=1),
    number=st.integers(1, 99),
    started=TIMES,
    finished=TIMES,
    exit_code=st.none() | st.integers(0, 255),
    reason=st.text(),
    log=st.none() | st.lists(st.text()).map(tuple),
    log_cut=st.booleans(),
)


def in_order(attempts: list[Attempt]) -> tuple[Attempt, ...]:
    """Attempts as a record has them: by number, then by container."""
    return tuple(sorted(attempts, key=lambda attempt: (attempt.number, attempt.container)))


@b.PROPERTY
@given(st.lists(ATTEMPTS, unique_by=lambda attempt: attempt.key).map(in_order), st.booleans())
def test_any_attempt_is_read_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, attempts: tuple[Attempt, ...], gone: bool
) -> None:
    folder = tmp_path_factory.mktemp("records")
    kept = [PodRecord(b.pod("demo-a"), attempts, gone)]
    records.keep(folder, UID, kept, _unkept)
    assert records.load(folder, UID) == kept


def test_a_later_record_adds_to_the_earlier_one(tmp_path: Path) -> None:
    records.keep(tmp_path, UID, [STILL_RUNS], _unkept)
    records.keep(tmp_path, UID, [REMOVED], _unkept)
    found = {record.name: record for record in records.load(tmp_path, UID)}
    assert found == {record.name: record for record in (STILL_RUNS, REMOVED)}


def test_a_start_that_joins_later_loses_no_try_that_an_earlier_one_saw(tmp_path: Path) -> None:
    pod = b.pod("demo-a")
    first = b.attempt(1, 3, 3, log=["token 1"])
    unread = b.attempt(3, 5, 3, number=2)
    second = b.attempt(3, 5, 3, number=2, log=["token 2"])
    records.keep(tmp_path, UID, [PodRecord(pod, (first, unread))], _unkept)
    records.keep(tmp_path, UID, [PodRecord(pod, (second,))], _unkept)
    (found,) = records.load(tmp_path, UID)
    assert [attempt.log for attempt in found.attempts] == [("token 1",), ("token 2",)]


def test_records_of_other_jobs_are_kept_apart(tmp_path: Path) -> None:
    records.keep(tmp_path, "one", [REMOVED], _unkept)
    records.keep(tmp_path, "two", [STILL_RUNS], _unkept)
    found = [records.load(tmp_path, uid) for uid in ("one", "two", "three")]
    assert found == [[REMOVED], [STILL_RUNS], []]


# ---- what cannot be read


def body(**changes: Any) -> str:
    """A record as it is written, with changes."""
    attempt = {
        "container": "main",
        "number": 1,
        "started": b.stamp(1),
        "finished": b.stamp(3),
        "exit_code": 0,
        "reason": "Completed",
        "log": ["done"],
        "log_cut": False,
    }
    pod = {"pod": b.pod("demo-a"), "gone": True, "attempts": [attempt]}
    return json.dumps({"format": "joblab/v1", "uid": UID, "pods": [pod], **changes})


def with_pod(**changes: Any) -> str:
    """A record whose Pod has changes."""
    pods = json.loads(body())["pods"]
    return body(pods=[{**pods[0], **changes}])


def with_attempt(**changes: Any) -> str:
    """A record whose attempt has changes."""
    attempts = json.loads(body())["pods"][0]["attempts"]
    return with_pod(attempts=[{**attempts[0], **changes}])


def test_the_record_that_is_broken_below_is_right_before(tmp_path: Path) -> None:
    (tmp_path / f"{UID}.json").write_text(body(), "utf-8")
    assert len(records.load(tmp_path, UID)) == 1


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="an empty file"),
        pytest.param(body()[:-9], id="a file cut short"),
        pytest.param("[]", id="a list"),
        pytest.param('"joblab/v1"', id="a word"),
        pytest.param("[" * 100_000, id="brackets without an end"),
        pytest.param(body(format="joblab/v2"), id="another format"),
        pytest.param(body(uid="another"), id="another Job's"),
        pytest.param(body(pods=None), id="no Pods"),
        pytest.param(body(pods=[7]), id="a Pod that is a number"),
        pytest.param(with_pod(pod=None), id="a Pod without its object"),
        pytest.param(with_pod(attempts=None), id="a Pod without attempts"),
        pytest.param(with_attempt(started="yesterday"), id="a time that is none"),
        pytest.param(with_attempt(log=5), id="a log that is a number"),
        pytest.param(with_attempt(log=[5]), id="a log line that is a number"),
        pytest.param(with_attempt(more=1), id="an attempt of a later version"),
    ],
)
def test_a_file_that_is_no_record_counts_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / f"{UID}.json").write_text(text, "utf-8")
    assert records.load(tmp_path, UID) == []


@pytest.mark.parametrize(
    "content",
    [pytest.param(b"\xff\xfe\x00", id="bytes that are no text"), pytest.param(b"\x00", id="nul")],
)
def test_bytes_that_are_no_record_count_as_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / f"{UID}.json").write_bytes(content)
    assert records.load(tmp_path, UID) == []


def test_a_folder_in_the_place_of_a_record_counts_as_none(tmp_path: Path) -> None:
    (tmp_path / f"{UID}.json").mkdir()
    assert records.load(tmp_path, UID) == []


def test_a_record_for_a_checks_snapshot_adds_what_is_gone(tmp_path: Path) -> None:
    records.keep(tmp_path, UID, [REMOVED], _unkept)
    merged = snapshot.merge(b.seen(b.failed(21)), records.load(tmp_path, UID), logs=True)
    assert [attempt.log for attempt in merged.pods[0].attempts] == [one.log for one in TRIES]


# ---- what cannot be written


def test_where_no_folder_can_be_made_nothing_is_kept_and_the_place_is_told(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file", "utf-8")
    told: list[OSError] = []
    kept = records.keep(tmp_path / "state" / "records", UID, [REMOVED], told.append)
    assert kept == (REMOVED,)
    assert [(error.strerror, error.filename) for error in told] == [
        ("Not a directory", str(tmp_path / "state" / "records"))
    ]
    assert records.load(tmp_path / "state" / "records", UID) == []
    assert (tmp_path / "state").read_text("utf-8") == "a file"


def test_a_record_that_cannot_be_replaced_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / f"{UID}.json").mkdir()
    told: list[OSError] = []
    records.keep(tmp_path, UID, [REMOVED], told.append)
    assert [path.name for path in tmp_path.iterdir()] == [f"{UID}.json"]
    assert [error.filename for error in told] == [str(tmp_path / f"{UID}.json")]


# ---- private


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_only_the_user_may_read_a_record(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        records.keep(tmp_path / "records", UID, [REMOVED], _unkept)
    finally:
        os.umask(before)
    file = tmp_path / "records" / f"{UID}.json"
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (file, file.parent)]
    assert modes == [0o600, 0o700]


# ---- not too many


def test_the_oldest_records_go_first(tmp_path: Path) -> None:
    for number in range(records.KEPT + 5):
        path = tmp_path / f"old-{number:03}.json"
        path.write_text(body(), "utf-8")
        os.utime(path, (1_000_000 + number, 1_000_000 + number))
    (tmp_path / "note.txt").write_text("mine", "utf-8")
    records.keep(tmp_path, UID, [REMOVED], _unkept)
    left = sorted(path.name for path in tmp_path.glob("*.json"))
    first = 5 + 1  # the new one needs room, too
    expected = [f"old-{number:03}.json" for number in range(first, records.KEPT + 5)]
    assert left == sorted([f"{UID}.json", *expected])
    assert (tmp_path / "note.txt").exists()
