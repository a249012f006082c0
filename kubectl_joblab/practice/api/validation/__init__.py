"""The rules objects must keep: pure functions named after upstream's, one module a noun."""
