"""The Node and its Lease, as they are renewed over time."""

from __future__ import annotations

import asyncio
from pathlib import Path

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.registry import kinds
from kubectl_joblab.practice.api.registry.operations import Registry
from kubectl_joblab.practice.api.storage.store import Store
from kubectl_joblab.practice.node import registration
from kubectl_joblab.practice.node.images.catalogue import Tools
from kubectl_joblab.practice.node.machine import Machine
from kubectl_joblab.practice.node.registration import Registration
from tests.practice import virtual
from tests.practice.virtual import CountingIds, VirtualClock


def leases(registry: Registry) -> list[Object]:
    return registry.list(kinds.LEASES, registration.LEASES).items


def test_the_lease_is_renewed_once_its_namespace_is_there(tmp_path: Path) -> None:
    async def scene(clock: VirtualClock) -> list[str]:
        registry = Registry(Store(), clock, CountingIds())
        machine = Machine.this(tmp_path)
        kept = Registration(registry, clock, machine, Tools.of_machine(), "")
        keeping = asyncio.ensure_future(kept.keep())
        await asyncio.sleep(1)
        assert leases(registry) == []  # its namespace is made by a controller
        space = {"metadata": {"name": registration.LEASES}}
        registry.create(kinds.NAMESPACES, space)
        seen = []
        await asyncio.sleep(1)
        for _ in range(3):
            (lease,) = leases(registry)
            seen.append(lease["spec"]["renewTime"])
            await asyncio.sleep(registration.RENEWAL_SECONDS)
        node = registry.get(kinds.NODES, machine.name)
        assert lease["metadata"]["ownerReferences"] == [
            {
                "apiVersion": "v1",
                "kind": "Node",
                "name": machine.name,
                "uid": node["metadata"]["uid"],
            }
        ]
        assert lease["spec"]["holderIdentity"] == machine.name
        keeping.cancel()
        return seen

    assert virtual.run(scene) == [
        f"2026-01-01T00:00:{seconds}.500000Z" for seconds in ("01", "11", "21")
    ]
