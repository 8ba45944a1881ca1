"""Weight decay on the norms and biases of a network whose recipe excludes them."""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.catalogue import architectures, optimizers
from diagnose.interpreter.reader import Reader
from diagnose.interpreter.values import Items, Thing, Value
from diagnose.libraries.networks import is_network
from diagnose.model import DecayedNorms
from diagnose.training.fields import Fields
from diagnose.training.pytorch.network import Network
from diagnose.training.pytorch.optimizing import groups_of
from diagnose.training.pytorch.sessions import Session


def find_decayed_norms(
    reader: Reader, session: Session, network: Network | None, fields: Fields
) -> Iterator[DecayedNorms]:
    """An optimizer with a single group of all parameters, and its decay."""
    model = fields.settings.get("model")
    known = architectures.find(model.value) if model is not None and model.known else None
    if known is None or known.recipe is None:
        return
    made = session.optimizers[0] if len(session.optimizers) == 1 else None
    decay = fields.settings.get("weight_decay")
    if not isinstance(made, Thing) or decay is None or not decay.known:
        return
    if any(event.result is made and event.short in optimizers.FACTORIES for event in reader.trace.calls()):
        return  # timm excludes norms and biases by default
    groups = groups_of(made) or []
    if decay.value and len(groups) == 1 and _whole(groups[0][0]) and "weight_decay" not in groups[0][1]:
        at = decay.location
        yield DecayedNorms(at if at is not None and at.line is not None else made.at, decay.value)


def _whole(given: Value | None) -> bool:
    """Whether a group holds a network's parameters as they are, weights and biases together."""
    if isinstance(given, Items) and given.items:
        names = {str(getattr(one.args[0], "data", "")) for one in given.items if isinstance(one, Thing) and one.args}
        return any(name.endswith("bias") for name in names) and any(name.endswith("weight") for name in names)
    return is_network(given)
