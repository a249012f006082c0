"""The commands that show one Job as kubectl does, and what kubectl leaves out."""
