"""The interactive face: Textual screens over the engine's events."""
