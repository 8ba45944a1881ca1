"""The libraries that build networks by name, one a file, all behind one protocol."""
