"""Reads a Python program without importing or running it: what its names stand for and which calls it makes."""
