"""The node of the practice cluster: Pods that run as real processes of this machine."""
