"""What a kind is: its names, its verbs, and the strategy that says what is special to it.

Everything about the API reads a Kind; registry/kinds has the table of the kinds that are served.
Strategy follows k8s.io/apiserver/pkg/registry/rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import names
from kubectl_joblab.practice.api.access.caller import Caller
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
    after admission, the one that prepares, the rules of the same name, warnings and canonicalize.
    Objects are canonical dicts that may be changed in place; `old`, the stored object that an
    update replaces, may not.
    """

    generation = False  # whether metadata.generation counts changes of spec
    graceful = False  # whether a DELETE gives objects time to end; only Pods have a kubelet
    orphans = False  # whether a DELETE without a policy leaves dependents; only for batch/v1 Jobs
    ttl = 0  # seconds an object lives after its last write; only Events expire
    unconditional = True  # whether an update need not say of which version it was made
    # whether a PUT to a name that is free creates; only Events and the kinds of RBAC
    creates_on_update = False
    # paths of the fields that a write of the status resets (GetResetFields)
    reset_by_status: tuple[tuple[str, ...], ...] = (("spec",),)
    # the path of the one part that a write does not reset; () for an object as a whole
    owned: tuple[str, ...] = ()
    # the strategies of subresources that hold a part of spec, by name
    parts: Mapping[str, Strategy] = MappingProxyType({})

    def name_rule(self, name: str) -> list[str]:
        """What is wrong with a metadata.name; it is asked of generateName too."""
        return names.is_dns1123_subdomain(name)

    def default(self, obj: Object) -> None:
        """Fill in what the client left out, when an object is created and updated."""

    def prepare_for_create(self, obj: Object) -> None:
        """Drop what a client may not set, such as status, and generate what it need not set."""

    def validate(self, obj: Object) -> list[FieldError]:
        """The rules that a new object breaks, except those of metadata."""
        return []

    def is_new_generation(self, obj: Object, old: Object) -> bool:
        """Whether an update changes what metadata.generation counts the changes of."""
        return obj.get("spec") != old.get("spec")

    def canonicalize(self, obj: Object) -> None:
        """Add what no rule needs to see, before an object is stored."""

    def warnings(self, obj: Object, old: Object | None = None) -> list[str]:
        """What no rule forbids, but is odd: texts of Warning headers. old: None when creating."""
        return []

    def prepare_for_update(self, obj: Object, old: Object) -> None:
        """Put back what an update of the object itself may not change, such as status."""

    def validate_update(self, obj: Object, old: Object) -> list[FieldError]:
        """The rules that a changed object breaks, except those of metadata."""
        return []

    def prepare_for_status_update(self, obj: Object, old: Object) -> None:
        """Put back what an update of the status may not change, such as spec."""

    def validate_status_update(self, obj: Object, old: Object) -> list[FieldError]:
        """The rules that a changed status breaks."""
        return []

    def rests(self, obj: Object) -> bool:
        """Whether no controller and no node needs to be told of an object when it starts.

        They are told of each change of it then as before. What it is owned by does not matter: the
        garbage collector asks for what has lost its owner.
        """
        return False

    def authorize(self, obj: Object, old: Object | None, caller: Caller) -> None:
        """Raise StatusError where the caller may write such objects, but not this one.

        old: None where the object is created.
        """

    def answer(self, obj: Object, now: str, caller: Caller) -> Object:
        """The answer to an object of a kind that is not stored: to a review.

        Such a kind has this method alone. now: an RFC 3339 time. Raises StatusError where the
        review is wrong.
        """
        raise NotImplementedError


@dataclass(frozen=True)
class Kind:
    """One kind of object, with the names and verbs that discovery tells.

    type: its name in the table of types. subresources: those that are served beside the object.
    fields: the field selectors beside metadata.name and metadata.namespace, each with its path in
    the object. deprecation: what every request for the kind is warned of, "" for nothing. view_of:
    the kind as which its objects are stored, where another group shows those too; renamed: its own
    names of their fields, with the names that they are stored under.
    """

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
    deprecation: str = ""
    view_of: Kind | None = None
    renamed: dict[str, str] = field(default_factory=dict, hash=False)

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def resource(self) -> str:
        """Plural and group, as messages name a kind: jobs.batch, pods."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def stored_as(self) -> str:
        """The resource under which the store has the objects."""
        return (self.view_of or self).resource

    @property
    def stored(self) -> bool:
        """Whether objects of this kind are kept; a review is only answered."""
        return "get" in self.verbs

    @property
    def always_empty(self) -> bool:
        """Whether the kind is served without objects: clients find it, and nothing in it."""
        return self.stored and "create" not in self.verbs
