"""Faults and attacks, for `make attack`: families of rounds, and what is sent in them as data.

What only a program that means harm sends or does is a table that tests of every floor may use
(bodies.py). Everything here is bounded and stays on this machine's loopback.
"""
