"""Where the frozen program begins."""

import os
import sys

from kubectl_joblab.__main__ import main


def restore_environment() -> None:
    """Have the environment that the user has.

    The bootloader's own variables are not for the programs that this one starts: an exec plugin
    would load our libraries instead of the system's.
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
