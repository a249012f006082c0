"""How a command line is read and completed, and what is wrong with one."""
