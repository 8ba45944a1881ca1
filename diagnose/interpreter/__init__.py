"""Reads a Python program without importing or running it: what its names refer to and which calls it makes."""
