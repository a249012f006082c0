"""Lists and their pages."""

from __future__ import annotations

import base64
import itertools
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kubectl_joblab.practice.api.errors import StatusError
from kubectl_joblab.practice.api.options import ListOptions
from kubectl_joblab.practice.api.registry.operations import Listing, Registry
from tests.practice.api.things import THINGS, registry, thing


def _names(found: Listing) -> list[str]:
    return [f"{obj['metadata']['namespace']}/{obj['metadata']['name']}" for obj in found.items]


def _filled(names: str = "abcde") -> Registry:
    made = registry()
    for name in names:
        made.create(THINGS, thing(name, labels={"l": "1"}), "default")
    return made


def test_pages_say_how_to_go_on_and_how_many_remain() -> None:
    made = _filled()

    first = made.list(THINGS, "default", ListOptions(limit=2))
    second = made.list(THINGS, "default", ListOptions(limit=2, continue_token=first.continue_token))
    last = made.list(THINGS, "default", ListOptions(limit=2, continue_token=second.continue_token))

    assert [_names(page) for page in (first, second, last)] == [
        ["default/a", "default/b"],
        ["default/c", "default/d"],
        ["default/e"],
    ]
    assert [page.remaining for page in (first, second, last)] == [3, 1, None]
    assert last.continue_token == ""


def test_how_many_remain_is_not_known_where_a_selector_selects() -> None:
    page = _filled().list(THINGS, "default", ListOptions(limit=2, label_selector="l=1"))

    assert page.continue_token
    assert page.remaining is None


def test_a_continue_token_is_a_real_servers() -> None:
    page = _filled().list(THINGS, "default", ListOptions(limit=2))

    token = page.continue_token
    decoded = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    assert json.loads(decoded) == {"v": "meta.k8s.io/v1", "rv": 7, "start": "b\0"}


def test_pages_are_of_one_moment() -> None:
    made = _filled()
    first = made.list(THINGS, "default", ListOptions(limit=2))
    made.delete(THINGS, "c", "default")
    made.create(THINGS, thing("bb"), "default")
    made.update(THINGS, "d", thing("d", labels={"l": "2"}), "default")

    rest = made.list(THINGS, "default", ListOptions(continue_token=first.continue_token))

    assert _names(rest) == ["default/c", "default/d", "default/e"]
    assert rest.items[1]["metadata"]["labels"] == {"l": "1"}
    assert rest.resource_version == first.resource_version


def test_a_moment_that_is_forgotten_is_expired_with_a_token_to_go_on_from_now() -> None:
    made = registry(kept=3)
    for name in "abcde":
        made.create(THINGS, thing(name), "default")
    first = made.list(THINGS, "default", ListOptions(limit=2))
    for name in "bb", "cc", "dd", "ee":
        made.create(THINGS, thing(name), "default")

    with pytest.raises(StatusError) as refused:
        made.list(THINGS, "default", ListOptions(continue_token=first.continue_token))

    assert (refused.value.code, refused.value.reason) == (410, "Expired")
    assert refused.value.message.startswith("The provided continue parameter is too old")
    again = refused.value.status["metadata"]["continue"]
    assert _names(made.list(THINGS, "default", ListOptions(limit=2, continue_token=again))) == [
        "default/bb",
        "default/c",
    ]


def test_version_0_asks_for_everything_at_once() -> None:
    page = _filled().list(THINGS, "default", ListOptions(limit=2, resource_version="0"))

    assert len(page.items) == 5
    assert page.continue_token == ""


def test_a_token_goes_with_no_version_or_with_0() -> None:
    made = _filled()
    first = made.list(THINGS, "default", ListOptions(limit=2))

    for version in ("", "0"):
        rest = made.list(
            THINGS,
            "default",
            ListOptions(continue_token=first.continue_token, resource_version=version),
        )
        assert _names(rest) == ["default/c", "default/d", "default/e"]


def test_a_list_of_an_exact_version_is_of_that_moment() -> None:
    made = _filled("ab")
    made.delete(THINGS, "a", "default")

    found = made.list(
        THINGS, "default", ListOptions(resource_version="3", resource_version_match="Exact")
    )

    assert _names(found) == ["default/a"]
    assert found.resource_version == "3"


REFUSED = {
    "a version that is no number": (
        ListOptions(resource_version="abc"),
        400,
        'invalid resource version: resourceVersion: Invalid value: "abc": strconv.ParseUint: '
        'parsing "abc": invalid syntax',
    ),
    "a version of the future": (
        ListOptions(resource_version="99"),
        504,
        "Timeout: Too large resource version: 99, current: 7",
    ),
    "a version with a token": (
        ListOptions(resource_version="5", continue_token="x"),
        400,
        "specifying resource version is not allowed when using continue",
    ),
    "a token that is none": (
        ListOptions(continue_token="abc"),
        400,
        "invalid continue token: continue key is not valid: "
        "invalid character 'i' looking for beginning of value",
    ),
    "an exact version that is forgotten": (
        ListOptions(resource_version="1", resource_version_match="Exact"),
        410,
        "The resourceVersion for the provided list is too old.",
    ),
}


@pytest.mark.parametrize(("asked", "code", "words"), REFUSED.values(), ids=REFUSED)
def test_a_list_is_refused_in_the_servers_words(asked: ListOptions, code: int, words: str) -> None:
    made = registry(kept=2)
    for name in "abcde":
        made.create(THINGS, thing(name), "default")

    with pytest.raises(StatusError) as refused:
        made.list(THINGS, "default", asked)

    assert (refused.value.code, refused.value.message) == (code, words)


places = st.tuples(st.sampled_from(["default", "other"]), st.text("ab", min_size=1, max_size=3))


@given(
    st.sets(places),
    st.lists(places),
    st.integers(1, 4),
    st.sampled_from(["", "default"]),
)
@settings(max_examples=60, deadline=None)
def test_all_pages_together_are_the_list_of_the_first_ones_moment(
    before: set[tuple[str, str]], between: list[tuple[str, str]], limit: int, namespace: str
) -> None:
    made = registry()
    for space, name in sorted(before):
        made.create(THINGS, thing(name), space)
    whole = made.list(THINGS, namespace)
    page = made.list(THINGS, namespace, ListOptions(limit=limit))
    found, changes = list(page.items), iter(between)
    while page.continue_token:
        for space, name in itertools.islice(changes, 1):
            _toggle(made, space, name)
        page = made.list(
            THINGS, namespace, ListOptions(limit=limit, continue_token=page.continue_token)
        )
        found += page.items

    assert found == whole.items


def _toggle(made: Registry, namespace: str, name: str) -> None:
    try:
        made.create(THINGS, thing(name), namespace)
    except StatusError:
        made.delete(THINGS, name, namespace)
