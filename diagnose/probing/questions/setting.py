"""What every question is about, and what each answer is worth."""

from __future__ import annotations

from dataclasses import dataclass, replace

from diagnose.model import batch_scale
from diagnose.probing.attribution import Setup
from diagnose.probing.bench import Arm, Bench
from diagnose.probing.job import Job
from diagnose.probing.recipe import Recipe
from diagnose.probing.weights import Weights

# What an answer would change in a verdict, against that of the main comparison: judgements, not measurements.
WORTH = {
    "features": 2.0, "compared": 1.0, "confirmed": 0.6, "configured": 1.2, "attributed": 1.0, "rate": 0.6,
    "scale": 0.15, "one batch": 0.3, "forecast": 0.5, "scratch curve": 0.2, "stock": 0.2,
}  # fmt: skip
DIFFERENT = 3.0  # rates within half a decade are alike


@dataclass(frozen=True)
class ProbeSetting:
    """What every question is about. arch: of all arms; stock: the architecture that was asked for; own: the person's
    recipe, where it can be trained."""

    job: Job
    arch: str
    stock: str
    weights: Weights | None
    own: Recipe | None

    @property
    def own_weights(self) -> str:
        """ "none", or the name of the weights that the configuration starts from here."""
        return "none" if self.job.configured_weights == "none" or self.weights is None else self.weights.name

    @property
    def reference(self) -> Recipe:
        """The reference recipe, with its images normalised as the weights want them, from scratch too."""
        return Recipe(mean=self.weights.mean, std=self.weights.std) if self.weights else Recipe()

    def fitted(self, recipe: Recipe, bench: Bench) -> Recipe:
        """The recipe as the probe can run it: what makes no difference here is as if it were not said."""
        most = len(self.job.classes)
        return replace(
            recipe,
            outputs=recipe.outputs if recipe.outputs == 1 or (recipe.outputs and recipe.outputs > most) else None,
            input_size=recipe.input_size if recipe.input_size and recipe.input_size < bench.images.size else None,
            steps=recipe.steps if recipe.steps and recipe.steps < bench.steps else None,
        )

    def arm(self, name: str, setup: Setup, bench: Bench) -> Arm:
        """The set-up, with its rate at the probe's batch size."""
        recipe = self.fitted(setup.recipe, bench)
        scale = batch_scale(recipe.optimizer, bench.batch, recipe.batch_size) if recipe.batch_size else 1.0
        scaled = replace(recipe, learning_rate=recipe.learning_rate * scale, batch_size=None)
        return Arm(name, setup.arch or self.arch, setup.weights != "none", scaled)

    def own_arm(self, bench: Bench, name: str = "configured", rate: float | None = None) -> Arm:
        """The configuration, at a rate of its own batch size where one is given."""
        assert self.own is not None
        recipe = self.own if rate is None else replace(self.own, learning_rate=rate)
        return self.arm(name, Setup(recipe, self.own_weights), bench)
