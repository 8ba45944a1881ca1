"""Changes to a configuration or program that remove a finding: what to change, and the text with it."""
