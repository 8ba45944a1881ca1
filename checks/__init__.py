"""The checks: one fault a file, found by diagnose.registry."""
