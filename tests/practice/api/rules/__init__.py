"""Manifests, and what a real API server answered to each: *.yaml and answers/*.json."""
