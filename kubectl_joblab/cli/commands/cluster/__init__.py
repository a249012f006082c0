"""The commands about the cluster: the practice cluster, and what is allowed on another."""
