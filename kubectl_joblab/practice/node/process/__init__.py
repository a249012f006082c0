"""Real processes: the supervisor that starts them, what holds them, what they print."""
