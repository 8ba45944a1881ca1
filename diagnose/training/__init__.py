"""What a program trains, and how: sessions, image pipelines and the fields of the configuration, from its trace."""
