"""Reads a PyTorch program's network, data, optimizer and loops from its trace."""
