"""What Go's standard library does with times, base64 and numbers of any type."""
