"""Tracks the image size through torchvision's transforms, for crops that may be too large."""

from __future__ import annotations

from dataclasses import dataclass

from diagnose.interpreter.values import Thing, plain
from diagnose.model import Crop

KEEP = (
    "RandomHorizontalFlip", "RandomVerticalFlip", "ColorJitter", "RandomGrayscale", "Grayscale", "GaussianBlur",
    "RandomInvert", "RandomPosterize", "RandomSolarize", "RandomAdjustSharpness", "RandomAutocontrast",
    "RandomEqualize", "AutoAugment", "RandAugment", "TrivialAugmentWide", "AugMix", "RandomAffine",
    "RandomPerspective", "ToTensor", "PILToTensor", "ToImage", "ToDtype", "ConvertImageDtype", "Normalize",
    "RandomErasing", "ToPILImage",
)  # fmt: skip
TO_SQUARE = ("RandomResizedCrop", "RandomSizedCrop")


@dataclass
class Extent:
    """The shorter side of the images so far.

    side: in px, None for the stored size. added: px of padding added to a stored side, both edges together. known:
    False once a step may have changed the size in a way that was not followed.
    """

    side: int | None = None
    added: int = 0
    known: bool = True

    def lose(self) -> None:
        """Mark the size as unknown from here on."""
        self.known = False

    def after(self, step: Thing) -> Crop | None:
        """Apply one transform. Returns the crop where it is one with known sizes, else None."""
        name = step.short
        if name in KEEP:
            return None
        if not step.name.startswith("torchvision."):
            self.lose()
        elif name in TO_SQUARE or (name in ("Resize", "Scale") and "max_size" not in step.kwargs):
            self._become(_shorter(step))
        elif name in ("CenterCrop", "RandomCrop"):
            return self._cropped(step)
        elif name == "Pad":
            self._pad(plain(step.arg(0, "padding")))
        elif not (name == "RandomRotation" and not plain(step.kwargs.get("expand"), False)):
            self.lose()
        return None

    def _become(self, side: int | None) -> None:
        self.side, self.added, self.known = side, 0, side is not None

    def _pad(self, padding: object) -> None:
        if not isinstance(padding, int) or isinstance(padding, bool):
            self.lose()
        elif self.side is None:
            self.added += 2 * padding
        else:
            self.side += 2 * padding

    def _cropped(self, step: Thing) -> Crop | None:
        size, padding = _longer(step), 0
        given = step.arg(1, "padding") if step.short == "RandomCrop" else None
        if given is not None and plain(given, ...) is not None:
            number = plain(given)
            padding = number if isinstance(number, int) else -1
        fills = step.short == "RandomCrop" and plain(step.arg(2, "pad_if_needed"), False) is not False
        known = self.known and size is not None and padding >= 0 and not fills
        crop = Crop(size, self.side, padding + self.added // 2) if known and size is not None else None
        self._become(_shorter(step))
        return crop


def _sides(step: Thing) -> tuple[int, ...]:
    given = plain(step.arg(0, "size"))
    sides = given if isinstance(given, list | tuple) else (given,)
    return tuple(side for side in sides if isinstance(side, int) and not isinstance(side, bool))


def _shorter(step: Thing) -> int | None:
    return min(_sides(step), default=None)


def _longer(step: Thing) -> int | None:
    return max(_sides(step), default=None)
