"""Formats that are not ours: YAML and JSON as Go reads them, quantities of resources."""
