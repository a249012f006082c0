"""The rules that objects must keep: pure functions with upstream's names.

A function validate_... returns a FieldError for each rule that is broken.
"""
