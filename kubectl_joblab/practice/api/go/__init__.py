"""What Go's standard library and metav1 do with times, base64 and values of any type."""
