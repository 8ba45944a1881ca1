"""What a scan stores per image. Imports no decoder, since an unchanged folder is reported without one."""

from __future__ import annotations

from typing import NamedTuple

UNREADABLE, TRUNCATED, NOT_AN_IMAGE, BOMB = "unreadable", "truncated", "not-an-image", "bomb"
OUT_OF_BOUNDS = "out-of-bounds"  # not opened, too large, or too slow to decode
TOO_LARGE = "too-large"  # for decoding within a scan's memory
LONGEST = 30.0  # seconds that one file may take


class Measure(NamedTuple):
    """What a worker measures of one file. Pixel values are 0..255.

    fault: None, or one of unreadable, truncated, not-an-image, bomb, out-of-bounds, too-large; then only `detail`
    is meaningful.
    format, mode, orientation: as declared in the file (orientation is EXIF's 1..8). file_bytes: its length. tables:
    hash of a JPEG's quantisation. scale: the pixels were decoded at 1/scale. picture: 64-bit hash of the size and the
    RGB pixels at that scale, equal for the same picture in another container; file: hash of the bytes. thumbnail: see
    thumbnails.py. red..blue, red2..blue2: means of the values and of their squares.
    brightness, contrast: mean and deviation of the luma; dark, bright: its 1st and 99th percentile. rim_*: colour of
    the outermost pixels, and their deviation. chroma: distance from grey of the most colourful of 8 x 8 parts.
    letterbox, pillarbox, cut, black_end: see bars.py. sharpness: 0..1, and blocks, see blocks.py: None where the
    pixels weren't decoded in full.
    """

    fault: str | None = None
    detail: str = ""
    format: str = ""
    mode: str = ""
    width: int = 0
    height: int = 0
    orientation: int = 1
    file_bytes: int = 0
    tables: int = 0
    scale: int = 1
    picture: int = 0
    file: int = 0
    thumbnail: bytes = b""
    red: float = 0.0
    green: float = 0.0
    blue: float = 0.0
    red2: float = 0.0
    green2: float = 0.0
    blue2: float = 0.0
    brightness: float = 0.0
    contrast: float = 0.0
    dark: float = 0.0
    bright: float = 0.0
    rim_red: float = 0.0
    rim_green: float = 0.0
    rim_blue: float = 0.0
    rim_spread: float = 0.0
    chroma: float = 0.0
    letterbox: float = 0.0
    pillarbox: float = 0.0
    cut: float = 0.0
    black_end: float = 0.0
    sharpness: float | None = None
    blocks: float | None = None


class Closer(NamedTuple):
    """What a full decode adds to a reduced one: the hash of all pixels, their means and mean squares, sharpness,
    blocks."""

    picture: int
    red: float
    green: float
    blue: float
    red2: float
    green2: float
    blue2: float
    sharpness: float | None
    blocks: float | None
