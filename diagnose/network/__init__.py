"""A person's own network, loaded and measured in a process of its own: it is their code that runs there."""
