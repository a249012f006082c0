"""The Kubernetes API over objects kept in SQLite: what a kube-apiserver does."""
