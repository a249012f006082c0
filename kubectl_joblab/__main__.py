"""The entry point of the kubectl-joblab executable and of ``python -m kubectl_joblab``."""

import sys


def main() -> None:
    """Run the command line and leave with its exit code."""
    from kubectl_joblab.cli import app

    sys.exit(app.run())


if __name__ == "__main__":
    main()
