"""Which architecture a configuration or a program asks the probes for, in the words of torchvision and timm."""

from __future__ import annotations

from diagnose.catalogue import architectures
from diagnose.model import Config, Program
from diagnose.probing.extras import INSTALL_TIMM, has_timm


def wanted_architecture(config: Config | None, code: Program | None, otherwise: str) -> tuple[str, tuple[str, ...]]:
    """The name to train by, and a remark where it isn't the configuration's own.

    A network of Keras is its counterpart; one of somebody's own code, and one that is unknown, is `otherwise`. timm's
    begin with timm/ where a program says that they are timm's, since torchvision has some of the same names.
    """
    name = config.model.value if config else None
    if not name:
        return otherwise, ()
    if architectures.is_factory(name) or (code is not None and code.own_model):
        return otherwise, (f"the probes ran on {otherwise} in place of {name}",)
    if code is not None and code.framework == "keras":
        return _counterpart(name, otherwise)
    if code is not None and code.network_from == "timm" and "/" not in name:
        return f"timm/{name}", ()
    return name, ()


def _counterpart(name: str, otherwise: str) -> tuple[str, tuple[str, ...]]:
    same = architectures.counterpart(name)
    if same is None:
        return otherwise, (f"the probes ran on {otherwise} in place of Keras's {name}",)
    own, theirs = same
    library, _, plain = theirs.rpartition("/")
    if library == "timm" and not has_timm():
        why = f"Keras's {own} is timm's {plain}, and timm isn't installed ({INSTALL_TIMM})"
        return otherwise, (f"{why}, so the probes ran on {otherwise} in its place",)
    return theirs, (f"Keras's {own} was probed as {library or 'torchvision'}'s {plain}",)
