"""What is around a Job that tells why the Job does not go on: its namespace, nodes, others' Pods.

Only `diagnose` reads it, and a snapshot carries it; nothing of it is on record.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from kubectl_joblab.objects import Object


class Surroundings(NamedTuple):
    """The objects around a Job.

    namespace: None where the user may not read it. strangers: Pods that the Job's selector chooses
    and that are another's. nodes: those that may be lost, by their names, None for one that is not
    there. claims: those for which Pods wait. hides_pods: whether the user may not read Pods, so
    that one that is not seen need not be gone.
    """

    namespace: Object | None = None
    strangers: tuple[Object, ...] = ()
    nodes: Mapping[str, Object | None] = {}
    claims: tuple[Object, ...] = ()
    hides_pods: bool = False
