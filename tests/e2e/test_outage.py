"""An API server that goes away and comes back; these tests run last (conftest.py)."""

from __future__ import annotations

import re

import pytest

from tests.cluster import lifecycle
from tests.e2e import labs, screens
from tests.e2e.place import Place

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("breakable")]


def test_start_outlives_an_api_server_that_is_stopped_and_started(place: Place) -> None:
    running = place.begin("kubectl joblab start completions")
    with labs.ended([running]):
        running.await_line(r"pod/completions-\w+ +Running")

        lifecycle.stop_apiserver()
        try:
            running.await_line("lost the connection")
            refused = place.joblab("check sleep")
        finally:
            lifecycle.start_apiserver()

        outcome = running.finish().expect(0)
    assert outcome.err.count("lost the connection") == 1
    screens.assert_screen("outage-start", outcome, place)
    screens.assert_screen("outage-check", refused.expect(1), place)


def test_tries_that_came_and_went_during_an_outage_are_told_or_unknown(place: Place) -> None:
    running = place.begin("kubectl joblab start retry --variant=onfailure")
    with labs.ended([running]):
        running.await_line(r"exit 3, ran \d+s")

        lifecycle.stop_apiserver()
        try:
            running.await_line("lost the connection")
        finally:
            lifecycle.start_apiserver()

        outcome = running.finish()

    # how often it was started before the Job controller came back is not ours to say
    row = re.search(r"/restarted +(\w+) .* (\d+|<unknown>)( starts)?$", outcome.out, re.MULTILINE)
    assert row is not None, outcome.screen
    tokens = labs.tokens(outcome.out)
    assert len(set(tokens)) == len(tokens)
    assert row[1] == "UNKNOWN" or len(tokens) == int(row[2]), outcome.screen
    assert "Traceback" not in outcome.err
