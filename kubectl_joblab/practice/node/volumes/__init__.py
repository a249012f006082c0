"""The volumes of a Pod: what is in them, and when they are written."""
