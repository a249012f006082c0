"""What may be written, and what is added to it: a chain of plugins in kube-apiserver's order."""
