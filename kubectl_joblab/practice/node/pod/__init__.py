"""A Pod's life: what to do next, what runs, what is reported."""
