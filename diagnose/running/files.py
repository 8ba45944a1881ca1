"""Which image files were opened, so that each image of a batch is known by its file."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from diagnose.running import onimport

MOST = 512  # names that are kept until they are asked for
SIDE = 32  # px, of the thumbnails whose colours are compared
GREY = 4.0  # levels between the channels' means, up to which an image has no colour


class Opened:
    """The names of image files in the order in which they were opened."""

    def __init__(self) -> None:
        self._names: list[str] = []
        self._apart = threading.local()

    def within(self, call: Callable[[], Any]) -> tuple[Any, list[str]]:
        """What a call gives, and the names of the files that it opened in this thread."""
        names: list[str] = []
        self._apart.names = names
        try:
            return call(), names
        finally:
            self._apart.names = None

    def taken(self) -> list[str]:
        """The names since the last time."""
        names, self._names = self._names, []
        return names

    def note(self, file: Any) -> None:
        """A file, or an open one, is read as an image."""
        name = (
            file if isinstance(file, os.PathLike) else getattr(file, "name", file)
        )  # Path has a name too: its last part
        names = getattr(self._apart, "names", None)
        names = self._names if names is None else names
        if isinstance(name, str | bytes | os.PathLike) and len(names) < MOST:
            names.append(os.fsdecode(name))

    def install(self) -> None:
        """Watches Pillow, OpenCV, torchvision's and imageio's readers, once they are imported."""
        onimport.when("PIL.Image", lambda module: self._wrap(module, "open"))
        onimport.when("cv2", lambda module: self._wrap(module, "imread"))
        onimport.when("imageio", lambda module: self._wrap(module, "imread"))
        onimport.when("skimage.io", lambda module: self._wrap(module, "imread"))
        for name in ("read_image", "decode_image"):
            onimport.when("torchvision.io", partial(self._wrap, name=name))

    def _wrap(self, module: ModuleType, name: str) -> None:
        original: Callable[..., Any] | None = getattr(module, name, None)
        if original is None:
            return

        def opened(file: Any, *args: Any, **kwargs: Any) -> Any:
            self.note(file)
            return original(file, *args, **kwargs)

        setattr(module, name, opened)


def colours(path: str) -> np.ndarray | None:
    """Mean of red, green and blue of a file's image, 0..255; None where it has no colours or can't be read."""
    from PIL import Image

    try:
        with Image.open(Path(path)) as image:
            image.draft("RGB", (SIDE, SIDE))
            small = np.asarray(image.convert("RGB").resize((SIDE, SIDE)), dtype=np.float64)
    except (OSError, ValueError):
        return None
    means: np.ndarray = small.mean(axis=(0, 1))
    return means if np.ptp(means) > GREY else None


def order(pairs: list[tuple[np.ndarray, np.ndarray]]) -> str:
    """Whether tensors hold their files' colours as "rgb" or "bgr"; "" where neither is clear.

    pairs: colours of a file, and means of the three channels of its tensor. What the channels are scaled by cancels
    out: each file is held against the others. Clear: the difference of red and blue agrees in sign, and over all images
    correlates above 0.8.
    """
    if len(pairs) < 4:
        return ""
    files = np.array([file for file, _ in pairs])
    tensors = np.array([tensor for _, tensor in pairs])
    spread = tensors.std(axis=0)
    if (spread < 1e-9).any():
        return ""
    warm = files[:, 0] - files[:, 2]
    given = tensors[:, 0] - tensors[:, 2]
    if warm.std() < 3 or given.std() < 1e-9:
        return ""
    agreement = float(np.corrcoef(warm, given)[0, 1])
    return "rgb" if agreement > 0.8 else "bgr" if agreement < -0.8 else ""
