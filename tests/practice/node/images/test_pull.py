"""Image pull policies, with the events of each."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kubectl_joblab.practice.node.images.catalogue import Tools
from kubectl_joblab.practice.node.images.pull import Images, NotThereError
from tests.practice.node import build
from tests.practice.virtual import START

TOOLS = Tools("/bin/sh", "/bin/sh", "", "")


class _Told(list[str]):
    def __call__(self, type_: str, reason: str, message: str) -> None:
        self.append(f"{type_} {reason}: {message.partition(': the practice')[0]}")


PRESENT = (
    'Normal Pulled: Container image "busybox" already present on machine '
    "and can be accessed by the pod"
)
PULLING = 'Normal Pulling: Pulling image "{}"'
NEVER = 'Container image "busybox:9.99" is not present with pull policy of Never'
NOT_FOUND = (
    'failed to pull and unpack image "docker.io/library/busybox:9.99": failed to resolve image: '
    "docker.io/library/busybox:9.99: not found"
)


@pytest.mark.parametrize("policy", ["IfNotPresent", "Never"])
def test_an_image_that_is_here_is_not_pulled(policy: str) -> None:
    told = _Told()
    container = build.container(image="busybox", imagePullPolicy=policy)
    image = Images(TOOLS).ensure("uid", container, START, told)
    assert image.reference == "docker.io/library/busybox:latest"
    assert told == [PRESENT]


def test_always_pulls_and_says_so() -> None:
    told = _Told()
    container = build.container(image="busybox", imagePullPolicy="Always")
    image = Images(TOOLS).ensure("uid", container, START, told)
    pulled = (
        'Normal Pulled: Successfully pulled image "busybox" in 0s (0s including waiting). '
        f"Image size: {image.size} bytes."
    )
    assert told == [PULLING.format("busybox"), pulled]


def _refused(images: Images, policy: str, seconds: float) -> tuple[str, str, _Told]:
    told = _Told()
    container = build.container(image="busybox:9.99", imagePullPolicy=policy)
    with pytest.raises(NotThereError) as refused:
        images.ensure("uid", container, START + timedelta(seconds=seconds), told)
    return refused.value.reason, refused.value.message.partition(": the practice")[0], told


def test_never_does_not_pull_what_is_not_here() -> None:
    found = _refused(Images(TOOLS), "Never", 0)
    assert found == ("ErrImageNeverPull", NEVER, [f"Warning ErrImageNeverPull: {NEVER}"])


@pytest.mark.parametrize("policy", ["IfNotPresent", "Always"])
def test_what_no_registry_has_fails_and_then_backs_off(policy: str) -> None:
    images = Images(TOOLS)
    failed = [
        PULLING.format("busybox:9.99"),
        f'Warning Failed: Failed to pull image "busybox:9.99": {NOT_FOUND}',
    ]
    assert _refused(images, policy, 0) == ("ErrImagePull", NOT_FOUND, failed)
    backs_off = 'Back-off pulling image "busybox:9.99"'
    message = f"{backs_off}: ErrImagePull: {NOT_FOUND}"
    assert _refused(images, policy, 9) == (
        "ImagePullBackOff",
        message,
        [f"Normal BackOff: {backs_off}"],
    )
    assert _refused(images, policy, 10)[0] == "ErrImagePull"
    assert _refused(images, policy, 29)[0] == "ImagePullBackOff"
    assert _refused(images, policy, 30)[0] == "ErrImagePull"


def test_a_pod_that_is_gone_is_forgotten() -> None:
    images = Images(TOOLS)
    _refused(images, "Always", 0)
    images.forget("uid")
    assert _refused(images, "Always", 1)[0] == "ErrImagePull"
