"""What a Keras program says: its network, data, compile() and fit(), read from the trace of the program."""
