"""The controllers of apps/v1: Deployments and their ReplicaSets."""
