"""Can the network overfit one batch?"""

from __future__ import annotations

from dataclasses import replace

import torch

from diagnose.model import OneBatch
from diagnose.probing.bench import Arm, Bench
from diagnose.probing.cache import key_of
from diagnose.probing.questions.setting import WORTH, ProbeSetting
from diagnose.probing.recipe import Recipe
from diagnose.probing.train import Images, train

ONE_BATCH, ONE_BATCH_STEPS = 16, 40
LEARNED = 0.9  # of one batch: above it a network has learned it


class OneBatchQuestion:
    """Can the network overfit a single batch with the configured input, loss and frozen layers?"""

    name = "overfit one batch"

    def __init__(self, setting: ProbeSetting, bench: Bench) -> None:
        self._setting, self._bench = setting, bench
        self.done = 0
        self.answer: OneBatch | None = None

    def information(self, done: int) -> float:
        """A fixed worth for the one round; 0 after it, or without a recipe to train."""
        return WORTH["one batch"] if done == 0 and self._setting.own is not None else 0.0

    def cost(self, done: int) -> float:
        """Seconds to train on one batch."""
        return self._bench.seconds(self._setting.arch, ONE_BATCH_STEPS) * ONE_BATCH / self._bench.batch

    def run(self) -> None:
        """Overfit one batch with the configured input, loss and frozen layers, and set `answer`."""
        self.done += 1
        assert self._setting.own is not None
        own, plain = self._setting.own, replace(self._setting.reference, augmentations=())
        recipe = replace(
            plain, scaling=own.scaling, mean=own.mean, std=own.std, frozen=own.frozen,
            output_activation=own.output_activation, input_size=own.input_size, loss=own.loss,
            loss_options=own.loss_options, outputs=1 if own.outputs == 1 else None, head_options=own.head_options,
        )  # fmt: skip
        accuracy = self._learned(recipe)
        reference = self._learned(plain) if accuracy < LEARNED else None
        labels = self._batch().train_labels
        blank = float(torch.bincount(labels).max()) / len(labels)
        self.answer = OneBatch(accuracy, blank, reference, ONE_BATCH_STEPS, len(labels))

    def _batch(self) -> Images:
        """One batch, to be learned and to be asked for."""
        images = self._bench.images
        order = torch.randperm(len(images.train), generator=torch.Generator().manual_seed(self._setting.job.seed))
        chosen = order[:ONE_BATCH].to(images.train.device)
        pixels, labels = images.train[chosen], images.train_labels[chosen]
        return Images(pixels, labels, pixels, labels)

    def _learned(self, recipe: Recipe) -> float:
        arm = Arm("one batch", self._setting.arch, self._setting.own_weights != "none", recipe)
        key = key_of("one batch", *self._bench.identity(arm), ONE_BATCH_STEPS)
        if (stored := self._bench.cache.get(key)) is not None:
            return float(stored["accuracy"])
        seed, batch = self._setting.job.seed, self._batch()
        step_done = self._bench.announced(arm.name, arm.arch, "", seed, ONE_BATCH_STEPS)
        schedule = [recipe.learning_rate] * ONE_BATCH_STEPS
        done = train(
            self._bench.model(arm, seed), recipe, batch, schedule, len(batch.train), seed, step_done,
            self._bench.machine,
        )  # fmt: skip
        accuracy = float(done.hits.mean())
        self._bench.cache.put(key, {"accuracy": accuracy})
        return accuracy
