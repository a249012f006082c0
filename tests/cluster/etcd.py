"""Writes an object behind the API server's back, where an older cluster has left such a one.

What validation refuses today may be in etcd from a time when it did not: a CronJob with TZ= in its
schedule, or with a time zone that a newer tzdata no longer has. The API server reads JSON there as
well as protobuf, and never validates what it reads. Only of the project's own cluster; etcd answers
JSON over HTTP beside its gRPC.
"""

from __future__ import annotations

import base64
import json
import urllib.request
import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

from tests.cluster import addresses

PATIENCE = 10.0  # seconds


def put_cron_job(namespace: str, body: Mapping[str, Any], age: timedelta = timedelta()) -> None:
    """Store a CronJob as it is, with what the API server would have added.

    age: how long ago it was created. Raises OSError.
    """
    added = {
        "namespace": namespace,
        "uid": str(uuid.uuid4()),
        "creationTimestamp": (datetime.now(timezone.utc) - age).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    whole = {**body, "metadata": {**body["metadata"], **added}}
    _put(f"/registry/cronjobs/{namespace}/{body['metadata']['name']}", json.dumps(whole))


def _put(key: str, value: str) -> None:
    said = {
        "key": base64.b64encode(key.encode()).decode(),
        "value": base64.b64encode(value.encode()).decode(),
    }
    url = f"{addresses.ETCD_CLIENT_URL}/v3/kv/put"
    request = urllib.request.Request(url, json.dumps(said).encode(), method="POST")
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
        answer.read()
