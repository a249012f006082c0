"""Names of images, and which of them are here."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_joblab.practice.node.images import catalogue, reference
from kubectl_joblab.practice.node.images.catalogue import Tools
from kubectl_joblab.practice.node.images.reference import InvalidNameError

EVERYTHING = Tools("/bin/sh", "/bin/sh", "/bin/sh", "/bin/sh")
NOTHING = Tools("", "", "", "")
DIGEST = "sha256:" + "0" * 64


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("busybox", "docker.io/library/busybox:latest"),
        ("busybox:1.36", "docker.io/library/busybox:1.36"),
        ("docker.io/busybox", "docker.io/library/busybox:latest"),
        ("index.docker.io/busybox:1", "docker.io/library/busybox:1"),
        ("somebody/thing", "docker.io/somebody/thing:latest"),
        ("localhost:1/nobody/nothing:1", "localhost:1/nobody/nothing:1"),
        ("localhost/x", "localhost/x:latest"),
        ("quay.io/a/b", "quay.io/a/b:latest"),
        (f"busybox@{DIGEST}", f"docker.io/library/busybox@{DIGEST}"),
        (f"busybox:1.36@{DIGEST}", f"docker.io/library/busybox@{DIGEST}"),
        ("registry.k8s.io/pause:3.10.1", "registry.k8s.io/pause:3.10.1"),
    ],
)
def test_a_name_is_read_as_the_kubelet_reads_it(written: str, read: str) -> None:
    assert str(reference.parse(written)) == read


@pytest.mark.parametrize(
    ("written", "why"),
    [
        (
            "Busy:::",
            "invalid reference format: repository name (library/Busy) must be lowercase",
        ),
        ("busy:::", "invalid reference format"),
        ("a b", "invalid reference format"),
        ("-x", "invalid reference format"),
        (
            "a" * 64,
            f"invalid repository name ({'a' * 64}), cannot specify 64-byte hexadecimal strings",
        ),
        ("x/" * 130 + "x", "repository name must not be more than 255 characters"),
    ],
)
def test_what_is_no_name_is_refused_in_the_kubelets_words(written: str, why: str) -> None:
    with pytest.raises(InvalidNameError) as refused:
        reference.parse(written)
    assert str(refused.value) == f'couldn\'t parse image name "{written}": {why}'


@given(st.text(max_size=40))
def test_every_text_is_either_a_name_or_refused(text: str) -> None:
    try:
        found = reference.parse(text)
    except InvalidNameError:
        return
    assert reference.parse(str(found)) == found


@pytest.mark.parametrize(
    "name",
    [
        *("busybox", "busybox:latest", "busybox:stable", "busybox:1.28", "busybox:1.36.1"),
        *("busybox:1.37-musl", "alpine:3.20", "bash:5", "debian:bookworm-slim", "debian:12"),
        *("ubuntu:24.04", "perl:5.34.0", "python:3.12-slim", "registry.k8s.io/pause:3.10"),
        "registry.k8s.io/e2e-test-images/busybox:1.29-4",
    ],
)
def test_well_known_images_are_here(name: str) -> None:
    image = catalogue.find(reference.parse(name), EVERYTHING)
    assert image is not None
    assert image.reference == str(reference.parse(name))


@pytest.mark.parametrize(
    "name",
    [
        *("busybox:9.99", "busybox:1.36.x", "nginx", "somebody/busybox", "localhost:1/busybox"),
        *("ubuntu:24.05", f"busybox@{DIGEST}", "python:2.7", "quay.io/library/busybox"),
    ],
)
def test_any_other_is_not(name: str) -> None:
    assert catalogue.find(reference.parse(name), EVERYTHING) is None


@pytest.mark.parametrize("known", catalogue.TABLE, ids=lambda known: known.names[0])
def test_an_image_whose_tool_the_machine_lacks_is_not_here(known: catalogue.KnownImage) -> None:
    name = reference.parse(f"{known.names[0]}:latest")
    assert catalogue.find(name, EVERYTHING) is not None
    assert catalogue.find(name, NOTHING) is None


def test_an_image_has_the_same_identity_each_time() -> None:
    name = reference.parse("busybox:1.36")
    one, again = catalogue.find(name, EVERYTHING), catalogue.find(name, EVERYTHING)
    assert one == again
    assert one is not None
    assert one.id.startswith("sha256:")


def test_a_python_that_lies_apart_is_first_on_the_path_and_among_the_files(tmp_path: Path) -> None:
    python = tmp_path / "bin" / "python3.11"
    python.parent.mkdir()
    python.touch()
    tools = Tools("/bin/sh", "/bin/sh", "", str(python))
    image = catalogue.find(reference.parse("python:3"), tools)
    assert image is not None
    assert dict(image.env)["PATH"].startswith(f"{python.parent}:")
    assert image.python == str(tmp_path)
