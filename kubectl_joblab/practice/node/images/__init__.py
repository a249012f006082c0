"""Images of containers: what each stands for on this machine, and how pulling one goes."""
