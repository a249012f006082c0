"""What is done about nodes: the taints that follow from their state, and what these drive away."""
