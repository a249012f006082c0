"""The rules of names and of lists of indexes; most words are compared in test_validation_real."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_joblab.practice.api import names
from kubectl_joblab.practice.api.defaults import images
from kubectl_joblab.practice.api.validation.job import intervals
from kubectl_joblab.practice.controllers.job import indexes

INDEXES = st.sets(st.integers(0, 40))
LONG = "a" * 254


@pytest.mark.parametrize(
    ("rule", "text", "wrong"),
    [
        pytest.param(names.is_dns1123_label, "a-1", [], id="a label"),
        pytest.param(
            names.is_dns1123_label, "a.b", ["must not contain dots"], id="dots in a label"
        ),
        pytest.param(names.is_dns1123_subdomain, "a.b-c.d", [], id="a subdomain"),
        pytest.param(
            names.is_dns1123_subdomain,
            LONG,
            ["must be no more than 253 characters"],
            id="a long subdomain counts characters",
        ),
        pytest.param(
            names.is_qualified_name,
            f"{LONG}/a",
            ["prefix part must be no more than 253 bytes"],
            id="a long prefix counts bytes",
        ),
        pytest.param(
            names.is_qualified_name,
            "/a",
            ["prefix part must be non-empty"],
            id="a prefix of nothing",
        ),
        pytest.param(
            names.is_qualified_name,
            "a" * 64,
            ["name part must be no more than 63 bytes"],
            id="a long name",
        ),
        pytest.param(names.is_valid_label_value, "", [], id="no value is a value"),
        pytest.param(
            names.is_valid_label_value,
            "é" * 32,
            [
                "must be no more than 63 bytes",
                "a valid label must be an empty string or consist of alphanumeric characters, '-', "
                "'_' or '.', and must start and end with an alphanumeric character (e.g. "
                "'MyValue',  or 'my_value',  or '12345', regex used for validation is "
                "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
            ],
            id="two bytes a letter",
        ),
        pytest.param(names.is_path_segment_name, "..", ["may not be '..'"], id="the folder above"),
        pytest.param(
            names.is_path_segment_name,
            "a/b%",
            ["may not contain '/'", "may not contain '%'"],
            id="what a URL would misread",
        ),
        pytest.param(
            names.is_config_map_key,
            "..a",
            ["must not start with '..'"],
            id="a key that a volume has for itself",
        ),
        pytest.param(names.is_dns1123_label, "a\n", None, id="a line end is part of a name"),
    ],
)
def test_a_name_is_wrong_in_upstreams_words(
    rule: names.Rule, text: str, wrong: list[str] | None
) -> None:
    if wrong is None:
        assert rule(text)
    else:
        assert rule(text) == wrong


@pytest.mark.parametrize(
    ("prefix", "right"),
    [
        pytest.param("a-", True, id="a dash at the end"),
        pytest.param("a--", True, id="the dash before it is dropped with it"),
        pytest.param("-", False, id="nothing but a dash"),
        pytest.param("a.", False, id="a dot at the end"),
    ],
)
def test_a_prefix_may_end_with_a_dash(prefix: str, right: bool) -> None:
    assert (names.as_prefix(names.is_dns1123_subdomain, prefix) == []) == right


@given(INDEXES)
def test_a_list_that_is_written_is_read(some: set[int]) -> None:
    assert intervals.count(str(indexes.of(some)), 41) == len(some)


@given(INDEXES, INDEXES)
def test_an_overlap_is_found_where_there_is_one(one: set[int], other: set[int]) -> None:
    found = intervals.overlap(str(indexes.of(one)), str(indexes.of(other)), 41)
    assert found == min(one & other, default=None)


def test_what_cannot_be_read_overlaps_nothing() -> None:
    assert intervals.overlap("x,1-2", "0,2-y,2", 5) == 2
    assert intervals.overlap("9", "9", 5) is None


@pytest.mark.parametrize(
    ("image", "tag"),
    [
        ("busybox", "latest"),
        ("busybox:1.36", "1.36"),
        ("localhost:5000/a/b", "latest"),
        ("[::1]:5000/a", "latest"),
        ("a__b/c.d-e:v_1", "v_1"),
        (f"a@sha256:{'0' * 64}", ""),
        (f"a:b@sha256:{'0' * 64}", "b"),
        ("0" * 64, ""),
        ("Busybox", ""),
        ("a:", ""),
        ("", ""),
    ],
)
def test_an_image_without_a_tag_is_the_latest(image: str, tag: str) -> None:
    assert images.tag(image) == tag
    assert images.pull_policy(image) == ("Always" if tag == "latest" else "IfNotPresent")
