"""The checks: one fault per file, found by diagnose.registry."""
