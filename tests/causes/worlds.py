"""What a cluster has shown of a fixture, as bring_about.py recorded it, as a snapshot."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from kubectl_joblab import objects
from kubectl_joblab.evidence import gather, snapshot
from kubectl_joblab.evidence.causes import cron, stranded, table, tries
from kubectl_joblab.evidence.causes.cron import Made
from kubectl_joblab.evidence.causes.table import Findings
from kubectl_joblab.evidence.snapshot import PodRecord, Snapshot
from kubectl_joblab.evidence.surroundings import Surroundings
from kubectl_joblab.objects import Object

FOLDER = Path(__file__).parent / "recorded"


class World(NamedTuple):
    """A namespace with a Job or CronJob. cause: the id of what was brought about."""

    name: str
    cause: str
    data: dict[str, Any]

    @property
    def is_of_practice(self) -> bool:
        """Whether it was recorded on the practice cluster, which says so in its version."""
        return "+joblab" in str(self.data["server"])

    @property
    def is_job(self) -> bool:
        """Whether it is about a Job, and not a CronJob."""
        return str(self.data["target"]).startswith("job/")

    def snapshot(self, name: str = "") -> Snapshot:
        """What is seen of a Job: of this name, else of the one that it is about."""
        data = self.data
        name = name or data["target"].partition("/")[2]
        job = next((one for one in data["jobs"] if objects.name(one) == name), None)
        assert job is not None
        chosen = [one for one in data["pods"] if _is_chosen(one, job)]
        records = [
            PodRecord(pod, tuple(objects.attempts(pod)))
            for pod in chosen
            if gather.is_owned(pod, job)
        ]
        around = Surroundings(
            data["namespaces"][0],
            tuple(one for one in chosen if not gather.is_owned(one, job)),
            claims=tuple(data.get("claims", ())),
        )
        seen = Snapshot(
            name,
            data["namespace"],
            objects.time(data["now"]) or objects.FIRST,
            job,
            snapshot.order(records),
            tuple(data["events"]),
            around=around,
        )
        known = {objects.name(one): one for one in data["nodes"]}
        nodes = {name: known.get(name) for name in stranded.pointed(seen)}
        return seen._replace(around=around._replace(nodes=nodes))

    def last_line(self, seen: Snapshot) -> str | None:
        """The last line that the newest failed try has logged, as far as it was recorded."""
        failed = tries.failed_try(seen)
        if failed is None or failed.record.gone:
            return None
        earlier = "" if failed.init or failed.record.is_latest(failed.attempt) else "/previous"
        key = f"{failed.record.name}/{failed.attempt.container}{earlier}"
        return str(self.data["logs"].get(key, [""])[-1])

    def findings(self) -> Findings:
        """What is found of the Job or the CronJob."""
        if not self.is_job:
            return self._of_cron_job()
        seen = self.snapshot()
        return table.findings(seen, self.last_line(seen))

    def _of_cron_job(self) -> Findings:
        subject = self.data["cronjobs"][0]
        made = []
        for job in self.data["jobs"]:
            seen = self.snapshot(objects.name(job))
            made.append(Made(job, table.findings(seen, self.last_line(seen))))
        events = [
            event
            for event in self.data["events"]
            if event["involvedObject"].get("uid") == objects.uid(subject)
        ]
        return cron.findings(subject, made, events)


def _is_chosen(pod: Object, job: Object) -> bool:
    wanted = (objects.spec(job).get("selector") or {}).get("matchLabels") or {}
    return wanted.items() <= objects.labels(pod).items() if wanted else False


@cache
def all_of() -> tuple[World, ...]:
    """All that was recorded, by name."""
    found = []
    for file in sorted(FOLDER.glob("*.json")):
        data = json.loads(file.read_text("utf-8"))
        found.append(World(file.stem, data["cause"], data))
    return tuple(found)
