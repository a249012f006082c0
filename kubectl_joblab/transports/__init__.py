"""How requests reach an API server: over the standard library, or over the kubernetes package."""
