"""What a kind adds to the generic verbs; the base does nothing special.

The registry calls these in the order of upstream's registry/rest (BeforeCreate, BeforeUpdate):
default, admit, prepare, validate, warn, canonicalize. Objects are canonical dicts that may be
changed in place; `old` may not, nor anything that the registry has returned. Of a kind that is not
stored, what it is prepared to is the answer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import names
from kubectl_joblab.practice.api.field import FieldError

STORED_VERBS = (
    "create",
    "delete",
    "deletecollection",
    "get",
    "list",
    "patch",
    "update",
    "watch",
)

# finds a stored object: plural of its kind, namespace, name
Find = Callable[[str, str, str], Object | None]


class Strategy:
    """How a kind is created and updated."""

    generation = False  # whether metadata.generation counts changes of spec
    graceful = 0  # seconds a DELETE waits where nobody says how long; only Pods have any
    orphans = False  # whether a DELETE without a policy leaves what it owns; only batch/v1 Jobs do
    ttl = 0  # seconds an object lives after its last write; only Events die of age
    creates_on_update = False  # whether a PUT to a name that is free creates; only Events

    def name_rule(self, name: str) -> list[str]:
        """What is wrong with metadata.name; validate_object_meta asks it of generateName too."""
        return names.is_dns1123_subdomain(name)

    def default(self, obj: Object) -> None:
        """Fill in what the client left out. Called after decoding, on create and update."""

    def admit(self, obj: Object, find: Find) -> None:
        """What upstream's admission adds to a new object, between default and prepare_for_create.

        Raises StatusError where it may not be created, whatever else is wrong with it.
        """

    def prepare_for_create(self, obj: Object) -> None:
        """Drop what a client may not set (status), generate what it need not."""

    def validate(self, obj: Object) -> list[FieldError]:
        """Broken rules of a new object, metadata excepted: that is the registry's."""
        return []

    def canonicalize(self, obj: Object) -> None:
        """Add what the rules need not see, on create and update, before it is stored."""

    def warnings(self, obj: Object, old: Object | None = None) -> list[str]:
        """What is allowed but odd; each becomes a Warning header. old: what an update replaces."""
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


@dataclass(frozen=True)
class Kind:
    """One kind. type: its name in the table of types; verbs and names are those of discovery."""

    group: str
    version: str
    kind: str
    plural: str
    singular: str
    type: str
    strategy: Strategy = field(repr=False)
    namespaced: bool = True
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    verbs: tuple[str, ...] = STORED_VERBS
    subresources: tuple[str, ...] = ()
    # field selectors beside metadata.name and metadata.namespace: selector -> path in the object
    fields: dict[str, str] = field(default_factory=dict, hash=False)

    @property
    def api_version(self) -> str:
        """What stands in apiVersion."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def resource(self) -> str:
        """Plural and group, as messages name it: jobs.batch, pods."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def stored(self) -> bool:
        """Whether objects of it are kept; a review is only answered."""
        return "get" in self.verbs
