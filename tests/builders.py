"""Literal evidence for tests: what a scan, a configuration or a set of probes would have given."""

from __future__ import annotations

from typing import Any

from diagnose.model import (
    ACCURACY,
    LOSS,
    RATE,
    SECONDS,
    TRAIN,
    VAL,
    Act,
    ArmResult,
    Attribution,
    Character,
    Check,
    Checkpoint,
    Comparison,
    Confidence,
    Config,
    ConfusedPair,
    Confusion,
    Curve,
    Dataset,
    Evidence,
    Fact,
    Feed,
    Finding,
    Forecast,
    FrozenFeatures,
    History,
    Interval,
    Layer,
    LearningCurve,
    LearningRate,
    Location,
    LoggedRun,
    Measured,
    OwnArms,
    OwnNetwork,
    Paired,
    Part,
    Pixels,
    Point,
    ProbeRun,
    Probes,
    Program,
    RepairResult,
    Restored,
    Run,
    Scheduler,
    SeenFeed,
    SeenLoss,
    SeenNetwork,
    SeenOptimizer,
    SeenStep,
    Setting,
    Severity,
    Stage,
    Step,
    Tensors,
    Tried,
    TriedRecipe,
    TunedChange,
    Tuning,
)

FILE = "config.yaml"


def config(**values: Any) -> Config:
    """A Config that says these fields, one per line, and nothing else."""
    said = {
        name: Setting(value, True, FILE, line, why="") for line, (name, value) in enumerate(values.items(), start=1)
    }
    silent = {
        name: Setting(file=FILE, why=f"the config does not say `{name}`")
        for name, _ in Config().settings()
        if name not in values
    }
    return Config(**said, **silent)


def dataset(train: int | dict[str, int] = 100, val: int | dict[str, int] | None = 100, **more: Any) -> Dataset:
    """Two classes of `train` and `val` images each, or the counts given; without val a folder without splits."""

    def counts(images: int | dict[str, int]) -> dict[str, int]:
        return images if isinstance(images, dict) else {"cat": images, "dog": images}

    splits = {"all": counts(train)} if val is None else {"train": counts(train), "val": counts(val)}
    values = {"mean": (0.45, 0.45, 0.4), "std": (0.23, 0.22, 0.23), **more}
    return Dataset(root="data", counts=splits, **values)


def interval(low: float, high: float) -> Interval:
    return Interval(low, high)


def probe_run(arm: str = "configured", accuracy: float | None = 0.6, **more: Any) -> ProbeRun:
    """One run with a margin of ±5 points."""
    around = None if accuracy is None else Interval(accuracy - 0.05, accuracy + 0.05)
    values = {
        "arch": "resnet50",
        "weights": "random",
        "seed": 0,
        "steps": 2,
        "images": 32,
        "seconds": 1.0,
        "device": "cpu",
        "curve": ((0, 2.0), (1, 1.5)),
        "interval": around,
        **more,
    }
    return ProbeRun(arm=arm, val_accuracy=accuracy, **values)


def probes(*runs: ProbeRun, **more: Any) -> Probes:
    values = {"prior": 0.25, "image_size": 64, "train_images": 100, "val_images": 100, "device": "cpu", **more}
    return Probes(runs=runs, **values)


GLANCES = ((15, 0.12), (30, 0.31), (45, 0.44), (60, 0.52))


def frozen(accuracy: float = 0.71, **more: Any) -> FrozenFeatures:
    around = Interval(accuracy - 0.04, accuracy + 0.04)
    return FrozenFeatures(**{"arch": "efficientnet_lite0", "accuracy": accuracy, "interval": around,
                             "train_images": 1500, "val_images": 600, **more})  # fmt: skip


def confusion(*classes: str, arm: str = "pretrained", wrong: int = 12, of: int = 40) -> Confusion:
    """Every class is taken for the next one `wrong` times of `of`."""
    names = classes or ("cat", "dog", "owl")
    count = len(names)
    counts = tuple(
        tuple(of - wrong if column == row else wrong if column == (row + 1) % count else 0 for column in range(count))
        for row in range(count)
    )
    pairs = tuple(ConfusedPair(name, names[(at + 1) % count], wrong, of) for at, name in enumerate(names))
    return Confusion(arm, names, counts, pairs[:5])


def comparison(low: float, high: float, seeds: int = 6, **more: Any) -> Comparison:
    """A gap in the middle of its interval."""
    gap = Paired((low + high) / 2, Interval(low, high), seeds, 200)
    values = {"arch": "resnet50", "weights": "resnet50 IMAGENET1K_V2", "stand_in": False, **more}
    return Comparison(scratch=0.4, pretrained=0.4 + gap.difference, gap=gap, **values)


def learning_rate(configured: float, suggested: float | None, **more: Any) -> LearningRate:
    values = {"diverges_at": 1.0, "curve": ((1e-6, 2.0), (1e-2, 1.0)), "steps": 30, "suggested_learns": True, **more}
    return LearningRate(configured=configured, suggested=suggested, **values)


def attribution(*parts: tuple[str, float, float], **more: Any) -> Attribution:
    """A waterfall of parts (factor, low, high), each in the middle of its interval, that add up to the whole."""
    told = tuple(
        Part(factor, "before", "after", worse_by(low, high), Confidence.SHOWN if low > 0 else Confidence.NOT_DECIDED)
        for factor, low, high in parts
    )
    whole = sum(part.gain.difference for part in told)
    values = {"start": 0.4, "goal": 0.4 + whole, "remainder": worse_by(0.0, 0.0), "arch": "resnet50", **more}
    return Attribution(whole=worse_by(whole - 0.05, whole + 0.05), parts=told, **values)


def curve(start: str = "pretrained", **more: Any) -> LearningCurve:
    points = ((12.5, 0.6), (25.0, 0.68), (50.0, 0.74), (100.0, 0.79))
    return LearningCurve(start, points, **{"doubled": 0.83, "doubled_interval": Interval(0.8, 0.86), **more})


def forecast(**more: Any) -> Forecast:
    values = {
        "seconds": 3600.0, "seconds_range": Interval(3000.0, 4200.0), "compute": 20.0, "loading": 300.0, "workers": 2,
        "device": "cpu", "batch": 32, "input_size": 224, "epochs": 30, "steps": 400, "memory": 3 * 2**30, **more,
    }  # fmt: skip
    return Forecast(**values)


def worse_by(low: float, high: float, seeds: int = 6) -> Paired:
    return Paired((low + high) / 2, Interval(low, high), seeds, 200)


def findings(check: Check, **parts: Any) -> tuple[Finding, ...]:
    """What the check finds in Evidence(**parts); it must have been able to judge."""
    state, why, found = check.run(Evidence(**parts))
    assert state in ("passed", "failed"), why
    return found


def only(check: Check, **parts: Any) -> Finding:
    """The one finding, stamped with the check's code."""
    (finding,) = findings(check, **parts)
    assert (finding.code, finding.name) == (check.code, check.name)
    assert finding.summary.endswith(".")
    assert finding.fix
    return finding


def silent(check: Check, **parts: Any) -> bool:
    return findings(check, **parts) == ()


def why_skipped(check: Check, **parts: Any) -> str:
    state, why, found = check.run(Evidence(**parts))
    assert (state, found) == ("skipped", ())
    return why


ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO


def act(what: str, line: int, **more: Any) -> Act:
    """An act of the batch loop that trains, unless it is said otherwise."""
    return Act(what, Location("train.py", line), order=line, **more)


def program(*acts: Act, **more: Any) -> Program:
    """A PyTorch program with a loop of its own."""
    return Program(**{"framework": "pytorch", "acts": acts, "training": Location("train.py", 1), **more})


def fact(kind: type[Fact], line: int = 7, /, **told: Any) -> Fact:
    return kind(Location("train.py", line), **told)


def steps(*told: tuple[str, str]) -> tuple[Step, ...]:
    """Transforms as (name, kind), one a line."""
    return tuple(Step(name, kind, Location("train.py", line)) for line, (name, kind) in enumerate(told, start=1))


def scheduler(name: str = "step", stepped: str = "epoch", **more: Any) -> Scheduler:
    place = Location("train.py", 9)
    return Scheduler(**{"name": name, "location": place, "stepped": stepped, "step_location": place, **more})


RESNET50_STAGES = tuple(
    Stage(stride, convolutions, channels, 1000)
    for stride, convolutions, channels in ((2, 1, 64), (4, 11, 256), (8, 13, 512), (16, 19, 1024), (32, 9, 2048))
)


def measured(**more: Any) -> Measured:
    """What a sound ResNet50 measures, but for what is said otherwise."""
    layers = tuple(Layer(f"layer{number}", 1.0, 0.01, 1.0) for number in range(12))
    values = {
        "parameters": 23_500_000,
        "stages": RESNET50_STAGES,
        "layers": layers,
        "joins": 16,
        "norms": ((0.1, 1e-5),),
        "other_norms": 0,
        "dead": 0.0,
        "dead_layer": "ReLU 1 of 49",
        "initial_loss": 2.4,
        "frozen": (),
        "frozen_parameters": 0,
        "outputs": "raw",
        "output_count": 10,
        "input_matters": True,
        "overfit": (2.4, 0.1, 0.01),
        "overfit_accuracy": 1.0,
        "blank_accuracy": 0.125,
        **more,
    }
    return Measured(**values)


def network(crash: str = "", **more: Any) -> OwnNetwork:
    """A person's network beside ResNet50."""
    place = Location("nets.py", 3)
    if crash:
        return OwnNetwork("nets:build", 10, 224, location=place, crash=crash)
    return OwnNetwork("nets:build", 10, 224, measured(**more), measured(), place)


def gained(low: float, high: float, seeds: int = 4) -> Paired:
    """An accuracy that changes by the middle of the interval, on 50 images."""
    return Paired((low + high) / 2, Interval(low, high), seeds, 50)


def tuning(*changes: TunedChange, **more: Any) -> Tuning:
    """A search of three recipes; the best makes these changes, and was not confirmed."""
    tried = (
        TriedRecipe("", 90, 2.0),
        TriedRecipe("learning rate 1", 22, float("inf"), diverged=True),
        TriedRecipe("learning rate 0.012", 90, 1.5),
    )
    values = {"full_steps": 390, "planned": 4, "left_out": ("dropout: the network's head takes none",), **more}
    return Tuning(tried, 580.0, 90, "resnet50", changes=changes, **values)


def repair(name: str = "shortcuts", gain: float = 0.1, half: float = 0.04, fault: bool = True) -> RepairResult:
    """A repair tried on two seeds; not decided where its interval holds zero."""
    paired = Paired(gain, Interval(gain - half, gain + half), 3, 100, 0.01)
    word = Confidence.INDICATED if paired.interval.excludes_zero else Confidence.NOT_DECIDED
    return RepairResult(name, f"Use {name}.", fault, 0.5 + gain, paired, word)


def arms(behind: float = 0.12, half: float = 0.06, *repairs: RepairResult, **more: Any) -> OwnArms:
    """A network trained beside ResNet50 and resnet18, as far behind both as is said."""
    paired = Paired(behind, Interval(behind - half, behind + half), 3, 100, 0.01)
    values = {
        "own": ArmResult("your network", 11_200_000, 0.5, 3),
        "resnet50": ArmResult("resnet50", 23_500_000, 0.5 + behind, 3),
        "same_size": ArmResult("resnet18", 11_180_000, 0.5 + behind, 3),
        "behind_resnet50": paired,
        "behind_same_size": paired,
        "repairs": repairs,
        "steps": 120,
        "image_size": 64,
        "recipe": "the reference recipe",
        **more,
    }
    return OwnArms(**values)


# ------------------------------------------------------------------ what a program did in miniature


def pixels(**more: Any) -> Pixels:
    """Images of 64 px normalised with ImageNet's statistics, as they reach the first layer."""
    values: dict[str, Any] = {
        "shape": (3, 64, 64), "dtype": "float32", "low": -2.1, "high": 2.6, "mean": 0.0, "std": 1.0,
        "means": (0.0, 0.0, 0.0), "stds": (1.0, 1.0, 1.0), "neighbours": 0.9, "third_neighbours": 0.6,
        "first_layer": "Conv2d",
    }  # fmt: skip
    return Pixels(**{**values, **more})


def feed(part: str = "training", **more: Any) -> SeenFeed:
    """What a sound loader gives: shuffled batches of two classes in training, the same in order in validation."""
    training = part == "training"
    values: dict[str, Any] = {
        "dataset": "ImageFolder", "images": 200, "batch_size": 16, "order": "shuffled" if training else "in order",
        "pixels": pixels(), "image_shape": (3, 64, 64), "labels": ((0, 1, 0, 1),) * 8, "label_kind": "integers",
        "folders": (("cat", 0, 20), ("dog", 1, 20)), "files_known": 40, "channel_order": "rgb",
        "drawn_twice": not training, "same_as_training": None if training else 0.0, "seconds_per_image": 0.002,
        "workers": 2, "location": Location("train.py", 3 if training else 4),
    }  # fmt: skip
    return SeenFeed(part, **{**values, **more})


def seen_network(**more: Any) -> SeenNetwork:
    """A network of which every parameter is trained."""
    values: dict[str, Any] = {
        "name": "ResNet", "parameters": 1000, "trainable": 1000, "outputs": 2, "outputs_are": "logits",
        "has_modes": True, "batch_norms": 5,
    }  # fmt: skip
    return SeenNetwork(**{**values, **more})


def seen_steps(count: int = 5, **more: Any) -> tuple[SeenStep, ...]:
    """Steps that change the weights by a hundredth of their length."""
    values: dict[str, Any] = {
        "epoch": 1,
        "optimizer": "SGD",
        "rates": (0.1,),
        "loss": 0.7,
        "ratio": 0.01,
        "gradient": 2.0,
    }
    return (SeenStep(**{**values, **more}),) * count


def ran(**more: Any) -> Run:
    """A sound program's run: two epochs with validation."""
    values: dict[str, Any] = {
        "command": "train.py", "framework": "pytorch", "seconds": 9.0, "ended": "enough", "epochs": 2, "steps": 13,
        "network": seen_network(), "feeds": (feed(), feed("validation")), "loss": SeenLoss("cross_entropy", 0.7, 0.69),
        "optimizers": (SeenOptimizer("SGD", (("momentum", 0.9),), 0.1, location=Location("train.py", 6)),),
        "course": seen_steps(),
    }  # fmt: skip
    return Run(**{**values, **more})


def curve_of(metric: str, split: str, values: Any, first: float = 1.0, every: float = 1.0) -> Curve:
    """A logged curve of values, one an epoch from the first."""
    points = tuple(Point(first + every * n, value, n + 2) for n, value in enumerate(values))
    return Curve(metric, split, f"{split}_{metric}".strip("_"), points)


def logged(**curves: Any) -> LoggedRun:
    """A run of a log: train_loss=[...], val_accuracy=[...], rate=[...], seconds=[...], and fields of LoggedRun."""
    names = {"train_loss": (LOSS, TRAIN), "val_loss": (LOSS, VAL), "train_accuracy": (ACCURACY, TRAIN),
             "val_accuracy": (ACCURACY, VAL), "rate": (RATE, ""), "seconds": (SECONDS, "")}  # fmt: skip
    made = tuple(curve_of(*names[name], values) for name, values in curves.items() if name in names)
    fields = {name: value for name, value in curves.items() if name not in names}
    return LoggedRun(**{"name": "log.csv", "file": "log.csv", "form": "table", "curves": made, **fields})


def history(*runs: LoggedRun, **more: Any) -> History:
    """What was read from a log."""
    return History("log.csv", runs, **more)


def wobble(values: Any, size: float) -> list[float]:
    """The values with a noise that is the same each time."""
    return [value + size * ((7919 * n) % 101 / 50 - 1) for n, value in enumerate(values)]


def checkpoint(accuracy: float | None = 0.8, **more: Any) -> Checkpoint:
    """A ResNet18 of ten classes on 200 validation images, evaluated as its program feeds it."""
    around = None if accuracy is None else Interval(max(0.0, accuracy - 0.06), min(1.0, accuracy + 0.06))
    values = {
        "arch": "resnet18",
        "named_by": "the tensors and the program",
        "tensors": Tensors(count=122, parameters=11_181_642, norms=20, head="fc", outputs=10),
        "written": Feed(64, mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225)),
        "of_classes": 10,
        "images": 200,
        "majority": 0.12,
        "tried": (Tried("channel order", "BGR in place of RGB", 0.6, 64),),
        **more,
    }
    return Checkpoint("best.pth", accuracy=accuracy, interval=around, **values)


def restored(kind: str = "channel order", words: str = "RGB in place of BGR", **more: Any) -> Restored:
    """From 31% to 85% on 100 images."""
    values = {"location": Location("train.py", 41), "read": True, **more}
    gained = Paired(0.54, Interval(0.4, 0.66), 1, 100, 1e-9)
    return Restored(kind, words, 0.31, 0.85, Interval(0.77, 0.91), gained, 27, **values)


def character(**more: Any) -> Character:
    """A model that is 80% right on 400 images and as sure."""
    values = {"images": 400, "accuracy": 0.8, "interval": Interval(0.76, 0.84), "majority": 0.12, "confidence": 0.81,
              "calibration": 0.03, "calibrated": 0.02, **more}  # fmt: skip
    return Character(**values)
