"""The commands about joblab itself."""
