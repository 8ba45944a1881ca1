"""The engine as tools of the Model Context Protocol, for programs that write and start trainings themselves."""
