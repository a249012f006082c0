"""The verbs on objects, each atomic, and the table of kinds that they know."""
