"""A Pod's life on the node: what to do next, what runs, what the API is told."""
