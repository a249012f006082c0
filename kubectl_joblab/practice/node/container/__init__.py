"""How a container is made: its program, environment, user and files."""
