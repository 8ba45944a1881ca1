"""Reads a Keras program's network, data, compile() and fit() from its trace."""
