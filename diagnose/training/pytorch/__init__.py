"""What a PyTorch program says: its network, data, optimizer and loops, read from the trace of the program."""
