"""The node: Pods as real processes of this machine."""
