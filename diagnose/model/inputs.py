"""What a network is given: pixels before and after scaling, normalisation and augmentation."""

from __future__ import annotations

from dataclasses import dataclass

from diagnose.model.dataset import Histogram

# Turned back into a picture, 0 is mid-grey and this value white: normalised by ImageNet's statistics, pixels lie
# between -2.2 and 2.7. The same for every configuration, so that what is normalised wrongly looks wrong.
WHITE = 2.6


@dataclass(frozen=True)
class GivenInputs:
    """Of some training images as the configuration prepares them. mean, std, low, high: of each channel's values, red,
    green and blue; before: histograms of the channels' pixels, 0..255; after: of what the network is given. pictures:
    (class, base64 JPEG) of a few of them after augmentation and normalisation, turned back into pictures."""

    images: int
    mean: tuple[float, ...]
    std: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    before: tuple[Histogram, ...]
    after: tuple[Histogram, ...]
    pictures: tuple[tuple[str, str], ...] = ()
