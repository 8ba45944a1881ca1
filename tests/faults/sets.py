"""The base sets that faults are planted in, and the plantings on files."""

from __future__ import annotations

import gzip
import io
import shutil
import sys
import zlib
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter, ImageOps

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
from real_images import GARMENTS, TOPICS

SAMPLES = Path(__file__).parents[2] / "sample_data"
TRAIN, HELD_OUT = 1000, 150  # of Fashion-MNIST, a class
SHARE = 0.7  # of a topic's photographs that are trained on


def make(name: str, out: Path, fashion: Path, stamps: Path) -> Path:
    """The base set as train/ and val/ under `out`, written once."""
    folder = out / name
    if folder.is_dir():
        return folder
    draft = out / f"{name}.draft"
    shutil.rmtree(draft, ignore_errors=True)
    {"photos": _photos, "fashion": _fashion, "stamps": _stamps}[name](draft, fashion, stamps)
    draft.rename(folder)
    return folder


def _photos(out: Path, fashion: Path, stamps: Path) -> None:
    shutil.copytree(SAMPLES / "photos", out)


def _fashion(out: Path, fashion: Path, stamps: Path) -> None:
    for split, prefix, count in (("train", "train", TRAIN), ("val", "t10k", HELD_OUT)):
        with gzip.open(fashion / f"{prefix}-images-idx3-ubyte.gz") as file:
            images = np.frombuffer(file.read(), np.uint8, offset=16).reshape(-1, 28, 28)
        with gzip.open(fashion / f"{prefix}-labels-idx1-ubyte.gz") as file:
            labels = np.frombuffer(file.read(), np.uint8, offset=8)
        for number, name in enumerate(GARMENTS):
            (out / split / name).mkdir(parents=True)
            for index in np.flatnonzero(labels == number)[:count]:
                Image.fromarray(images[index]).save(out / split / name / f"{index:05d}.png", compress_level=1)


def _stamps(out: Path, fashion: Path, stamps: Path) -> None:
    """Photographs and drawings by topic, each picture once, split at random."""
    rng = np.random.default_rng(0)
    seen: set[bytes] = set()
    for topic in TOPICS:
        found = [path for path in sorted((stamps / topic).rglob("*.png")) if not path.stem.endswith("_mirror")]
        for path in found:
            with Image.open(path) as image:
                drawn_on = Image.new("RGBA", image.size, "white")
                pixels = Image.alpha_composite(drawn_on, image.convert("RGBA")).convert("RGB")
            if pixels.tobytes() in seen:
                continue
            seen.add(pixels.tobytes())
            split = "train" if rng.random() < SHARE else "val"
            (out / split / topic).mkdir(parents=True, exist_ok=True)
            pixels.save(out / split / topic / ("_".join(path.relative_to(stamps / topic).parts)))


def pictures(folder: Path, split: str, label: str | None = None) -> list[Path]:
    """The files of a split, or of one class of it, in the order of their names."""
    root = folder / split
    return sorted(path for path in (root / label if label else root).rglob("*") if path.is_file())


def drawn(paths: list[Path], share: float, seed: int = 0) -> list[Path]:
    count = max(1, round(share * len(paths)))
    return [paths[i] for i in np.random.default_rng(seed).permutation(len(paths))[:count]]


# ---------------------------------------------------------------- plantings: each changes a copy of a base set


def unreadable(folder: Path) -> None:
    for path in drawn(pictures(folder, "train"), 0.01):
        path.write_bytes(path.read_bytes()[:24] + bytes(200) + path.read_bytes()[-64:])


def truncated(folder: Path) -> None:
    for path in drawn(pictures(folder, "train"), 0.01):
        path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])


def text_files(folder: Path) -> None:
    for path in drawn(pictures(folder, "train"), 0.01):
        path.write_text("not an image\n")


def copies(folder: Path) -> None:
    for path in drawn(pictures(folder, "train"), 0.1):
        shutil.copy(path, path.with_stem(f"{path.stem}_copy"))


def leaked(folder: Path) -> None:
    for path in drawn(pictures(folder, "val"), 0.2):
        target = folder / "train" / path.parent.name / f"seen_{path.name}"
        shutil.copy(path, target)


def leaked_resaved(folder: Path) -> None:
    """The same pictures again, saved anew at another quality."""
    for path in drawn(pictures(folder, "val"), 0.2):
        with Image.open(path) as image:
            image.convert("RGB").save(folder / "train" / path.parent.name / f"seen_{path.stem}.jpg", quality=90)


def two_labels(folder: Path) -> None:
    labels = sorted(path.name for path in (folder / "train").iterdir())
    for path in drawn(pictures(folder, "train"), 0.05):
        other = labels[(labels.index(path.parent.name) + 1) % len(labels)]
        shutil.copy(path, folder / "train" / other / f"again_{path.name}")


def few(folder: Path) -> None:
    for label in (folder / "train").iterdir():
        for path in sorted(label.iterdir())[5:]:
            path.unlink()


def imbalanced(folder: Path) -> None:
    for number, label in enumerate(sorted((folder / "train").iterdir())):
        if number % 3 == 0:
            files = sorted(label.iterdir())
            for path in files[max(2, len(files) // 25) :]:
                path.unlink()


def class_missing(folder: Path) -> None:
    shutil.rmtree(sorted((folder / "val").iterdir())[0])


def tiny_validation(folder: Path) -> None:
    for label in (folder / "val").iterdir():
        for path in sorted(label.iterdir())[3:]:
            path.unlink()


def wrong_labels(folder: Path) -> None:
    """A tenth of the labels are another class's."""
    for split in ("train", "val"):
        labels = sorted(path.name for path in (folder / split).iterdir())
        rng = np.random.default_rng(0)
        for path in drawn(pictures(folder, split), 0.1):
            others = [label for label in labels if label != path.parent.name]
            shutil.move(path, folder / split / str(rng.choice(others)) / f"moved_{path.parent.name}_{path.name}")


def shuffled_labels(folder: Path) -> None:
    for split in ("train", "val"):
        files = pictures(folder, split)
        order = np.random.default_rng(1).permutation(len(files))
        homes = [path.parent for path in files]
        held = folder / f"{split}.held"
        held.mkdir()
        for number, path in enumerate(files):
            shutil.move(path, held / f"{number}{path.suffix}")
        for number, path in enumerate(files):
            shutil.move(held / f"{number}{path.suffix}", homes[order[number]] / f"{number}_{path.name}")
        held.rmdir()


def edited_copies(folder: Path) -> None:
    for path in drawn(pictures(folder, "train"), 0.1):
        with Image.open(path) as image:
            image.convert("RGB").save(path.with_name(f"{path.stem}_copy.jpg"), quality=75)


def turned_by_exif(folder: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    for path in drawn(pictures(folder, "train"), 0.1):
        _saved(path, lambda image: image.transpose(Image.Transpose.ROTATE_90), exif=exif)


def dark(folder: Path) -> None:
    for path in drawn(pictures(folder, "train"), 0.05):
        _saved(path, lambda image: image.point(lambda value: value * 0.08))


def blank(folder: Path) -> None:
    for path in drawn(pictures(folder, "train"), 0.02):
        _saved(path, lambda image: Image.new("RGB", image.size, (128, 128, 128)))


def banners(folder: Path) -> None:
    for path in drawn(pictures(folder, "train"), 0.15):
        _saved(path, lambda image: image.resize((400, 100)))


def sixteen_bits(folder: Path) -> None:
    for path in drawn(pictures(folder, "train"), 0.05):
        with Image.open(path) as image:
            values = np.asarray(image.convert("L"), np.uint16) * 257
        Image.fromarray(values).save(path.with_suffix(".png"))


def bomb(folder: Path) -> None:
    file = io.BytesIO()
    Image.new("RGB", (8, 8)).save(file, "PNG")
    header = bytearray(file.getvalue())
    header[16:24] = (200_000).to_bytes(4, "big") * 2
    header[29:33] = zlib.crc32(header[12:29]).to_bytes(4, "big")
    (drawn(pictures(folder, "train"), 0.001)[0].parent / "map.png").write_bytes(bytes(header))


def left_behind(folder: Path) -> None:
    (folder / "train" / ".ipynb_checkpoints").mkdir()


def left_and_right(folder: Path) -> None:
    """Two classes that are called left and right; the configuration flips sideways."""
    for split in ("train", "val"):
        for label, name in zip(sorted((folder / split).iterdir())[:2], ("turn left", "turn right"), strict=True):
            label.rename(label.parent / name)


def _by_class(folder: Path, change) -> None:
    """change(path, number of the class) for every picture."""
    for split in ("train", "val"):
        for number, label in enumerate(sorted((folder / split).iterdir())):
            for path in sorted(label.iterdir()):
                change(path, number)


def format_by_class(folder: Path) -> None:
    """Each class came from another encoder."""
    _by_class(folder, lambda path, number: _saved(path, lambda image: image, quality=60 + 5 * number))


def framed_by_class(folder: Path) -> None:
    _by_class(folder, lambda path, number: _saved(path, lambda image: ImageOps.expand(image, 2, (24 * number,) * 3)))


def size_by_class(folder: Path) -> None:
    _by_class(folder, lambda path, number: _saved(path, lambda image: image.resize((120 + 8 * number, 120))))


def _saved(path: Path, change, **options) -> None:
    with Image.open(path) as image:
        changed = change(image.convert("RGB"))
    changed.save(path, **({"quality": 95} if path.suffix == ".jpg" else {}) | options)


def _changed(folder: Path, change) -> None:
    for path in pictures(folder, "val"):
        with Image.open(path) as image:
            kept = io.BytesIO()
            change(image.convert("RGB")).save(kept, format="PNG" if path.suffix == ".png" else "JPEG")
        path.write_bytes(kept.getvalue())


def blurred_validation(folder: Path) -> None:
    _changed(folder, lambda image: image.filter(ImageFilter.GaussianBlur(image.width / 40)))


def dark_validation(folder: Path) -> None:
    _changed(folder, lambda image: image.point(lambda value: value * 0.35))


def turned_validation(folder: Path) -> None:
    _changed(folder, lambda image: image.transpose(Image.Transpose.ROTATE_90))
