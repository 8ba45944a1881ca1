"""Why does A do worse than B? Sets two configurations side by side and ranks what differs by its known effect."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import isclose
from typing import Any

from diagnose.model import Check, Config, Contrast, Difference, Evidence, Finding, Program, Setting, Severity

NEAR = 1.5  # a rate or batch within this factor seldom matters

# What a framework's own layers do by default; the same network trains otherwise in the other.
CONVENTIONS = (
    (
        "batch norm's momentum",
        "0.99: 100 updates leave 37% of the initial statistics",
        "0.1, which Keras would call 0.9",
    ),
    ("batch norm's epsilon in ResNet50", "1.001e-5", "1e-5"),
    ("initial weights of convolutions", "Glorot uniform", "He normal by fan-out in torchvision's ResNet50"),
    (
        "stride of a ResNet50 stage",
        "in the first 1×1 convolution (v1)",
        "in the 3×3 convolution (v1.5, about half a point better)",
    ),
    ("bias of ResNet50's convolutions", "yes (25,636,712 parameters)", "no (25,557,032 parameters)"),
    ("ResNet50's input", "BGR, mean subtracted, not scaled", "RGB, 0..1, normalised by ImageNet's mean and deviation"),
    ("default rate of Adam and SGD", "0.001 and 0.01", "0.001 and 0.001"),
)


@dataclass(frozen=True)
class Factor:
    """Fields that make one cause together, and what a difference in them is expected to do."""

    name: str
    fields: tuple[str, ...]
    effect: Callable[[Config, Config], str]
    alike: Callable[[Any, Any], bool] = lambda one, other: one == other


def _close(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return isclose(one, other, rel_tol=1e-6)
    if isinstance(one, tuple) and isinstance(other, tuple) and len(one) == len(other):
        return all(map(_close, one, other))
    return bool(one == other)


def _same_start(one: Any, other: Any) -> bool:
    from diagnose.config.edit import IMAGENET_WEIGHTS

    return (one == "none") == (other == "none") and (one == other or {one, other} <= IMAGENET_WEIGHTS)


def _weights(a: Config, b: Config) -> str:
    if (a.weights.value == "none") != (b.weights.value == "none"):
        return ("the greatest difference there is on small data: with 1,000 images ResNet50 reaches 43% from scratch "
                "and 66% from ImageNet weights (mean of 19 tasks), on full sets 75% and 90%")  # fmt: skip
    return "other pretrained weights; torchvision's second set is 4.7 points better on ImageNet (80.9 against 76.1)"


def _rate(a: Config, b: Config) -> str:
    one, other = a.learning_rate.value, b.learning_rate.value
    if one and other:
        ratio = max(one, other) / min(one, other)
        if ratio <= NEAR:
            return "so near that it seldom matters"
        if ratio < 5:
            return f"a factor of {ratio:.2g}: some points at most, either way"
        return f"a factor of {ratio:.3g}: it can decide between learning and not"
    return "the setting that matters most after the weights"


def _epochs(a: Config, b: Config) -> str:
    scratch = a.weights.value == "none" and b.weights.value == "none"
    return (
        "from random weights the longer run goes on learning where the shorter one stops"
        if scratch
        else "with pretrained weights the first few epochs bring most of it"
    )


def _text(text: str) -> Callable[[Config, Config], str]:
    return lambda a, b: text


# In the order of what they are known to cost.
FACTORS = (
    Factor("weights", ("weights",), _weights, _same_start),
    Factor("loss", ("loss", "output_activation"), _text("a loss that does not fit the outputs stops learning")),
    Factor("frozen layers", ("frozen",), 
           _text("frozen pretrained features suffice for a few hundred images; more want tuning")),
    Factor("preprocessing", ("preprocessing", "scaling", "mean", "std"),
           _text("pretrained features want their own: a frozen ResNet50 fed x/255 reached 50% in place of 98%"),
           _close),
    Factor("architecture", ("model",),
           _text("several points between generations of networks, at equal training")),
    Factor("learning rate", ("learning_rate",), _rate, _close),
    Factor("optimizer", ("optimizer",),
           _text("a few points where each has its own best rate; the same rate never fits both")),
    Factor("epochs", ("epochs",), _epochs),
    Factor("augmentation", ("train_augmentations",),
           _text("augmentation delays memorising: worth points on small data, and nothing in a run too short to "
                 "memorise")),
    Factor("input size", ("input_size",),
           _text("a point or two for each step from 128 to 224 pixels, more on fine detail")),
    Factor("schedule", ("schedule",),
           _text("a decay to small rates at the end is worth a point or more")),
    Factor("shuffling", ("shuffle",),
           _text("an unshuffled folder shows one class after the other: it hardly learns")),
    Factor("weight decay", ("weight_decay",), _text("a point or two from scratch, little in fine-tuning"), _close),
    Factor("batch size", ("batch_size",), _text("little, if the rate goes with it; below 8 batch norm suffers")),
    Factor("momentum", ("momentum",), _text("little between 0.8 and 0.95; none at all slows SGD down"), _close),
)  # fmt: skip


def contrast(
    this: str,
    other: str,
    one: tuple[Config, Program | None],
    two: tuple[Config, Program | None],
    checks: dict[str, Check],
) -> Contrast:
    """Sets `one` against `two`; `this` and `other` are what they are called."""
    a, b = one[0], two[0]
    differences, alike, unknown = [], [], []
    for factor in FACTORS:
        told = _compared(factor, a, b)
        if isinstance(told, Difference):
            differences.append(told)
        elif told is None:
            alike.append(factor.name)
        elif told:
            unknown.append((factor.name, told))
    here, there = _findings(one, checks), _findings(two, checks)
    frameworks = {program.framework for _, program in (one, two) if program}
    return Contrast(
        this=this,
        other=other,
        differences=tuple(differences),
        chance=not (a.seed.known and b.seed.known and a.seed.value == b.seed.value),
        alike=tuple(alike),
        not_compared=tuple(unknown),
        faults_here=tuple(f for f in here if f.code not in {g.code for g in there}),
        faults_there=tuple(f for f in there if f.code not in {g.code for g in here}),
        shared_myth=_myth(a, b),
        conventions=CONVENTIONS if len(frameworks) == 2 else (),
    )


def _compared(factor: Factor, a: Config, b: Config) -> Difference | str | None:
    """The difference, None where they are alike, or why it could not be told ("" where neither speaks of it)."""
    pairs = [(getattr(a, name), getattr(b, name)) for name in factor.fields]
    known = [(x, y) for x, y in pairs if x.known and y.known]
    differing = [(x, y) for x, y in known if not factor.alike(x.value, y.value)]
    if differing:
        x, y = differing[0]
        this, other = (", ".join(_shown(s[side]) for s in differing) for side in (0, 1))
        return Difference(factor.name, this, other, factor.effect(a, b), x.location, y.location)
    halves = [x if not x.known else y for x, y in pairs if x.known != y.known]
    if factor.name == "preprocessing":
        halves = [] if known and all(s.why.endswith("`preprocessing`") for s in halves) else halves
    if known and not halves:
        return None
    return halves[0].why if halves else ""


def _shown(setting: Setting[Any]) -> str:
    value = setting.value
    if value == ():
        return "none"
    if isinstance(value, tuple):
        return "[" + ", ".join(f"{v:.3g}" if isinstance(v, float) else str(v) for v in value) + "]"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _myth(a: Config, b: Config) -> str:
    """What is said of transfer learning without weights, which is none."""
    if a.weights.value != "none" or b.weights.value != "none":
        return ""
    claims = "transfer" in (a.method.value, b.method.value)
    return "Both start from random weights" + (
        ": what is called transfer learning here is training from scratch too." if claims else "."
    )


def _findings(side: tuple[Config, Program | None], checks: dict[str, Check]) -> list[Finding]:
    absent = {"data": "compared by their programs alone", "probes": "compared by their programs alone"}
    evidence = Evidence(configuration=side[0], code=side[1], absent=absent)
    found = [finding for check in checks.values() for finding in check.run(evidence)[2]]
    return [finding for finding in found if finding.severity is not Severity.INFO]
