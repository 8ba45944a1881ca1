"""One-factor repairs of a person's network, each made on a copy of it, to be trained beside the network as it is."""
