"""Scaling and normalisation written as arithmetic: images / 255, (x - mean) / std, x.sub_(m).div_(s)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from diagnose.interpreter.values import Const, Either, Event, Items, Table, Thing, Value, plain
from diagnose.training.pytorch.affine import SMALLEST, Operation, combined, fold
from diagnose.training.pytorch.steps import Numbers, Pipeline, numbers

# The operator of each notation.
OPERATIONS = {
    "op-": "-", ".sub": "-", ".sub_": "-", "torch.sub": "-", "torch.subtract": "-", "numpy.subtract": "-",
    "op/": "/", ".div": "/", ".div_": "/", ".true_divide": "/", "torch.div": "/", "torch.true_divide": "/",
    "numpy.divide": "/", "numpy.true_divide": "/",
    "op*": "*", ".mul": "*", ".mul_": "*", "torch.mul": "*", "numpy.multiply": "*",
    "op+": "+", ".add": "+", ".add_": "+", "torch.add": "+", "numpy.add": "+",
}  # fmt: skip
# Functions that rescale the images' values by their own rule.
RESCALING = ("img_as_float", "img_as_float32", "img_as_float64", "rescale_intensity", "layer_norm", "instance_norm",
             "group_norm", "standardize", "standardise", "per_image_standardization", "equalize_adapthist", "normalize",
             "MinMaxScaler", "minmax_scale", "scale")  # fmt: skip
READERS = ("open", "imread", "read_image", "default_loader", "pil_loader", "decode_image", "decode_jpeg", "imdecode",
           "memmap", "load")  # fmt: skip
SPLITS = ("random_split", "load_dataset", "from_folder")
# Steps that keep the numbers, whatever they do to shape or type.
SHAPING = ("tensor", "as_tensor", "Tensor", "FloatTensor", "array", "asarray", "float32", "float64", "view", "reshape",
           "to", "cuda", "float", "half", "double", "unsqueeze", "unsqueeze_", "type", "astype", "expand", "view_as",
           "type_as", "expand_as", "constant", "expand_dims", "from_numpy", "[]", "[:]", "cpu", "contiguous",
           "Parameter", "detach", "clone", "buffer", "repeat", "copy", "new_tensor", "tolist", "numpy")  # fmt: skip


DRAWN_IN_PLACE = (".normal_", ".uniform_", ".bernoulli_", ".random_", ".exponential_", ".cauchy_", ".log_normal_")
REPLACED_IN_PLACE = (".zero_", ".fill_", ".masked_fill_", ".copy_", ".neg_")
NOISE = ("torch.rand", "torch.normal", "numpy.random.")
NORMALISERS = ("Normalize", "Standardize", "Normalization")
SLICES = ("[]", "[:]")


def arithmetic_on(
    images: Value | None,
    way: Pipeline,
    made: Sequence[Event] = (),
    other: Callable[[Thing], Pipeline | None] = lambda one: None,
) -> None:
    """Add to `way` the scaling, mean and standard deviation of the arithmetic behind `images`, or a doubt.

    made: the events that may change the images in place. other: the steps of a non-arithmetic call on the way, None
    where it has none.
    """
    steps: list[Operation] = []
    for one in _in_order(images, made):
        if isinstance(one, Operation):
            steps.append(one)
            continue
        if one.short in RESCALING and not one.name.startswith(("torchvision.", "albumentations.", "child:")):
            way.doubt(f"{one.short}() (line {one.at.line}) sets the images' values by a rule of its own")
        if (inner := other(one)) is not None:
            fold(steps, way)
            steps = []
            way.go_on(inner)
    fold(steps, way)


def pixels(images: Value | None, most: int = 300) -> Iterator[Thing]:
    """The library calls that produced images, nearest first, back to where they were read; at most `most`."""
    return _back(images, _parts, most)


def _back(images: Value | None, parts: Callable[[Thing], list[Value | None]], most: int = 300) -> Iterator[Thing]:
    waiting = [images] if images is not None else []
    seen: set[int] = set()
    while waiting and len(seen) < most:
        one = waiting.pop(0)
        if id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, Items):
            waiting += _once(one.items)
        elif isinstance(one, Table):
            waiting += one.pairs.values()
        elif isinstance(one, Either):
            waiting += one.options
        elif isinstance(one, Thing):
            yield one
            if not (one.name == "item" or one.short in READERS or _of_a_dataset(one)):
                waiting += [part for part in parts(one) if part is not None]


def _once(items: Iterable[Value]) -> list[Value]:
    """Items without those that the same line made in the same way, such as a list of images filled in a loop."""
    made: dict[object, Value] = {}
    for one in items:
        made.setdefault((one.name, one.at) if isinstance(one, Thing) else id(one), one)
    return list(made.values())


def _parts(one: Thing) -> list[Value | None]:
    if one.short in NORMALISERS:
        return []  # made from statistics, not from the images that it is called with
    if one.short == "normalize" and one.args:
        return [one.base, one.args[0]]
    whole = one.name.startswith("[")
    return [one.base, *(() if whole else one.args), *(() if whole else one.kwargs.values())]


def _image_in(one: Thing) -> list[Value | None]:
    """The operands of an operation that may be the images, as opposed to the number."""
    sides = _sides(one)
    if sides is None:
        return _parts(one)
    left, right = sides
    if channel_numbers(right) is not None or (OPERATIONS[one.name] in "-/" and not _is_number(left)):
        return [left]
    if OPERATIONS[one.name] == "+" and (_is_noise(right) or _is_noise(left)):
        return [left] if _is_noise(right) else [right]
    return [right] if _is_number(left) else [left, right]


def _is_number(value: Value) -> bool:
    return isinstance(value, Const) or channel_numbers(value) is not None


def _is_noise(value: Value) -> bool:
    return any(one.name.startswith(NOISE) or one.name in DRAWN_IN_PLACE for one in _back(value, _parts, 30))


def _of_a_dataset(one: Thing) -> bool:
    """Whether a value is an item of a dataset, not of an image."""
    base = one.base
    return one.name == "[]" and isinstance(base, Thing) and (base.short in SPLITS or base.short[:1].isupper())


def _sides(one: Thing) -> tuple[Value, Value] | None:
    """The two sides of an arithmetic step; None for any other call."""
    if one.name not in OPERATIONS:
        return None
    sides = (one.base, *one.args) if one.name.startswith(".") else one.args
    return (sides[0], sides[1]) if len(sides) >= 2 and sides[0] is not None and sides[1] is not None else None


def _operation(one: Thing) -> Operation | None:
    """An arithmetic step with its number; None for any other call, and for 255 - x, which inverts."""
    sides = _sides(one)
    if sides is None:
        return None
    sign, (left, right) = OPERATIONS[one.name], sides
    if _is_number(left):
        if sign in "-/":
            return None
        left, right = right, left
    number = plain(right)
    single = isinstance(number, int | float) and not isinstance(number, bool)
    return Operation(sign, channel_numbers(right), single, one.at)


# ---------------------------------------------------------------------- changes in place


def _in_order(images: Value | None, made: Sequence[Event]) -> Iterator[Operation | Thing]:
    """The steps of images since they were read: arithmetic as operations, other calls unchanged."""
    chain = list(_back(images, _image_in))
    changes = _changes({id(one) for one in chain}, made) if made else {}
    for one in reversed(chain):
        yield _operation(one) or one
        yield from _applied(one, changes.get(id(one), []))


def in_place(images: Value | None, made: Sequence[Event]) -> list[Event]:
    """The events that change images in place, other than by arithmetic on all of them or on each channel."""
    chain = list(pixels(images))
    ids = {id(one): one for one in chain}
    return [
        event
        for root, events in _changes(set(ids), made).items()
        for run in _runs(ids[root], events)
        if run[1] is None
        for event in run[0]
    ]


def channelwise(whole: Thing, events: list[Event]) -> list[Operation] | None:
    """The operations of in-place changes, where they are arithmetic on all images or on each channel; else None."""
    steps: list[Operation] = []
    for _, operations in _runs(whole, events):
        if operations is None:
            return None
        steps += operations
    return steps


def _changes(ids: set[int], made: Sequence[Event]) -> dict[int, list[Event]]:
    """The events that change values, or parts of them, in place, by the id of the value."""
    found: dict[int, list[Event]] = {}
    for event in made:
        sets = event.kind == "set" and event.name.startswith("[")
        known = event.name in OPERATIONS or event.name in DRAWN_IN_PLACE or event.name in REPLACED_IN_PLACE
        calls = event.kind == "call" and event.name.startswith(".") and event.name.endswith("_") and known
        if not (sets or calls) or id(event.result) in ids:
            continue
        root = _whole(event.target, ids)
        if root is not None:
            found.setdefault(id(root), []).append(event)
    return found


def _whole(value: Value | None, ids: set[int]) -> Thing | None:
    """The value among `ids` that a value is a part of, or an earlier state of."""
    for _ in range(12):
        if not isinstance(value, Thing) or id(value) in ids:
            return value if isinstance(value, Thing) else None
        if value.name not in SLICES and not value.name.endswith("_"):
            return None
        value = value.base
    return None


def _applied(whole: Thing, events: list[Event]) -> Iterator[Operation]:
    for _, steps in _runs(whole, events):
        yield from steps or ()


def _runs(whole: Thing, events: list[Event]) -> Iterator[tuple[list[Event], list[Operation] | None]]:
    """In-place changes with their operations: those of the channels together; None where unknown."""
    waiting = list(events)
    while waiting:
        channels: dict[int, list[Operation]] = {}
        run: list[Event] = []
        counted: set[int] = set()  # earlier values of channels, whose arithmetic is already counted
        while waiting and (found := _by_channel(whole, waiting[0], counted)) is not None:
            channels.setdefault(found[0], []).extend(found[1])
            counted |= {id(value) for value in waiting[0].args[:1]}
            run.append(waiting.pop(0))
        if run:
            yield run, combined(channels)
            continue
        event = waiting.pop(0)
        step = _operation(event.result) if isinstance(event.result, Thing) and event.kind == "call" else None
        yield [event], [step] if step is not None and not _slices(event.target, whole) else None


def _by_channel(whole: Thing, event: Event, counted: set[int]) -> tuple[int, list[Operation]] | None:
    """The channel that an event changes, and the arithmetic on it; None for any other change."""
    keys = _slices(event.target, whole)
    if event.kind == "call":
        channel = _channel(keys)
        step = _operation(event.result) if isinstance(event.result, Thing) else None
        return (channel, [step]) if channel is not None and step is not None else None
    channel = _channel([*keys, *event.args[1:2]])
    if channel is None:
        return None
    chain = list(_back(event.args[0], lambda one: [] if one.name in SLICES or id(one) in counted else _image_in(one)))
    steps = [step for one in reversed(chain) if id(one) not in counted and (step := _operation(one)) is not None]
    from_itself = any(
        id(one) in counted or (_slices(one, whole) and _channel(_slices(one, whole)) == channel) for one in chain
    )
    return (channel, steps) if from_itself else None


def _slices(value: Value | None, whole: Thing) -> list[Value]:
    """The keys that select a value as a part of another."""
    keys: list[Value] = []
    while isinstance(value, Thing) and value is not whole:
        keys = [*(value.args if value.name in SLICES else ()), *keys]
        value = value.base
    return keys


def _channel(keys: Sequence[Value]) -> int | None:
    """The channel that a key selects, as in x[:, 0] or x[..., 0]; None for a region, or several channels."""
    parts = [part for key in keys for part in (key.items if isinstance(key, Items) else (key,))]
    numbers = [part.data for part in parts if isinstance(part, Const) and type(part.data) is int]
    rest = [part for part in parts if not (isinstance(part, Const) and (type(part.data) is int or part.data is ...))]
    whole = all(isinstance(part, Thing) and part.name == "slice" and plain(part.args[0]) is None
                and plain(part.args[1]) is None for part in rest)  # fmt: skip
    return numbers[0] if len(numbers) == 1 and whole and 0 <= numbers[0] < 3 else None


# ---------------------------------------------------------------------- numbers


def channel_numbers(value: Value | None) -> Numbers | None:
    """The three numbers in a tensor, a single one repeated; None where they are unknown."""
    for _ in range(12):
        found = numbers(value)
        if found is not None or value is None:
            return found
        if isinstance(value, Items) and len(value.items) == 1:
            value = value.items[0]
        elif isinstance(value, Items) and len(value.items) == 3:  # [[[r]], [[g]], [[b]]]
            each = [channel_numbers(item) for item in value.items]
            return tuple(n[0] for n in each if n) if all(n and len(set(n)) == 1 for n in each) else None
        elif isinstance(value, Thing) and value.name in OPERATIONS:
            return _computed(value)
        elif isinstance(value, Thing) and value.short in SHAPING:
            value = value.base if value.name.startswith((".", "[")) else value.arg(0, "data", "object")
        else:
            return None
    return None


def _computed(value: Thing) -> Numbers | None:
    """The result of arithmetic on known numbers, such as 1 / std, or std + 1e-7."""
    sides = _sides(value)
    left, right = map(channel_numbers, sides or (None, None))
    sign = OPERATIONS[value.name]
    if left is None or right is None or len(left) != len(right) or (sign == "/" and not all(right)):
        return None
    if sign == "+" and max(map(abs, right)) < SMALLEST:
        return left
    compute = {"+": float.__add__, "-": float.__sub__, "*": float.__mul__, "/": float.__truediv__}[sign]
    return tuple(compute(one, other) for one, other in zip(left, right, strict=True))
