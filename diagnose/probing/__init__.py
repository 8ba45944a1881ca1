"""Short probe trainings, run in a child process. torch is imported there and nowhere else."""
