"""What gpu_acceptance.py measures: one section a file, each a generator of rows, run in a process of its own."""
