"""The command line: `python -m tests.cluster up | down [--wipe] | restart-apiserver | why-not`.

stdout carries only what a script wants to read; see `errors.Status` for the exit statuses.
"""

import argparse
import sys

from tests.cluster import errors, home, lifecycle, progress, requirements


def main() -> int:
    """Run one command."""
    arguments = _parser().parse_args()
    try:
        _run(arguments)
    except errors.ClusterError as exc:
        progress.say(str(exc))
        return exc.status
    return errors.Status.DONE


def _run(arguments: argparse.Namespace) -> None:
    if arguments.command == "up":
        print(lifecycle.up())
    elif arguments.command == "down":
        lifecycle.down(wipe=arguments.wipe)
    elif arguments.command == "restart-apiserver":
        lifecycle.restart_apiserver()
    else:
        reason = requirements.why_not(home.find())
        if reason is not None:
            raise errors.UnavailableError(reason)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.cluster", description="A real one-node Kubernetes for the tests."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("up", help="start what does not run; print the admin kubeconfig's path")
    down = commands.add_parser("down", help="stop everything")
    down.add_argument("--wipe", action="store_true", help="forget all state as well")
    commands.add_parser("restart-apiserver", help="stop and start the API server alone")
    commands.add_parser("why-not", help="exit with 3 and say why, if it cannot run here")
    return parser


if __name__ == "__main__":
    sys.exit(main())
