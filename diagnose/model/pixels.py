"""What a batch of images holds where it reaches a network's first layer: range, scale, grid of stored levels."""

from __future__ import annotations

from dataclasses import dataclass

from diagnose.model.config import IMAGENET_MEAN, IMAGENET_STD

FAINT = 0.02  # standard deviation; that of photographs scaled to 0..1 is about 0.25, scaled twice 0.001
TWICE = 3.5  # standard deviation; normalised twice with ImageNet's gives about 4.5, once about 1
FACTOR = 3.0  # of the spreads of two splits, beyond what augmentation and other images explain
ALIKE = 0.03  # of slopes, which rounding moves less


@dataclass(frozen=True)
class Pixels:
    """A batch of images where it reaches the first layer with weights, several batches summed up.

    shape: channels, height, width whatever the layout in memory; dtype: of the tensor; low, high, mean, std: over all
    values; means, stds: by channel. slope, offset: by channel, of value = slope * pixel + offset for stored pixels of
    0..255; empty where the values lie on no grid of 256 levels. finite: share of values that are. neighbours,
    third_neighbours: correlation of a pixel with the next and with the third next in its row (of a picture whose
    colours lie side by side in memory the third is nearer). first_layer: class of that layer.
    """

    shape: tuple[int, ...]
    dtype: str
    low: float
    high: float
    mean: float
    std: float
    means: tuple[float, ...] = ()
    stds: tuple[float, ...] = ()
    slope: tuple[float, ...] = ()
    offset: tuple[float, ...] = ()
    finite: float = 1.0
    neighbours: float | None = None
    third_neighbours: float | None = None
    first_layer: str = ""

    @property
    def scale(self) -> str:
        """What the values look like: 0..255, 0..1, -1..1, imagenet, or "" where none of these is certain."""
        if self.slope and self.offset:
            for name, slopes, offsets in _SCALES:
                near = all(
                    abs(a - b) < 0.02 * abs(b) for a, b in zip(self.slope, _spread(slopes, self.slope), strict=True)
                )
                level = all(
                    abs(a - b) < 1.5 * abs(s)
                    for a, b, s in zip(self.offset, _spread(offsets, self.offset), self.slope, strict=True)
                )
                if near and level:
                    return name
        if self.low >= 0 and self.high > 2:
            return "0..255" if 64 < self.high <= 255.5 and self.std > 8 else ""
        return "0..1" if self.low >= 0 and 0.3 < self.high <= 1.0001 else ""

    @property
    def usual(self) -> bool:
        """Whether the values are on a scale that networks are made for: neither pixels of 0..255, nor scaled or
        normalised twice."""
        return self.finite == 1 and FAINT < self.std < TWICE and abs(self.mean) < TWICE

    @property
    def normalised_within(self) -> bool:
        """Whether the first layer that they reach normalises them itself."""
        return "Norm" in self.first_layer

    def differs_from(self, other: Pixels) -> str:
        """How images of another split were prepared otherwise, in words; empty where they were prepared alike.

        By slope and offset where both are known. Else by spread and mean, beyond what augmentation and other images
        explain.
        """
        if self.shape[:1] != other.shape[:1]:
            return f"{self.shape[0]} channels in training, {other.shape[0]} in validation"
        ranges = f"{self.low:.3g} to {self.high:.3g} in training, {other.low:.3g} to {other.high:.3g} in validation"
        if self.slope and other.slope and len(self.slope) == len(other.slope):
            slopes = zip(self.slope, other.slope, strict=True)
            if any(abs(a - b) > ALIKE * max(a, b) for a, b in slopes):
                return ranges
            offsets = zip(self.offset, other.offset, self.slope, strict=True) if self.offset and other.offset else ()
            return ranges if any(abs(a - b) > ALIKE * 256 * slope for a, b, slope in offsets) else ""
        spread = max(self.std, 1e-9) / max(other.std, 1e-9)
        centre = abs(self.mean - other.mean) / max(self.std, other.std, 1e-9)
        return ranges if not 1 / FACTOR < spread < FACTOR or centre > FACTOR / 2 else ""


# Slope and offset of stored pixels, by channel or one for all.
_SCALES: tuple[tuple[str, tuple[float, ...], tuple[float, ...]], ...] = (
    ("0..255", (1.0,), (0.0,)),
    ("0..1", (1 / 255,), (0.0,)),
    ("-1..1", (2 / 255,), (-1.0,)),
    (
        "imagenet",
        tuple(1 / (255 * std) for std in IMAGENET_STD),
        tuple(-mean / std for mean, std in zip(IMAGENET_MEAN, IMAGENET_STD, strict=True)),
    ),
)


def _spread(values: tuple[float, ...], like: tuple[float, ...]) -> tuple[float, ...]:
    return values if len(values) == len(like) else (values[0],) * len(like)
