"""Connections to a container over WebSocket: exec and attach."""
