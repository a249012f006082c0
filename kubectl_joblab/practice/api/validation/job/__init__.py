"""The rules of a Job: new, changed, and of its status."""
