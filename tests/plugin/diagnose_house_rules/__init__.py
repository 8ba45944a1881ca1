"""Checks of our own: one a module, found by diagnose through the entry point."""
