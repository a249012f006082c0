"""ResourceQuota: nothing is written that does not fit into the quotas of its namespace.

What it uses of them is written with it, so no two writes can use the same. Follows
k8s.io/apiserver/pkg/admission/plugin/resourcequota/{admission,controller}.go.
"""

from __future__ import annotations

from kubectl_joblab.practice.api.admission.attributes import Attributes
from kubectl_joblab.practice.api.quota import charge, evaluators


def validate(attributes: Attributes) -> None:
    """Raise 403 where a quota does not allow a write; else note what it uses of each quota."""
    if not attributes.namespace or attributes.kind.resource in evaluators.IGNORED:
        return
    quotas = attributes.scan("resourcequotas", attributes.namespace)
    evaluator = evaluators.of(attributes.kind.resource)
    obj, old = attributes.obj, attributes.old
    if not quotas or not evaluator.handles(obj, old, attributes.subresource):
        return
    try:
        attributes.charged[:] = charge.charged(quotas, obj, old, evaluator, attributes.now)
    except charge.Refused as refused:
        raise attributes.forbidden(str(refused)) from None
