"""What frozen features say of labels, splits and the amount of data, from a few images at first and then from twice as
many each time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import TypeAdapter, ValidationError
from torch import Tensor, nn

from diagnose.events import ProbeStarted
from diagnose.model import FrozenFeatures, LabelsAgainstChance, LearningCurve, SplitShift, SuspectLabels, printable
from diagnose.probing.cache import Cache, key_of
from diagnose.probing.clock import Machine
from diagnose.probing.data_curve import learning_curve, linear_probe_hits
from diagnose.probing.features import LinearProbe, embed
from diagnose.probing.pictures import Pictures
from diagnose.probing.questions.setting import WORTH, ProbeSetting
from diagnose.probing.representation import labels_against_chance, split_shift, suspect_labels
from diagnose.probing.statistics import wilson
from diagnose.probing.train import Images
from diagnose.probing.weights import build

FIRST = 64  # training images of the first answer, and held-out ones at least
ANALYSED = 256  # training images, from which labels, splits and the amount of data are asked about, too
# Seconds per image, until measured: of embedding, and of all linear probes.
EMBEDDING, FITTING = 0.005, 0.002
REFINED = 0.4  # of the worth of the first answer: what twice as many images add beyond those


class FeatureQuestions:
    """What do frozen features say: are labels wrong, do the splits differ, how much data is enough?

    frozen: how many held-out images a linear probe on them gets right; hits and predicted: of each of these images.
    images: those of the last piece; None where none was decoded.
    """

    name = "frozen features"

    def __init__(
        self, setting: ProbeSetting, pictures: Pictures, cache: Cache, machine: Machine, emit: Callable[[Any], None]
    ) -> None:
        self._setting, self._pictures, self._cache = setting, pictures, cache
        self._machine, self._emit = machine, emit
        self.done = 0
        self.frozen: FrozenFeatures | None = None
        self.curve: LearningCurve | None = None
        self.suspects: SuspectLabels | None = None
        self.shift: SplitShift | None = None
        self.labels: LabelsAgainstChance | None = None
        self.hits: NDArray[np.float64] = np.empty(0)
        self.predicted: NDArray[np.int64] = np.empty(0, np.int64)
        self.images: Images | None = None
        self._model: nn.Module | None = None
        self._train = self._val = torch.empty((0, 0))
        self._embedding, self._fitting = EMBEDDING, FITTING
        most = pictures.most
        pieces = pieces_of(most)
        known = bool(setting.job.fingerprint) and self._key(most) in cache
        self._pieces = pieces[-1:] if known else pieces

    @property
    def side(self) -> int:
        """px of the images."""
        return self._pictures.size

    def information(self, done: int) -> float:
        """The worth of the next piece; 0 after the last one, or without pretrained weights."""
        if self._setting.weights is None or done >= len(self._pieces):
            return 0.0
        return WORTH["features"] * (1.0 if done == 0 or self._few(done) else REFINED)

    @property
    def few_images(self) -> bool:
        """Whether the next piece is one up to which labels and splits are first asked about."""
        return self.done < len(self._pieces) and self._few(self.done)

    def _few(self, done: int) -> bool:
        return self._pieces[done][0] <= ANALYSED

    def cost(self, done: int) -> float:
        """Seconds to decode and embed what the piece before did not have, and to fit the linear probes."""
        piece = self._pieces[done]
        if self._key(piece) in self._cache:
            return 0.0
        before = self._pieces[done - 1] if done else (0, 0)
        new = sum(piece) - sum(before)
        decoding = self._pictures.cost(*piece) if done <= self.done else self._pictures.pace * new
        return decoding + self._embedding * new + self._fitting * sum(piece)

    def _key(self, piece: tuple[int, int]) -> str:
        weights, job = self._setting.weights, self._setting.job
        digest = weights.digest if weights else ""
        return key_of("features", job.fingerprint, digest, self._pictures.size, job.target, job.split, piece)

    def run(self) -> None:
        """Set `frozen`, and from ANALYSED images on `curve`, `suspects`, `shift` and `labels`, from the cache where it
        has them. Raises OutOfTime past the deadline; what was embedded is kept."""
        piece = self._pieces[self.done]
        stored = self._cache.get(self._key(piece)) if self._setting.job.fingerprint else None
        if stored is None or not self._restored(stored):
            if self.done == 0 and piece != self._pictures.most:
                self._pieces = pieces_of(self._pictures.most)
            name = f"frozen features of {sum(piece)} images"
            self._emit(ProbeStarted(name, self._setting.job.seed, self._setting.arch, "", 1))
            self._measure(*piece)
            answers = {name: getattr(self, name) for name in ANSWERS}
            kept = {name: asdict(value) if value else None for name, value in answers.items()}
            self._cache.put(self._key(piece), kept | {"hits": self.hits, "predicted": self.predicted})
        self.done += 1
        if self.done == len(self._pieces):
            self._model = None

    def _restored(self, stored: dict[str, Any]) -> bool:
        """Takes the answers of an earlier session; False where they are of another version."""
        try:
            for name, kind in ANSWERS.items():
                setattr(self, name, kind.validate_python(stored[name]))
            self.hits, self.predicted = stored["hits"], stored["predicted"]
        except (KeyError, ValidationError):
            return False
        return True

    def _measure(self, train: int, val: int) -> None:
        clock, classes = self._machine.clock, len(self._setting.job.classes)
        self.images = images = self._pictures.first(train, val)
        begin, new = clock(), train + val - len(self._train) - len(self._val)
        self._train = self._embedded(self._train, images.train)
        self._val = self._embedded(self._val, images.val)
        self._embedding = (clock() - begin) / max(1, new)
        begin = clock()
        predicted = LinearProbe(self._train, images.train_labels, classes).logits(self._val).argmax(1)
        hits = (predicted == images.val_labels).cpu().double()
        self.hits, self.predicted = hits.numpy(), predicted.cpu().numpy()
        right = int(self.hits.sum())
        self.frozen = FrozenFeatures(self._setting.arch, right / val, wilson(right, val), train, val)
        if train >= ANALYSED or (train, val) == self._pictures.most:
            self._analyse(images.train_labels, images.val_labels)
        self._fitting = (clock() - begin) / (train + val)

    def _embedded(self, known: Tensor, images: Tensor) -> Tensor:
        """The features of all images; those that are known are not computed again."""
        if len(known) == len(images):
            return known
        weights = self._setting.weights
        if self._model is None:
            classes = len(self._setting.job.classes)
            model = build(self._setting.arch, classes, weights, 0, size=self._pictures.size)
            self._model = model.to(images.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        new = embed(self._model, images[len(known) :], self._machine, self._setting.reference)
        return torch.cat([known, new]) if len(known) else new

    def _analyse(self, train_labels: Tensor, val_labels: Tensor) -> None:
        job, train, val = self._setting.job, len(train_labels), len(val_labels)
        features, labels = torch.cat([self._train, self._val]), torch.cat([train_labels, val_labels])
        files = tuple(printable(_relative(path, job.root)) for path, _ in (*job.train[:train], *job.val[:val]))
        classes = len(job.classes)
        self.suspects, predicted = suspect_labels(features, labels, job.classes, files)
        self.labels = labels_against_chance(
            features, labels, predicted, classes, self._machine.deadline, self._machine.clock
        )
        if job.split:
            held = torch.arange(len(labels), device=labels.device) >= train
            self.shift = split_shift(features, labels, held, classes)
        sizes, hits = linear_probe_hits(self._train, train_labels, self._val, val_labels, classes)
        self.curve = learning_curve("pretrained", sizes, hits, job.target)


def pieces_of(most: tuple[int, int]) -> list[tuple[int, int]]:
    """(training, held-out) images of each piece: twice as many as before each time, up to all of them."""
    train, val = most
    pieces, count = [], FIRST
    while count < 0.75 * train:  # a last piece that is hardly larger adds nothing
        pieces.append((count, min(val, max(FIRST, round(val * count / train)))))
        count *= 2
    return [*pieces, most]


ANSWERS: dict[str, TypeAdapter[Any]] = {
    "frozen": TypeAdapter(FrozenFeatures | None),
    "curve": TypeAdapter(LearningCurve | None),
    "suspects": TypeAdapter(SuspectLabels | None),
    "shift": TypeAdapter(SplitShift | None),
    "labels": TypeAdapter(LabelsAgainstChance | None),
}


def _relative(path: str, root: str) -> str:
    return path.removeprefix(f"{root}/") if root else path
