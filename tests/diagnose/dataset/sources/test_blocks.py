import numpy as np

from diagnose.dataset.reading import name_of, read
from diagnose.dataset.sources.blocks import member


def test_pixels_of_a_file_in_any_order_of_axes(tmp_path):
    image = np.arange(60, dtype=np.uint8).reshape(4, 5, 3)
    (tmp_path / "a.bin").write_bytes(b"head" + image.transpose(2, 1, 0).tobytes())
    block = member(4, (3, 5, 4), "210", "7")
    assert read(str(tmp_path / "a.bin"), block).endswith(image.tobytes())
    assert name_of(block) == "7"
