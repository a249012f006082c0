"""The command line: commands, what they print, and how a line is read."""
