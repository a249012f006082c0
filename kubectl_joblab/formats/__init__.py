"""How others write things down: YAML and JSON as Go reads them, quantities."""
