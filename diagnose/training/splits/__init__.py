"""How a program divides its images into those it trains on, validates on and tests on."""
