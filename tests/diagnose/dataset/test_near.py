from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageEnhance

from diagnose.dataset.hashing import difference_hashes
from diagnose.dataset.near import MOST_FLIPPED, grouped, look_the_same, proposed, thumbnail

PHOTOS = sorted((Path(__file__).parents[3] / "sample_data/photos/train").rglob("*.jpg"))[::5]  # 80 photographs

EDITS = {
    "quality 50": lambda image, path: image.save(path, quality=50),
    "quality 90": lambda image, path: image.save(path, quality=90),
    "half size": lambda image, path: image.resize((image.width // 2, image.height // 2)).save(path, quality=90),
    "double size": lambda image, path: image.resize((image.width * 2, image.height * 2)).save(path, quality=90),
    "brighter": lambda image, path: ImageEnhance.Brightness(image).enhance(1.01).save(path, quality=90),
    "WebP": lambda image, path: image.save(path.with_suffix(".webp"), quality=80),
}


@pytest.fixture
def leaks(tmp_path, scanned):
    """What is found when the first twenty photographs of train come back in val, edited."""

    def found(edit):
        for number, path in enumerate(PHOTOS):
            folder = tmp_path / ("train" if number < 40 else "val") / path.parent.name
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{number}.jpg").write_bytes(path.read_bytes())
            if edit and number < 20:
                copy = tmp_path / "val" / path.parent.name / f"copy of {number}.jpg"
                copy.parent.mkdir(parents=True, exist_ok=True)
                edit(Image.open(path), copy)
        return scanned(tmp_path)

    return found


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_edited_copies_are_found_and_nothing_else(leaks, edit):
    data = leaks(edit)
    numbers = [(Path(train).stem, Path(held).stem) for train, held in data.near_leaks]
    assert all(held == f"copy of {train}" for train, held in numbers)
    assert data.near_leaked_images["val"] == len(numbers) >= 15  # of 20; small and noisy, the hardest to tell


def test_different_photographs_are_not_the_same(leaks):
    assert leaks(None).near_leaks == ()


def test_a_hash_changes_little_where_the_picture_does():
    for path in PHOTOS[:20]:
        image = Image.open(path).convert("L")
        whole, half = (
            difference_hashes(np.asarray(one, np.float32)[None])
            for one in (image, image.resize((image.width // 2, image.height // 2)))
        )
        for one, other in zip(whole[:2], half[:2], strict=True):
            assert ((one[0] ^ other[0]) & (2**64 - 1)).bit_count() <= 8
            assert -(2**63) <= one[0] < 2**63


def brute_force(hashes, most):
    bits = np.bitwise_count(hashes[:, None] ^ hashes[None]).sum(2)
    return {
        (a, b): int(bits[a, b]) for a in range(len(hashes)) for b in range(a + 1, len(hashes)) if bits[a, b] <= most
    }


def test_every_pair_of_few_flipped_bits_is_proposed():
    rng = np.random.default_rng(0)
    hashes = rng.integers(0, 2**64, (400, 2), dtype=np.uint64)
    for copy, original in enumerate(range(0, 200, 2)):  # copies with 0 to 14 bits flipped
        flips = rng.choice(128, copy % 15, replace=False)
        bits = np.unpackbits(hashes[original].view(np.uint8))
        bits[flips] ^= 1
        hashes[300 + copy] = np.packbits(bits).view(np.uint64)
    pairs, flipped = proposed(hashes)
    found = {tuple(pair): int(bits) for pair, bits in zip(pairs.tolist(), flipped, strict=True)}
    wanted = brute_force(hashes, MOST_FLIPPED)
    assert found.items() <= wanted.items()
    assert {pair for pair, bits in wanted.items() if bits <= 7} <= found.keys()
    assert len(found) >= 0.9 * len(wanted)


def test_many_images_of_one_hash_do_not_make_all_pairs():
    hashes = np.full((3000, 2), 0xF0F0_F0F0_F0F0_F0F0, np.uint64)
    pairs, flipped = proposed(hashes)
    assert len(pairs) < 4 * len(hashes)
    assert set(pairs.ravel().tolist()) == set(range(3000))
    assert not flipped.any()


def test_a_nearly_flat_picture_says_nothing():
    assert len(proposed(np.zeros((50, 2), np.uint64))[0]) == 0


def test_no_images_have_no_pairs():
    assert len(proposed(np.empty((0, 2), np.uint64))[0]) == 0


def test_pairs_join_to_sets():
    assert grouped([(1, 5), (2, 3), (5, 9), (9, 1)]) == [[1, 5, 9], [2, 3]]


def test_a_file_that_has_gone_looks_like_nothing(tmp_path):
    assert thumbnail(str(tmp_path / "gone.jpg")) is None
    assert not look_the_same(thumbnail(str(PHOTOS[0])), None)
