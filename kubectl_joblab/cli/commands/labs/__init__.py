"""The commands that take a learner through the labs."""
