"""What `start` prints where no lines can be redrawn: one line for each change.

A line is printed when the change happens, so the widths of the columns are chosen before the first
line. With --plain there are no columns: see labelled_change.
"""

from __future__ import annotations

from collections.abc import Iterable

from kubectl_joblab import objects
from kubectl_joblab.printing import labelled, tabwriter

HEADER = ("AGE", "OBJECT", "STATUS", "DETAIL")
AGE = 6  # columns
STATUS = 21  # columns: the longest, SuccessCriteriaMet, and kubectl's padding
_SUFFIX = len("-xxxxx")  # what the names of a Job's Pods have behind the Job's


class Stream:
    """Lays out the lines of the changes of one Job and its Pods.

    job: the Job's name. indexes: how many indexes it has, of which the names of its Pods have one.
    others: the names that other rows may have.
    """

    def __init__(self, job: str, indexes: int = 0, others: Iterable[str] = ()) -> None:
        index = len(f"-{indexes - 1}") if indexes else 0
        longest = max(
            *(len(f"job.batch/{job}"), len(f"pod/{job}") + index + _SUFFIX),
            *map(tabwriter.width, others),
        )
        self._widths = (AGE, longest + tabwriter.TABLE[1], STATUS)

    def header(self) -> str:
        """The line of titles, above all others."""
        return self._line(*HEADER)

    def change(self, age: float, name: str, status: str, detail: str) -> str:
        """The line of one change.

        age: seconds since the Job's creation. name: of the object, such as pod/sleep-x7k2p.
        """
        return self._line(_age(age), name, status, detail)

    def _line(self, *cells: str) -> str:
        padded = (
            tabwriter.pad(cell, max(width, tabwriter.width(cell) + 1))
            for cell, width in zip(cells, self._widths, strict=False)
        )
        return ("".join(padded) + cells[-1]).rstrip()


def labelled_change(age: float, name: str, status: str, detail: str) -> str:
    """The line of one change with its values behind their names, for --plain; see Stream.change."""
    return labelled.row(HEADER, (_age(age), name, status, detail))


def _age(seconds: float) -> str:
    return objects.human_duration(max(seconds, 0))
