"""What lint says of a lab that works nevertheless: it misleads its learner, or proves nothing."""
