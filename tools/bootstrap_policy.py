"""Records the default roles and bindings of a real cluster, which a practice cluster has too.

    KUBECONFIG=FILE python -m tools.bootstrap_policy

It writes kubectl_joblab/practice/api/access/bootstrap_policy.json: of each kind the objects that
every API server makes when it starts, without what is the same in all of them.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
POLICY = ROOT / "kubectl_joblab" / "practice" / "api" / "access" / "bootstrap_policy.json"
KINDS = ("clusterroles", "clusterrolebindings", "roles", "rolebindings")
LABEL = "kubernetes.io/bootstrapping"
GROUP = "rbac.authorization.k8s.io"


def main() -> None:
    """Rewrite bootstrap_policy.json."""
    lines = ["{"]
    for kind in KINDS:
        lines.append(f'"{kind}": [')
        found = [json.dumps(short(one)) for one in recorded(kind)]
        lines.append(",\n".join(found))
        lines.append("]," if kind != KINDS[-1] else "]")
    POLICY.write_text("\n".join([*lines, "}", ""]), encoding="utf-8")


def recorded(kind: str) -> list[dict[str, Any]]:
    """The objects of a kind that the cluster's API server has made."""
    command = ["kubectl", "get", "--raw", f"/apis/{GROUP}/v1/{kind}?labelSelector={LABEL}"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    items: list[dict[str, Any]] = json.loads(done.stdout)["items"]
    return items


def short(one: dict[str, Any]) -> dict[str, Any]:
    """An object without what the server sets, and without the rules that a controller gathers."""
    meta = one["metadata"]
    labels = {key: value for key, value in meta["labels"].items() if key != LABEL}
    kept = {"name": meta["name"], "namespace": meta.get("namespace"), "labels": labels}
    found = {"metadata": {key: value for key, value in kept.items() if value}}
    rules = None if "aggregationRule" in one else one.get("rules")
    parts = {"aggregationRule": one.get("aggregationRule"), "rules": rules}
    parts |= {"subjects": one.get("subjects"), "roleRef": one.get("roleRef")}
    return found | {key: value for key, value in parts.items() if value}


if __name__ == "__main__":
    main()
