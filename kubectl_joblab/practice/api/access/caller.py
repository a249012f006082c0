"""Who calls a verb, and the roles and bindings by which it is judged what that caller may do.

The registry makes a Caller of a request's options, and strategies ask it.
"""

from __future__ import annotations

from dataclasses import dataclass

from kubectl_joblab.practice.api.access import authorizer
from kubectl_joblab.practice.api.access.policy_rules import Action
from kubectl_joblab.practice.api.access.resolver import Reader
from kubectl_joblab.practice.api.access.users import User


@dataclass(frozen=True)
class Caller:
    """A user at a place. user: None for the cluster's own parts, who may do everything.

    namespace and name: those in the path of the request, "" where it has none.
    """

    user: User | None
    reader: Reader
    namespace: str = ""
    name: str = ""

    @property
    def is_free(self) -> bool:
        """Whether nothing has to be asked: EscalationAllowed."""
        return self.user is None or self.user.is_master

    def may(self, action: Action) -> bool:
        """Whether the caller may do something."""
        return self.user is None or authorizer.authorize(self.reader, self.user, action).allowed
