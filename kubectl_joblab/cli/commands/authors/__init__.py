"""The commands for those who write labs."""
