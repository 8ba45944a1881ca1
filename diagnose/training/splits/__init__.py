"""How a program splits its images for training, validation and testing."""
