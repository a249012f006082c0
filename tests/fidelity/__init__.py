"""The differential suite: the same commands on a real cluster and on the practice cluster.

    python -m tests.fidelity [NAME ...]     run, compare, print the table of differences

scenario.py reads what to run, cluster.py finds the two clusters, run.py runs a scenario on one and
records what happened, normal.py replaces what differs from run to run, compare.py finds the
differences that are left.
"""
