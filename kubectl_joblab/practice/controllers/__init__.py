"""The control loops: Jobs, garbage collection, namespaces, scheduling."""
