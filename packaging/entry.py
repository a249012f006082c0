"""The script with which the frozen program begins; kubectl-joblab.spec names it."""

import os
import sys

from kubectl_joblab.__main__ import main


def restore_environment() -> None:
    """Make the environment that of the user again, without what PyInstaller's bootloader added.

    The programs that this one starts must not see it: an exec plugin would load our libraries
    instead of the system's.
    """
    bundled = sys._MEIPASS  # type: ignore[attr-defined]
    theirs = os.environ.pop("LD_LIBRARY_PATH", "").removeprefix(bundled).removeprefix(":")
    if theirs:
        os.environ["LD_LIBRARY_PATH"] = theirs
    for name in list(os.environ):
        if name == "LD_LIBRARY_PATH_ORIG" or name.startswith("_PYI_"):
            del os.environ[name]


restore_environment()
main()
