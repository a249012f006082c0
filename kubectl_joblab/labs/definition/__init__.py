"""What a lab is, as its files say: read, checked against the schema, linted."""
