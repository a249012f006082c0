"""What only a program that means harm sends or does: inputs as data, for tests of every floor.

Everything here is bounded and stays on this machine's loopback.
"""
