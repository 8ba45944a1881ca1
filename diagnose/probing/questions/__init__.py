"""What probes can find out: one question per file, with what its next round is worth, what it costs, and its answer."""
