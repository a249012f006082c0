"""The volumes of a Pod: what is in them, and where they are mounted."""
