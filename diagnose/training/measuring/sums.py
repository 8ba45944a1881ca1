"""The kinds of values summed over the batches of a loop: batch means, sums over images, or counts."""

from __future__ import annotations

from diagnose.catalogue import losses
from diagnose.interpreter.reader import Reader
from diagnose.interpreter.values import Const, Event, Thing, Value, plain
from diagnose.training.fields import ancestors
from diagnose.training.order.orders import counts, literal
from diagnose.training.pytorch.data import dataset_of, find_loader
from diagnose.training.pytorch.sessions import is_loss, source
from diagnose.training.unfollowed import within

CONVERSIONS = (".item", ".detach", ".cpu", ".numpy", ".data", ".double", ".float", ".long", ".int", ".to", ".tolist",
               "builtins.float", "builtins.int")  # fmt: skip
SUMS = (".sum", "torch.sum", "numpy.sum", "builtins.sum", "torch.count_nonzero", ".count_nonzero")
MEANS = (".mean", "torch.mean", "numpy.mean")
AVERAGED = {"mean": "sum", "share": "count"}  # and what each becomes, times the number of images
EQUALS = ("compare", ".eq", "torch.eq", ".equal", "numpy.equal")


def stripped(value: Value | None) -> Value | None:
    """A number without .item(), float() and the like."""
    for _ in range(12):
        if not isinstance(value, Thing) or value.name not in CONVERSIONS:
            return value
        value = value.base if value.name.startswith(".") else (value.args[0] if value.args else None)
    return value


def added(value: Value | None) -> str | None:
    """What one batch adds: "mean" or "sum" of losses, "share" or "count" of correct predictions; None where uncertain.

    A mean times the number of images is a sum; a share times that number is a count.
    """
    value = stripped(value)
    if not isinstance(value, Thing):
        return None
    if value.name == "op*" and len(value.args) == 2:
        kinds = [added(part) for part in value.args]
        averaged, size = (kinds[0], value.args[1]) if kinds[0] in AVERAGED else (kinds[1], value.args[0])
        return AVERAGED.get(averaged or "") if is_batch_size(size) else None
    if value.name == "()" and is_loss(value.base):
        return _reduced(value.base)
    if value.name.startswith("torch.nn.functional.") and value.short in losses.TORCH:
        return _reduced(value)
    if value.name in SUMS and is_correctness(value):
        return "count"
    return "share" if value.name in MEANS and is_correctness(value) else None


def is_correctness(value: Thing) -> bool:
    """Whether a sum or mean is over a comparison of outputs and labels."""
    inner = value.base if value.name.startswith(".") else (value.args[0] if value.args else None)
    for _ in range(6):
        if isinstance(inner, Thing) and inner.name in EQUALS:
            return True
        is_more = isinstance(inner, Thing) and inner.name in (*CONVERSIONS, ".type", ".view", ".reshape", *SUMS)
        if not isinstance(inner, Thing) or not is_more:
            return False
        inner = inner.base if inner.name.startswith(".") else (inner.args[0] if inner.args else None)
    return False


def _reduced(loss: Value | None) -> str | None:
    """The reduction of a library's loss over a batch: mean or sum."""
    if not isinstance(loss, Thing) or loss.package != "torch":
        return None
    if {"size_average", "reduce"} & loss.kwargs.keys():
        return None
    reduction = plain(loss.kwargs["reduction"], "") if "reduction" in loss.kwargs else "mean"
    return reduction if reduction in ("mean", "sum") else None


def is_batch_size(value: Value) -> bool:
    """Whether a number is a batch's number of images: x.size(0), x.shape[0], len(x) or a batch size."""
    value = stripped(value) or value
    if isinstance(value, Const):
        return isinstance(value.data, int) and value.data > 1
    if not isinstance(value, Thing):
        return False
    if value.name == "[]" and isinstance(value.base, Thing) and value.base.name in (".size", ".shape"):
        return literal(value.args[0]) == 0
    if value.name == ".size":
        return bool(value.args) and literal(value.args[0]) == 0
    return value.name in ("builtins.len", ".numel", ".nelement", ".batch_size")


class Divisors:
    """The divisors of a program's sums."""

    def __init__(self, reader: Reader) -> None:
        self.additions: dict[int, Event] = {id(e.result): e for e in reader.trace if e.kind == "add"}

    def addition(self, value: Value | None) -> Event | None:
        """The last addition to a sum, ignoring conversions and a constant factor; None for another value."""
        value = stripped(value)
        while isinstance(value, Thing) and value.name == "op*" and any(isinstance(part, Const) for part in value.args):
            value = stripped(next((part for part in value.args if not isinstance(part, Const)), None))
        return self.additions.get(id(value))

    def kind(self, value: Value | None, loader: Thing, loaders: list[Thing]) -> str | None:
        """ "images" or "batches" of the loader, "other" for those of another loader; None where uncertain."""
        value = stripped(value)
        if isinstance(value, Thing) and value.name == "builtins.len" and value.args:
            return self._length(value.args[0], loader, loaders)
        if isinstance(value, Thing) and value.name == "op+" and any(literal(part) == 1 for part in value.args):
            counted = next((over for part in value.args if (over := counts(part)) is not None), None)
            if counted is not None and find_loader(source(counted)) is loader:
                return "batches"
        event = self.additions.get(id(value))
        if event is None or loader_of_addition(event) is not loader:
            return None
        if literal(event.args[0]) == 1:
            return "batches"
        return "images" if is_batch_size(event.args[0]) and not isinstance(event.args[0], Const) else None

    def _length(self, of: Value, loader: Thing, loaders: list[Thing]) -> str | None:
        if of is loader:
            return "batches"
        if isinstance(of, Thing) and any(of is one for one in loaders):
            return "other"
        numbers = _numbers(loader)
        if numbers is not None and stripped(of) is numbers:
            return "images"
        if numbers is not None and any(stripped(of) is _numbers(one) for one in loaders):
            return "other"
        own = dataset_of(loader)
        if own is not None and (of is own or any(part is of for part in _inside(own))):
            return _of_its_own(loader, own, of)
        others = [dataset for one in loaders if (dataset := dataset_of(one)) is not None and dataset is not own]
        return "other" if any(of is dataset for dataset in others) else None


def _numbers(loader: Thing) -> Value | None:
    """The indices of the images that a loader takes from its dataset, from a Subset or a sampler."""
    dataset, sampler = dataset_of(loader), loader.arg(3, "sampler")
    for holder, kind, place in ((sampler, "SubsetRandomSampler", 0), (dataset, "Subset", 1)):
        if isinstance(holder, Thing) and holder.short == kind:
            return stripped(holder.arg(place, "indices"))
    return None


def _inside(dataset: Value) -> list[Value]:
    """The lists of images in a dataset of the program's own class."""
    return list(within([dataset]))[:200]


def _of_its_own(loader: Thing, dataset: Value, of: Value) -> str | None:
    """ "images", or "other" where the loader covers only a part of its dataset."""
    sampler = loader.arg(3, "sampler")
    if sampler is not None and literal(sampler) is not None:
        subset = isinstance(sampler, Thing) and sampler.short == "SubsetRandomSampler"
        return "other" if subset and of is dataset else None
    if isinstance(dataset, Thing) and of is not dataset:
        return "other" if isinstance(of, Thing) and of.short[:1].isupper() else None  # of the whole dataset
    return "images"


def loader_of_addition(event: Event) -> Thing | None:
    """The loader over whose batches an addition runs; None where its innermost loop isn't over a loader."""
    loops = [loop for loop in event.loops if not loop.unrolled]
    return find_loader(loops[-1].over) if loops else None


def network_outputs(value: Value) -> bool:
    """Whether a value contains the outputs of a called object."""
    return any(isinstance(one, Thing) and one.name == "()" for one in ancestors(value, 300))
