"""Strategic merge patches, as kubectl apply, edit and label send them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_joblab.practice.api import types
from kubectl_joblab.practice.api.errors import StatusError
from kubectl_joblab.practice.api.go.govalues import copied
from kubectl_joblab.practice.api.patch import strategic

POD_SPEC = types.message("io.k8s.api.core.v1.PodSpec")
META = types.message("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta")
JOB = types.message("io.k8s.api.batch.v1.Job")


def _containers(*images: str) -> list[dict[str, Any]]:
    """a=1 is a container a of image 1."""
    return [dict(zip(("name", "image"), text.split("="))) for text in images]  # noqa: B905


MERGED: dict[str, tuple[Any, Any, Any]] = {
    "an element is found by its merge key": (
        {"containers": _containers("a=1", "b=2")},
        {"containers": [{"name": "b", "image": "3"}]},
        {"containers": _containers("a=1", "b=3")},
    ),
    "an element that is not there comes first": (
        {"containers": _containers("a=1")},
        {"containers": _containers("b=2")},
        {"containers": _containers("b=2", "a=1")},
    ),
    "an element is deleted by a directive": (
        {"containers": _containers("a=1", "b=2", "c=3")},
        {"containers": [{"name": "b", "$patch": "delete"}]},
        {"containers": _containers("a=1", "c=3")},
    ),
    "a list is replaced by a directive": (
        {"containers": _containers("a=1", "b=2")},
        {"containers": [*_containers("c=3"), {"$patch": "replace"}]},
        {"containers": _containers("c=3")},
    ),
    "a map is replaced by a directive": (
        {"securityContext": {"runAsUser": 1, "fsGroup": 2}},
        {"securityContext": {"$patch": "replace", "runAsUser": 3}},
        {"securityContext": {"runAsUser": 3}},
    ),
    "a map is emptied by a directive": (
        {"securityContext": {"runAsUser": 1}},
        {"securityContext": {"$patch": "delete"}},
        {"securityContext": {}},
    ),
    "null deletes": (
        {"nodeName": "n", "containers": _containers("a=1")},
        {"nodeName": None, "volumes": None},
        {"containers": _containers("a=1")},
    ),
    "a list without a merge key is replaced": (
        {"tolerations": [{"key": "a"}, {"key": "b"}]},
        {"tolerations": [{"key": "c"}]},
        {"tolerations": [{"key": "c"}]},
    ),
    "the order is the one that is set": (
        {"containers": _containers("a=1", "b=2", "c=3")},
        {"$setElementOrder/containers": [{"name": "c"}, {"name": "b"}, {"name": "a"}]},
        {"containers": _containers("c=3", "b=2", "a=1")},
    ),
    "what the order does not name stays between its neighbours": (
        {"containers": _containers("x=0", "a=1", "y=2", "b=3")},
        {
            "$setElementOrder/containers": [{"name": "a"}, {"name": "b"}, {"name": "c"}],
            "containers": [{"name": "c", "image": "4"}],
        },
        {"containers": _containers("x=0", "a=1", "y=2", "b=3", "c=4")},
    ),
    "empty lists are left alone": ({"volumes": []}, {"volumes": []}, {"volumes": []}),
    "an order alone makes no list": (
        {},
        {"$setElementOrder/containers": [{"name": "a"}]},
        {},
    ),
    "only keys that are retained stay": (
        {"volumes": [{"name": "v", "emptyDir": {}}]},
        {
            "volumes": [
                {"name": "v", "$retainKeys": ["name", "hostPath"], "hostPath": {"path": "/"}}
            ]
        },
        {"volumes": [{"name": "v", "hostPath": {"path": "/"}}]},
    ),
    "what is not retained may be deleted and put in order": (
        {"nodeName": "n", "containers": _containers("a=1", "b=2"), "tolerations": []},
        {
            "$retainKeys": ["containers"],
            "nodeName": None,
            "$setElementOrder/containers": [{"name": "b"}, {"name": "a"}],
        },
        {"containers": _containers("b=2", "a=1")},
    ),
    "an empty order puts nothing in order": (
        {"containers": _containers("a=1", "b=2")},
        {"$setElementOrder/containers": [], "containers": _containers("b=3")},
        {"containers": _containers("a=1", "b=3")},
    ),
    "a list of a new element is taken as it is": (
        {"containers": _containers("a=1")},
        {"containers": [{"name": "a", "env": [{"name": "x", "value": "1"}, {"name": "y"}]}]},
        {
            "containers": [
                {"name": "a", "image": "1", "env": [{"name": "x", "value": "1"}, {"name": "y"}]}
            ]
        },
    ),
    "directives of what is not there leave nothing": (
        {},
        {
            "securityContext": {"$patch": "delete"},
            "containers": [{"name": "a", "$patch": "delete"}],
        },
        {"containers": []},
    ),
}


@pytest.mark.parametrize(("original", "patch", "expected"), MERGED.values(), ids=MERGED)
def test_a_pod_spec_is_patched(original: Any, patch: Any, expected: Any) -> None:
    before, patch_before = copied(original), copied(patch)

    assert strategic.merged(original, patch, POD_SPEC) == expected
    assert (original, patch) == (before, patch_before)


def test_a_list_of_texts_is_merged_and_parted_from_by_a_directive() -> None:
    original = {"finalizers": ["a", "b", "c"]}
    patch = {"$deleteFromPrimitiveList/finalizers": ["b"], "finalizers": ["c", "d"]}

    merged = strategic.merged(original, patch, META)

    assert sorted(merged["finalizers"]) == ["a", "c", "d"]


def test_labels_are_merged_by_their_keys() -> None:
    patch = {"metadata": {"labels": {"a": None, "b": "2"}}}

    assert strategic.merged({"metadata": {"labels": {"a": "1", "c": "3"}}}, patch, JOB) == {
        "metadata": {"labels": {"b": "2", "c": "3"}}
    }


A = _containers("a=1")

# what a server of 1.37.2 said
REFUSED: dict[str, tuple[Any, int, str]] = {
    "no merge key": (
        {"containers": [{"image": "a"}]},
        500,
        "map: map[image:a] does not contain declared merge key: name",
    ),
    "texts for maps": (
        {"containers": ["a"]},
        500,
        "list element types are not identical: [[map[image:1 name:a]] [a]]",
    ),
    "a list in a list": (
        {"containers": [[{"name": "a"}]]},
        500,
        "list element types are not identical: [[map[image:1 name:a]] [[map[name:a]]]]",
    ),
    "an unknown directive in a list": (
        {"containers": [{"name": "a", "$patch": "frob"}]},
        500,
        "unknown patch type: frob in map: map[$patch:frob name:a]",
    ),
    "an unknown directive in a map": (
        {"$patch": "frob"},
        500,
        "unknown patch type: frob in map: map[$patch:frob]",
    ),
    "an order without what is changed": (
        {
            "$setElementOrder/containers": [{"name": "zz"}],
            "containers": [{"name": "a", "tty": True}],
        },
        500,
        "The order in patch list:\n[map[name:a tty:true]]\n doesn't match $setElementOrder "
        "list:\n[map[name:zz]]\n",
    ),
    "a change of what is not retained": (
        {"$retainKeys": ["containers"], "nodeName": "n"},
        400,
        "invalid patch format of retainKeys",
    ),
    "an order of a field that is not there": (
        {"$setElementOrder/nope": []},
        500,
        'unable to find api field in struct PodSpec for the json field "nope"',
    ),
    "empty lists with an order": (
        {"$setElementOrder/volumes": [{"name": "v"}], "volumes": []},
        500,
        "no elements in any of the given slices",
    ),
    "an order of nothing": (
        {"$setElementOrder": []},
        400,
        "invalid patch format of setElementOrder list",
    ),
    "a deletion of nothing": (
        {"$deleteFromPrimitiveList": []},
        400,
        "invalid patch format of primitive list",
    ),
}


@pytest.mark.parametrize(("patch", "code", "words"), REFUSED.values(), ids=REFUSED)
def test_a_patch_that_makes_no_sense_is_refused_in_the_servers_words(
    patch: Any, code: int, words: str
) -> None:
    with pytest.raises(StatusError) as refused:
        strategic.merged({"containers": A}, patch, POD_SPEC)

    assert (refused.value.code, refused.value.message) == (code, words)


def test_lists_in_lists_are_refused() -> None:
    with pytest.raises(StatusError) as refused:
        strategic.merged({"containers": [[1]]}, {"containers": [[2]]}, POD_SPEC)

    assert (refused.value.code, refused.value.message) == (
        422,
        "the server rejected our request due to an error in our request",
    )


def test_a_patch_that_is_no_object_is_refused_and_null_is_an_empty_one() -> None:
    with pytest.raises(StatusError) as refused:
        strategic.check([])

    assert refused.value.message == (
        "json: cannot unmarshal array into Go value of type map[string]interface {}"
    )
    assert strategic.check(None) == {}


# ---- what kubectl apply does: two manifests, and the patch from one to the other

containers = st.lists(
    st.fixed_dictionaries({"name": st.sampled_from("abcde"), "image": st.sampled_from("12")}),
    unique_by=lambda one: one["name"],
    min_size=1,
    max_size=5,
)


def _two_way(old: list[Any], new: list[Any]) -> dict[str, Any]:
    """As k8s.io/apimachinery's CreateTwoWayMergePatch writes it for a list with a merge key."""
    before = {one["name"]: one for one in old}
    after = {one["name"] for one in new}
    changed = [one for one in new if before.get(one["name"]) != one]
    deleted = [{"name": name, "$patch": "delete"} for name in before if name not in after]
    patch: dict[str, Any] = {"$setElementOrder/containers": [{"name": one["name"]} for one in new]}
    return patch | ({"containers": changed + deleted} if changed or deleted else {})


@given(containers, containers)
def test_the_patch_between_two_manifests_leads_from_one_to_the_other(
    old: list[Any], new: list[Any]
) -> None:
    merged = strategic.merged({"containers": old}, _two_way(old, new), POD_SPEC)

    assert merged["containers"] == new


@given(containers, containers, containers)
def test_what_others_have_added_stays(old: list[Any], new: list[Any], live: list[Any]) -> None:
    ours = {one["name"] for one in [*old, *new]}
    theirs = [one for one in live if one["name"] not in ours]

    merged = strategic.merged({"containers": [*old, *theirs]}, _two_way(old, new), POD_SPEC)

    assert [one for one in merged["containers"] if one["name"] in ours] == new
    assert [one for one in merged["containers"] if one["name"] not in ours] == theirs


finalizers = st.lists(st.sampled_from("abcde"), unique=True, min_size=1)


@given(finalizers, finalizers)
def test_the_patch_between_two_lists_of_texts_leads_from_one_to_the_other(
    old: list[str], new: list[str]
) -> None:
    patch = {
        "$setElementOrder/finalizers": new,
        "$deleteFromPrimitiveList/finalizers": [one for one in old if one not in new],
        "finalizers": [one for one in new if one not in old],
    }

    merged = strategic.merged({"finalizers": old}, patch, META)

    assert merged["finalizers"] == new
