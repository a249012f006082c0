"""What a kind is: its names, its verbs, and the strategy that says what is special to it.

Everything about the API reads a Kind; the table of the kinds that are served is registry/kinds.
Follows k8s.io/apiserver/pkg/registry/rest.
"""

from __future__ import annotations

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


class Strategy:
    """What is special to a kind when its objects are created and updated: here, nothing.

    The registry calls the methods in upstream's order (BeforeCreate, BeforeUpdate): default; then,
    after admission, one of the three that prepare; the rules of the same name; warnings;
    canonicalize. Objects are canonical dicts that may be changed in place; `old`, the stored object
    that an update replaces, may not.
    """

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

    def answer(self, obj: Object, now: str) -> Object:
        """The answer to an object of a kind that is not stored: to a review.

        Such a kind has this method alone. now: an RFC 3339 time. Raises StatusError where the
        review is wrong.
        """
        raise NotImplementedError


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
