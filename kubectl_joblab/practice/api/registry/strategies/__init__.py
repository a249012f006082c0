"""What is special to each kind: its defaults, what it generates, its rules and warnings."""
