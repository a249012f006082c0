"""The control loops of the practice cluster, which use the same verbs as HTTP clients do."""
