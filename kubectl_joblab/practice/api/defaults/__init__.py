"""What the API fills in where a client says nothing: one module a noun, all in place."""
