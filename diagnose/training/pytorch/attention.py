"""Whether the program's own network is a transformer: it has attention, and no batch norm."""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.interpreter.values import Thing
from diagnose.model import OwnTransformer
from diagnose.training.pytorch.network import Network
from diagnose.training.pytorch.parts import parts_of

ATTENTION = ("TransformerEncoder", "TransformerEncoderLayer", "MultiheadAttention")
NORMS = ("BatchNorm1d", "BatchNorm2d", "SyncBatchNorm")


def find_own_transformer(network: Network) -> Iterator[OwnTransformer]:
    """The network where it is a transformer made of torch's attention layers; a library's is known by its name."""
    if network.body is not None:
        return
    parts = [part for part in parts_of(network.root) if isinstance(part, Thing)]
    attends = next((part for part in parts if part.short in ATTENTION), None)
    if attends is not None and not any(part.short in NORMS for part in parts):
        yield OwnTransformer(attends.at)
