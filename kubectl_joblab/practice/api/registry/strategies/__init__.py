"""What each kind defaults, generates, validates and forbids to change."""
