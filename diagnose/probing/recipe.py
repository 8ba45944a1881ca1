"""How one arm trains, and how a configuration becomes one: as the person has it, or with what is missing named."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from diagnose.catalogue import augmentations, losses, optimizers
from diagnose.model import FACTORS as CAUSES
from diagnose.model import IMAGENET_MEAN, IMAGENET_STD, UNIT_STEP, Config, NotExamined, Setting
from diagnose.probing.schedule import share_of_run

# One option: its name, and a number, a word or a row of them.
Option = tuple[str, bool | int | float | str | tuple[int | float | str, ...]]

# Fields that nobody misses in a configuration.
SILENT = (
    "outputs", "frozen", "batch_size", "shuffle", "output_activation", "input_size", "loss_options",
    "optimizer_options", "schedule_options", "augmentation_options", "head_options",
)  # fmt: skip
# Fields without which the arm would train something else: it is not run where they cannot be reproduced. The others
# are replaced by what `unsupported` says, and no factor is measured by them.
DECISIVE = frozenset(("optimizer", "learning_rate", "loss", "output_activation", "outputs"))
COMPUTED = "computed"  # the value of an option that is known at run time only
PROGRAMS = (".py", ".ipynb")


@dataclass(frozen=True)
class Recipe:
    """How one arm trains. The defaults are the reference recipe that scratch and pretrained share: AdamW
    at 1e-3 with warm-up and cosine decay, which serves both in a few dozen steps.

    The options are in the words of diagnose.catalogue.options; lengths among those of the schedule are shares of the
    run. unsupported: what of the configuration the arm does not reproduce, one sentence each. unlike: the fields that
    these are about.
    """

    optimizer: str = "adamw"
    learning_rate: float = 1e-3
    momentum: float = 0.9
    weight_decay: float = 0.01
    schedule: str = "cosine"
    scaling: tuple[str, ...] = (UNIT_STEP,)
    mean: tuple[float, ...] = IMAGENET_MEAN
    std: tuple[float, ...] = IMAGENET_STD
    augmentations: tuple[str, ...] = ("random_horizontal_flip",)
    frozen: tuple[str, ...] = ()
    outputs: int | None = None
    batch_size: int | None = None  # the batch size that learning_rate belongs to; None: the probe's own
    shuffle: bool = True
    output_activation: str = "none"  # what the outputs go through before the loss in training
    input_size: int | None = None  # the probe's own size where it is larger
    steps: int | None = None  # of the whole configured run, where they are fewer than the probe's
    loss: str = "cross_entropy"
    loss_options: tuple[Option, ...] = ()
    optimizer_options: tuple[Option, ...] = ()
    schedule_options: tuple[Option, ...] = ()
    augmentation_options: tuple[Option, ...] = ()
    head_options: tuple[Option, ...] = ()
    unsupported: tuple[str, ...] = field(default=(), compare=False)
    unlike: tuple[str, ...] = field(default=(), compare=False)

    @property
    def why_not(self) -> str:
        """Why it may not be trained in the configuration's name; "" where it may."""
        decisive = [why for name, why in zip(self.unlike, self.unsupported, strict=True) if name in DECISIVE]
        return "; ".join(decisive)

    def without(self, name: str, why: str) -> Recipe:
        """The same with one more thing that it does not reproduce."""
        return replace(self, unsupported=(*self.unsupported, why), unlike=(*self.unlike, name))


# The recipe's fields (or `weights` and `arch` of the set-up) that each measurable factor of a gap is made of.
FACTORS: dict[str, tuple[str, ...]] = {cause.name: cause.recipe for cause in CAUSES if cause.recipe}
# Losses that a single output serves: its value is the probability of the second class, or the class itself.
SINGLE_OUTPUT = frozenset((
    "bce", "bce_with_logits", "binary_crossentropy", "multilabel_soft_margin", "sigmoid_focal",
    "mse", "l1", "smooth_l1", "huber", "mean_squared_error", "mean_absolute_error",
))  # fmt: skip
# Pairs of a loss and what the outputs go through, (loss, activation, from_logits), that train as a plainer pair does.
SAME = {
    ("nll", "log_softmax", False): ("cross_entropy", "none"),
    ("cross_entropy", "log_softmax", False): ("cross_entropy", "none"),  # log-softmax of a log-softmax is the same
    ("categorical_crossentropy", "softmax", False): ("cross_entropy", "none"),
    ("kl_divergence", "softmax", False): ("cross_entropy", "none"),  # of one-hot labels
    ("categorical_crossentropy", "*", True): ("cross_entropy", "*"),
    ("bce", "sigmoid", False): ("bce_with_logits", "none"),
    ("binary_crossentropy", "sigmoid", False): ("bce_with_logits", "none"),
    ("binary_crossentropy", "*", True): ("bce_with_logits", "*"),
    ("mean_squared_error", "*", False): ("mse", "*"),
    ("mean_absolute_error", "*", False): ("l1", "*"),
}
PROBABILITIES = ("softmax", "sigmoid")  # activations after which torch's BCELoss does not stop


def configured_recipe(config: Config, steps_per_epoch: int | None = None) -> tuple[Recipe, tuple[str, ...]]:
    """The user's own recipe, and remarks on what it leaves open.

    Fields that are unknown keep the optimizer's default or the reference recipe's value, and a remark names them.
    steps_per_epoch: for schedules that count optimizer steps.
    """
    values: dict[str, Any] = {}
    unknown = []
    for name in Recipe.__dataclass_fields__:
        if name in ("steps", "unsupported", "unlike"):
            continue
        source = {"augmentations": "train_augmentations", "outputs": "head"}.get(name, name)
        try:
            values[name] = getattr(config, source).get()
        except NotExamined:
            if name not in SILENT:
                unknown.append(source)
    for name in ("mean", "std"):
        if values.get(name) == ():
            values[name] = (0.0, 0.0, 0.0) if name == "mean" else (1.0, 1.0, 1.0)
    recipe = _with_optimizer(values, config)
    if not optimizers.takes_momentum(recipe.optimizer) and "momentum" in unknown:
        unknown.remove("momentum")
    recipe = _with_loss(recipe, config.loss)
    recipe = _with_augmentations(recipe)
    recipe = share_of_run(recipe, config.epochs.value, steps_per_epoch)
    if other := dict(recipe.head_options).get("other"):
        recipe = recipe.without("head_options", f"layers of the head that the probes leave out: {_words(other)}")
    notes = (f"not in the config, so the probe's own was used: {', '.join(unknown)}",) if unknown else ()
    return recipe, notes


def _with_optimizer(values: dict[str, Any], config: Config) -> Recipe:
    """The recipe with the optimizer's own defaults where the configuration says nothing."""
    entry = optimizers.find(values.get("optimizer"))
    options = dict(values.pop("optimizer_options", ()))
    of_head = options.pop("head_rate", COMPUTED)  # the arm's rate is the head's, and the backbone has a share of it
    if of_head != COMPUTED:
        values["learning_rate"] = float(of_head)
    peak = dict(values.get("schedule_options", ())).get("peak_rate", COMPUTED)
    rate_known = "learning_rate" in values or peak != COMPUTED
    if entry is not None:
        values["optimizer"] = entry.name
        values.setdefault("learning_rate", entry.start)
        values.setdefault("weight_decay", entry.defaults.decay)
        if entry.momentum:
            values.setdefault("momentum", entry.defaults.momentum or 0.0)
        else:
            values.pop("momentum", None)
    known = entry.options if entry else frozenset(options)
    kept = {name: given for name, given in options.items() if name in known and given != COMPUTED}
    recipe = Recipe(**values, optimizer_options=tuple(sorted(kept.items())))
    if not config.optimizer.known and (config.learning_rate.known or _is_program(config.optimizer)):
        recipe = recipe.without("optimizer", f"the optimizer isn't known ({config.optimizer.why})")
    elif config.optimizer.known and entry is None:
        recipe = recipe.without("optimizer", f"the optimizer {config.optimizer.value} isn't known to the probes")
    elif entry is not None and entry.unsupported:
        recipe = recipe.without("optimizer", f"the probes cannot train with {entry.display}: {entry.unsupported}")
    if not rate_known and _is_program(config.learning_rate):
        recipe = recipe.without("learning_rate", f"the learning rate isn't known ({config.learning_rate.why})")
    left = [name for name in options if name not in kept]
    if left:
        recipe = recipe.without("optimizer_options", f"options of the optimizer that are left out: {_words(left)}")
    return recipe


def _is_program(setting: Setting[Any]) -> bool:
    """Whether the field was looked for in a training program, which has one whether it was found or not."""
    return (setting.file or "").endswith(PROGRAMS)


def _with_loss(recipe: Recipe, said: Setting[str]) -> Recipe:
    """The loss and the activation before it as the simplest pair that trains the same, or why there is none."""
    entry = losses.find(recipe.loss)
    options = dict(recipe.loss_options)
    if not said.known and _is_program(said):
        recipe = recipe.without("loss", f"the loss isn't known ({said.why})")
    elif entry is None:
        recipe = recipe.without("loss", f"the loss {recipe.loss} isn't known to the probes")
    elif entry.unsupported:
        recipe = recipe.without("loss", f"the probes cannot train with the loss {entry.name}: {entry.unsupported}")
    if recipe.output_activation not in losses.ACTIVATIONS:
        why = f"the activation {recipe.output_activation} before the loss isn't known to the probes"
        recipe = recipe.without("output_activation", why)
    name = "categorical_crossentropy" if recipe.loss == "sparse_categorical_crossentropy" else recipe.loss
    logits = bool(options.pop("from_logits", False))
    pairs = ((name, recipe.output_activation, logits), (name, "*", logits))
    name, activation = next((SAME[pair] for pair in pairs if pair in SAME), (name, recipe.output_activation))
    activation = recipe.output_activation if activation == "*" else activation
    if name == "bce" and activation not in PROBABILITIES:
        recipe = recipe.without("loss", "BCELoss stops with an error on outputs outside 0..1")
    if logits and name == "categorical_focal_crossentropy":
        name = "focal"
    for option, value in list(options.items()):
        if value == COMPUTED or not value:
            del options[option]
        if value == COMPUTED:
            recipe = recipe.without("loss_options", f"{option.replace('_', ' ')}: computed at run time, left out")
    return replace(recipe, loss=name, output_activation=activation, loss_options=tuple(sorted(options.items())))


def _with_augmentations(recipe: Recipe) -> Recipe:
    """The augmentations by the catalogue's names, those that mix images named by their strength too."""
    names = tuple(dict.fromkeys(map(augmentations.named, recipe.augmentations)))
    options = tuple((name, value) for name, value in recipe.augmentation_options if value and value != COMPUTED)
    mixed = tuple(name for name, _ in options if augmentations.mixes(name) and name not in names)
    return replace(recipe, augmentations=(*names, *mixed), augmentation_options=options)


def _words(names: Any) -> str:
    return ", ".join(names) if isinstance(names, list | tuple) else str(names)
