"""What a kind adds to the generic verbs; the base does nothing special.

The registry calls these in the order of upstream's registry/rest (BeforeCreate, BeforeUpdate):
default, prepare, validate, warn. Objects are canonical dicts that may be changed in place; `old`
may not, nor anything that the registry has returned.
"""

from __future__ import annotations

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.field import FieldError


class Strategy:
    """How a kind is created and updated."""

    generation = False  # whether metadata.generation counts changes of spec
    graceful = 0  # seconds a DELETE waits where nobody says how long; only Pods have any
    orphans = False  # whether a DELETE without a policy leaves what it owns; only batch/v1 Jobs do
    ttl = 0  # seconds an object lives after its last write; only Events die of age
    creates_on_update = False  # whether a PUT to a name that is free creates; only Events

    def default(self, obj: Object) -> None:
        """Fill in what the client left out. Called after decoding, on create and update."""

    def prepare_for_create(self, obj: Object) -> None:
        """Drop what a client may not set (status), generate what it need not."""

    def validate(self, obj: Object) -> list[FieldError]:
        """Broken rules of a new object, metadata excepted: that is the registry's."""
        return []

    def warnings(self, obj: Object) -> list[str]:
        """What is allowed but odd; each becomes a Warning header."""
        return []

    def prepare_for_update(self, obj: Object, old: Object) -> None:
        """Put back what an update of the main resource may not change (status)."""

    def validate_update(self, obj: Object, old: Object) -> list[FieldError]:
        """Broken rules of a change."""
        return []

    def prepare_for_status_update(self, obj: Object, old: Object) -> None:
        """Put back what an update of the status may not change (spec, most of metadata)."""

    def validate_status_update(self, obj: Object, old: Object) -> list[FieldError]:
        """Broken rules of a change of the status."""
        return []
