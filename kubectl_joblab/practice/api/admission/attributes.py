"""A write as admission plugins see it, and how they refuse it.

Follows k8s.io/apiserver/pkg/admission/{attributes,errors}.go.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import errors
from kubectl_joblab.practice.api.errors import StatusError
from kubectl_joblab.practice.api.kind import Kind
from kubectl_joblab.practice.api.options import Warn

# finds a stored object by the plural of its kind, its namespace ("" where it has none), its name
Find = Callable[[str, str, str], Object | None]
# lists the stored objects of a kind by its plural, in one namespace
Scan = Callable[[str, str], list[Object]]


@dataclass(frozen=True)
class Attributes:
    """One object on its way into the store.

    obj: the object with its defaults, which a plugin may change in place. old: the stored object
    that an update replaces, which no plugin may change; None where the object is created. find,
    scan: look up other objects. now: the time. warn: called with what the client is warned of.
    charged: the quotas as they are once the object is written, which are then written with it.
    """

    kind: Kind
    obj: Object
    old: Object | None
    subresource: str
    find: Find
    scan: Scan
    now: datetime
    warn: Warn | None = None
    charged: list[Object] = field(default_factory=list)

    @property
    def is_whole_pod(self) -> bool:
        """Whether a Pod itself is written, and not a subresource of it such as its status."""
        return self.kind.resource == "pods" and not self.subresource

    @property
    def namespace(self) -> str:
        """The namespace of the object, "" where its kind has none."""
        return str(self.obj["metadata"].get("namespace", "")) if self.kind.namespaced else ""

    def forbidden(self, why: str) -> StatusError:
        """The 403 of a plugin, in the words of admission.NewForbidden.

        A name that is yet to be generated is not known here; the text has generateName in its
        place.
        """
        meta = objects.metadata(self.obj)
        name = meta.get("name") or meta.get("generateName") or "Unknown"
        return errors.forbidden(self.kind.group, self.kind.plural, name, why)
