"""The disruption controller: how many of the Pods of a PodDisruptionBudget may go."""
