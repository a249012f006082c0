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

from kubectl_joblab import objects
from kubectl_joblab.evidence import records, snapshot
from kubectl_joblab.evidence.snapshot import PodRecord, Snapshot, Transition
from kubectl_joblab.objects import Attempt, Object
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


SERVER = "127.0.0.1:6443"


def _unkept(error: OSError) -> None:
    raise AssertionError(error)


def seen(*pods: PodRecord, uid: str = UID, job: Object | None = None, **more: Any) -> Snapshot:
    """What is kept of a Job with these Pods; more: as a Snapshot has it."""
    return b.seen(job or b.job(uid=uid), *pods)._replace(**more)


def keep(folder: Path, *pods: PodRecord, server: str = SERVER, **more: Any) -> Snapshot:
    """Keep what is seen of a Job; the folder has to take it."""
    return records.keep(folder, server, seen(*pods, **more), _unkept)


def pods_of(folder: Path, uid: str = UID) -> list[PodRecord]:
    """The Pods on record of a Job; none where there is no record."""
    found = records.load(folder, uid)
    return [] if found is None else list(found.pods)


# ---- written and read

COMPLETED = snapshot.transitions(b.complete(21))


def test_what_is_kept_is_read_again(tmp_path: Path) -> None:
    kept = seen(
        REMOVED,
        STILL_RUNS,
        NEVER_STARTED,
        job=b.complete(21),
        events=(b.event("SuccessfulCreate"),),
        gone=True,
        gone_at=b.at(31),
        history=(Transition("Suspended", "True", "JobSuspended", b.at(0)), *COMPLETED),
    )
    records.keep(tmp_path / "records", SERVER, kept, _unkept)
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
    kept = PodRecord(b.pod("demo-a"), attempts, gone)
    keep(folder, kept)
    assert pods_of(folder) == [kept]


def test_a_later_record_adds_to_the_earlier_one(tmp_path: Path) -> None:
    keep(tmp_path, STILL_RUNS)
    keep(tmp_path, REMOVED)
    found = {record.name: record for record in pods_of(tmp_path)}
    assert found == {record.name: record for record in (STILL_RUNS, REMOVED)}


def test_a_start_that_joins_later_loses_no_try_that_an_earlier_one_saw(tmp_path: Path) -> None:
    pod = b.pod("demo-a")
    first = b.attempt(1, 3, 3, log=["token 1"])
    unread = b.attempt(3, 5, 3, number=2)
    second = b.attempt(3, 5, 3, number=2, log=["token 2"])
    keep(tmp_path, PodRecord(pod, (first, unread)))
    keep(tmp_path, PodRecord(pod, (second,)))
    (found,) = pods_of(tmp_path)
    assert [attempt.log for attempt in found.attempts] == [("token 1",), ("token 2",)]


def test_records_of_other_jobs_are_kept_apart(tmp_path: Path) -> None:
    keep(tmp_path, REMOVED, uid="one")
    keep(tmp_path, STILL_RUNS, uid="two")
    found = [pods_of(tmp_path, uid) for uid in ("one", "two", "three")]
    assert found == [[REMOVED], [STILL_RUNS], []]


def test_a_later_record_keeps_what_a_condition_was_before(tmp_path: Path) -> None:
    suspended = b.job(conditions=[b.condition("Suspended", 0, "JobSuspended")])
    resumed = b.job(conditions=[b.condition("Suspended", 9, "JobResumed", "False")])
    keep(tmp_path, job=suspended)
    keep(tmp_path, job=resumed)
    found = records.load(tmp_path, UID)
    assert found is not None
    assert found.job == resumed
    assert [(one.status, one.time) for one in found.history] == [
        ("True", b.at(0)),
        ("False", b.at(9)),
    ]


def test_when_a_job_went_is_not_forgotten(tmp_path: Path) -> None:
    keep(tmp_path, gone=True, gone_at=b.at(31))
    keep(tmp_path, STILL_RUNS)
    found = records.load(tmp_path, UID)
    assert found is not None
    assert (found.gone, found.gone_at, found.pods) == (True, b.at(31), (STILL_RUNS,))


def test_a_record_of_pods_alone_is_read_and_added_to(tmp_path: Path) -> None:
    (tmp_path / f"{UID}.json").write_text(body(), "utf-8")
    found = records.load(tmp_path, UID)
    assert found is not None
    assert ([pod.name for pod in found.pods], found.job, found.gone) == (["demo-a"], None, False)
    assert keep(tmp_path, STILL_RUNS).job == b.job()


# ---- the newest of a name


def named(name: str, uid: str, **more: Any) -> dict[str, Any]:
    """What `keep` takes of a Job of this name."""
    return {"job": b.job(name, uid=uid), "name": name, **more}


KEPT = {
    "one": named("demo", "one"),
    "two": named("demo", "two"),
    "another name": named("other", "another name"),
    "another namespace": named("demo", "another namespace", namespace="elsewhere"),
    "another server": named("demo", "another server", server="10.0.0.1:6443"),
}


@pytest.mark.parametrize(
    ("kept", "expected"),
    [
        pytest.param([], None, id="nothing is on record"),
        pytest.param(["one", "two"], "two", id="the one that was kept last"),
        pytest.param(["two", "one"], "one", id="whatever the uids"),
        pytest.param(["one", "another name"], "one", id="not of another name"),
        pytest.param(["one", "another namespace"], "one", id="not in another namespace"),
        pytest.param(["one", "another server"], "one", id="not on another server"),
    ],
)
def test_the_newest_record_of_a_name(tmp_path: Path, kept: list[str], expected: str | None) -> None:
    for number, uid in enumerate(kept):
        keep(tmp_path, **KEPT[uid])
        os.utime(tmp_path / f"{uid}.json", (1_000_000 + number, 1_000_000 + number))
    found = records.newest(tmp_path, SERVER, b.NAMESPACE, "demo")
    assert (None if found is None else objects.uid(found.job or {})) == expected


def test_what_is_forgotten_is_the_records_of_a_name_wherever_they_were(tmp_path: Path) -> None:
    for uid, kept in KEPT.items():
        keep(tmp_path, **kept)
        assert (tmp_path / f"{uid}.json").exists()
    records.forget(tmp_path, ["demo"])
    assert [path.stem for path in tmp_path.glob("*.json")] == ["another name"]
    records.forget(tmp_path / "none", ["demo"])


def test_where_there_is_no_folder_nothing_is_on_record(tmp_path: Path) -> None:
    assert records.newest(tmp_path / "none", SERVER, b.NAMESPACE, "demo") is None


def test_what_is_no_record_is_passed_over(tmp_path: Path) -> None:
    keep(tmp_path, uid="one")
    os.utime(tmp_path / "one.json", (1_000_000, 1_000_000))
    for name, text in (
        ("broken", "{"),
        ("old", body(uid="old")),
        ("copy", (tmp_path / "one.json").read_text("utf-8")),
        ("odd", body(uid="odd", job={"metadata": 7})),
    ):
        (tmp_path / f"{name}.json").write_text(text, "utf-8")
    found = records.newest(tmp_path, SERVER, b.NAMESPACE, "demo")
    assert found is not None
    assert objects.uid(found.job or {}) == "one"


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
    assert len(pods_of(tmp_path)) == 1


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
        pytest.param(body(job=[7]), id="a Job that is a list"),
        pytest.param(body(job={"metadata": 7}), id="a Job whose metadata is a number"),
        pytest.param(body(gone_at="soon"), id="a Job that went at a time that is none"),
        pytest.param(body(history=[7]), id="a transition that is a number"),
        pytest.param(body(events=[7]), id="an event that is a number"),
        pytest.param(with_attempt(started="yesterday"), id="a time that is none"),
        pytest.param(with_attempt(log=5), id="a log that is a number"),
        pytest.param(with_attempt(log=[5]), id="a log line that is a number"),
        pytest.param(with_attempt(more=1), id="an attempt of a later version"),
    ],
)
def test_a_file_that_is_no_record_counts_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / f"{UID}.json").write_text(text, "utf-8")
    assert records.load(tmp_path, UID) is None


@pytest.mark.parametrize(
    "content",
    [pytest.param(b"\xff\xfe\x00", id="bytes that are no text"), pytest.param(b"\x00", id="nul")],
)
def test_bytes_that_are_no_record_count_as_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / f"{UID}.json").write_bytes(content)
    assert records.load(tmp_path, UID) is None


def test_a_folder_in_the_place_of_a_record_counts_as_none(tmp_path: Path) -> None:
    (tmp_path / f"{UID}.json").mkdir()
    assert records.load(tmp_path, UID) is None


def test_a_record_for_a_checks_snapshot_adds_what_is_gone(tmp_path: Path) -> None:
    keep(tmp_path, REMOVED)
    merged = snapshot.with_record(b.seen(b.failed(21)), records.load(tmp_path, UID), logs=True)
    assert [attempt.log for attempt in merged.pods[0].attempts] == [one.log for one in TRIES]


# ---- what cannot be written


def test_where_no_folder_can_be_made_nothing_is_kept_and_the_place_is_told(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file", "utf-8")
    told: list[OSError] = []
    kept = records.keep(tmp_path / "state" / "records", SERVER, seen(REMOVED), told.append)
    assert kept.pods == (REMOVED,)
    assert [(error.strerror, error.filename) for error in told] == [
        ("Not a directory", str(tmp_path / "state" / "records"))
    ]
    assert records.load(tmp_path / "state" / "records", UID) is None
    assert (tmp_path / "state").read_text("utf-8") == "a file"


def test_a_record_that_cannot_be_replaced_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / f"{UID}.json").mkdir()
    told: list[OSError] = []
    records.keep(tmp_path, SERVER, seen(REMOVED), told.append)
    assert [path.name for path in tmp_path.iterdir()] == [f"{UID}.json"]
    assert [error.filename for error in told] == [str(tmp_path / f"{UID}.json")]


# ---- private


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_only_the_user_may_read_a_record(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        keep(tmp_path / "records", REMOVED)
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
    keep(tmp_path, REMOVED)
    left = sorted(path.name for path in tmp_path.glob("*.json"))
    first = 5 + 1  # the new one needs room, too
    expected = [f"old-{number:03}.json" for number in range(first, records.KEPT + 5)]
    assert left == sorted([f"{UID}.json", *expected])
    assert (tmp_path / "note.txt").exists()
