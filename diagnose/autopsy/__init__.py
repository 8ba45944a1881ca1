"""The autopsy of a finished checkpoint, in a process of its own: what it holds, and how it scores on which input."""
