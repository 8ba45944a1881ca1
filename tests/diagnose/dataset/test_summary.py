import io

import numpy as np
import pytest
from PIL import Image


def photographs(folder, count, seed=0):
    """JPEGs that are measured at an eighth of their size."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    for number in range(count):
        coarse = Image.fromarray(rng.integers(0, 255, (12, 16, 3)).astype(np.uint8))
        pixels = np.asarray(coarse.resize((400, 300), Image.Resampling.BICUBIC)) + rng.normal(0, 12, (300, 400, 3))
        Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)).save(folder / f"{number:03}.jpg", quality=90)


def test_a_sample_of_full_decodes_makes_the_deviation_right(tmp_path, scanned, monkeypatch):
    monkeypatch.setattr("diagnose.dataset.scan.SAMPLED", 10)
    photographs(tmp_path / "cat", 40)
    data = scanned(tmp_path)
    pixels = np.concatenate([np.asarray(Image.open(p)).reshape(-1, 3) for p in (tmp_path / "cat").iterdir()]) / 255
    assert data.mean == pytest.approx(tuple(pixels.mean(0)), abs=0.001)
    assert data.std == pytest.approx(tuple(pixels.std(0)), abs=0.002)


def test_reduced_copies_are_confirmed_on_all_pixels(tmp_path, scanned):
    photographs(tmp_path / "cat", 3)
    file = (tmp_path / "cat" / "000.jpg").read_bytes()
    comment = file[:2] + b"\xff\xfe\x00\x06text" + file[2:]
    (tmp_path / "cat" / "copy.jpg").write_bytes(comment)
    image = Image.open(io.BytesIO(file))
    pixels = np.asarray(image).copy()
    pixels[100:102, 100:102] = 255 - pixels[100:102, 100:102]
    Image.fromarray(pixels).save(tmp_path / "cat" / "touched.jpg", qtables=image.quantization, subsampling=2)
    data = scanned(tmp_path)
    assert data.duplicates.examples == (("cat/000.jpg", "cat/copy.jpg"),)


def test_every_class_of_every_split_has_a_row(image_folder, scanned):
    root = image_folder({"train/cat": 3, "train/dog": 2, "val/cat": 1, "val/dog": 1})
    (root / "val" / "dog" / "bad.png").write_bytes(b"no image")
    rows = {(row.split, row.label): row for row in scanned(root).table}
    assert (rows["train", "cat"].images, rows["val", "dog"].images, rows["val", "dog"].faults) == (3, 1, 1)
    assert (rows["train", "cat"].width, rows["train", "cat"].height) == (32, 32)


def test_percentiles_and_histograms(image_folder, scanned):
    data = scanned(image_folder({"cat": 5, "dog": 5}))
    assert data.shorter_side == (32,) * 101
    assert data.smaller_than(33) == 1
    assert data.smaller_than(32) == 0
    assert all(sum(one.counts) == 10 for one in data.histograms.values())


def test_turned_and_long_images_are_counted(tmp_path, scanned):
    (tmp_path / "cat").mkdir()
    exif = Image.Exif()
    exif[0x0112] = 6
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 255, (40, 60, 3)).astype(np.uint8))
    noise.save(tmp_path / "cat" / "turned.jpg", exif=exif)
    noise.resize((120, 40)).save(tmp_path / "cat" / "long.png")
    noise.save(tmp_path / "cat" / "plain.png")
    data = scanned(tmp_path)
    assert (data.rotated.examples, data.rotated.details) == (("cat/turned.jpg",), ("6",))
    assert (data.long.examples, data.long.details) == (("cat/long.png",), ("120x40",))


def test_a_stray_folder_isnt_a_class(image_folder, scanned):
    root = image_folder({"cat": 2, "dog": 2})
    (root / ".ipynb_checkpoints").mkdir()
    data = scanned(root)
    assert (data.stray, data.empty_classes) == ((".ipynb_checkpoints",), ("all/.ipynb_checkpoints",))


def test_a_folder_of_copies_that_one_split_alone_has_is_stray(image_folder, scanned):
    counts = {f"{split}/{name}": 3 for split in ("train", "val") for name in ("cat", "dog")}
    root = image_folder(counts)
    (root / "train" / "seen").mkdir()
    for name in ("cat", "dog"):
        (root / "train" / "seen" / f"{name}.png").write_bytes((root / "train" / name / "000.png").read_bytes())
    assert scanned(root).stray == ("seen",)
    (root / "train" / "seen" / "own.png").write_bytes(b"not an image")
    assert scanned(root).stray == ()


@pytest.mark.parametrize(("name", "stray"), [("annotations", True), ("@eaDir", True), ("fox", False)])
def test_folders_beside_the_classes_by_name(image_folder, scanned, name, stray):
    root = image_folder({"cat": 2, "dog": 2})
    (root / name).mkdir()
    assert scanned(root).stray == ((name,) if stray else ())


def test_labels_may_be_a_class_where_it_holds_images(image_folder, scanned):
    assert scanned(image_folder({"cat": 2, "labels": 2})).stray == ()


def test_what_is_named_is_pictured(image_folder, scanned):
    root = image_folder({"cat": 2})
    (root / "cat" / "copy.png").write_bytes((root / "cat" / "000.png").read_bytes())
    assert set(scanned(root).pictures) >= {"cat/000.png", "cat/copy.png"}
