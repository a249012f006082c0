"""Layout of what is printed: kubectl's tables and describe, and our own screens beside them.

The modules are given objects and times, and return lines. They know nothing of connections, labs
and commands.
"""
