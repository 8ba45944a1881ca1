import pytest


@pytest.fixture
def png(image_folder):
    """The bytes of an image."""
    return lambda number=0: (image_folder({"any": number + 1}) / "any" / f"{number:03}.png").read_bytes()
