"""What a custom Keras loop has to do for its optimizer in place of compile() and fit(): scale the loss in float16,
and restore it with the network."""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.interpreter.reader import Reader
from diagnose.interpreter.values import Event, Thing, Value, plain
from diagnose.model import Fact, MixedPrecision, ResumeIncomplete
from diagnose.training.fields import ancestors
from diagnose.training.keras.phase import Phase

POLICIES = ("set_global_policy", "set_policy", "set_dtype_policy", "set_global_dtype_policy")
SCALES = ("get_scaled_loss", "scale_loss", "get_unscaled_gradients", "scaled_loss")
LATEST = (".latest_checkpoint", "tensorflow.train.latest_checkpoint", ".restore_or_initialize")
STATELESS = ("sgd",)  # without momentum


def find_optimizer_faults(reader: Reader, phases: list[Phase]) -> Iterator[Fact]:
    """Both kinds of fault, for each custom training loop."""
    for phase in phases:
        optimizer = _own_optimizer(phase)
        if optimizer is not None:
            yield from _unscaled(reader, optimizer)
            yield from _not_restored(reader, phase, optimizer)


def _own_optimizer(phase: Phase) -> Thing | None:
    """The optimizer of a custom loop; None where it comes from compile()."""
    compiled = phase.own.compiled if phase.own is not None else None
    given = compiled.kwargs.get("optimizer") if compiled is not None else None
    return given if isinstance(given, Thing) and given.name.startswith("keras.optimizers.") else None


def _unscaled(reader: Reader, optimizer: Thing) -> Iterator[MixedPrecision]:
    """A float16 policy with an optimizer that does not scale the loss."""
    if optimizer.short == "LossScaleOptimizer" or any(e.short in SCALES for e in reader.trace.calls()):
        return
    policies = [e for e in reader.trace.calls() if e.short in POLICIES]
    if policies and not policies[-1].guards and _names_half(policies[-1]):
        yield MixedPrecision(optimizer.at, what="no_scaler", other=policies[-1].at.line)


def _names_half(policy: Event) -> bool:
    given = policy.args[0] if policy.args else None
    if isinstance(given, Thing) and given.short == "Policy":
        given = given.arg(0, "name")
    return bool(plain(given) == "mixed_float16")


def _not_restored(reader: Reader, phase: Phase, optimizer: Thing) -> Iterator[ResumeIncomplete]:
    """A tf.train.Checkpoint of the network that the loop resumes from and that lacks the optimizer."""
    kind = phase.fields.settings.get("optimizer")
    momentum = phase.fields.settings.get("momentum")
    if kind is not None and kind.value in STATELESS and momentum is not None and momentum.value in (0, 0.0):
        return
    restores = [e for e in reader.trace.calls(".restore", ".restore_or_initialize") if e.index < phase.fit.index]
    for event in restores:
        made = _checkpoint(event)
        if made is None or not (event.name == LATEST[2] or _is_latest(event.args[0] if event.args else None)):
            continue
        held = list(made.kwargs.values())
        if phase.network.model in held and optimizer not in held and not made.args:
            counted = isinstance(optimizer.arg(0, "learning_rate"), Thing)  # a schedule counts the optimizer's steps
            missing = ("optimizer", "schedule") if counted else ("optimizer",)
            yield ResumeIncomplete(made.at, missing=missing, saved=(), named=False)


def _checkpoint(event: Event) -> Thing | None:
    """The tf.train.Checkpoint that is restored, directly or by its manager."""
    target: Value | None = event.target
    if isinstance(target, Thing) and target.short == "CheckpointManager":
        target = target.arg(0, "checkpoint")
    return target if isinstance(target, Thing) and target.name == "tensorflow.train.Checkpoint" else None


def _is_latest(path: Value | None) -> bool:
    """Whether a path is that of the latest checkpoint of a run."""
    return path is not None and any(
        isinstance(one, Thing) and one.name in LATEST for one in (path, *ancestors(path, 10))
    )
