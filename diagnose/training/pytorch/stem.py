"""The first layers of a library network, as far as the program leaves them unchanged."""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.catalogue import architectures
from diagnose.interpreter.reader import Reader
from diagnose.interpreter.values import Thing, Value, plain
from diagnose.libraries import networks
from diagnose.model import CoarseStem
from diagnose.training.fields import Fields
from diagnose.training.pytorch.data import base_dataset, dataset_of, loader_of
from diagnose.training.pytorch.network import Network
from diagnose.training.pytorch.parts import parts_of
from diagnose.training.pytorch.sessions import Session

# The children of a network that downsample its images, by the first of them: a convolution and a pooling.
STEMS = (("conv1", "maxpool"), ("conv1", "maxpool1"), ("features",))
INSIDE = ("conv0", "norm0", "pool0", ("[]", 0), ("[]", 3))  # of DenseNet's features
SMALL = 64  # px; the stem suits images from this size up
RESIZING = ("interpolate", "upsample", "Upsample", "UpsamplingBilinear2d", "UpsamplingNearest2d", "resize", "Resize")
OF_THE_STEM = ("replace_stem_pool", "stem_type", "stem_width", "output_stride", "in_chans_stride")  # timm's arguments


def find_coarse_stem(reader: Reader, session: Session, network: Network | None, fields: Fields) -> Iterator[CoarseStem]:
    """A network whose stem downsamples its images to a quarter, where the program replaces no part of it."""
    body = network.body if network is not None else None
    name = networks.architecture(body) if body is not None else None
    known = architectures.find(name)
    if body is None or network is None or name is None or known is None or known.stem_stride < 4:
        return
    size = fields.settings.get("input_size")
    if size is None or not size.known or not size.value or size.value > SMALL:
        return
    if body.package not in ("torchvision", "timm", "torch") or (body.package == "torch" and not _of_torchvision(body)):
        return
    if any(word in body.kwargs for word in OF_THE_STEM) or resized_in(reader, session, network):
        return
    if _untouched(network.root, body):
        base = base_dataset(dataset_of(loader)) if (loader := loader_of(session)) is not None else None
        yield CoarseStem(body.at, name, base.short if isinstance(base, Thing) else "")


def _of_torchvision(body: Thing) -> bool:
    return str(plain(body.arg(0, "repo_or_dir"), "")).startswith("pytorch/vision")


def resized_in(reader: Reader, session: Session, network: Network) -> bool:
    """Whether images may be resized between the loader and the network's first layer."""
    inside = (event for event in reader.trace.calls() if session.batch_loop in event.loops)
    layers = (part for part in parts_of(network.root) if isinstance(part, Thing))
    return any(event.short in RESIZING for event in inside) or any(layer.short in RESIZING for layer in layers)


def _untouched(root: Value, body: Thing) -> bool:
    """Whether the stem's convolution and pooling are in the network as the library builds them, or equally coarse."""
    parts = list(parts_of(root))
    names = networks.family(body) or ()
    stem = next((stem for stem in STEMS if all(name in names for name in stem)), ())
    found = [body.attrs.get(name) for name in stem]
    if not any(part is body for part in parts):  # taken apart and reassembled from its children
        kept = {id(part) for part in parts}
        if not all(one is not None and id(one) in kept for one in found):
            return False
    return bool(stem) and all(one is None or _shrinks(one) for one in found)


def _shrinks(layer: object) -> bool:
    """Whether a layer is the library's own, unmodified, or a convolution with stride 2."""
    if not isinstance(layer, Thing):
        return False
    if layer.name.startswith("child:"):
        return not any(key in layer.attrs for key in ("stride", "kernel_size", *INSIDE))
    return layer.short == "Conv2d" and plain(layer.arg(3, "stride"), 1) in (2, [2, 2], (2, 2))
