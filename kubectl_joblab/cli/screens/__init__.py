"""What commands print: verdicts, summaries, the live view."""
