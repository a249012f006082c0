"""Accept headers, each answered as a real API server answers it, protobuf and YAML excepted."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_joblab.practice.api import negotiate
from kubectl_joblab.practice.api.errors import StatusError
from kubectl_joblab.practice.api.negotiate import AGGREGATED, PLAIN, Representation

TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"
TABLE_BETA = "application/json;as=Table;v=v1beta1;g=meta.k8s.io"
PROTOBUF = "application/vnd.kubernetes.protobuf"
AGGREGATED_V2 = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
AGGREGATED_BETA = "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList"

A_TABLE = Representation("Table", "meta.k8s.io", "v1")
ROUTE = "406: Not Acceptable\n\nAvailable representations: application/json"
TYPES = "only the following media types are accepted: application/json"


def case(accept: str, expected: object, sentence: str) -> object:
    return pytest.param(accept, expected, id=sentence)


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        case("", PLAIN, "no header at all takes JSON"),
        case("*/*", PLAIN, "anything is JSON"),
        case("application/json", PLAIN, "JSON is JSON"),
        case("application/json, */*", PLAIN, "kubectl's plain requests take JSON"),
        case(f"{PROTOBUF},application/json", PLAIN, "protobuf preferred to JSON is JSON"),
        case(f"{TABLE},{TABLE_BETA},application/json", A_TABLE, "kubectl get asks for a Table"),
        case(f"application/json,{TABLE}", PLAIN, "of two equally good forms the first counts"),
        case(f"application/json;q=0.5,{TABLE}", A_TABLE, "of two forms the better counts"),
        case(f"*/*,{TABLE}", A_TABLE, "a named form is better than anything"),
        case(f"application/json;q=x,{TABLE};q=0.1", A_TABLE, "an unreadable quality is the worst"),
        case(TABLE_BETA, Representation("Table", "meta.k8s.io", "v1beta1"), "an old Table"),
        case(
            "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1",
            Representation("PartialObjectMetadata", "meta.k8s.io", "v1"),
            "metadata alone, in any order of parameters",
        ),
        case(
            "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io",
            Representation("PartialObjectMetadataList", "meta.k8s.io", "v1"),
            "a list of metadata",
        ),
        case("application/json;stream=watch", PLAIN, "a stream of watch events is JSON"),
        case("application/json;charset=utf-8", PLAIN, "an unknown parameter does not matter"),
        case("application/json;pretty=1;", PLAIN, "an empty parameter does not matter"),
        case("garbage,application/json", PLAIN, "a clause that is none is passed over"),
        case(f"{PROTOBUF};as=Table;v=v1;g=meta.k8s.io,application/json", PLAIN, "not this Table"),
    ],
)
def test_what_an_object_is_answered_with(accept: str, expected: Representation) -> None:
    assert negotiate.of_objects(accept) == expected


@pytest.mark.parametrize(
    ("accept", "message"),
    [
        case("text/html", ROUTE, "HTML"),
        case("application/*", ROUTE, "any application type: routes do not know that wildcard"),
        case("garbage", ROUTE, "no media type at all"),
        case(PROTOBUF, ROUTE, "protobuf alone"),
        case("application/json;as=Table;v=v2;g=meta.k8s.io", TYPES, "a Table of no version"),
        case("application/json;as=Table;v=v1;g=apps", TYPES, "a Table of another group"),
        case("application/json;as=Nonsense;v=v1;g=meta.k8s.io", TYPES, "a form there is not"),
        case("application/json;v=v1", TYPES, "a version of no form"),
        case("application/json;stream=other", TYPES, "a stream of something else"),
    ],
)
def test_what_is_not_acceptable(accept: str, message: str) -> None:
    with pytest.raises(StatusError) as refused:
        negotiate.of_objects(accept)

    assert (refused.value.code, refused.value.reason) == (406, "NotAcceptable")
    assert refused.value.message == message


def test_a_kind_without_tables_falls_back_to_the_next_clause() -> None:
    assert negotiate.of_objects(f"{TABLE},application/json", tables=False) == PLAIN
    with pytest.raises(StatusError, match="only the following media types are accepted"):
        negotiate.of_objects(TABLE, tables=False)


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        case(f"{AGGREGATED_V2},application/json", AGGREGATED, "kubectl 1.37"),
        case(f"{AGGREGATED_V2},{AGGREGATED_BETA},application/json", AGGREGATED, "kubectl 1.32"),
        case(f"{AGGREGATED_BETA},application/json", PLAIN, "the beta is gone in 1.37"),
        case("application/json, */*", PLAIN, "a client that knows the legacy documents only"),
        case("", PLAIN, "no header at all"),
    ],
)
def test_how_discovery_is_answered(accept: str, expected: Representation) -> None:
    assert negotiate.of_discovery(accept) == expected


def test_discovery_refuses_a_beta_without_alternative() -> None:
    with pytest.raises(StatusError, match="only the following media types are accepted"):
        negotiate.of_discovery(AGGREGATED_BETA)


def test_a_legacy_document_is_no_table() -> None:
    assert negotiate.of_documents(f"{TABLE},application/json") == PLAIN
    with pytest.raises(StatusError, match="only the following media types are accepted"):
        negotiate.of_documents(TABLE)


def test_what_has_one_form_passes_over_parameters() -> None:
    negotiate.check_json(TABLE)
    with pytest.raises(StatusError, match="Available representations"):
        negotiate.check_json("text/html")


def test_aggregated_discovery_repeats_what_was_asked_for() -> None:
    assert AGGREGATED.content_type == AGGREGATED_V2
    assert A_TABLE.content_type == PLAIN.content_type == "application/json"
    assert A_TABLE.api_version == "meta.k8s.io/v1"


@given(st.text(alphabet="apliconjs/*;,=q.01 vgTable", max_size=60))
def test_any_header_is_answered_or_refused(accept: str) -> None:
    with contextlib.suppress(StatusError):
        assert negotiate.of_objects(accept).kind in ("", "Table")
