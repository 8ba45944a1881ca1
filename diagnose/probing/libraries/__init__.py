"""The libraries that build networks by name, one per file, all behind one protocol."""
