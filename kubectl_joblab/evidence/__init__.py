"""What a cluster shows of a Job, of a lab or not: read once, followed, and kept."""
