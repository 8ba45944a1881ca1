"""What frozen features say of labels, splits and the amount of data."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import torch
from pydantic import TypeAdapter, ValidationError

from diagnose.events import ProbeStarted
from diagnose.model import LabelsAgainstChance, LearningCurve, SplitShift, SuspectLabels, printable
from diagnose.probing.bench import Bench
from diagnose.probing.cache import key_of
from diagnose.probing.data_curve import learning_curve, linear_probe_hits
from diagnose.probing.features import embed
from diagnose.probing.questions.setting import WORTH, ProbeSetting
from diagnose.probing.representation import labels_against_chance, split_shift, suspect_labels
from diagnose.probing.train import Images
from diagnose.probing.weights import build

FITS = 2.0  # seconds that the linear probes of 1,000 images take, in all


class FeatureQuestions:
    """What do frozen features say: are labels wrong, do the splits differ, how much data is enough?"""

    name = "frozen features"

    def __init__(self, setting: ProbeSetting, bench: Bench, whole: Images) -> None:
        self._setting, self._bench, self._whole = setting, bench, whole
        self.done = 0
        self.curve: LearningCurve | None = None
        self.suspects: SuspectLabels | None = None
        self.shift: SplitShift | None = None
        self.labels: LabelsAgainstChance | None = None

    def information(self, done: int) -> float:
        """A fixed worth for the one round; 0 after it, or without pretrained weights."""
        return WORTH["features"] if done == 0 and self._setting.weights is not None else 0.0

    def cost(self, done: int) -> float:
        """Seconds to embed every image and fit the linear probes; 0 where an earlier session did so."""
        if self._key in self._bench.cache:
            return 0.0
        count = len(self._whole.train) + len(self._whole.val)
        return count * self._bench.speed(self._setting.arch).evaluate + FITS * count / 1000

    @property
    def _key(self) -> str:
        weights = self._setting.weights
        job = self._setting.job
        size = self._whole.size
        return key_of("features", job.fingerprint, weights.digest if weights else "", size, job.target, job.split)

    def run(self) -> None:
        """Embed the images and set `curve`, `suspects`, `shift` and `labels`, from the cache where it has them."""
        self.done += 1
        stored = self._bench.cache.get(self._key) if self._setting.job.fingerprint else None
        if stored is None or not self._restored(stored):
            self._bench.emit(ProbeStarted("frozen features", self._setting.job.seed, self._setting.arch, "", 1))
            self._measure()
            answers = {name: asdict(value) if value else None for name, value in self._answers().items()}
            self._bench.cache.put(self._key, answers)

    def _restored(self, stored: dict[str, Any]) -> bool:
        """Takes the answers of an earlier session; False where they are of another version."""
        try:
            for name, kind in ANSWERS.items():
                setattr(self, name, kind.validate_python(stored[name]))
        except (KeyError, ValidationError):
            return False
        return True

    def _answers(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ANSWERS}

    def _measure(self) -> None:
        job, whole, weights = self._setting.job, self._whole, self._setting.weights
        model = build(self._setting.arch, len(job.classes), weights, 0, size=whole.size).to(self._bench.device)
        features = embed(model, torch.cat([whole.train, whole.val]), self._setting.reference)
        labels = torch.cat([whole.train_labels, whole.val_labels])
        held = torch.arange(len(labels), device=labels.device) >= len(whole.train)
        files = tuple(printable(_relative(path, job.root)) for path, _ in (*job.train, *job.val))
        classes = len(job.classes)
        self.suspects, predicted = suspect_labels(features, labels, job.classes, files)
        self.labels = labels_against_chance(
            features, labels, predicted, classes, self._bench.deadline, self._bench.clock
        )
        if job.split:
            self.shift = split_shift(features, labels, held, classes)
        sizes, hits = linear_probe_hits(features[~held], labels[~held], features[held], labels[held], classes)
        self.curve = learning_curve("pretrained", sizes, hits, job.target)


ANSWERS: dict[str, TypeAdapter[Any]] = {
    "curve": TypeAdapter(LearningCurve | None),
    "suspects": TypeAdapter(SuspectLabels | None),
    "shift": TypeAdapter(SplitShift | None),
    "labels": TypeAdapter(LabelsAgainstChance | None),
}


def _relative(path: str, root: str) -> str:
    return path.removeprefix(f"{root}/") if root else path
