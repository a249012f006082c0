"""The labs: what they are, where they come from, how they run and how they are judged."""
