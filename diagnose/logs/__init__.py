"""Readers of the logs that earlier trainings left: one form a file, all to the same runs and curves."""
