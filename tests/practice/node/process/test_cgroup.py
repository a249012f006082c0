"""Where groups are taken for delegated, and where not.

What a group does is tested wherever there are delegated ones: test_memory.py has its containers
killed by them there, and by the supervisor elsewhere.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from kubectl_joblab.practice.node.process import cgroup

V2 = "31 24 0:27 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw\n"
V1 = "31 24 0:27 / /sys/fs/cgroup/memory rw,nosuid - cgroup cgroup rw,memory\n"
HYBRID = V1 + "40 24 0:40 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n"
OWN = "0::/user.slice/session-3.scope\n"


@pytest.mark.parametrize(
    ("own", "mounts", "passed_on"),
    [
        ("4:memory:/x\n", V1, ""),
        ("4:memory:/x\n0::/\n", HYBRID, ""),
        (OWN, V2, ""),
        (OWN, V2, "cpu pids"),
        ("", "", ""),
    ],
    ids=["v1", "both, memory in v1", "nothing passed on", "no memory passed on", "no Linux"],
)
def test_there_are_no_groups_where_no_controller_of_memory_is_passed_on(
    tmp_path: Path, own: str, mounts: str, passed_on: str
) -> None:
    proc = tmp_path / "proc/self"
    proc.mkdir(parents=True)
    (proc / "cgroup").write_text(own)
    (proc / "mountinfo").write_text(mounts)
    group = tmp_path / "sys/fs/cgroup/user.slice"
    group.mkdir(parents=True)
    (group / "cgroup.subtree_control").write_text(passed_on)
    assert cgroup.delegated(tmp_path) is None
    assert list(group.iterdir()) == [group / "cgroup.subtree_control"]


def test_what_only_looks_like_a_group_is_none(tmp_path: Path) -> None:
    proc, group = tmp_path / "proc/self", tmp_path / "sys/fs/cgroup/user.slice"
    proc.mkdir(parents=True)
    group.mkdir(parents=True)
    (proc / "cgroup").write_text(OWN)
    (proc / "mountinfo").write_text(V2)
    (group / "cgroup.subtree_control").write_text("cpu memory")
    assert cgroup.delegated(tmp_path) is None
