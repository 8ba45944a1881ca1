"""A person's own network trained beside references and repairs of itself, in a process of its own: their code runs."""
