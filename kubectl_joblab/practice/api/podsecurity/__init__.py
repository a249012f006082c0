"""The Pod Security Standards: which level a namespace asks for, and what a Pod does against it."""
