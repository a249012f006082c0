"""Screens: how what the cluster says looks as kubectl prints it. Knows nothing of connections."""
