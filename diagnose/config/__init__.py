"""The training configuration: its schema, and readers that know the line of every value."""
