"""How a container is put together: its program, environment, user and files."""
