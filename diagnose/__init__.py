"""diagnose: why an image classifier trains badly, said before the long run is paid for."""

__version__ = "0.1.0"
