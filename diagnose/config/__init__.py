"""Configuration files: their fields, and readers that know the line of every value."""
