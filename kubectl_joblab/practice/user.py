"""The one whose certificate `up` puts into the kubeconfig, and who may do everything.

Other users are those that this one impersonates, and the service accounts.
"""

from __future__ import annotations

NAME = "kubernetes-admin"
GROUP = "system:masters"  # what an administrator's group is called everywhere
