"""Why a Job does not succeed: one table of causes, found by pure functions over a snapshot.

`table` is asked; each other module finds the causes of one part of a Job's life.
"""
