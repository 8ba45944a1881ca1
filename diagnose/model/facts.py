"""What stands out in a training program, one class for each kind: what was read, and where. Checks judge it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from diagnose.model.basics import Location


@dataclass(frozen=True)
class Fact:
    """Something in the program, and where it stands."""

    location: Location


@dataclass(frozen=True)
class Accumulation(Fact):
    """The gradients of several batches for one step, as the program's own loop arranges it; the place is backward().

    batches: how many, None where that is unknown. scaled: whether the loss or the gradients are divided, or may be.
    cleared: where the gradients are cleared for every batch all the same; None where they are not.
    """

    batches: int | None
    scaled: bool
    cleared: Location | None = None


@dataclass(frozen=True)
class AlwaysTraining(Fact):
    """A layer that never leaves training mode. layer: what it is, such as dropout; how: "function", "made" (in each
    forward) or "train()" (called in forward)."""

    layer: str
    how: str


@dataclass(frozen=True)
class AverageUnused(Fact):
    """An average of the weights that is kept and neither evaluated nor saved. name: what makes it."""

    name: str


@dataclass(frozen=True)
class BgrImages(Fact):
    """Images that come as blue, green, red and are not turned. reader: the function; mixed: whether another dataset of
    the program reads its images as red, green, blue."""

    reader: str
    mixed: bool = False


@dataclass(frozen=True)
class ClassesByName(Fact):
    """A reader of folders that numbers the classes by their sorted names. reader: the function."""

    reader: str


@dataclass(frozen=True)
class BoolOption(Fact):
    """An option of type=bool: whatever is given counts as true."""

    option: str
    default: Any


@dataclass(frozen=True)
class ClassFolders(Fact):
    """A loader that takes folders for classes. hidden: whether it counts hidden ones; raises: whether a class without
    images stops it; root: the folder that it is given, empty where that is not known."""

    loader: str
    hidden: bool
    raises: bool = False
    root: str = field(default="", repr=False)


@dataclass(frozen=True)
class ClassNumbers(Fact):
    """Class numbers by an order that need not stay. source: set, listing, or the encoder's name.

    apart_from: the line that numbers the classes of another part of the images by itself; None where nothing does.
    keeps: whether the program saves or loads weights, which need the same numbers again.
    """

    source: str
    apart_from: int | None
    keeps: bool


@dataclass(frozen=True)
class CoarseStem(Fact):
    """A library's network whose first layers shrink the image to a quarter, as they are. dataset: that it trains on, ""
    where it has no name."""

    architecture: str
    dataset: str = ""


@dataclass(frozen=True)
class ConvertedTwice(Fact):
    """A ToTensor that is given a tensor. first: the step that made it."""

    first: Location


@dataclass(frozen=True)
class CopyNotLoaded(Fact):
    """Weights put into the dictionary of a network's state_dict(), which nothing loads."""


@dataclass(frozen=True)
class DecayedNorms(Fact):
    """Weight decay on every parameter of a network, its norms and biases among them."""

    decay: float


@dataclass(frozen=True)
class Deprecated(Fact):
    """An argument or function that a library gave up. removed: whether current versions lack it."""

    what: str
    instead: str
    removed: bool


@dataclass(frozen=True)
class EveryProcessAlike(Fact):
    """A training in several processes whose data are not dealt out to them. what: no_sampler, or no_epoch where
    set_epoch() is never called."""

    what: str


@dataclass(frozen=True)
class FrozenStatistics(Fact):
    """Frozen layers with batch norm in training mode: their statistics change. part: what is frozen."""

    part: str


@dataclass(frozen=True)
class GraphKept(Fact):
    """A loss that is kept with its graph. into: the name of what keeps it; how: add or append."""

    into: str
    how: str


@dataclass(frozen=True)
class HeadFrozen(Fact):
    """A new head that does not train. everything: whether nothing else does either."""

    everything: bool


@dataclass(frozen=True)
class InvertedTruth(Fact):
    """~ of a truth value, which is -1 or -2 and so always counts as true."""


@dataclass(frozen=True)
class KerasLoss(Fact):
    """What the loss of one training of Keras gets; None where that is unknown. labels: one_hot or int."""

    from_logits: bool | None
    labels: str | None
    loss: str | None = None
    output_activation: str | None = None
    head: int | None = None


@dataclass(frozen=True)
class KerasMode(Fact):
    """Layers of Keras that are always in one mode, whether the network trains or not.

    training: which one. layer: what is always in training mode; norms: whether batch norm is among what is in the wrong
    mode, others: the other layers, such as dropout.
    """

    training: bool
    layer: str
    norms: bool
    others: tuple[str, ...] = ()


@dataclass(frozen=True)
class LabelsScaled(Fact):
    """Numbers of classes that are divided by 255, as pixels are. loss: what gets them."""

    loss: str | None


@dataclass(frozen=True)
class LabelsSmoothed(Fact):
    """Labels that are smoothed before a loss that smooths them itself. loss: its line; smoothing: its share."""

    loss: int | None
    smoothing: float


@dataclass(frozen=True)
class LayerUsedTwice(Fact):
    """A batch norm that two places of a forward share while another of the same network is never used."""

    twice: str
    unused: str


@dataclass(frozen=True)
class LoadCommentedOut(Fact):
    """A line that would load weights, as a comment."""


@dataclass(frozen=True)
class LooseLoad(Fact):
    """load_state_dict(strict=False). looked_at: whether the program looks at what did not fit; wrapped: whether the
    names cannot fit, since the network is wrapped and the state is a library network's own."""

    looked_at: bool
    wrapped: bool


@dataclass(frozen=True)
class MetricArithmetic(Fact):
    """A sum over batches divided by what it does not fit.

    how: means_by_images, images_by_batches, other_set or last_batch. added_at: the line that adds, or shows a last
    batch. counted: whether right answers are added, so that an accuracy is wrong.
    """

    how: str
    added_at: int | None
    counted: bool


@dataclass(frozen=True)
class MixedPrecision(Fact):
    """A training in float16 that lacks a part. what: no_scaler, half_weights, clipped_scaled, no_update, direct_step or
    unscaled_loss. other: the line that it clashes with."""

    what: str
    other: int | None = None


@dataclass(frozen=True)
class MovingMomentum(Fact):
    """Batch norm of the program's own network. momentum: the share of the running statistics that each update keeps."""

    momentum: float


@dataclass(frozen=True)
class NamesMatchNothing(Fact):
    """Weights that are loaded by names none of which can match.

    why: "nested" (the state lies one level deeper, under `key`), "prefix" (saved from DataParallel, loaded without it),
    "kept" (a filter keeps the names with the prefix `key`, which stays on), "names" (of layers of another model) or
    "unchecked" (of a file from elsewhere, into what stays frozen). filtered: whether the program filters the names
    itself, rather than by strict=False; certain: whether nothing is assumed.
    """

    why: str
    key: str
    filtered: bool
    certain: bool


@dataclass(frozen=True)
class OldFrozenNorm(Fact):
    """A frozen network with batch norm in a program for Keras up to 2.3, where it uses batch statistics in training."""


@dataclass(frozen=True)
class NoActivation(Fact):
    """Two layers with no activation between them. kind: linear or conv; first: where the first of them is made."""

    kind: str
    first: Location


@dataclass(frozen=True)
class NotOnDevice(Fact):
    """A network or batches that stay on the CPU."""

    network: bool
    inputs: bool


@dataclass(frozen=True)
class NotValidated(Fact):
    """A training that is never measured on held-out images."""


@dataclass(frozen=True)
class OptimizerMisses(Fact):
    """Parameters that should train and are not the optimizer's.

    parameters: how many; examples: some of their names; head: whether a new head is among them; foreign: whether the
    optimizer holds none of the network; all: how many there are; unfrozen: whether the program froze them and unfroze
    them before this training.
    """

    parameters: int
    examples: tuple[str, ...]
    head: bool
    foreign: bool
    all: int
    unfrozen: bool = False


@dataclass(frozen=True)
class OrderedSplit(Fact):
    """Validation images that are one end of images listed class by class. how: what takes them; labels: the line that
    lists them; arrays: whether they are arrays, as opposed to a folder; first: whether they are the first ones, as
    skorch's ValidSplit takes them, as opposed to the last."""

    how: str
    labels: int | None
    arrays: bool = True
    first: bool = False


@dataclass(frozen=True)
class OwnTransformer(Fact):
    """A network of the program's own that attends and has no batch norm."""


@dataclass(frozen=True)
class ParameterGroups(Fact):
    """The groups of the optimizer. rates_differ: whether they have different learning rates."""

    groups: int
    rates_differ: bool


@dataclass(frozen=True)
class PatchMisfit(Fact):
    """A network of patches that the images do not fit.

    what: size, where it is made for images of another size; patches, where they do not divide the image. made_for: px.
    gets: px of the images, or of the patch. raises: whether it stops for that; None where that is not known.
    """

    what: str
    network: str
    made_for: int
    gets: int
    raises: bool | None


@dataclass(frozen=True)
class RandomValidation(Fact):
    """Held-out images that are augmented at random. shared: by the training's own transform or dataset."""

    names: tuple[str, ...]
    shared: bool


@dataclass(frozen=True)
class Regularisers(Fact):
    """Dropout, smoothing, mixing and the like of one training, with what its configuration says; None: unknown."""

    names: tuple[str, ...]
    weights: str | None = None
    weight_decay: float | None = None
    train_augmentations: tuple[str, ...] | None = None


@dataclass(frozen=True)
class ReorderedApart(Fact):
    """Pictures or labels that are put in a random order one without the other. how: shuffle, split or index."""

    how: str
    paired_at: int | None


@dataclass(frozen=True)
class ReplacedConstant(Fact):
    """A constant that a later line replaces before anything reads it. line: of the later one."""

    name: str
    before: Any
    after: Any
    line: int | None


@dataclass(frozen=True)
class ResumeIncomplete(Fact):
    """A resume that restores the network and not all that its training needs.

    missing: of optimizer, schedule, scaler and epoch; saved: those that the checkpoint holds; named: whether only a
    name such as --resume says that it resumes.
    """

    missing: tuple[str, ...]
    saved: tuple[str, ...]
    named: bool


@dataclass(frozen=True)
class ScheduleAhead(Fact):
    """A schedule that each batch steps before the optimizer. schedule: its name."""

    schedule: str


@dataclass(frozen=True)
class SelectedOnTest(Fact):
    """An epoch that is chosen by the score on the test images. by: what chooses, as the program writes it."""

    by: str
    scored_at: int | None


@dataclass(frozen=True)
class ShuffledPredictions(Fact):
    """Predictions of what draws its images in a random order, compared with labels in the stored order.

    loader: what draws. labels: what they are compared with, as the program writes it. compared_at: the line.
    """

    loader: str
    labels: str
    compared_at: int | None


@dataclass(frozen=True)
class SlowInput(Fact):
    """What slows the loop that trains. what: one_process, twice, or the call that each batch waits for. name: of the
    dataset, or of what is moved."""

    what: str
    name: str = ""


@dataclass(frozen=True)
class SplitsOverlap(Fact):
    """Training and validation images that are in part the same.

    how: seeds, fractions, gap, shuffle, random, whole, slices, reshuffled or copies. what: the function that makes the
    part or the copies. other_line: of the other side.
    """

    how: str
    what: str
    other_line: int | None


@dataclass(frozen=True)
class TrainModeNotRestored(Fact):
    """eval() that lasts into training. since: "epoch" or "batch" where a loop calls it again and again, "start" where
    it stands ahead of all training."""

    since: str = "epoch"


@dataclass(frozen=True)
class TrainableAfterCompile(Fact):
    """Layers that are frozen or unfrozen (value) after compile(), before a fit() at the line `fit`. fitted: whether the
    model was fitted in between, so that its training step is built."""

    value: bool
    fitted: bool
    compiled: int | None
    fit: int | None


@dataclass(frozen=True)
class UnequalOrders(Fact):
    """An unsorted listing of files that is paired, item by item, with what comes in another order.

    other_kind: listing, sorted, table, stored or positions (numbers for ranges of places). trains: whether a training
    gets the pairs; paired_at: the line that pairs.
    """

    listing: str
    other: str
    other_kind: str
    other_line: int | None
    paired_at: int | None
    trains: bool


@dataclass(frozen=True)
class UnreadOption(Fact):
    """An option for weights that nothing reads."""

    option: str


@dataclass(frozen=True)
class UnscaledFloats(Fact):
    """Images that are floats already where a step divides by 255 whole numbers alone: ToTensor, convert_image_dtype.

    by: the step.
    """

    by: str


@dataclass(frozen=True)
class WrongOptimizer(Fact):
    """A step of an optimizer none of whose parameters the loss before it reaches. backward: where that loss is
    differentiated."""

    backward: Location
