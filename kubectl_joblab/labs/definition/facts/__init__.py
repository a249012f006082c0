"""What Kubernetes' objects can be, as far as the definition of a lab is held against it."""
