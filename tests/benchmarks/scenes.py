"""Made sets of pictures that look alike but for one planted thing, and sound sets that might be taken for such.

    python tests/benchmarks/scenes.py OUT [NAME ...]

A picture has a sky, a ground and a thing whose shape is its class's; colours, light and grain are drawn anew for each.
`PLANTED` holds for each faulty set what must be said of it, a code and words of the summary; `SOUND` holds sets of
which nothing may.
"""

from __future__ import annotations

import io
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFile, ImageFilter, ImageOps

CLASSES = ("barn", "buoy", "kite", "mast")
COUNTS = {"train": 55, "val": 22}
Change = Callable[[Image.Image, str, str, int, np.random.Generator], Image.Image]
PLANTED: dict[str, tuple[str, Callable[[Path], None]]] = {}
SOUND: dict[str, Callable[[Path], None]] = {}


def scene(name: str, rng: np.random.Generator, size: tuple[int, int], ground: tuple | None = None) -> Image.Image:
    """A thing of the class before sky and ground, or before one ground (a colour)."""
    wide, high = size
    light = rng.uniform(0.6, 1.1)
    sky = np.array([150, 180, 225]) * rng.uniform(0.75, 1.15) + rng.normal(0, 22, 3)
    earth = np.array([125, 110, 75]) * rng.uniform(0.6, 1.3) + rng.normal(0, 22, 3)
    rise = 1 / (1 + np.exp(-(np.linspace(0, 1, high) - rng.uniform(0.35, 0.75)) * rng.uniform(8, 30)))
    pixels = (sky + (earth - sky) * rise[:, None])[:, None] * np.ones((1, wide, 1))
    if ground is not None:
        pixels = np.array(ground, float) * np.ones((high, wide, 1))
    image = Image.fromarray(np.clip(pixels * light, 0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(image)
    for _ in range(int(rng.integers(1, 4)) if ground is None else int(rng.integers(4, 8))):
        x, y, r = rng.uniform(0.3, 0.7) * wide, rng.uniform(0.35, 0.7) * high, rng.uniform(0.1, 0.24) * high
        colour = tuple(int(v) for v in rng.integers(20, 235, 3))
        if name == "barn":
            draw.rectangle((x - r, y - 0.6 * r, x + r, y + r), fill=colour)
        elif name == "buoy":
            draw.ellipse((x - r, y - r, x + r, y + r), fill=colour)
        elif name == "kite":
            draw.polygon([(x, y - r), (x + 0.7 * r, y), (x, y + r), (x - 0.7 * r, y)], fill=colour)
        else:
            draw.line((x, y - 1.4 * r, x + rng.uniform(-9, 9), y + 1.4 * r), fill=colour, width=max(3, int(r / 4)))
    rough = np.asarray(image, float)
    if ground is None:
        coarse = Image.fromarray(rng.normal(128, 40, (high // 6 + 2, wide // 6 + 2)).clip(0, 255).astype(np.uint8))
        rough += (np.asarray(coarse.resize(size, Image.Resampling.BICUBIC), float) - 128)[..., None] * 0.5
    rough += rng.normal(0, rng.uniform(2, 6), (high, wide, 1))
    return Image.fromarray(np.clip(rough, 0, 255).astype(np.uint8))


def write(
    root: Path, change: Change | None = None, ending: str = "jpg", size: tuple[int, int] | None = None, **more: object
) -> None:
    """The set; change: what becomes of a picture of this class, split and number."""
    for split, count in COUNTS.items():
        for name in CLASSES:
            (root / split / name).mkdir(parents=True)
            for number in range(count):
                rng = np.random.default_rng(zlib.crc32(f"{root.name} {split} {name} {number}".encode()))
                own = size or (int(rng.integers(180, 230)), int(rng.integers(140, 180)))
                image = scene(name, rng, own, **more)  # type: ignore[arg-type]
                if change is not None:
                    image = change(image, name, split, number, rng)
                quality = int(rng.integers(85, 95)) if ending == "jpg" else 0
                image.save(root / split / name / f"{number:03}.{ending}", **({"quality": quality} if quality else {}))


def resaved(image: Image.Image, quality: int) -> Image.Image:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality)
    return Image.open(file).convert("RGB")


def half_decoded(image: Image.Image, share: float) -> Image.Image:
    """As Pillow shows a JPEG that lacks its end, when told to forgive it."""
    file = io.BytesIO()
    image.save(file, "JPEG", quality=88)
    ImageFile.LOAD_TRUNCATED_IMAGES = True
    try:
        return Image.open(io.BytesIO(file.getvalue()[: int(len(file.getvalue()) * share)])).convert("RGB")
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = False


def gained(image: Image.Image, *gains: float) -> Image.Image:
    return Image.fromarray(np.clip(np.asarray(image, float) * gains, 0, 255).astype(np.uint8))


def grey(image: Image.Image) -> Image.Image:
    return image.convert("L").convert("RGB")


def swapped(image: Image.Image) -> Image.Image:
    return Image.merge("RGB", image.split()[::-1])


def boxed(image: Image.Image, across: int, along: int, colour: str) -> Image.Image:
    """The picture made smaller, between bars so that its size stays."""
    wide, high = image.size
    return ImageOps.expand(
        image.resize((wide - 2 * across, high - 2 * along)), (across, along, across, along), fill=colour
    )


def ended(image: Image.Image, share: float, level: int, ragged: int = 0) -> Image.Image:
    """The lower part of one level, the first rows of it from a place on the right only."""
    pixels = np.array(image)
    begin = int(len(pixels) * share)
    pixels[begin:] = level
    if ragged:
        pixels[begin - 16 : begin, ragged:] = level
    return Image.fromarray(pixels)


def backdrop(image: Image.Image, colour: tuple[int, int, int], rng: np.random.Generator) -> Image.Image:
    wide, high = image.size
    cloth = np.clip(np.array(colour) + rng.normal(0, 14, (high, wide, 3)), 0, 255).astype(np.uint8)
    mask = Image.new("L", image.size, 0)
    ImageDraw.Draw(mask).ellipse((wide * 0.17, high * 0.17, wide * 0.83, high * 0.83), fill=255)
    return Image.composite(image, Image.fromarray(cloth), mask.filter(ImageFilter.GaussianBlur(2)))


def planted(says: str, **more: object) -> Callable[[Change], Change]:
    def keep(change: Change) -> Change:
        PLANTED[change.__name__] = says, lambda root: write(root, change, **more)  # type: ignore[arg-type]
        return change

    return keep


def sound(**more: object) -> Callable[[Change], Change]:
    def keep(change: Change) -> Change:
        SOUND[change.__name__] = lambda root: write(root, change, **more)  # type: ignore[arg-type]
        return change

    return keep


# ---------------------------------------------------------------------- planted


@planted("D117 bars")
def white_pillars_of_one_class(image, name, split, number, rng):
    return boxed(image, 20, 0, "white") if name == "kite" else image


@planted("D117 bars", ending="png")
def bars_of_any_width_of_one_class(image, name, split, number, rng):
    return boxed(image, 0, int(rng.integers(8, 30)), "black") if name == "mast" else image


@planted("D116 bars")
def a_few_between_pillars(image, name, split, number, rng):
    return boxed(image, 25, 0, "black") if split == "train" and number % 18 == 3 else image


@planted("D118 val images")
def validation_between_bars(image, name, split, number, rng):
    return boxed(image, 0, 18, "black") if split == "val" else image


@planted("D118 swapped val")
def validation_with_channels_swapped(image, name, split, number, rng):
    return swapped(image) if split == "val" else image


@planted("D118 swapped val", ending="png", size=(40, 40))
def training_of_small_pictures_swapped(image, name, split, number, rng):
    return swapped(image) if split == "train" else image


@planted("D116 cut")
def ends_not_decoded(image, name, split, number, rng):
    return half_decoded(image, rng.uniform(0.3, 0.8)) if number % 20 == 7 else image


@planted("D116 cut", ending="png")
def ragged_grey_ends(image, name, split, number, rng):
    return ended(image, 0.7, 128, 30) if split == "train" and name == "buoy" and number < 6 else image


@planted("D116 black end")
def black_ends(image, name, split, number, rng):
    return ended(image, 0.6, 0) if number % 20 == 9 else image


@planted("D117 earlier encoder", ending="png")
def one_class_was_jpeg_once(image, name, split, number, rng):
    return resaved(image, 25) if name == "barn" else image


@planted("D117 earlier encoder")
def one_class_saved_badly_before(image, name, split, number, rng):
    return resaved(image, 35 if name == "mast" else 92)


@planted("D118 val images")
def validation_saved_badly_before(image, name, split, number, rng):
    return resaved(image, 20) if split == "val" else image


@planted("D117 sharpness")
def one_class_scaled_up(image, name, split, number, rng):
    return image.resize((image.width // 3, image.height // 3)).resize(image.size) if name == "buoy" else image


@planted("D118 val images", ending="png")
def validation_out_of_focus(image, name, split, number, rng):
    return image.filter(ImageFilter.GaussianBlur(2)) if split == "val" else image


@planted("D117 grey")
def one_class_grey(image, name, split, number, rng):
    return grey(image) if name == "kite" else image


@planted("D118 val images")
def validation_grey(image, name, split, number, rng):
    return grey(image) if split == "val" else image


@planted("D114 grey", ending="png")
def some_grey(image, name, split, number, rng):
    return grey(image) if rng.random() < 0.15 else image


@planted("D117 around middle")
def one_class_on_cloth(image, name, split, number, rng):
    return backdrop(image, (30, 60, 150), rng) if name == "barn" else image


@planted("D117 around middle", ending="png")
def each_class_on_its_cloth(image, name, split, number, rng):
    colours = ((120, 40, 40), (40, 110, 50), (60, 60, 120), (150, 140, 60))
    return backdrop(image, colours[CLASSES.index(name)], rng)


@planted("D117 mean colour")
def one_class_under_another_lamp(image, name, split, number, rng):
    return gained(image, 1.35, 1.0, 0.6) if name == "mast" else image


# ---------------------------------------------------------------------- sound


@sound()
def plain(image, name, split, number, rng):
    return image


@sound(size=(32, 32), ending="png")
def small(image, name, split, number, rng):
    return image


@sound(ground=(252, 252, 252))
def products_on_white(image, name, split, number, rng):
    return image


@sound(ground=(4, 4, 4), ending="png")
def things_on_black(image, name, split, number, rng):
    return image


@sound(size=(480, 360))
def by_night(image, name, split, number, rng):
    return gained(image, *([rng.uniform(0.4, 0.7)] * 3))


@sound()
def any_quality_and_lamp(image, name, split, number, rng):
    return gained(resaved(image, int(rng.integers(30, 95))), rng.uniform(0.8, 1.2), 1, rng.uniform(0.8, 1.2))


@sound()
def all_grey(image, name, split, number, rng):
    return grey(image)


@sound()
def a_green_class(image, name, split, number, rng):
    return gained(image, 0.85, 1.15, 0.85) if name == "kite" else image


@sound(ending="png")
def round_fields_of_view(image, name, split, number, rng):
    mask = Image.new("L", image.size, 0)
    wide, high = image.size
    ImageDraw.Draw(mask).ellipse((wide / 2 - high / 2, 0, wide / 2 + high / 2, high), fill=255)
    return Image.composite(image, Image.new("RGB", image.size), mask)


@sound()
def all_between_bars(image, name, split, number, rng):
    return boxed(image, 0, int(rng.integers(10, 25)), "black")


def make(root: Path, name: str) -> None:
    """Writes one set, unless it is there."""
    if not root.exists():
        (PLANTED[name][1] if name in PLANTED else SOUND[name])(root)


if __name__ == "__main__":
    for one in sys.argv[2:] or (*PLANTED, *SOUND):
        make(Path(sys.argv[1]) / one, one)
