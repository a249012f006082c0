"""What a cluster shows of a Job, whether of a lab or not: read once, followed, and kept on disk."""
