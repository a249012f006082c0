"""The one user of a practice cluster, who may do everything.

The client certificate names the user, and so does the API when it is asked who asks.
"""

from __future__ import annotations

NAME = "kubernetes-admin"
GROUP = "system:masters"  # what an administrator's group is called everywhere
GROUPS = (GROUP, "system:authenticated")
