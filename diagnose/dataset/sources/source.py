"""The interface of a source: a root, and the images below it with their class and split."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from diagnose.model import WHOLE, Reading

# The extensions that torchvision's ImageFolder reads (torchvision.datasets.folder.IMG_EXTENSIONS). Other files are
# invisible to most training runs; they are read if a source holds no such file, and otherwise left out and counted.
IMAGE_ENDINGS = (".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp")
COLOURS = (1, 3, 4)  # channels of an image: grey, RGB, RGBA
OTHER_ENDINGS = (
    ".gif", ".heic", ".heif", ".avif", ".jp2", ".j2k", ".jpx", ".jxl", ".jfif", ".jpe", ".dib", ".ico", ".tga", ".pbm",
    ".pnm", ".dcm", ".dicom", ".npy", ".apng", ".pcx", ".sgi", ".xbm", ".dds", ".exr", ".hdr", ".psd", ".mpo",
)  # fmt: skip
TOGETHER = " + "  # separates the labels of an image that has several
ABSENT = -2  # the size of a listed file that doesn't exist: no process has to look for it again

SPLIT_NAMES = {
    "train": "train", "training": "train", "trn": "train", "trainval": "train",
    "val": "val", "valid": "val", "validation": "val", "dev": "val", "eval": "val", "evaluation": "val",
    "test": "test", "testing": "test", "tst": "test", "holdout": "test",
    # Spanish, Portuguese, French, Italian, German, Polish, Turkish, Russian, Chinese, Korean, Japanese.
    "entrenamiento": "train", "treino": "train", "treinamento": "train", "entrainement": "train",
    "entraînement": "train", "apprentissage": "train", "addestramento": "train", "trening": "train", "egitim": "train",
    "eğitim": "train", "обучение": "train", "训练": "train", "训练集": "train", "학습": "train", "훈련": "train",
    "学習": "train", "訓練": "train",
    "validación": "val", "validacion": "val", "validação": "val", "validacao": "val", "validierung": "val",
    "walidacja": "val", "doğrulama": "val", "dogrulama": "val", "валидация": "val", "验证": "val", "验证集": "val",
    "검증": "val", "検証": "val",
    "prueba": "test", "pruebas": "test", "teste": "test", "prova": "test", "тест": "test", "测试": "test",
    "测试集": "test", "시험": "test", "테스트": "test", "テスト": "test",
}  # fmt: skip
# Words beside a split's name that don't change it: train_images, x_train, test_set, train2017.
FILLERS = {
    "set", "images", "image", "imgs", "img", "data", "dataset", "folder", "files", "file", "x", "y",
    "split", "ds", "raw",
    "jpg", "jpeg", "png", "photos", "pictures", "crops", "cropped", "small", "list", "labels", "label", "annotations",
    "annotation", "anno", "annos", "metadata", "meta", "info", "gt", "final", "the", "of", "for",
}  # fmt: skip
FUSED = re.compile(
    r"(training|train|validation|valid|val|testing|test|evaluation|eval)(?:set|data|images?|imgs?|folder|files?|lists?|split|ing)$"
)
NUMBERED = re.compile(r"^\s*(?:\d{1,2}|[A-Za-z])[.)]\s+(?=\S)")
CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|[\W\d_]+")


class Entry(NamedTuple):
    """One image, or another file. path: of the file that holds it; member: which part of that file, in the format of
    dataset/reading.py, None for all of it. size, changed: to detect changes; size is -1 if unknown, ABSENT for a listed
    file that doesn't exist."""

    path: str
    split: str
    label: str
    is_image: bool = True
    member: str | None = None
    size: int = -1
    changed: int = 0

    @property
    def mark(self) -> bytes:
        """All fields as bytes, to compare listings."""
        path, split, label, is_image, member, size, changed = self
        return os.fsencode(f"{path}\0{split}\0{label}\0{is_image}\0{member}\0{size}\0{changed}")


def listed(file: str, path: str, split: str, label: str) -> Entry:
    """The image at a path in a list; a relative path starts at the list's folder."""
    path = os.path.join(os.path.dirname(file), path)
    try:
        state = os.stat(path)
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return Entry(path, split, label, True, None, ABSENT)
    except OSError:  # the scan reports the fault
        return Entry(path, split, label)
    return Entry(path, split, label, True, None, state.st_size, state.st_mtime_ns)


def named_split(name: str) -> str:
    """The split with this name in a list: one of the usual splits, or the name itself."""
    return exact_split(name) or name or WHOLE


class Source(Protocol):
    """A set of labelled images. ordered: whether it has its own order, as a manifest has and a folder hasn't. notes:
    what had to be recognised or guessed to read it. several: whether an image may have several labels, joined by
    TOGETHER."""

    @property
    def root(self) -> str:
        """The folder, file or URL that names of images are relative to."""
        ...

    @property
    def ordered(self) -> bool:
        """Whether the source has its own order."""
        ...

    @property
    def notes(self) -> tuple[Reading, ...]:
        """What had to be recognised, unwrapped or guessed."""
        ...

    @property
    def several(self) -> bool:
        """Whether labels are sets of labels."""
        ...

    def entries(self) -> Iterator[Entry]:
        """Every image, always in the same order."""
        ...

    def expected(self) -> tuple[tuple[str, str], ...]:
        """(split, class) that the source names, with or without images."""
        ...


@dataclass(frozen=True)
class Listing:
    """A source listed by a function: most kinds need no more."""

    root: str
    rows: Callable[[], Iterator[Entry]]
    names: tuple[tuple[str, str], ...] = ()
    notes: tuple[Reading, ...] = ()
    several: bool = False
    ordered: bool = True

    def entries(self) -> Iterator[Entry]:
        """Every image, as the function lists them."""
        return self.rows()

    def expected(self) -> tuple[tuple[str, str], ...]:
        """The (split, class) given in `names`."""
        return self.names


@dataclass(frozen=True)
class Joined:
    """Several sources as one, such as class folders for train and a list for val."""

    root: str
    parts: tuple[Source, ...]
    notes: tuple[Reading, ...] = field(default=())
    ordered: bool = False

    @property
    def several(self) -> bool:
        """Whether the labels of any part are sets of labels."""
        return any(part.several for part in self.parts)

    def entries(self) -> Iterator[Entry]:
        """Every image of each part, in order."""
        for part in self.parts:
            yield from part.entries()

    def expected(self) -> tuple[tuple[str, str], ...]:
        """The (split, class) that the parts name."""
        return tuple(one for part in self.parts for one in part.expected())


def unnumbered(name: str) -> str:
    """A name without an outline's letter or number: Training Set for "a. Training Set"."""
    return NUMBERED.sub("", name)


def exact_split(name: str) -> str | None:
    """The split that is exactly this name; None if it isn't a split's name."""
    return SPLIT_NAMES.get(name.strip().lower())


def loose_split(name: str) -> str | None:
    """The split that a name contains among other words: training_set, x_train, train2017, seg_test; None if it contains
    none, or several."""
    if (split := exact_split(name)) is not None:
        return split
    words = [word.lower() for word in CAMEL.split(name) if word]
    found = {split for word in words if (split := _word_split(word)) is not None}
    if found == {"train", "val"} and "train val" in " ".join(words):  # train_val.txt: everything but the test split
        return "train"
    return found.pop() if len(found) == 1 else None


def bare_name(name: str) -> str:
    """A name without its split and filler words: cars for cars_train, empty for train_images."""
    words = [word.lower() for word in CAMEL.split(unnumbered(name)) if word]
    return "_".join(word for word in words if _word_split(word) is None and word not in FILLERS)


def is_filler(name: str) -> bool:
    """Whether a name has words, and all of them are fillers: raw_images, all files."""
    words = [word.lower() for word in CAMEL.split(unnumbered(name)) if word]
    return len("".join(words)) > 1 and all(word in FILLERS for word in words)


def _word_split(word: str) -> str | None:
    fused = FUSED.match(word)
    return exact_split(fused[1] if fused else word)
