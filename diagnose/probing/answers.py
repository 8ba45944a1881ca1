"""All that can be asked of a setting, and the Probes of the answers so far."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from diagnose.model import Confusion, GivenInputs, Probes
from diagnose.probing.bench import Arm, Bench
from diagnose.probing.clock import Machine
from diagnose.probing.confusion import confusion
from diagnose.probing.inputs import given_inputs
from diagnose.probing.plan import Question
from diagnose.probing.questions.attributed import AttributionQuestion
from diagnose.probing.questions.compared import CompareArms
from diagnose.probing.questions.configured import Configured
from diagnose.probing.questions.features import FeatureQuestions
from diagnose.probing.questions.forecast import ForecastQuestion
from diagnose.probing.questions.one_batch import OneBatchQuestion
from diagnose.probing.questions.rates import Rates
from diagnose.probing.questions.scratch_curve import ScratchCurve
from diagnose.probing.questions.setting import ProbeSetting
from diagnose.probing.questions.stock import Stock
from diagnose.probing.scale import Arms
from diagnose.probing.train import Images


class Answers:
    """The questions of a session. Before `ask` there is no bench yet, and frozen features alone have answered."""

    bench: Bench

    def __init__(
        self,
        setting: ProbeSetting,
        features: FeatureQuestions,
        machine: Machine,
        notes: Sequence[str],
        device: torch.device,
    ) -> None:
        self.setting, self.features, self.questions = setting, features, list[Question]()
        self._first = features
        self._machine, self._notes, self._device = machine, notes, device
        self._dropped: tuple[str, ...] = ()
        self._inputs: GivenInputs | None = None

    def ask(self, bench: Bench, features: FeatureQuestions) -> None:
        """Makes all questions about the setting, on this bench."""
        setting = self.setting
        self.bench, self.features = bench, features
        self._compared = CompareArms(setting, bench)
        self._rates = Rates(setting, bench)
        self._configured = Configured(setting, bench, self._rates)
        self._attributed = AttributionQuestion(setting, bench, self._rates, self._compared, features)
        self._one_batch = OneBatchQuestion(setting, bench)
        self._forecast = ForecastQuestion(setting, bench, self._configured)
        self._scratch = ScratchCurve(setting, bench)
        self._inputs = self._given(bench.images)
        self.questions = [self._configured, self._attributed]
        if setting.job.goal is None:
            self.questions += [
                features, self._compared, self._compared.scale, self._rates, self._one_batch, self._forecast,
                self._scratch, Stock(setting, bench, self._compared),
            ]  # fmt: skip

    @property
    def reference(self) -> Arm:
        """The arm that has to learn: pretrained where there are weights, else from scratch."""
        return self._compared.arms[-1]

    def arms(self, which: Arms = Arms.ALL) -> list[Arm]:
        """The main arms, or those of them that a slow machine trains: the person's own first."""
        own = [self.setting.own_arm(self.bench)] if self.setting.own else []
        if self.setting.job.goal is not None:
            return own + self._attributed.ends
        arms = own + ([self.reference] if which is not Arms.ALL else self._compared.arms)
        return arms[:1] if which is Arms.ONE else arms

    @property
    def first(self) -> list[Question]:
        """What comes before everything else: how the person's own configuration does, and what the few images say
        from which labels and splits are asked about."""
        if self.setting.job.goal is not None:
            return []
        asked: list[Question] = [] if self._configured.done else [self._configured]
        return [self.features, *asked] if self.features.few_images else asked

    @property
    def answered(self) -> FeatureQuestions:
        """The latest answers of frozen features: from the first answer's images until the bench's have been
        embedded."""
        return self.features if self.features.frozen else self._first

    def end(self) -> None:
        """Notes which questions there was no time for."""
        self._dropped = tuple(
            question.name
            for question in self.questions
            if not question.done
            and (self._attributed.differs if question is self._attributed else question.information(0) > 0)
        )

    def measured(self) -> Probes:
        """All answers so far."""
        features, job = self.answered, self.setting.job
        share = self._machine.threads.share if self._machine.threads else None
        if not self.questions:
            if self._inputs is None and features.images is not None:
                self._inputs = self._given(features.images)
            labels = torch.tensor([label for _, label in job.val])
            val = features.frozen.val_images if features.frozen else len(labels)
            return Probes(
                runs=(),
                prior=float(torch.bincount(labels).max()) / len(labels),
                image_size=features.side,
                train_images=features.frozen.train_images if features.frozen else 0,
                val_images=val,
                device=self._device.type,
                notes=tuple(self._notes),
                curves=(features.curve,) if features.curve else (),
                suspects=features.suspects,
                shift=features.shift,
                labels=features.labels,
                frozen=features.frozen,
                share=share,
                inputs=self._inputs,
            )
        bench = self.bench
        return Probes(
            runs=tuple(bench.runs),
            prior=bench.prior(),
            image_size=bench.images.size,
            train_images=len(bench.images.train),
            val_images=len(bench.images.val),
            device=self._device.type,
            comparison=self._compared.answer(),
            learning_rate=self._configured.answer(),
            notes=(*self._notes, *bench.notes),
            attribution=self._attributed.answer(),
            curves=tuple(curve for curve in (features.curve, self._scratch.answer() if bench.steps else None) if curve),
            suspects=features.suspects,
            shift=features.shift,
            labels=features.labels,
            one_batch=self._one_batch.answer,
            overfit=self._configured.overfit(),
            forecast=self._forecast.answer(),
            frozen=features.frozen,
            confusion=self._confusion(),
            share=share,
            dropped=self._dropped,
            inputs=self._inputs,
        )

    def _given(self, images: Images) -> GivenInputs | None:
        """What the configured network is given of the images; None without a recipe to train."""
        setting = self.setting
        return given_inputs(images, setting.own, setting.job.classes, setting.job.seed) if setting.own else None

    def _confusion(self) -> Confusion | None:
        """The confusion of the most accurate main arm, or of frozen features where they are better; None before any has
        run."""
        bench, labels = self.bench, self.bench.images.val_labels.cpu().numpy()
        best: tuple[float, str, list[NDArray[np.int64]]] = (0.0, "", [])
        for arm in (*self.arms(), *self._attributed.ends):
            runs = [done for done in bench.results(arm).values() if not done.void and len(done.predicted)]
            reached = float(np.mean([done.hits for done in runs])) if runs else 0.0
            if reached > best[0]:
                best = (reached, arm.name, [done.predicted for done in runs])
        frozen, predicted = self.answered.frozen, self.answered.predicted
        if frozen and frozen.accuracy > best[0] and len(predicted) >= len(labels):
            best = (frozen.accuracy, "frozen features", [predicted[: len(labels)]])
        return confusion(best[1], self.setting.job.classes, labels, best[2]) if best[2] else None
