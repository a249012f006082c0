"""kubectl joblab: learn Kubernetes Jobs by running them."""

__version__ = "0.1.0"
PROGRAM = "kubectl joblab"  # as its user types it
