"""The page "CronJob": what it says of schedules, time zones and names.

https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/; its example is that of
test_cronjob_task.py.
"""

from __future__ import annotations

import pytest

from tests.e2e.place import Place

pytestmark = pytest.mark.e2e

CREATE = "kubectl create cronjob {} --image=busybox:1.36 --schedule='{}' -- true"


def test_what_a_cronjob_may_be_called_and_when_it_may_run(place: Place) -> None:
    for number, schedule in enumerate(("@monthly", "0 3 * * 1", "0 0 13 * 5", "*/5 1-3,5 * JAN *")):
        place.run(CREATE.format(f"c{number}", schedule)).expect(0)
    place.run(CREATE.format("a" * 52, "@daily")).expect(0)
    long = place.run(CREATE.format("a" * 53, "@daily")).expect(1)
    assert "must be no more than 52 characters" in long.err
    zoned = place.run(CREATE.format("zoned", "CRON_TZ=UTC 0 0 * * *")).expect(1)
    assert "cannot use TZ or CRON_TZ in schedule, use timeZone field instead" in zoned.err
    wrong = place.run(CREATE.format("wrong", "0 25 * * *")).expect(1)
    assert "end of range (25) above maximum (23): 25" in wrong.err

    patch = '{"spec":{"timeZone":"Etc/UTC","suspend":true,"startingDeadlineSeconds":200}}'
    place.kubectl(f"patch cronjob c0 -p '{patch}'")
    row = place.kubectl("get cronjob c0").splitlines()[1].split()
    assert row[:6] == ["c0", "@monthly", "Etc/UTC", "True", "0", "<none>"]
    nowhere = patch.replace("Etc/UTC", "Mars/Base")
    refused = place.run(f"kubectl patch cronjob c0 -p '{nowhere}'").expect(1)
    assert 'spec.timeZone: Invalid value: "Mars/Base": unknown time zone Mars/Base' in refused.err
