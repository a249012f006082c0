"""One API server: which one is meant, how a request reaches it, and Kubernetes' resources there."""
