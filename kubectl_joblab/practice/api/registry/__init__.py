"""The verbs on stored objects, each atomic, and what a kind adds to them."""
