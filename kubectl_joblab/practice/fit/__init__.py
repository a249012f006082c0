"""Whether a Pod fits a node, and why not: pure rules, which the scheduler and the kubelet ask."""
