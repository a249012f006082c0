"""Whether a container's image is there, and what the node says while it is not.

The Pod worker asks before each start. Policies, the back-off after a failed pull and all texts
follow pkg/kubelet/images/image_manager.go. Which images there are, catalogue.py knows.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.events import Tell
from kubectl_joblab.practice.node.backoff import Backoff
from kubectl_joblab.practice.node.images import catalogue, reference
from kubectl_joblab.practice.node.images.catalogue import Image, Tools
from kubectl_joblab.practice.node.images.reference import InvalidNameError, Reference

FIRST_BACKOFF = timedelta(seconds=10)  # imageBackOffPeriod
LONGEST_BACKOFF = timedelta(seconds=300)  # MaxImageBackOff
SOON = timedelta(seconds=1)  # upstream the change of the status makes the kubelet look again


class NotThereError(Exception):
    """The container cannot start for want of its image.

    reason, message: those of the container's state. again: after what time to ask once more.
    """

    def __init__(self, reason: str, message: str, again: timedelta = FIRST_BACKOFF) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.again = again


class Images:
    """The node's images, and what became of its attempts to pull others."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._backoff = Backoff(FIRST_BACKOFF, LONGEST_BACKOFF)
        self._failures: dict[str, str] = {}

    def ensure(self, uid: str, container: Object, now: datetime, tell: Tell) -> Image:
        """The image of a container, which the node has. NotThereError where it cannot have the
        image.

        uid: the Pod's, as back-off is counted for each Pod.
        """
        asked, policy = container["image"], container.get("imagePullPolicy", "IfNotPresent")
        try:
            name = reference.parse(asked)
        except InvalidNameError as error:
            message = f'Failed to apply default image tag "{asked}": {error}'
            tell("Warning", "InspectFailed", message)
            raise NotThereError("InvalidImageName", message) from error
        found = catalogue.find(name, self._tools)
        if found is not None and policy != "Always":
            text = f'Container image "{asked}" already present on machine'
            tell("Normal", "Pulled", f"{text} and can be accessed by the pod")
            return found
        if policy == "Never":
            message = f'Container image "{asked}" is not present with pull policy of Never'
            tell("Warning", "ErrImageNeverPull", message)
            raise NotThereError("ErrImageNeverPull", message)
        return self._pull(uid, asked, name, found, now, tell)

    def _pull(
        self,
        uid: str,
        asked: str,
        name: Reference,
        found: Image | None,
        now: datetime,
        tell: Tell,
    ) -> Image:
        key = f"{uid}_{asked}"
        if self._backoff.since_update(key, now):
            text = f'Back-off pulling image "{asked}"'
            tell("Normal", "BackOff", text)
            raise NotThereError("ImagePullBackOff", f"{text}: {self._failures[key]}")
        tell("Normal", "Pulling", f'Pulling image "{asked}"')
        if found is None:
            message = _failure(name)
            tell("Warning", "Failed", f'Failed to pull image "{asked}": {message}')
            self._backoff.next(key, now, now)
            self._failures[key] = f"ErrImagePull: {message}"
            raise NotThereError("ErrImagePull", message, SOON)
        size = f"Image size: {found.size} bytes."
        text = f'Successfully pulled image "{asked}" in 0s (0s including waiting). {size}'
        tell("Normal", "Pulled", text)
        return found

    def forget(self, uid: str) -> None:
        """Forget the failed pulls of a Pod that is gone."""
        for key in [key for key in self._failures if key.startswith(f"{uid}_")]:
            del self._failures[key]
            self._backoff.reset(key)


def _failure(name: Reference) -> str:
    """The message of a failed pull: containerd's words, and that no registry is asked."""
    known = ", ".join(catalogue.names())
    return (
        f'failed to pull and unpack image "{name}": failed to resolve image: {name}: not found: '
        f"the practice cluster pulls from no registry, its images are {known}"
    )
