"""What a training program did while it ran in miniature: its first batches, steps, validation and schedule.

Everything here was observed, nothing inferred from the program's text. A value is None, or a sequence empty, where the
run ended before it could be seen; `Run.reached` says how far it came.
"""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field

from diagnose.model.basics import Location, NotExamined
from diagnose.model.dataset import Histogram
from diagnose.model.intervals import Interval
from diagnose.model.mistakes import Mistake
from diagnose.model.pixels import Pixels

TRAINING, HELD_OUT = "training", "validation"


@dataclass(frozen=True)
class Sample:
    """One image as the network got it, to be found again among the dataset's. label: its class number; luma: base64 of
    16 x 16 bytes, its mean of channels with mean 128 and standard deviation 32; colours: means of red, green and blue
    in the order of its channels, empty for grey ones; warm: base64 of 8 x 8 float32, first channel less last."""

    part: str
    label: int
    luma: str
    colours: tuple[float, ...] = ()
    warm: str = ""


@dataclass(frozen=True)
class SeenFeed:
    """What one loader gave to the network, in training or validation.

    dataset: class of the dataset; images: how many it has; batch_size: as the program set it; order: "shuffled", "in
    order" or "" where the program draws by a sampler of its own; labels: class numbers batch by batch; label_kind:
    integers, one-hot, soft or floats. pixels: where they reach the first layer with weights; given: as the network is
    called with them. folders: (class folder of the file, class number, how often) of images that were read from files,
    or (class, class number, how often) of those found again in the dataset; files_known: how many these are.
    channel_order: of the tensors beside the files. drawn_twice: whether one image, fetched twice, came out the same;
    drawn_later: whether images of the first epoch came out the same in the second; None where that was not tried.
    draws: whether random numbers are drawn while an image is fetched for the first time. passed_on: whether the network
    is given the very tensors that the loader gave. seeded_at: where fetching an image sets a random seed.
    same_as_training: share of its images that the training loader reads too. seconds_per_image: of reading and
    preparing one. turned: how much of its classes' colour patterns has the opposite sign of the training images', 1
    where red and blue are swapped and -1 where they are not, with an interval of 99.7%.
    """

    part: str
    dataset: str
    images: int | None = None
    batch_size: int | None = None
    drop_last: bool | None = None
    workers: int | None = None
    order: str = ""
    pixels: Pixels | None = None
    given: Pixels | None = None
    image_shape: tuple[int, ...] = ()
    labels: tuple[tuple[int, ...], ...] = ()
    label_kind: str = ""
    label_dtype: str = ""
    folders: tuple[tuple[str, int, int], ...] = ()
    files_known: int = 0
    channel_order: str = ""
    drawn_twice: bool | None = None
    drawn_later: bool | None = None
    draws: bool | None = None
    passed_on: bool = False
    seeded_at: Location | None = None
    same_as_training: float | None = None
    seconds_per_image: float | None = None
    location: Location | None = None
    turned: tuple[float, Interval] | None = None


@dataclass(frozen=True)
class Layers:
    """Parameters that share a fate, by the layers that hold them. names: at most eight; share: of all parameters of the
    network, 0..1; head: whether the last layer with weights is among them; whole: whether that is all that may train.
    called: whether some of these layers took part in the forward pass."""

    names: tuple[str, ...]
    layers: int
    parameters: int
    share: float
    head: bool = False
    whole: bool = False
    called: bool = True

    @property
    def first(self) -> str:
        """The first four names, and whether there are more."""
        return ", ".join(self.names[:4]) + (" and more" if self.layers > 4 else "")


@dataclass(frozen=True)
class SeenNetwork:
    """The network that was trained. name: its class; wrapper: the class around it (LightningModule, DataParallel);
    outputs: width of what it gives; outputs_are: logits, probabilities, log-probabilities or "" where unclear;
    constant: whether it gives the same for every image; pretrained: share of its parameters that a file or a library's
    weights brought. without_gradient, unheld, unmoved: trainable parameters that got no gradient, that no optimizer
    holds, that no step changed; frozen: those that ask for no gradient;
    frozen_random: of these, those that nothing was loaded into."""

    name: str
    wrapper: str = ""
    parameters: int = 0
    trainable: int = 0
    outputs: int | None = None
    outputs_are: str = ""
    constant: bool = False
    pretrained: float = 0.0
    without_gradient: Layers | None = None
    unheld: Layers | None = None
    unmoved: Layers | None = None
    frozen: Layers | None = None
    frozen_random: Layers | None = None
    moving_statistics_of_frozen: tuple[str, ...] = ()
    has_modes: bool = False  # whether it holds a layer that training and evaluation treat differently
    batch_norms: int = 0
    evaluating_norms: int = 0  # batch norms whose weights may train and that evaluated in every training batch
    factory: str = ""
    weights: str = ""
    location: Location | None = None  # of its class, where that is the person's own


@dataclass(frozen=True)
class SeenStep:
    """One optimizer step. rates: by parameter group; ratio: length of the change over length of the weights; gradient:
    length over all parameters before any clipping that was seen; loss: of the batch, not finite where it is not."""

    epoch: int
    optimizer: str
    rates: tuple[float, ...]
    loss: float | None = None
    ratio: float | None = None
    gradient: float | None = None
    passes: int = 1  # backward passes since the step before


@dataclass(frozen=True)
class SeenOptimizer:
    """An optimizer that stepped. foreign: share of its parameters that are not the trained network's. accumulates:
    whether gradients of earlier steps were still there at a backward pass."""

    name: str
    options: tuple[tuple[str, float], ...] = ()
    learning_rate: float | None = None
    groups: int = 1
    foreign: float = 0.0
    accumulates: bool = False
    passes: int = 1
    divided: bool = True
    location: Location | None = None


RISE = 0.05  # of a rate, by which it has to rise to be noted
GONE = 0.005  # of the highest rate: two drops to a tenth leave twice that


@dataclass(frozen=True)
class SeenSchedule:
    """A learning-rate schedule. per: "batch", "epoch" or "never", by where it was stepped; after_epoch: the learning
    rate after one whole epoch over the one at its start, as the schedule itself says when it is stepped as often as the
    program would in a whole epoch; highest: the highest rate until then over the first. climb: pairs of a number of
    steps and the highest rate until then, as the schedule itself says, up to its peak. gone: epochs after which the
    rate stays below GONE of its highest; None where it doesn't, or as far as was looked."""

    name: str
    per: str
    after_epoch: float | None = None
    highest: float | None = None
    location: Location | None = None
    climb: tuple[tuple[int, float], ...] = ()
    gone: float | None = None

    def reaches(self, steps: int) -> float | None:
        """The highest rate of so many steps; None where it isn't known that far."""
        until = [rate for count, rate in self.climb if count <= steps]
        return until[-1] if until and (self.climb[-1][0] >= steps or len(until) < len(self.climb)) else None


@dataclass(frozen=True)
class SeenLoss:
    """The loss. first: of the first training batch; chance: ln(number of outputs); unlike: what the loss was given as
    outputs, logits, probabilities or log-probabilities. graph_kept: losses of earlier batches that still hold their
    graph."""

    name: str
    first: float | None = None
    chance: float | None = None
    given: str = ""
    graph_kept: int = 0
    mean: bool = True
    location: Location | None = None


@dataclass(frozen=True)
class Modes:
    """In which mode the network's layers were, by call: (in training mode, calls). frozen_norms: batch norms that were
    in evaluation mode while the rest trained."""

    training: tuple[tuple[bool, int], ...] = ()
    held_out: tuple[tuple[bool, int], ...] = ()
    later_epochs: tuple[tuple[bool, int], ...] = ()  # training calls after the first validation
    after_inner: tuple[tuple[bool, int], ...] = ()  # those after a validation within the same pass over the images
    held_out_gradients: int = 0  # validation calls that kept a graph


@dataclass(frozen=True)
class Arrival:
    """Tensors that were loaded into a network. given: tensors offered; fitting: of the network's tensors that were
    filled, as a share; used: whether that network is the one that trains. strict: whether a mismatch raises.
    unread: the folder of weights from which the network's configuration came, and nothing else."""

    given: int
    filled: float
    used: bool
    strict: bool
    _: KW_ONLY
    sample: str = ""  # a name that was offered
    wanted: str = ""  # a name that was wanted
    unread: str = ""
    kept: float = 1.0  # of what was filled, the share that still had its values at the first step
    location: Location | None = None


@dataclass(frozen=True)
class Clipping:
    """Gradients that were cut. most: the limit; median: of the lengths before; by: "norm" or "value"."""

    by: str
    most: float
    median: float
    location: Location | None = None


@dataclass(frozen=True)
class Printed:
    """An accuracy that the program printed after a validation, beside what its outputs and labels give. explained: how
    the printed number comes about where it is none of the right ones, "" where that is unknown."""

    text: str
    printed: float
    measured: float
    images: int
    explained: str = ""


@dataclass(frozen=True)
class Times:
    """Seconds of one training step on cut batches: waiting for the batch, moving it, and computing; images per step."""

    loading: float
    computing: float
    images: int


@dataclass(frozen=True)
class Contradiction:
    """A field of the configuration that reading and running give differently, each in words."""

    field: str
    read: str
    observed: str
    location: Location | None = None  # of what was read


@dataclass(frozen=True)
class Run:
    """All that was seen.

    ended: "enough" was seen, the program "finished", "time" was up, it "crashed", something was "missing" on this
    machine, it was "stopped", or "never trained". why: one sentence on that. location: where a crash ended it.
    first_answer: seconds to the first training step. epochs, steps: of training, begun. planned: epochs that the
    program asked a framework for. answers: 1 for each image of
    the last validation that was right, else 0. output: the last lines that the program printed. histograms: of each
    channel of the training images as they reach the network.
    substitutes: what the run put in the place of something that is not there, such as downloaded weights or a GPU; each
    concerns what it is named for.
    """

    command: str
    framework: str = ""
    seconds: float = 0.0
    first_answer: float | None = None
    ended: str = ""
    why: str = ""
    location: Location | None = None
    epochs: int = 0
    steps: int = 0
    planned: int | None = None
    network: SeenNetwork | None = None
    feeds: tuple[SeenFeed, ...] = ()
    loss: SeenLoss | None = None
    optimizers: tuple[SeenOptimizer, ...] = ()
    schedules: tuple[SeenSchedule, ...] = ()
    course: tuple[SeenStep, ...] = ()
    modes: Modes = field(default_factory=Modes)
    arrivals: tuple[Arrival, ...] = ()
    clipping: Clipping | None = None
    printed: tuple[Printed, ...] = ()
    answers: tuple[int, ...] = ()
    times: Times | None = None
    mistakes: tuple[Mistake, ...] = ()
    seed: int | None = None
    precision: str = ""
    substitutes: tuple[str, ...] = ()
    output: str = ""
    contradictions: tuple[Contradiction, ...] = ()
    samples: tuple[Sample, ...] = ()
    files: tuple[tuple[str, str, int], ...] = ()  # part, path and class number of images that were read from files
    histograms: tuple[Histogram, ...] = ()
    pictures: tuple[tuple[str, str], ...] = ()  # label and JPEG in base64 of what the network was given

    def feed(self, part: str) -> SeenFeed:
        """What training or validation was fed with. Raises NotExamined where the run did not get there."""
        for feed in self.feeds:
            if feed.part == part:
                return feed
        raise NotExamined(f"the run reached no {part} batch: {self.why or self.ended}")

    @property
    def training(self) -> SeenFeed:
        """The training loader. Raises NotExamined where no batch was trained on."""
        return self.feed(TRAINING)

    @property
    def held_out(self) -> SeenFeed:
        """The validation loader. Raises NotExamined where no batch was evaluated."""
        return self.feed(HELD_OUT)

    @property
    def validated(self) -> bool:
        """Whether a validation batch was evaluated."""
        return any(feed.part == HELD_OUT for feed in self.feeds)

    @property
    def trained(self) -> SeenNetwork:
        """The network. Raises NotExamined where none took a training step."""
        if self.network is None or not self.steps:
            raise NotExamined(f"the run reached no training step: {self.why or self.ended}")
        return self.network
