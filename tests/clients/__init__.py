"""Clients that others have written, on the practice cluster and a real one: `make clients`."""
