"""Renderers of a Diagnosis, one format a file."""
