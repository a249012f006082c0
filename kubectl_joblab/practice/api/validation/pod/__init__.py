"""The rules of a Pod: new, changed, and of its status."""
