"""Server-side apply, compared step by step with a real API server of 1.37.2."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.errors import StatusError
from kubectl_joblab.practice.api.options import PatchOptions
from kubectl_joblab.practice.api.patch import dispatch, fieldsets, managers
from kubectl_joblab.practice.api.patch.fieldsets import Fields
from kubectl_joblab.practice.api.registry.kinds import CONFIG_MAPS, JOBS, NAMESPACES
from kubectl_joblab.practice.api.registry.operations import Registry
from tests.practice.api.things import Clock, registry


def _config(data: dict[str, str] | None = None, **metadata: Any) -> Object:
    config: Object = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "a", **metadata},
    }
    return config if data is None else {**config, "data": data}


def _apply(made: Registry, manager: str, config: Any, *, force: bool = False) -> Object:
    return made.patch(
        CONFIG_MAPS,
        "a",
        dispatch.APPLY,
        config,
        "default",
        PatchOptions(field_manager=manager, force=force),
    )


def _owned(obj: Object) -> list[tuple[str, str, str]]:
    """Manager, operation and fields of each entry."""
    return [
        (entry["manager"], entry["operation"], json.dumps(entry["fieldsV1"], separators=(",", ":")))
        for entry in obj["metadata"].get("managedFields", [])
    ]


def _refused(made: Registry, manager: str, config: Any) -> StatusError:
    with pytest.raises(StatusError) as refused:
        _apply(made, manager, config)
    return refused.value


def test_what_is_not_there_is_created() -> None:
    obj = _apply(registry(), "m1", _config({"a": "1", "b": "2"}, labels={"x": "1"}))

    assert obj["data"] == {"a": "1", "b": "2"}
    assert obj["metadata"]["managedFields"] == [
        {
            "manager": "m1",
            "operation": "Apply",
            "apiVersion": "v1",
            "time": "2026-01-01T00:00:00Z",
            "fieldsType": "FieldsV1",
            "fieldsV1": {
                "f:data": {"f:a": {}, "f:b": {}},
                "f:metadata": {"f:labels": {"f:x": {}}},
            },
        }
    ]


def test_the_same_again_changes_nothing() -> None:
    clock = Clock()
    made = registry(clock=clock)
    first = _apply(made, "m1", _config({"a": "1"}))
    clock.advance(60)

    assert _apply(made, "m1", _config({"a": "1"})) is first


def test_what_a_manager_no_longer_wants_is_removed() -> None:
    made = registry()
    _apply(made, "m1", _config({"a": "1", "b": "2"}, labels={"x": "1"}))

    obj = _apply(made, "m1", _config({"a": "1"}))

    assert obj["data"] == {"a": "1"}
    assert "labels" not in obj["metadata"]
    assert _owned(obj) == [("m1", "Apply", '{"f:data":{"f:a":{}}}')]


def test_two_managers_may_want_the_same_and_one_may_stop() -> None:
    made = registry()
    _apply(made, "m1", _config({"a": "1"}))
    both = _apply(made, "m2", _config({"a": "1", "c": "3"}))
    one = _apply(made, "m1", _config({"d": "4"}))

    assert _owned(both) == [
        ("m1", "Apply", '{"f:data":{"f:a":{}}}'),
        ("m2", "Apply", '{"f:data":{"f:a":{},"f:c":{}}}'),
    ]
    assert one["data"] == {"a": "1", "c": "3", "d": "4"}


def test_what_another_manager_wants_otherwise_is_a_conflict() -> None:
    made = registry()
    _apply(made, "m1", _config({"a": "1", "d": "4"}))

    one = _refused(made, "m2", _config({"a": "2"}))
    two = _refused(made, "m2", _config({"a": "2", "d": "5"}))

    assert (one.code, one.reason) == (409, "Conflict")
    assert one.message == 'Apply failed with 1 conflict: conflict with "m1": .data.a'
    assert one.details == {
        "causes": [
            {
                "reason": "FieldManagerConflict",
                "message": 'conflict with "m1"',
                "field": ".data.a",
            }
        ]
    }
    assert two.message == (
        'Apply failed with 2 conflicts: conflicts with "m1":\n- .data.a\n- .data.d'
    )


def test_force_takes_fields_over() -> None:
    made = registry()
    _apply(made, "m1", _config({"a": "1", "d": "4"}))

    obj = _apply(made, "m2", _config({"a": "2", "d": "5"}), force=True)

    assert obj["data"] == {"a": "2", "d": "5"}
    assert _owned(obj) == [("m2", "Apply", '{"f:data":{"f:a":{},"f:d":{}}}')]


def test_an_update_takes_over_what_it_changes() -> None:
    made = registry()
    _apply(made, "m1", _config({"a": "1", "c": "3"}))

    changed = made.patch(
        CONFIG_MAPS,
        "a",
        dispatch.MERGE,
        {"data": {"c": "9"}},
        "default",
        PatchOptions(field_manager="ed"),
    )
    refused = _refused(made, "m1", _config({"a": "1", "c": "3"}))
    removed = made.patch(
        CONFIG_MAPS,
        "a",
        dispatch.MERGE,
        {"data": {"a": None}},
        "default",
        PatchOptions(field_manager="ed"),
    )

    assert _owned(changed) == [
        ("m1", "Apply", '{"f:data":{"f:a":{}}}'),
        ("ed", "Update", '{"f:data":{"f:c":{}}}'),
    ]
    assert refused.message == ('Apply failed with 1 conflict: conflict with "ed" using v1: .data.c')
    assert _owned(removed) == [("ed", "Update", '{"f:data":{"f:c":{}}}')]


def test_managers_are_forgotten_by_an_empty_entry() -> None:
    made = registry()
    _apply(made, "m1", _config({"a": "1"}))
    empty: Object = {"metadata": {"managedFields": [{}]}}

    obj = made.patch(
        CONFIG_MAPS, "a", dispatch.MERGE, empty, "default", PatchOptions(field_manager="ed")
    )

    assert "managedFields" not in obj["metadata"]


def test_what_was_there_before_the_first_apply_has_an_owner_of_its_own() -> None:
    made = registry()
    made.create(CONFIG_MAPS, _config({"a": "1", "c": "3"}), "default")
    made.update(CONFIG_MAPS, "a", _config({"a": "1", "c": "3"}, managedFields=[{}]), "default")

    refused = _refused(made, "m1", _config({"a": "2"}))
    forced = _apply(made, "m1", _config({"a": "2"}), force=True)

    assert refused.message == (
        'Apply failed with 1 conflict: conflict with "before-first-apply" using v1: .data.a'
    )
    assert _owned(forced) == [
        ("m1", "Apply", '{"f:data":{"f:a":{}}}'),
        ("before-first-apply", "Update", '{"f:data":{".":{},"f:c":{}}}'),
    ]


REFUSED: dict[str, tuple[Any, int, str]] = {
    "a list": (
        [],
        400,
        "error decoding patch: error unmarshaling JSON: while decoding JSON: json: cannot "
        "unmarshal array into Go value of type map[string]interface {}",
    ),
    "managed fields": (
        _config({}, managedFields=[{"manager": "x"}]),
        400,
        "metadata.managedFields must be nil",
    ),
    "another kind": (
        {**_config(), "kind": "Secret"},
        400,
        "invalid object type: /v1, Kind=Secret",
    ),
    "no kind": ({"apiVersion": "v1"}, 400, "invalid object type: /v1, Kind="),
    "another name": (
        _config({}, name="b"),
        400,
        "the name of the object (b) does not match the name on the URL (a)",
    ),
    "an unknown field": (
        {**_config(), "foo": 1},
        500,
        "failed to create typed patch object (/a; /v1, Kind=ConfigMap): .foo: field not declared "
        "in schema",
    ),
    "a number for a text": (
        _config({"a": 2}),  # type: ignore[dict-item]
        500,
        "failed to create typed patch object (/a; /v1, Kind=ConfigMap): .data.a: expected string, "
        "got &value.valueUnstructured{Value:2}",
    ),
    "a uid of what is not there": (
        _config({}, uid="abc"),
        409,
        'Operation cannot be fulfilled on configmaps "a": uid mismatch: the provided object '
        "specified uid abc, and no existing object was found",
    ),
}


@pytest.mark.parametrize(("config", "code", "words"), REFUSED.values(), ids=REFUSED)
def test_a_configuration_is_refused_in_the_servers_words(
    config: Any, code: int, words: str
) -> None:
    refused = _refused(registry(), "m1", config)

    assert (refused.code, refused.message) == (code, words)


def _job(**containers: Any) -> Object:
    spec = {"restartPolicy": "Never", "containers": [{"name": "a", "image": "b", **containers}]}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "a"},
        "spec": {"template": {"spec": spec}},
    }


WRONG: dict[str, tuple[Any, str]] = {
    "a text for a number": (
        {"ports": [{"containerPort": "x"}]},
        'ports[containerPort="x",protocol="TCP"].containerPort: expected numeric (int or float), '
        "got string",
    ),
    "a text for a list": ({"command": "sh"}, "command: expected list, got &{sh}"),
    "a number in a list": (
        {"command": [1]},
        "command[0]: expected string, got &value.valueUnstructured{Value:1}",
    ),
    "a list for a map": (
        {"resources": [1]},
        "resources: expected map, got &{[1]}",
    ),
    "a map for a text": (
        {"image": {"a": 1}},
        "image: expected string, got &value.valueUnstructured{Value:map[string]interface "
        '{}{"a":1}}',
    ),
    "a text for a flag": ({"tty": "x"}, "tty: expected boolean, got &{x}"),
    "an unknown field": ({"imag": "x"}, "imag: field not declared in schema"),
    "a text in a list of maps": (
        {"env": ["x"]},
        "env: element 0: associative list with keys may not have non-map elements",
    ),
    "the same key twice": (
        {"env": [{"name": "x"}, {"name": "x"}]},
        'env: duplicate entries for key [name="x"]',
    ),
}


@pytest.mark.parametrize(("change", "words"), WRONG.values(), ids=WRONG)
def test_a_configuration_must_be_what_the_types_say(change: Any, words: str) -> None:
    with pytest.raises(StatusError) as refused:
        registry().patch(
            JOBS, "a", dispatch.APPLY, _job(**change), "default", PatchOptions(field_manager="m")
        )

    assert refused.value.code == 500
    assert refused.value.message == (
        "failed to create typed patch object (/a; batch/v1, Kind=Job): "
        f'.spec.template.spec.containers[name="a"].{words}'
    )


def test_a_quantity_that_is_none_is_refused_when_it_is_read() -> None:
    config = _job(resources={"limits": {"cpu": "zz"}})

    with pytest.raises(StatusError) as refused:
        registry().patch(
            JOBS, "a", dispatch.APPLY, config, "default", PatchOptions(field_manager="m")
        )

    assert refused.value.message.startswith(
        "failed to convert new object (/a; batch/v1, Kind=Job) to proper version: unable to "
        "convert unstructured object to batch/v1, Kind=Job: quantities must match"
    )


def test_a_status_is_applied_beside_the_rest() -> None:
    made = registry()
    config = {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": "other", "labels": {"l": "1"}},
        "status": {"phase": "Active"},
    }

    made.patch(NAMESPACES, "other", dispatch.APPLY, config, options=PatchOptions(field_manager="m"))
    obj = made.patch(
        NAMESPACES,
        "other",
        dispatch.APPLY,
        config,
        options=PatchOptions(field_manager="m", force=True),
        subresource="status",
    )

    assert obj["status"]["phase"] == "Active"
    shown = [
        (entry["manager"], entry.get("subresource"), entry["fieldsV1"])
        for entry in obj["metadata"]["managedFields"]
        if entry["manager"] == "m"
    ]
    labels: Fields = {"f:labels": {"f:l": {}}}
    assert shown == [  # the later one has changed nothing, and so has no time
        ("m", "status", {"f:metadata": labels, "f:status": {"f:phase": {}}}),
        ("m", None, {"f:metadata": labels}),
    ]


def test_a_status_of_what_is_not_there_is_not_applied() -> None:
    config = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "nope"}}

    with pytest.raises(StatusError) as refused:
        registry().patch(
            NAMESPACES,
            "nope",
            dispatch.APPLY,
            config,
            options=PatchOptions(field_manager="m"),
            subresource="status",
        )

    assert refused.value.code == 404


# ---- sets of fields


def test_fields_of_lists_are_named_by_their_keys() -> None:
    value = _job(env=[{"name": "x", "value": "1"}], ports=[{"containerPort": 80}], command=["a"])
    spec = fieldsets.of(value, managers.shape(JOBS))["f:spec"]

    assert spec["f:template"]["f:spec"]["f:containers"] == {
        'k:{"name":"a"}': {
            ".": {},
            "f:command": {},
            "f:env": {'k:{"name":"x"}': {".": {}, "f:name": {}, "f:value": {}}},
            "f:image": {},
            "f:name": {},
            "f:ports": {
                'k:{"containerPort":80,"protocol":"TCP"}': {".": {}, "f:containerPort": {}}
            },
        }
    }


steps = st.sampled_from(["f:a", "f:b", 'k:{"name":"x"}', 'v:"y"'])
sets = st.frozensets(st.lists(steps, min_size=1, max_size=4).map(tuple), max_size=8)
Paths = frozenset[tuple[str, ...]]


def _tree(paths: Paths) -> Fields:
    found: Fields = {}
    for path in paths:
        node: Fields = {}
        for step in reversed(path):
            node = {step: node}
        found = fieldsets.union(found, node)
    return found


@given(sets, sets)
def test_sets_of_fields_are_put_together_as_sets_of_paths(one: Paths, other: Paths) -> None:
    for of_trees, of_paths in (
        (fieldsets.union, Paths.union),
        (fieldsets.difference, Paths.difference),
        (fieldsets.intersection, Paths.intersection),
    ):
        found = of_trees(_tree(one), _tree(other))
        assert found == _tree(of_paths(one, other))
        assert set(fieldsets.paths(found)) == of_paths(one, other)


# ---- a model: what is there is what somebody wants, or what nobody has ever wanted

datas = st.dictionaries(st.sampled_from("abc"), st.sampled_from("12"), max_size=3)


@given(st.lists(st.tuples(st.sampled_from(["m1", "m2"]), datas), max_size=8))
@settings(max_examples=50, deadline=None)
def test_applied_by_force_each_manager_has_what_it_wants_until_another_wants_otherwise(
    sequence: list[tuple[str, dict[str, str]]],
) -> None:
    made = registry()
    wants: dict[str, dict[str, str]] = {}
    for manager, data in sequence:
        obj = _apply(made, manager, _config(data), force=True)
        others = {
            other: {key: value for key, value in kept.items() if data.get(key, value) == value}
            for other, kept in wants.items()
            if other != manager
        }
        wants = {**others, manager: data}

        expected: dict[str, str] = {}
        for kept in wants.values():
            expected.update(kept)
        assert obj.get("data", {}) == expected
