"""What the probes are about: the architecture, the weights and the person's own recipe, as far as they can be trained.

Whatever can't is reported by name, as a note or as a part that failed.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from diagnose.model import InputError
from diagnose.probing import architectures
from diagnose.probing.augment import augmentation
from diagnose.probing.job import Failed, Job
from diagnose.probing.questions.setting import ProbeSetting
from diagnose.probing.recipe import SINGLE_OUTPUT, Recipe
from diagnose.probing.weights import Weights, find_weights

DOWNLOAD_SHARE = 0.5  # of the time that is left, after which weights that are still coming in are given up
ANY_SIZE = 64  # px; which augmentations are known doesn't depend on it


@dataclass(frozen=True)
class Preparation:
    """Makes the setting of a job. side: px of the images at first; say: takes a remark; emit: takes a Failed; left:
    seconds that are left."""

    job: Job
    side: int
    say: Callable[[str], None]
    emit: Callable[[Failed], None]
    left: Callable[[], float] = lambda: math.inf

    def setting(self) -> ProbeSetting:
        """The architecture, the weights and the person's own recipe, after everything that cannot run was reported."""
        job = self.job
        arch, why = architectures.choose(job.configured_arch, job.arch, self.side)
        if why:
            self.say(why)
        weights = self._weights(arch) if self._wants_weights() else None
        if weights is not None and weights.substitute:
            self.say(f"every arm runs on the substitute model {weights.arch}: {arch}'s weights are unavailable")
        theirs = job.goal is not None and architectures.known(job.goal.arch)
        if job.goal is not None and "architecture" in job.goal.factors and (weights or not theirs):
            self.say(f"every arm runs on {weights.arch if weights else arch}: the architecture's part is not measured")
        own = job.configured
        if own is not None and (why := _untrainable(own, len(job.classes))):
            self.emit(Failed(why, part="configured"))
            own = None
        if own is not None and job.goal is not None and (why := _untrainable(job.goal.recipe, len(job.classes))):
            self.emit(Failed(f"the other configuration: {why}", part="configured"))
            own = None
        needed = [job.configured_weights] if own else []
        needed += [job.goal.weights] if job.goal else []
        if weights is None and any(name != "none" for name in needed):
            self.emit(Failed("the weights that it names are unavailable", part="configured"))
            own = None
        if own is not None:
            own = self._fitting(own)
        return ProbeSetting(job, weights.arch if weights else arch, arch, weights, own)

    def _fitting(self, own: Recipe) -> Recipe:
        """The recipe without what these images or this probe cannot use, each reported."""
        _, unknown = augmentation(own.augmentations, ANY_SIZE)
        if unknown:
            why = f"augmentations that the probe does not know were left out: {', '.join(unknown)}"
            self.say(why)
            own = own.without("augmentations", why)
        weights = dict(own.loss_options).get("class_weights")
        if isinstance(weights, tuple) and len(weights) != max(own.outputs or 0, len(self.job.classes)):
            why = f"{len(weights)} class weights for {len(self.job.classes)} classes were left out"
            self.say(why)
            kept = tuple(option for option in own.loss_options if option[0] != "class_weights")
            own = replace(own, loss_options=kept).without("loss_options", why)
        return own

    def _wants_weights(self) -> bool:
        """Not where two configurations are compared that both start from random ones."""
        job = self.job
        return job.goal is None or (job.configured_weights, job.goal.weights) != ("none", "none")

    def _weights(self, arch: str) -> Weights | None:
        """The weights that are asked for; those of the configuration where it names some of its own."""
        job = self.job
        named = job.configured_weights not in ("none", "imagenet", "default", "auto")
        if named and job.weights == "auto":
            try:
                return self._found(job.configured_weights, arch)
            except InputError as fault:
                self.say(str(fault))
        found = self._found(job.weights, arch)
        if found is None and job.weights != "none":
            self.emit(Failed("pretrained weights are unavailable; see the notes", part="pretrained"))
        return found

    def _found(self, option: str, arch: str) -> Weights | None:
        seconds = DOWNLOAD_SHARE * self.left()
        return find_weights(option, arch, self.job.offline, self.say, self.side, seconds)


def _untrainable(recipe: Recipe, classes: int) -> str:
    """Why a configuration's arm is not trained; "" where it can be."""
    if recipe.why_not:
        return recipe.why_not
    single = recipe.outputs == 1 and classes == 2 and recipe.loss in SINGLE_OUTPUT
    if recipe.outputs is not None and recipe.outputs < classes and not single:
        return f"its head has {recipe.outputs} outputs for {classes} classes"
    return ""
