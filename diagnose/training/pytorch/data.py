"""Reads the program's loaders, datasets and their transforms."""

from __future__ import annotations

from diagnose.interpreter.functions import bind
from diagnose.interpreter.reader import Reader
from diagnose.interpreter.reasons import Reason
from diagnose.interpreter.values import (
    Call,
    Const,
    Either,
    Event,
    Function,
    Instance,
    Items,
    Ref,
    Table,
    Thing,
    Value,
    clause,
    plain,
    unknown,
)
from diagnose.libraries.networks import children, is_container, is_network
from diagnose.model import Location
from diagnose.training.fields import Fields, ancestors
from diagnose.training.pytorch.arithmetic import arithmetic_on, pixels
from diagnose.training.pytorch.arrays import (
    doubt_the_source,
    kept_as_arrays,
    known_source,
    way_of_arrays,
    way_of_tensors,
)
from diagnose.training.pytorch.floats import floats_in
from diagnose.training.pytorch.processors import is_processor, processed
from diagnose.training.pytorch.sessions import LOADERS, Session, source
from diagnose.training.pytorch.sizes import set_size
from diagnose.training.pytorch.steps import Pipeline, settle
from diagnose.training.pytorch.transforms import (
    call_of,
    drawn_in,
    drawn_on,
    is_functional,
    is_transform,
    own_transform,
    unread_on,
    walk,
    way_of,
)

NATIVE_SIZES = {"CIFAR10": 32, "CIFAR100": 32, "MNIST": 28, "FashionMNIST": 28, "KMNIST": 28, "SVHN": 32, "STL10": 96,
                "EuroSAT": 64, "EMNIST": 28, "QMNIST": 28, "USPS": 16}  # fmt: skip
FUNCTIONS = ("torchvision.transforms.functional.", "torchvision.transforms.v2.functional.")
PIECES = ("Subset", "random_split", "ConcatDataset")
# Where torchvision's datasets take their transform by position.
TRANSFORM_PLACE = {"ImageFolder": 1, "DatasetFolder": 3, "CIFAR10": 2, "CIFAR100": 2, "MNIST": 2, "FashionMNIST": 2,
                   "KMNIST": 2, "SVHN": 2, "STL10": 3, "Food101": 2, "ImageNet": 2}  # fmt: skip


def find_loader(value: Value | None, depth: int = 0) -> Thing | None:
    """The DataLoader that a loop iterates over: itself, in a dict, or in a wrapper; None where none is found."""
    value = source(value)
    if depth > 4 or value is None:
        return None
    if isinstance(value, Thing):
        if value.short in LOADERS:
            return value
        inner: list[Value] = [part for part in (value.base, *value.args[:2]) if part is not None]
    elif isinstance(value, Instance):
        inner = [part for part in value.attrs.values() if isinstance(part, Value)]
    elif isinstance(value, Items):
        inner = list(value.items[:3])
    elif isinstance(value, Table):
        inner = list(value.pairs.values())[:3]
    else:
        inner = list(value.options) if isinstance(value, Either) else []
    return next((found for part in inner if (found := find_loader(part, depth + 1))), None)


def loader_of(session: Session) -> Thing | None:
    """The loader that a session trains from, by its loop or by the batch of its network; None where none is found."""
    found = find_loader(session.loader)
    if found is None and session.forward is not None:
        for one in ancestors(session.forward.args[0] if session.forward.args else None):
            if isinstance(one, Thing) and one.short in LOADERS:
                return one
    return found


def dataset_of(loader: Thing) -> Value | None:
    """The dataset of a loader; None where it has none."""
    return loader.arg(0, "dataset")


def base_dataset(value: Value | None) -> Value | None:
    """The dataset inside subsets, splits and concatenations, the first where there are several."""
    for _ in range(8):
        if isinstance(value, Either):
            value = value.options[0]
        if isinstance(value, Thing) and value.name == "[]" and isinstance(value.base, Thing):
            value = value.base
        elif isinstance(value, Thing) and value.short in PIECES:
            inner = value.arg(0, "dataset", "datasets")
            value = inner.items[0] if isinstance(inner, Items) and inner.items else inner
        elif (
            isinstance(value, Thing)
            and value.short in ("create_dataset", "AugMixDataset")
            and value.kwargs.get("dataset")
        ):
            value = value.kwargs["dataset"]
        else:
            return value
    return value


def class_by_class(reader: Reader, dataset: Value | None) -> bool | None:
    """Whether the images are ordered by class: True for a library's folder dataset as a whole.

    None where that is unknown: another dataset, or one whose list of images the program changes.
    """
    if any(_is_list_of(value, dataset) for event in reader.trace for value in (*event.args[:1], event.target)):
        return None
    foreign: tuple[str, ...] = ()
    if isinstance(dataset, Thing):
        foreign = (dataset.short,)
    elif isinstance(dataset, Instance) and dataset.cls.find("__getitem__") is None:
        foreign = dataset.cls.foreign()
    return True if any(name in ("ImageFolder", "DatasetFolder") for name in foreign) else None


def _is_list_of(value: Value | None, dataset: Value | None) -> bool:
    return isinstance(value, Thing) and value.name in (".samples", ".imgs") and value.base is dataset


def describe_loader(loader: Thing, fields: Fields) -> None:
    """Write batch_size, shuffle and, where the loader has it, drop_last into `fields`."""
    at = loader.at
    if loader.package == "ffcv":
        fields.take("batch_size", loader.arg(1, "batch_size"), int)
        order = loader.kwargs.get("order")
        random = isinstance(order, Ref) and order.name.rpartition(".")[2] in ("RANDOM", "QUASI_RANDOM")
        fields.know("shuffle", random, order.at if order is not None else at)
        return
    streamed = base_dataset(dataset_of(loader))
    if is_stream(streamed):
        fields.take("batch_size", loader.arg(1, "batch_size"), int, default=1, at=at)
        fields.unknown("shuffle", "its dataset is a stream, which draws by itself or not at all")
        return
    batch_sampler = loader.kwargs.get("batch_sampler")
    if batch_sampler is not None and not (isinstance(batch_sampler, Const) and batch_sampler.data is None):
        inner = batch_sampler if isinstance(batch_sampler, Thing) else None
        fields.take(
            "batch_size",
            inner.arg(1, "batch_size") if inner else unknown(Reason.UNFOLLOWED, "its batch sampler decides", at),
            int,
        )
        sampler = inner.arg(0, "sampler") if inner else None
        _sampled(fields, sampler)
        return
    sampler, size = loader.arg(3, "sampler"), loader.arg(1, "batch_size")
    if isinstance(size, Const) and size.data is None:
        _unbatched(fields, sampler)
        return
    fields.take("batch_size", size, int, default=1, at=at)
    fields.take("drop_last", loader.arg(8, "drop_last"), bool, default=False, at=at)
    if sampler is not None and not (isinstance(sampler, Const) and sampler.data is None):
        _sampled(fields, sampler)
    else:
        fields.take("shuffle", loader.arg(2, "shuffle"), bool, default=False, at=at)


def _unbatched(fields: Fields, sampler: Value | None) -> None:
    """A loader with batch_size=None hands on what its sampler draws: a BatchSampler's lists, or single items that the
    dataset itself makes batches of."""
    if isinstance(sampler, Thing) and sampler.short == "BatchSampler":
        fields.take("batch_size", sampler.arg(1, "batch_size"), int)
        fields.take("drop_last", sampler.arg(2, "drop_last"), bool)
        _sampled(fields, sampler.arg(0, "sampler"))
    else:
        fields.unknown("batch_size", "the loader makes no batches (batch_size=None): its dataset does")
        fields.unknown("shuffle", "its dataset decides")


def is_stream(dataset: Value | None) -> bool:
    """Whether a dataset is a stream, without indices to draw from."""
    if isinstance(dataset, Instance):
        return "IterableDataset" in dataset.cls.foreign()
    return isinstance(dataset, Thing) and dataset.package in ("webdataset", "wds")


def _sampled(fields: Fields, sampler: Value | None) -> None:
    if isinstance(sampler, Thing) and sampler.short:
        if sampler.short == "SequentialSampler":
            fields.know("shuffle", False, sampler.at)
        elif sampler.short == "DistributedSampler":
            fields.take("shuffle", sampler.arg(3, "shuffle"), bool, default=True, at=sampler.at)
        else:
            fields.know("shuffle", True, sampler.at)  # random, weighted and subset-random samplers draw
    elif isinstance(sampler, Instance):
        fields.know("shuffle", True, sampler.at)
    else:
        fields.unknown("shuffle", f"a sampler decides, and {clause(sampler)}")


# ---------------------------------------------------------------------- transforms


def way_of_loader(reader: Reader, loader: Thing) -> Pipeline | None:
    """The steps of the images through a loader's dataset, then through its collate_fn.

    None where the dataset's are unknown.
    """
    way = way_of_dataset(reader, dataset_of(loader))
    given = loader.arg(6, "collate_fn") if loader.short == "DataLoader" else None
    if way is None or not isinstance(given, Function | Instance):
        return way
    own = Pipeline(at=given.at)
    before = len(reader.trace)
    walk(reader, given, own)
    own.unsure_random = drawn_in(reader.trace[before:])
    own.steps = [step for step in own.steps if step.kind != "other"]
    way.go_on(own)
    return way


def transform_of(reader: Reader, dataset: Value | None) -> Value | None:
    """The transform of a dataset; None where none was found."""
    dataset = base_dataset(dataset)
    if isinstance(dataset, Thing):
        later = dataset.attrs.get("transform")
        if isinstance(later, Value) and not (isinstance(later, Thing) and later.name == ".transform"):
            return later
        if "transform" in dataset.kwargs:
            return dataset.kwargs["transform"]
        place = TRANSFORM_PLACE.get(dataset.short)
        if place is not None and len(dataset.args) > place:
            return dataset.args[place]
        for event in reader.trace:
            if event.name in (".with_transform", ".set_transform") and event.args and event.target is dataset:
                return event.args[0]
        if dataset.name == ".with_transform" and dataset.args:
            return dataset.args[0]
    return None


def way_of_dataset(reader: Reader, dataset: Value | None) -> Pipeline | None:
    """The steps of the images through a dataset; for the program's own class, by reading its __getitem__.

    None where no transform was found.
    """
    holder = _holder(dataset)
    if holder is not None:
        return _own_dataset(reader, holder)
    base = base_dataset(dataset)
    if isinstance(base, Thing) and base.name == "torch.utils.data.TensorDataset":
        return way_of_tensors(reader, base)
    given = transform_of(reader, dataset)
    if given is None:
        return None
    if isinstance(given, Function) and _takes_batches(dataset):
        return way_of_function(reader, given)
    return way_of(reader, given)


def _takes_batches(dataset: Value | None) -> bool:
    """Whether a dataset is one of Hugging Face's, whose transforms get batches of examples."""
    for _ in range(8):
        if not isinstance(dataset, Thing):
            return False
        if dataset.package == "datasets":
            return True
        dataset = dataset.base if dataset.base is not None else dataset.arg(0, "dataset")
    return False


def way_of_function(reader: Reader, function: Function) -> Pipeline | None:
    """The transforms that a function on a batch of examples calls, as for Hugging Face datasets; None if none."""
    before = len(reader.trace)
    reader.call(function, Call((unknown(Reason.PLACEHOLDER, "a batch of examples", function.at),), {}, function.at))
    return _way_of_events(reader, reader.trace[before:])


def _holder(dataset: Value | None) -> Instance | None:
    """A dataset of the program's own class, inside or around a library's subset."""
    for _ in range(6):
        if isinstance(dataset, Instance):
            return dataset
        below = base_dataset(dataset)
        if below is dataset:
            return None
        dataset = below
    return None


def _own_dataset(reader: Reader, dataset: Instance) -> Pipeline | None:
    found = dataset.cls.find("__getitem__")
    if not isinstance(found, Function):
        if any(name in ("ImageFolder", "CIFAR10", "CIFAR100", "DatasetFolder") for name in dataset.cls.foreign()):
            return way_of(reader, dataset.attrs.get("transform") or _given_to_super(reader, dataset))
        return None
    before = len(reader.trace)
    result = reader.call(
        bind(found, dataset), Call((unknown(Reason.PLACEHOLDER, "an image's number", dataset.at),), {}, dataset.at)
    )
    made = reader.trace[before:]
    image: Value | None = result.items[0] if isinstance(result, Items) and result.items else result
    if isinstance(image, Table):
        image = next(iter(image.pairs.values()), None)
    way = _way_of_events(reader, made)
    own = Pipeline(unsure=unread_on(image, made), unsure_random=drawn_in(made))
    arithmetic_on(image, own, made)
    set_size(image, own)
    becomes_tensor = way is not None and any(step.kind == "tensor" for step in way.steps)
    if kept_as_arrays(image) and not own.empty and not becomes_tensor:
        doubt_the_source(image, own)
    if way is None and not own.empty:
        way = Pipeline(at=dataset.at)
    if way is not None:
        own.go_on(way)
        own.at = way.at
        way = own
    inner = _inner_dataset(image)
    if inner is not None:
        first = way_of_dataset(reader, inner)
        if first is not None and way is not None:
            first.go_on(way)
        return first or way
    held = next((part for part in dataset.attrs.values() if isinstance(part, Thing | Instance) and
                 (_holder(part) is not None or transform_of(reader, part) is not None)), None)  # fmt: skip
    if (way is None or not way.steps) and held is not None:
        return way_of_dataset(reader, held)
    return way


def _inner_dataset(image: Value | None) -> Thing | None:
    """The library's dataset that an image of the program's own dataset comes from."""
    for one in pixels(image):
        base = base_dataset(one)
        if base is not one and isinstance(base, Thing) and base.name.startswith("torchvision.datasets."):
            return base
    return None


def _given_to_super(reader: Reader, dataset: Instance) -> Value | None:
    for event in reader.trace:
        if event.name == ".super" and event.target is dataset and "transform" in event.kwargs:
            return event.kwargs["transform"]
    return None


def _way_of_events(reader: Reader, events: list[Event]) -> Pipeline | None:
    """Transforms in the order in which they are called on an image. One that is called on several views counts once;
    of several alternatives on one image, the first counts."""
    way = Pipeline()
    walked: set[int] = set()
    calls: list[Location] = []
    for event in events:
        given = event.args[0] if event.args else event.kwargs.get("image")
        if is_functional(event.name):
            way.at = way.at or event.at
            way.floats = floats_in(given) or way.floats
            walk(reader, call_of(event), way)
        if event.short == "get_params":
            way.unsure_random = f"its own code draws for each image (line {event.at.line})"
        if event.name != "()" or event.target is None or id(event.target) in walked:
            continue
        if is_transform(event.target) and given is not None and id(given) in walked:
            if event.at in calls:  # one call, of one of several transforms
                other = Pipeline()
                walk(reader, event.target, other)
                way.or_else(other)
            continue
        walked |= {id(event.target), id(given)}
        if is_processor(event.target):
            processed(event, way)
        elif is_transform(event.target) or (isinstance(event.target, Thing) and event.target.short == "transforms"):
            way.at = way.at or event.target.at
            way.floats = floats_in(given) or way.floats
            calls.append(event.at)
            walk(reader, event.target, way)
        elif isinstance(event.target, Instance) and event.target.cls.find("forward") is None:
            inner = any(is_transform(part) for part in event.target.attrs.values() if isinstance(part, Value))
            if inner:
                way.at = way.at or event.target.at
                own_transform(reader, event.target, way, 0)
    return way if way.at is not None else None


def way_in_loop(reader: Reader, session: Session, forward: Event | None = None) -> Pipeline:
    """The steps between the loop's batch and the first layer of the network.

    forward: the call of the network; the session's where it is None.
    """
    way = Pipeline()
    event = forward or session.forward
    if event is None or not event.args:
        return way
    batch = _first_input(reader, event)
    for part in _before_the_layers(event.target):
        walk(reader, part, way)
    passed = [e for e in reader.trace if event.loops and event.loops[-1] in e.loops and e.index <= event.index]
    arithmetic_on(batch, way, passed, lambda one: _transformed(reader, one))
    set_size(batch, way)
    way.unsure = way.unsure or unread_on(batch, passed)
    way.unsure_random = drawn_on(batch)
    if way.random and event is not session.forward:
        way.unsure_random = f"the network changes its batches by itself (line {way.random[0][1].line})"
        way.random = []
    way.at = None if way.empty else event.at
    return way


def way_of_batches(reader: Reader, session: Session) -> Pipeline | None:
    """The steps of images that the program batches from arrays itself; None where they come from elsewhere."""
    event = session.forward
    images = _first_input(reader, event) if event is not None and event.args else None
    if event is None or images is None or not (known_source(images) or kept_as_arrays(images)):
        return None
    return way_of_arrays(images, event.at, reader.trace[: event.index])


def _transformed(reader: Reader, one: Thing) -> Pipeline | None:
    """The steps of a call in the loop on its batch, where it is a transform or a function that uses transforms."""
    base = one.base
    if one.name == "()" and isinstance(base, Thing | Instance) and (_augments(base) or not _is_layer(base)):
        return way_of(reader, base)
    if is_functional(one.name):
        way = Pipeline(at=one.at)
        walk(reader, one, way)
        return way
    return None


def _augments(value: Value) -> bool:
    """Whether a container holds only transforms."""
    parts = children(None, value) if is_container(value) else None
    return bool(parts) and all(is_transform(part) for _, part in parts or [])


def _before_the_layers(network: Value | None) -> list[Value]:
    """Transforms that a container runs before its first layer: Sequential(Normalize(...), resnet50())."""
    found: list[Value] = []
    for _, part in (children(None, network) or []) if network is not None and is_container(network) else []:
        own = isinstance(part, Instance) and not children(None, part)
        norm = isinstance(part, Thing) and part.short.startswith(
            ("BatchNorm", "InstanceNorm", "LayerNorm", "GroupNorm")
        )
        if not (own or norm or is_transform(part) or (isinstance(part, Thing) and not is_network(part))):
            break
        found.append(part)
    return found


def _first_input(reader: Reader, forward: Event) -> Value:
    """The batch as it reaches the innermost layer that the network's forward calls first."""
    given = forward.args[0]
    if not isinstance(forward.target, Instance):
        return given
    depth = len(forward.functions)
    inside = [e for e in reader.trace
              if e.kind == "call" and e.name == "()" and e.args and e.index < forward.index
              and len(e.functions) > depth and e.functions[: depth] == forward.functions
              and e.functions[depth].bound is forward.target and e.loops[: len(forward.loops)] == forward.loops
              and is_network(e.target) and not isinstance(e.target, Instance)
              and not (e.target is not None and _augments(e.target))]  # fmt: skip
    first = next((e for e in inside if any(one is given for one in ancestors(e.args[0], 400))), None)
    return first.args[0] if first is not None else given


def _is_layer(value: Value) -> bool:
    return isinstance(value, Thing) and (value.name.startswith("torch.nn.") or not value.name[:1].isalpha())


def describe_images(
    reader: Reader, way: Pipeline | None, dataset: Value | None, fields: Fields, val: bool = False
) -> None:
    """Write one split's augmentations, input size (px), scaling, mean and std into `fields`.

    val: use the fields with `val_` instead of the training ones. dataset: a public one with a fixed image size gives
    the input size where no transform does.
    """
    settle(way, fields, val)
    base = base_dataset(dataset)
    resized = way is not None and any("resize" in step.name and step.side is None for step in way.steps)
    if isinstance(base, Thing) and base.short in NATIVE_SIZES and not resized and (way is None or not way.unsure):
        fields.know("val_input_size" if val else "input_size", NATIVE_SIZES[base.short], base.at)
    if isinstance(base, Thing) and base.short == "FakeData" and (size := plain(base.arg(1, "image_size"))):
        fields.know("val_input_size" if val else "input_size", size[-1], base.at)


def joined(first: Pipeline | None, second: Pipeline) -> Pipeline | None:
    """The steps through the dataset, then through the loop; None where those of the dataset are unknown."""
    if second.empty and not second.unsure_random and second.size is None:
        return first
    if first is None:
        return None  # the dataset's steps are unknown, so the combined ones are too
    first.go_on(second)
    return first
