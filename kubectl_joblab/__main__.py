"""The entry point of the kubectl-joblab executable and of ``python -m kubectl_joblab``."""

import atexit
import gc
import os
import sys

GARBAGE = 50_000  # new objects until Python looks for cycles; most commands never make as many


def main() -> None:
    """Run the command line and leave with its exit code."""
    if sys.argv[1:2] == ["--practice-program"]:  # a frozen program that starts another of its own
        from kubectl_joblab.practice import programs

        programs.run(sys.argv[2:])
        return
    try:
        from kubectl_joblab.cli import entry  # takes long enough to be interrupted
    except KeyboardInterrupt:
        sys.exit(130)
    gc.set_threshold(GARBAGE)
    _leave(entry.run(sys.argv[1:]))


def _leave(code: int) -> None:
    """End the process without taking everything apart, which takes longer than many a command."""
    atexit._run_exitfuncs()  # the kubernetes package removes its files here
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    finally:  # entry.py has told of a reader that is gone
        os._exit(code)


if __name__ == "__main__":
    main()
