"""What can go wrong with the test cluster, and the exit status of each outcome.

Every module here raises these errors; `__main__` turns them into one line on stderr and a status.
"""

import enum


class Status(enum.IntEnum):
    """Exit statuses of `python -m tests.cluster`; argparse itself exits with 2."""

    DONE = 0
    FAILED = 1
    UNAVAILABLE = 3  # apart from FAILED, so that `make e2e` can skip instead of failing


class ClusterError(Exception):
    """The cluster could run here, but a step of it failed."""

    status = Status.FAILED


class UnavailableError(ClusterError):
    """The cluster cannot run on this machine; the message says what is missing."""

    status = Status.UNAVAILABLE
