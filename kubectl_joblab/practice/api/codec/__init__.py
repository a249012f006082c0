"""How an object is read from JSON, YAML and protobuf, and written as Kubernetes writes it."""
