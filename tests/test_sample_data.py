import importlib.util
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from diagnose.config.file import read_config

SAMPLES = Path(__file__).parents[1] / "sample_data"
CONFIGS = sorted(SAMPLES.glob("*.yaml"))


@pytest.fixture(scope="module")
def make():
    spec = importlib.util.spec_from_file_location("make", SAMPLES / "make.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_images_are_what_their_maker_makes(make):
    for material in make.MATERIALS:
        for kept in (
            SAMPLES / f"photos/train/{material}/{material}_007.jpg",
            SAMPLES / f"few/val/{material}/{material}_007.jpg",
        ):
            file = io.BytesIO()
            name, split = kept.relative_to(SAMPLES).parts[:2]
            make.picture(material, f"{name}/{split}/{kept.stem}").save(file, "JPEG", quality=make.QUALITY)
            difference = np.asarray(Image.open(kept)).astype(float) - np.asarray(Image.open(file))
            assert np.abs(difference).mean() < 1  # another JPEG encoder may round otherwise


def test_they_are_all_there_and_small(make):
    images = list(SAMPLES.rglob("*.jpg"))
    assert len(images) == 8 * sum(make.COUNTS.values())
    assert sum(path.stat().st_size for path in images) < 5_000_000


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_every_configuration_is_whole(path):
    unknown = [name for name, setting in read_config(path).settings() if not setting.known]
    told = [name for name in unknown if not name.endswith("_options")]
    assert told == ["preprocessing", "price_per_hour", "gpu_memory"]  # the first of Keras's networks alone
