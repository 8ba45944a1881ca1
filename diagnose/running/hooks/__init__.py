"""Hooks on the libraries that train: each file watches one kind of thing and reports it to the Recorder."""
