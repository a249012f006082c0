"""Lab 4: tries, gaps, a Pod that is removed with its log, and the record that outlives it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timezone

import pytest

from tests.e2e import labs, screens
from tests.e2e.labs import Finished
from tests.e2e.place import Place

pytestmark = pytest.mark.e2e

N = 2  # the lab's backoffLimit


def when(text: str) -> datetime:
    """A time as the API serves it."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc)


def test_never_makes_one_pod_more_than_its_backoff_limit(finished: Finished) -> None:
    pods = finished.place.pods("retry")

    assert len(pods) == N + 1
    assert f"3 Pods{' ' * 17}3 Pods" in finished.starts["retry"].out
    drawn = screens.section(finished.starts["retry"].out, "Timeline: ")
    assert len([line for line in drawn if line.startswith("retry-")]) == N + 1


def test_never_shows_the_gaps_the_cluster_shows(finished: Finished) -> None:
    pods = sorted(
        finished.place.pods("retry"), key=lambda pod: str(pod["metadata"]["creationTimestamp"])
    )
    created = [when(pod["metadata"]["creationTimestamp"]) for pod in pods]
    ended = [
        when(pod["status"]["containerStatuses"][0]["state"]["terminated"]["finishedAt"])
        for pod in pods
    ]
    gaps = [
        int((begin - end).total_seconds())
        for end, begin in zip(ended[:-1], created[1:], strict=True)
    ]

    shown = re.search(
        r"^retry/gaps +PASS +at least 10s, 20s +(\S+), (\S+)$",
        finished.starts["retry"].out,
        re.MULTILINE,
    )

    assert shown is not None
    assert [f"{gap}s" for gap in gaps] == [shown[1], shown[2]]
    assert gaps[0] >= 10
    assert gaps[1] >= 20
    drawn = screens.section(finished.starts["retry"].out, "Timeline: ")
    held = re.findall(r"-(\d+s)-", "\n".join(drawn))
    assert held == [shown[1], shown[2]]


def test_onfailure_shows_the_removed_pod(finished: Finished) -> None:
    assert finished.place.pods("retry-onfailure") == []

    drawn = screens.section(finished.starts["retry-onfailure"].out, "Timeline: ")

    assert [line.partition("   exit ")[2] for line in drawn[1:]] == ["3, 3, 3, deleted"]


def test_start_saves_the_log_of_every_try_of_the_removed_pod(finished: Finished) -> None:
    place = finished.place

    outcome = place.joblab("logs retry --variant=onfailure").expect(0)

    saved = labs.tokens(outcome.out)
    assert len(saved) == N + 1
    assert len(set(saved)) == N + 1
    assert finished.seen, "the second observer read nothing"
    assert finished.seen <= set(saved)
    assert saved == labs.tokens(finished.starts["retry-onfailure"].out)
    screens.assert_screen("logs-saved", outcome, place)


def test_recover_fails_once_in_a_pod_that_then_succeeds(finished: Finished) -> None:
    pods = finished.place.pods("retry-recover")
    assert [pod["status"]["containerStatuses"][0]["restartCount"] for pod in pods] == [1]

    drawn = screens.section(finished.starts["retry-recover"].out, "Timeline: ")

    assert [line.partition("   exit ")[2] for line in drawn[1:]] == ["3, 0"]


def test_logs_shows_both_tries_of_a_restarted_pod(finished: Finished) -> None:
    outcome = finished.place.joblab("logs retry --variant=recover").expect(0)

    assert len(set(labs.tokens(outcome.out))) == 2
    # the kubelet deletes the first container in its own time; then the log is the saved one
    assert re.fullmatch(r"(Earlier tries of pod \S+ are as start saved them\.\n)?", outcome.err)
    screens.assert_screen("logs-recover", replace(outcome, err=""), finished.place)


def test_logs_previous_shows_the_tries_before_the_last(finished: Finished) -> None:
    every = finished.place.joblab("logs retry --variant=recover").expect(0)

    outcome = finished.place.joblab("logs retry --variant=recover --previous").expect(0)

    assert len(labs.tokens(outcome.out)) == 1
    assert labs.tokens(outcome.out) == labs.tokens(every.out)[:1]


# ---- without what start recorded


def test_without_the_record_the_verdict_is_unknown_with_the_way_on(finished: Finished) -> None:
    colleague = finished.place.elsewhere("check")

    outcome = colleague.joblab("check retry --variant=onfailure").expect(3)

    screens.assert_screen("check-without-record", outcome, colleague)


def test_without_the_record_the_logs_are_gone_and_that_is_said_at_once(finished: Finished) -> None:
    colleague = finished.place.elsewhere("logs")

    outcome = colleague.joblab("logs retry --variant=onfailure").expect(1)

    screens.assert_screen("logs-without-record", outcome, colleague)


def test_a_higher_backoff_limit_is_judged_by_its_own_number_of_tries(place: Place) -> None:
    outcome = place.joblab("start retry --backoff-limit=1").expect(0)

    assert len(place.pods("retry")) == 2
    assert re.search(r"^retry/tries +PASS +2 Pods +2 Pods$", outcome.out, re.MULTILINE)


def test_one_variant_leads_to_the_next_until_all_were_run(place: Place) -> None:
    place.joblab("start retry --backoff-limit=1").expect(0)
    screens.assert_screen("check-one-variant", place.joblab("check retry").expect(0), place)
    screens.assert_screen("hint-one-variant", place.joblab("hint retry").expect(0), place)
    screens.assert_screen("list-one-variant", place.joblab("list").expect(0), place)
    asked = place.joblab("hint retry --variant=never").expect(0)
    assert asked.out == "Every check of retry passed.\n"
    assert asked.err == "Next: kubectl joblab start retry --variant=onfailure\n"
    assert place.joblab("check retry --variant=never").expect(0).err == asked.err


def test_nothing_is_left_where_all_variants_were_run(finished: Finished) -> None:
    place = finished.place
    for asked in ("retry", "retry --variant=never"):
        found = place.joblab(f"check {asked}").expect(0)
        assert "retry" not in found.err
    hint = place.joblab("hint retry").expect(0)
    assert hint.out == "Nothing is left to do in lab retry: every check passed.\n"
