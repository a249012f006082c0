"""Tells the person who waits what takes so long; stdout is left to the kubeconfig's path."""

import sys


def say(text: str) -> None:
    """Print one line of progress on stderr."""
    print(f"cluster: {text}", file=sys.stderr, flush=True)
