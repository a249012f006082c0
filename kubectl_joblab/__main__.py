"""The entry point of the kubectl-joblab executable and of ``python -m kubectl_joblab``."""

import sys


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
    sys.exit(entry.run(sys.argv[1:]))


if __name__ == "__main__":
    main()
