"""What is around a Job that tells why the Job does not go on: its namespace, nodes, others' Pods.

Only `diagnose` reads it, and a snapshot carries it; nothing of it is on record.
"""

from __future__ import annotations

from typing import NamedTuple

from kubectl_joblab.objects import Object


class Surroundings(NamedTuple):
    """The objects around a Job.

    namespace: None where the user may not read it. strangers: Pods that the Job's selector chooses
    and that are another's. refused: what the server has refused to show, in its own words.
    """

    namespace: Object | None = None
    strangers: tuple[Object, ...] = ()
    refused: tuple[str, ...] = ()
