"""The schedules of the learning rate: their names in each library, and the arguments that make their shape."""

from __future__ import annotations

from dataclasses import dataclass

from diagnose.catalogue.names import index, key

# The options of a schedule, in one vocabulary for all libraries. Lengths are epochs, or optimizer steps where the
# schedule is stepped once a batch. Rates with "_rate" are learning rates, all others are shares.
OPTIONS = {
    "period": "length of a step, of the half cosine, of the whole decay, or the patience",
    "milestones": "where the rate is multiplied by `factor`",
    "values": "the learning rates between milestones, in place of a factor",
    "factor": "what the rate is multiplied by",
    "power": "of a polynomial",
    "final_rate": "the learning rate at the end",
    "final": "the same as a share of the first",
    "start": "the share that a linear schedule begins at",
    "growth": "what each cycle is longer by",
    "peak_rate": "the highest learning rate of a cycle",
    "rising": "the share of a cycle in which the rate rises",
    "first_divisor": "what the peak is divided by at the start",
    "last_divisor": "what the start is divided by at the end",
    "warmup": "length of the warm-up",
    "start_rate": "the lowest learning rate of a cycle",
    "parts": "the schedules within, in their order",
    "function": "the function that gives the factor, by name",
    "unit": "epoch or step",
}


@dataclass(frozen=True)
class Argument:
    """An argument of a schedule's constructor: its place (-1: by name alone), name, and what it means of OPTIONS.

    default: what the library takes where it is not given; None where it has none.
    """

    option: str
    place: int
    name: str
    default: float | None = None


@dataclass(frozen=True)
class Form:
    """One library's way of making a schedule: a class or function, and its arguments."""

    name: str
    arguments: tuple[Argument, ...] = ()

    @property
    def length(self) -> Argument | None:
        """The argument for the schedule's length or period, in epochs or steps; None where it takes none."""
        return next((one for one in self.arguments if one.option == "period"), None)


@dataclass(frozen=True)
class Schedule:
    """One schedule. words: other names in settings files. shape: whether its rates follow from its options."""

    name: str
    forms: tuple[Form, ...] = ()
    words: tuple[str, ...] = ()
    shape: bool = True

    @property
    def names(self) -> tuple[str, ...]:
        """The classes and functions of all libraries, then the words of settings files."""
        return (*(form.name for form in self.forms), *self.words)


def _form(name: str, *arguments: tuple[str, int, str] | tuple[str, int, str, float]) -> Form:
    return Form(name, tuple(Argument(*one) for one in arguments))


WARM, LENGTH = ("warmup", 1, "num_warmup_steps"), ("period", 2, "num_training_steps")  # as transformers names them
TIMM_WARM = ("warmup", -1, "warmup_t", 0.0)

SCHEDULES = (
    Schedule("constant", (_form("ConstantLR"), _form("get_constant_schedule"),
                          _form("get_constant_schedule_with_warmup", WARM)),
             ("none", "constant_with_warmup", "fixed")),
    Schedule("step", (
        _form("StepLR", ("period", 1, "step_size"), ("factor", 2, "gamma", 0.1)),
        _form("StepLRScheduler", ("period", 1, "decay_t"), ("factor", 2, "decay_rate", 1.0), TIMM_WARM),
        _form("PiecewiseConstantDecay", ("milestones", 0, "boundaries"), ("values", 1, "values")),
    )),
    Schedule("multistep", (
        _form("MultiStepLR", ("milestones", 1, "milestones"), ("factor", 2, "gamma", 0.1)),
        _form("MultiStepLRScheduler", ("milestones", 1, "decay_t"), ("factor", 2, "decay_rate", 1.0), TIMM_WARM),
        _form("WarmupMultiStepLR", ("milestones", 1, "milestones"), ("factor", 2, "gamma", 0.1),
              ("warmup", -1, "warmup_iters")),
    )),
    Schedule("exponential", (
        _form("ExponentialLR", ("factor", 1, "gamma")),
        _form("ExponentialDecay", ("period", 1, "decay_steps"), ("factor", 2, "decay_rate")),
    )),
    Schedule("cosine", (
        _form("CosineAnnealingLR", ("period", 1, "T_max"), ("final_rate", 2, "eta_min", 0.0)),
        _form("CosineLRScheduler", ("period", 1, "t_initial"), ("final_rate", 2, "lr_min", 0.0), TIMM_WARM),
        _form("CosineDecay", ("period", 1, "decay_steps"), ("final", 2, "alpha", 0.0),
              ("peak_rate", 4, "warmup_target"), ("warmup", 5, "warmup_steps", 0.0)),
        _form("LinearWarmupCosineAnnealingLR", ("warmup", 1, "warmup_epochs"), ("period", 2, "max_epochs"),
              ("final_rate", 4, "eta_min", 0.0)),
        _form("get_cosine_schedule_with_warmup", WARM, LENGTH),
        _form("get_cosine_with_min_lr_schedule_with_warmup", WARM, LENGTH, ("final_rate", -1, "min_lr")),
    ), ("cosine_annealing", "cosine_with_min_lr", "cosine_warmup_with_min_lr", "warmup_cosine", "cosine_decay")),
    Schedule("cosine_restarts", (
        _form("CosineAnnealingWarmRestarts", ("period", 1, "T_0"), ("growth", 2, "T_mult", 1.0),
              ("final_rate", 3, "eta_min", 0.0)),
        _form("CosineDecayRestarts", ("period", 1, "first_decay_steps"), ("growth", 2, "t_mul", 2.0),
              ("final", 4, "alpha", 0.0)),
        _form("CosineAnnealingWarmupRestarts", ("period", 1, "first_cycle_steps"), ("growth", 2, "cycle_mult", 1.0),
              ("peak_rate", 3, "max_lr"), ("final_rate", 4, "min_lr"), ("warmup", 5, "warmup_steps", 0.0)),
        _form("get_cosine_with_hard_restarts_schedule_with_warmup", WARM),
    ), ("cosine_with_restarts", "sgdr", "cosine_annealing_warm_restarts")),
    Schedule("onecycle", (
        _form("OneCycleLR", ("peak_rate", 1, "max_lr"), ("period", 2, "total_steps"), ("rising", -1, "pct_start", 0.3),
              ("first_divisor", -1, "div_factor", 25.0), ("last_divisor", -1, "final_div_factor", 1e4)),
    ), ("one_cycle",)),
    Schedule("polynomial", (
        _form("PolynomialLR", ("period", 1, "total_iters", 5.0), ("power", 2, "power", 1.0)),
        _form("PolynomialDecay", ("period", 1, "decay_steps"), ("final_rate", 2, "end_learning_rate", 1e-4),
              ("power", 3, "power", 1.0)),
        _form("PolyLRScheduler", ("period", 1, "t_initial"), ("power", 2, "power", 0.5),
              ("final_rate", 3, "lr_min", 0.0), TIMM_WARM),
        _form("get_polynomial_decay_schedule_with_warmup", WARM, LENGTH, ("final_rate", 3, "lr_end", 1e-7),
              ("power", 4, "power", 1.0)),
    ), ("poly",)),
    Schedule("linear", (
        _form("LinearLR", ("start", 1, "start_factor", 1 / 3), ("final", 2, "end_factor", 1.0),
              ("period", 3, "total_iters", 5.0)),
        _form("get_linear_schedule_with_warmup", WARM, LENGTH),
    ), ("linear_decay",)),
    Schedule("plateau", (
        _form("ReduceLROnPlateau", ("period", -1, "patience"), ("factor", -1, "factor", 0.1)),
        _form("PlateauLRScheduler", ("factor", 1, "decay_rate", 0.1), ("period", 2, "patience_t", 10.0), TIMM_WARM),
        _form("get_reduce_on_plateau_schedule"),
    ), ("reduce_lr_on_plateau", "reduce_on_plateau")),
    Schedule("cyclic", (
        _form("CyclicLR", ("start_rate", 1, "base_lr"), ("peak_rate", 2, "max_lr"), ("period", 3, "step_size_up", 2e3)),
        _form("CyclicalLearningRate", ("start_rate", 0, "initial_learning_rate"),
              ("peak_rate", 1, "maximal_learning_rate"), ("period", 2, "step_size")),
    ), ("triangular", "cyclical"), shape=False),
    Schedule("inverse_time", (
        _form("InverseTimeDecay", ("period", 1, "decay_steps"), ("factor", 2, "decay_rate")),
    ), ("inverse_time_decay",)),
    Schedule("inverse_sqrt", (_form("get_inverse_sqrt_schedule", WARM),), ("rsqrt",), shape=False),
    Schedule("warmup", (_form("GradualWarmupScheduler", ("warmup", 2, "total_epoch")), _form("WarmupLR"),
                        _form("LinearWarmup"), _form("ExponentialWarmup")), ("warm_up",)),
    Schedule("warmup_stable_decay", (_form("get_wsd_schedule"), _form("WSDLRScheduler")), ("wsd",), shape=False),
    Schedule("tanh", (_form("TanhLRScheduler"),), shape=False),
    Schedule("lambda", (_form("LambdaLR"),), shape=False),
    Schedule("multiplicative", (_form("MultiplicativeLR"),), shape=False),
    Schedule("sequential", (_form("SequentialLR"),), shape=False),
    Schedule("chained", (_form("ChainedScheduler"),), shape=False),
    Schedule("scheduler", (_form("create_scheduler"), _form("create_scheduler_v2"), _form("get_scheduler")),
             shape=False),
    Schedule("manual", (_form("LearningRateScheduler"), _form("get_greedy_schedule")), ("greedy",), shape=False),
)  # fmt: skip

BY_KEY = index(SCHEDULES)
FORMS = {form.name: (schedule, form) for schedule in SCHEDULES for form in schedule.forms}
# Those that hold other schedules.
WRAPPERS = ("SequentialLR", "ChainedScheduler", "GradualWarmupScheduler")


def find(name: str | None) -> Schedule | None:
    """The schedule of that name; None for one that is not in the catalogue."""
    return BY_KEY.get(key(name)) if name else None


def canonical(name: str) -> str:
    """The catalogue's name of a schedule; the given name in lower case where it isn't in the catalogue."""
    entry = find(name)
    return entry.name if entry else name.lower()
