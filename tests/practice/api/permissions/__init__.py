"""What users without rights are answered, as a real API server answers it."""
