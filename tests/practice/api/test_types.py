"""The table of API types: what others rely on in it."""

from __future__ import annotations

import shutil

import pytest

from kubectl_joblab.practice.api import types
from kubectl_joblab.practice.api.kind import Kind
from kubectl_joblab.practice.api.registry import kinds
from tools import kubernetes_types

JOB_SPEC = types.message("io.k8s.api.batch.v1.JobSpec")
POD_SPEC = types.message("io.k8s.api.core.v1.PodSpec")


@pytest.mark.e2e
@pytest.mark.skipif(not shutil.which("go"), reason="needs Go and Kubernetes' source")
def test_it_is_what_kubernetes_source_says() -> None:
    assert kubernetes_types.make() == kubernetes_types.TABLE.read_text(encoding="utf-8")


def test_it_describes_the_kubernetes_of_the_project() -> None:
    assert types.version().startswith("1.37.")


@pytest.mark.parametrize("kind", kinds.KINDS, ids=lambda kind: kind.kind)
def test_every_kind_has_a_message_that_begins_with_its_type(kind: Kind) -> None:
    found = types.message(kind.type)
    assert found.go_name == kind.kind
    assert list(found.fields)[:3] == ["kind", "apiVersion", "metadata"]


def test_every_message_that_a_field_holds_is_in_the_table() -> None:
    messages = [types.message(name) for name in types.names()]
    held = {field.type for one in messages for field in one.own.values() if field.is_message}
    assert held <= set(types.names())


def test_what_is_neither_message_nor_scalar_is_a_special_type() -> None:
    messages = [types.message(name) for name in types.names()]
    leaves = {field.type for one in messages for field in one.own.values() if not field.is_message}
    assert leaves - {"string", "bool", "int32", "int64"} == set(types.SPECIAL)


def test_protobuf_numbers_of_a_message_are_distinct() -> None:
    for name in types.names():
        numbers = [field.number for field in types.message(name).own.values() if field.number]
        assert len(numbers) == len(set(numbers)), name


def test_a_pointer_to_a_number() -> None:
    assert JOB_SPEC.fields["parallelism"] == types.Field(
        "parallelism", "Parallelism", 1, "int32", "*int32", pointer=True, omit="omitempty"
    )


def test_a_message_that_is_always_shown() -> None:
    assert JOB_SPEC.fields["template"] == types.Field(
        "template",
        "Template",
        6,
        "io.k8s.api.core.v1.PodTemplateSpec",
        "v1.PodTemplateSpec",
        required=True,
    )


def test_an_enum_with_its_own_go_type() -> None:
    assert JOB_SPEC.fields["completionMode"] == types.Field(
        "completionMode",
        "CompletionMode",
        9,
        "string",
        "*v1.CompletionMode",
        pointer=True,
        omit="omitempty",
        enum=("Indexed", "NonIndexed"),
    )


def test_a_list_that_patches_merge_by_a_key() -> None:
    containers = POD_SPEC.fields["containers"]
    assert containers.repeated
    assert containers.go_type == "[]v1.Container"
    assert (containers.merge_key, containers.patch_strategy) == ("name", "merge")
    assert (containers.list_type, containers.list_map_keys) == ("map", ("name",))


def test_a_named_map_of_quantities() -> None:
    limits = types.message("io.k8s.api.core.v1.ResourceRequirements").fields["limits"]
    assert (limits.map, limits.type, limits.go_type) == (True, "Quantity", "v1.ResourceList")


def test_an_inline_struct_lends_its_fields_in_json_but_not_in_protobuf() -> None:
    volume = types.message("io.k8s.api.core.v1.Volume")
    assert list(volume.own) == ["name", "VolumeSource"]
    assert volume.own["VolumeSource"].inline
    assert volume.own["VolumeSource"].number == 2
    assert list(volume.fields)[:3] == ["name", "hostPath", "emptyDir"]


def test_the_time_of_creation_is_left_out_while_it_is_zero() -> None:
    metadata = types.message("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta")
    assert metadata.fields["creationTimestamp"].omit == "omitzero"


def test_an_atomic_struct_and_a_union_are_marked() -> None:
    assert types.message("io.k8s.api.core.v1.NodeSelector").map_type == "atomic"
    seccomp = types.message("io.k8s.api.core.v1.SeccompProfile")
    assert seccomp.union
    assert [key for key, field in seccomp.fields.items() if field.discriminator] == ["type"]


def test_a_field_behind_a_feature_gate_names_it() -> None:
    assert JOB_SPEC.fields["scheduling"].feature_gates == ("WorkloadWithJob",)


def test_defaults_are_those_of_the_source() -> None:
    port = types.message("io.k8s.api.core.v1.ContainerPort")
    assert port.fields["protocol"].default == "TCP"
    disk = types.message("io.k8s.api.core.v1.AzureDiskVolumeSource")
    assert disk.fields["cachingMode"].default == "ReadWrite"
    assert disk.fields["readOnly"].default is False
