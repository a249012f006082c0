"""The values that the API fills in where a client gives none, all in place."""
