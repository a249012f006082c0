"""A real one-node Kubernetes for the end-to-end tests, built from public packages.

`python -m tests.cluster up` starts it from the command line, `lifecycle` from a test.  It knows
nothing of kubectl_joblab: to the plugin it is a cluster like any other.
"""
