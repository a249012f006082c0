"""What objects use of quotas: by kind, by namespace, and whether one more fits."""
