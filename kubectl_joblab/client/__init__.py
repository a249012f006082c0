"""The client of one API server: which server is meant, how requests reach it, what it serves."""
