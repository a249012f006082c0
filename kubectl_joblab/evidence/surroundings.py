"""What is around a Job that tells why the Job does not go on: its namespace, nodes, others' Pods.

A snapshot carries it, and nothing of it is on record. Only `diagnose` reads all of it; whether what
messages name as missing has arrived, all do that say why a Job does not go on.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from kubectl_joblab.objects import Object


class Missing(NamedTuple):
    """An object that a message names as missing: its kind and name.

    key: the key of its data that is missing, "" where all of the object is.
    """

    kind: str
    name: str
    key: str = ""


class Surroundings(NamedTuple):
    """The objects around a Job.

    namespace: None where the user may not read it. strangers: Pods that the Job's selector chooses
    and that are another's. nodes: those that may be lost, by their names, None for one that is not
    there. claims: those for which Pods wait. hides_pods: whether the user may not read Pods, so
    that one that is not seen need not be gone. arrived: what messages name as missing
    though it is there by now.
    """

    namespace: Object | None = None
    strangers: tuple[Object, ...] = ()
    nodes: Mapping[str, Object | None] = {}
    claims: tuple[Object, ...] = ()
    hides_pods: bool = False
    arrived: frozenset[Missing] = frozenset()
