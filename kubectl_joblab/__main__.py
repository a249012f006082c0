"""The entry point of the kubectl-joblab executable and of ``python -m kubectl_joblab``."""

import atexit
import gc
import os
import sys

GARBAGE = 50_000  # new objects until Python looks for cycles; most commands make fewer


def main() -> None:
    """Run the command line and leave with its exit code."""
    # a frozen program has no interpreter: the practice cluster starts its own programs through it
    if sys.argv[1:2] == ["--practice-program"]:
        from kubectl_joblab.practice import programs

        programs.run(sys.argv[2:])
        return
    try:
        from kubectl_joblab.cli import entry  # takes long enough for Ctrl-C to come in between
    except KeyboardInterrupt:
        sys.exit(130)
    gc.set_threshold(GARBAGE)
    _leave(entry.run(sys.argv[1:]))


def _leave(code: int) -> None:
    """End the process without freeing every object, which takes longer than many a command."""
    atexit._run_exitfuncs()  # the kubernetes package removes the files it has made for keys here
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    finally:  # cli/entry.py has already reported output that nobody reads any more
        os._exit(code)


if __name__ == "__main__":
    main()
