"""The practice cluster: a Kubernetes API with real Jobs and processes, on one machine."""
