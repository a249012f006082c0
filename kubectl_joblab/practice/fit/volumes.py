"""Whether the claims that a Pod's volumes name are there.

Follows PreFilter in pkg/scheduler/framework/plugins/{volumerestrictions,volumebinding}.
"""

from __future__ import annotations

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.fit.snapshot import Snapshot


def missing(pod: Object, seen: Snapshot) -> str:
    """Why a Pod waits for a claim; "" where it waits for none.

    Claims that it names come first, as VolumeRestrictions does before VolumeBinding.
    """
    namespace, volumes = objects.metadata(pod)["namespace"], objects.spec(pod).get("volumes") or ()
    for volume in volumes:
        claim = (volume.get("persistentVolumeClaim") or {}).get("claimName")
        if claim and seen.claim(namespace, claim) is None:
            return f'persistentvolumeclaim "{claim}" not found'
    for volume in volumes:
        claim = f"{objects.name(pod)}-{volume['name']}"
        if volume.get("ephemeral") and seen.claim(namespace, claim) is None:
            what = "waiting for ephemeral volume controller to create the persistentvolumeclaim"
            return f'{what} "{claim}"'
    return ""
