"""Jobs on a cluster in virtual time, and requests to skip what they wait for."""

from __future__ import annotations

import asyncio
from typing import Any

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.skipping.engine import News, Skipping
from tests.practice.controllers.cluster import Cluster


def job(name: str = "j", *, policy: str = "Never", **spec: Any) -> Object:
    """A Job as a client sends it."""
    pod: Object = {"restartPolicy": policy, "containers": [{"name": "main", "image": "busybox"}]}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": name},
        "spec": {**spec, "template": {"spec": pod}},
    }


async def all_news(on: Cluster, skipping: Skipping) -> list[News]:
    """Skip as asked for, and return all that was told of it."""
    on.engine.begin(skipping)
    return [news async for news in skipping.news()]


def real() -> float:
    """The seconds that have really passed: virtual ones, but without jumps."""
    return asyncio.get_running_loop().time()
