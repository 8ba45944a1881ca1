"""Follows the images of a Keras program from the network back to their source."""

from __future__ import annotations

from diagnose.interpreter.functions import bind
from diagnose.interpreter.reader import Reader
from diagnose.interpreter.reasons import Reason
from diagnose.interpreter.values import (
    Call,
    Const,
    Either,
    Function,
    Instance,
    Items,
    Ref,
    Thing,
    Value,
    clause,
    is_known,
    plain,
    unknown,
)
from diagnose.model import Location
from diagnose.training.fields import ancestors
from diagnose.training.keras import inside, loaders, operations, sources
from diagnose.training.keras.layers import is_model
from diagnose.training.keras.loops import is_direct
from diagnose.training.keras.operations import opaque
from diagnose.training.keras.steps import PIXELS, RUN_TIME, TOPICS, KerasPipeline, preprocess
from diagnose.training.labels import labels_of
from diagnose.training.pytorch.arithmetic import channelwise
from diagnose.training.pytorch.steps import numbers
from diagnose.training.unfollowed import described

FILLED = ("empty", "zeros", "ones", "empty_like", "zeros_like")  # arrays that are then filled with images
PYTHON_CALLS = ("py_function", "numpy_function", "py_func")
WIDEST, DEEPEST = 3, 60


def way_of(reader: Reader, value: Value | None, at: Location) -> KerasPipeline:
    """The pipeline of fit()'s data from its source to the network; doubts where it was not followed."""
    way = KerasPipeline(value.at if value is not None else at)
    Images(reader, way).walk(value)
    return way


def through_network(reader: Reader, model: Value, way: KerasPipeline, random: bool = True) -> None:
    """Add to `way` the preprocessing in the model itself, before its first trainable layer.

    random: False where the model does not train, so that its random layers do nothing.
    """
    way.training = random
    inside.through_model(Images(reader, way), model)
    way.training = True
    way.finish()


def through_step(reader: Reader, batch: Value, images: Value, way: KerasPipeline) -> None:
    """Add to `way` the steps of train_step() on a batch before the network gets its images."""
    Images(reader, way, batch).walk(images)


def label(way: KerasPipeline, labels: Value | None, images: Value | None) -> None:
    """Set the labels of a way to those that the program's own loop passes to its loss."""
    taken = next((one for one in ancestors(labels, 40) if is_direct(one, images)), None)
    if labels is not None and taken is not None:
        way.label(way.relabelled(labels, taken))
    else:
        way.label(labels_of(labels))


class Images:
    """Follows images back to their source and applies each step on the way, first to last.

    start: the value that represents an input image, where a function is followed.
    """

    def __init__(
        self, reader: Reader, way: KerasPipeline, start: Value | None = None, label: Value | None = None
    ) -> None:
        self.reader, self.way, self.start, self.label = reader, way, start, label
        self.depth = 0

    def inner(self, start: Value | None, label: Value | None = None) -> Images:
        """A walk of the same images through a function, ending at `start`."""
        found = Images(self.reader, self.way, start, label)
        found.depth = self.depth
        return found

    def walk(self, value: Value | None) -> None:
        """Follow a value back to its source and apply every step on the way; add a doubt where that fails."""
        if value is self.start and value is not None:
            return
        self.depth += 1
        try:
            if self.depth > DEEPEST:
                self.way.doubt("it is prepared in more steps than are followed")
            else:
                self._walk(value)
        finally:
            self.depth -= 1

    def _walk(self, value: Value | None) -> None:
        match value:
            case Either(options=options):
                self.one_of(options, RUN_TIME)
            case Items(items=items, kind=kind) if items:
                if kind == "tuple" or self.start is not None:
                    self.walk(items[0])
                else:
                    self.one_of(items, "its images are prepared in several ways")
            case Thing(name=""):
                self._leaf(value)
            case Thing():
                self._thing(value)
                self._changed_in_place(value)
            case Instance():
                sources.sequence(self, value)
            case Const(data=str()):
                self.way.doubt("its images are read by what was not followed", *PIXELS)
            case None:
                self.way.doubt("its data was not found")
            case _:
                self.way.doubt(f"its data was not followed: {clause(value)}")

    def _leaf(self, value: Thing) -> None:
        self.way.doubt(f"its data was not followed: {clause(value)}")

    def one_of(self, options: tuple[Value, ...], why: str) -> None:
        """Follow several possible ways of the images; what they agree on is known."""
        ways = []
        for option in options[:WIDEST]:
            way = self.way.copy()
            inner = Images(self.reader, way, self.start, self.label)
            inner.depth = self.depth
            inner.walk(option)
            ways.append(way)
        first = ways[0]
        for way in ways[1:]:
            first.synthetic = first.synthetic and way.synthetic
            for topic, doubt in way.doubts.items():
                first.doubt(doubt, topic)
            for topic in (*PIXELS, "labels"):
                if first.state(topic) != way.state(topic):
                    first.doubt(f"it is prepared in one of several ways, {why}", topic)
            if first.shuffle != way.shuffle or first.shuffle_given is not way.shuffle_given:
                first.doubt(f"its order depends on one of several ways, {why}", "order")
        if len(options) > WIDEST and why == RUN_TIME:
            first.doubt("it may be prepared in many ways")
        vars(self.way).update(vars(first))

    # ------------------------------------------------------------------ calls

    def _thing(self, value: Thing) -> None:
        name = value.short
        if value.name in sources.FLOWS:
            sources.flow(self, value)
        elif loaders.loader(self, value):
            pass
        elif name in sources.FOLDERS:
            sources.folder(self, value)
        elif value.name.startswith(".") and sources.dataset(self, value):
            pass
        elif name in sources.SOURCES:
            sources.source(self, value)
        elif value.name.startswith("op"):
            self._arithmetic(value)
        elif name in operations.SIGNS and value.package in operations.OF_ARRAYS and len(value.args) == 2:
            self._arithmetic(Thing(value.at, f"op{operations.SIGNS[name]}", value.args))
        elif name == "preprocess_input":
            self.walk(value.arg(0, "x"))
            preprocess(value.name, value.at, self.way, value.arg(2, "mode"))
        elif value.name == "()":
            self._called(value)
        elif name in PYTHON_CALLS:
            self._python(value)
        elif name in ("cond", "where"):
            self._chosen(value)
        elif name == "load_data" and value.name.startswith("keras.datasets."):
            sources.arrays(self, value)
        elif name == "train_test_split" and value.args:
            self.walk(value.args[0])
        elif name == "load" and value.package in ("tensorflow_datasets", "tfds"):
            sources.public(self, value)
        elif name == "zip" and (value.args or value.kwargs):
            self.walk(value.arg(0, "datasets"))
        elif value.name in ("[]", "[:]", "item", "generator", "builtins.next", "builtins.iter"):
            self._item(value)
        elif name in FILLED and value.package in ("numpy", "np"):
            self._filled(value)
        elif value.package in ("numpy", "tensorflow", "keras") and ".random." in value.name:
            self.way.source, self.way.synthetic = value, True
            self.way.doubt("its data are random numbers")
        elif name == "random_transform" or name == "apply_transform":
            self.walk(value.args[0] if value.args else None)
            opaque(f"{name}()", value.at, self.way, ("random",))
        else:
            self._operation(value)

    def _changed_in_place(self, value: Thing) -> None:
        """Apply in-place arithmetic on the channels of an array; a doubt for any other change."""
        if value.short in FILLED:
            return
        events = [event for event in self.reader.trace.sets(of=value) if event.name.startswith("[")]
        steps = channelwise(value, events) if events else []
        if steps is None:
            self.way.doubt(f"parts of its images are set (line {events[0].at.line})", "values")
        for step in steps or ():
            constants = Items(step.at, tuple(Const(step.at, number) for number in step.numbers or ()))
            operations.arithmetic(Thing(step.at, f"op{step.sign}"), constants, True, self.way)

    def _operation(self, value: Thing) -> None:
        """Apply a library's call on an image: its first argument, or the object of the method."""
        image = value.base if value.name.startswith(".") else value.arg(0, "images", "image", "input", "x", "contents")
        if value.short == "parse_single_example" or image is None or isinstance(image, Const):
            image = None
        known = value.short in operations.DECODERS and not (value.short == "open" and "Image" not in value.name)
        before = self.way.copy()
        if image is not None and not isinstance(image, Ref):
            self.walk(image)
        elif not known:
            self.way.source = value
            self._unread(value)
            return
        if (value.short == "open" and not known) or not operations.operation(value, self.way):
            self._unread(value)
        if before.source is not None and self.way.source is None:
            self.way.source = before.source

    def _unread(self, value: Thing) -> None:
        where = f" at line {value.at.line}" if value.at.line else ""
        topics = PIXELS if value.base is not None or self.start is not None else TOPICS
        self.way.doubt(f"its images come from {described(value)}(){where}, which was not followed", *topics)

    def _called(self, value: Thing) -> None:
        """Apply layer(images), or a call of a library's object."""
        self.walk(value.arg(0, "inputs", "images", "image", "x"))
        if plain(value.kwargs.get("training"), True) is False:
            held, self.way.training = self.way.training, False
            self.layer(value.base)
            self.way.training = held
        else:
            self.layer(value.base)

    def _arithmetic(self, value: Thing) -> None:
        left, right = value.args[0], value.args[-1]
        if is_known(operations.unwrapped(right)):
            right = operations.unwrapped(right)
        if len(value.args) == 1:
            self.walk(left)
            self.way.doubt("its arithmetic was not followed", "values")
        elif is_known(right) or (numbers(right) is not None):
            self.walk(left)
            operations.arithmetic(value, right, True, self.way)
        elif is_known(left):
            self.walk(right)
            operations.arithmetic(value, left, False, self.way)
        else:
            image = right if self._reaches(right) and not self._reaches(left) else left
            self.walk(image)
            operations.arithmetic(value, unknown(Reason.PLACEHOLDER, "", value.at), image is left, self.way)
            other = left if image is right else right
            if any(isinstance(one, Thing) and "random" in one.name for one in ancestors(other, 100)):
                self.way.doubt("random numbers are added to the pixels, or multiply them", "random")
            if self._reaches(left) and self._reaches(right) and not _is_statistic(other):
                self.way.doubt("several images may be mixed", "random")

    def _reaches(self, value: Value) -> bool:
        return self.start is not None and any(one is self.start for one in ancestors(value, 400))

    def _python(self, value: Thing) -> None:
        """Apply a Python function within a graph."""
        function, given = value.arg(0, "func"), value.arg(1, "inp")
        inputs = given.items if isinstance(given, Items) else (given,) if given is not None else ()
        if not isinstance(function, Function) or not inputs:
            self.walk(inputs[0] if inputs else None)
            opaque(f"{value.short}()", value.at, self.way)
            return
        result = self.reader.call(function, Call(tuple(inputs), {}, value.at))
        self.walk(self.image_of(result))

    def _chosen(self, value: Thing) -> None:
        sides = [side for side in (value.arg(1, "true_fn", "x"), value.arg(2, "false_fn", "y")) if side is not None]
        results = tuple(
            self.reader.call(side, Call((), {}, value.at)) if isinstance(side, Function) else side for side in sides
        )
        if results:
            self.one_of(results, RUN_TIME)
        self.way.doubt(f"{value.short}() chooses between two ways when the program runs", "random")

    def _item(self, value: Thing) -> None:
        inner = value.base if value.base is not None else (value.args[0] if value.args else None)
        if value.name == "generator" and len(value.args) > 1:
            self.one_of(value.args, RUN_TIME)
            return
        if value.name == "[:]" and any(plain(bound) == -1 for bound in value.args[2:]):
            self.way.bgr = None
        self.walk(self.image_of(inner) if value.name == "generator" else inner)
        if value.name == "[]" and any("slice" in clause(part) or not is_known(part) for part in value.args):
            self.way.bgr = None  # channels may be reversed by [..., ::-1]

    def _filled(self, value: Thing) -> None:
        """Follow an array that is filled item by item."""
        parts = [event.args[0] for event in self.reader.trace
                 if event.kind == "set" and event.target is value and event.name.startswith("[")]  # fmt: skip
        self.way.source = value
        if parts:
            self.one_of(tuple(parts), "it is filled in several places")
        else:
            self.way.doubt("how its array of images is filled was not followed", *PIXELS, "labels")

    def mapped(self, function: Value | None, at: Location) -> None:
        """Apply the function or layer passed to a dataset's map(); doubt the labels where it isn't a function."""
        if isinstance(function, Function):
            self.through_function(function)
        elif isinstance(function, Instance) and isinstance(call := function.cls.find("__call__"), Function):
            self.through_function(bind(call, function))
        else:
            self.layer(function)
            self.way.doubt("its labels were not followed", "labels")

    def through_function(self, function: Function) -> None:
        """Apply a function of (image, label), read on an unknown image."""
        pixels = unknown(Reason.PLACEHOLDER, "an image", function.at)
        label = unknown(Reason.PLACEHOLDER, "its label", function.at)
        arguments = function.node.args
        count = len((*arguments.posonlyargs, *arguments.args)) - (function.bound is not None)
        alone = count == 1 and not arguments.vararg
        result = self.reader.call(function, Call((pixels,) if alone else (pixels, label), {}, function.at))
        inner = self.inner(pixels, label)
        inner.walk(self.image_of(result))
        self._relabelled(result, label, alone)

    def image_of(self, result: Value | None) -> Value | None:
        """The image in a function's result: the first of several values, else the result itself."""
        if isinstance(result, Either):
            options = tuple(self.image_of(option) or option for option in result.options)
            return Either(result.at, options)
        return result.items[0] if isinstance(result, Items) and result.items else result

    def _relabelled(self, result: Value, label: Value, alone: bool) -> None:
        """Update the form of the labels after a function of images and labels."""
        if not isinstance(result, Items) or len(result.items) < 2:
            if not alone or isinstance(result, Either | Items):
                self.way.doubt("its labels were not followed", "labels")
            return
        given = result.items[1]
        if given is not label:
            self.way.label(self.way.relabelled(given, label))

    def layer(self, layer: Value | None) -> None:
        """Apply a preprocessing layer, a function used as one, or a model of these; a doubt where it is unknown."""
        match layer:
            case Function():
                pixels = unknown(Reason.PLACEHOLDER, "an image", layer.at)
                result = self.reader.call(layer, Call((pixels,), {}, layer.at))
                inner = self.inner(pixels)
                inner.walk(self.image_of(result))
            case Ref(name=name) if name.endswith("preprocess_input"):
                preprocess(name, layer.at, self.way)
            case Ref(name=name):
                applied = Thing(layer.at, name=name, args=(unknown(Reason.PLACEHOLDER, "", layer.at),))
                if not operations.operation(applied, self.way):
                    opaque(name, layer.at, self.way)
            case Thing(name=name) if layer.short == "Lambda" and layer.args:
                self.layer(layer.args[0])
            case Thing() if is_model(layer):
                inside.through_model(self, layer)
            case Thing(name=name) if name.startswith(("keras.", "keras_cv.")) and operations.layer(layer, self.way):
                pass
            case Instance():
                pixels = unknown(Reason.PLACEHOLDER, "an image", layer.at)
                result = self.reader.call(layer, Call((pixels,), {}, layer.at))
                inner = self.inner(pixels)
                inner.walk(self.image_of(result))
            case None:
                self.way.doubt("a step of its way was not found", *PIXELS)
            case _:
                opaque(f"{described(layer)}()", layer.at, self.way)


def _is_statistic(value: Value) -> bool:
    """Whether a value is a mean, a maximum or the like of an image."""
    return isinstance(value, Thing) and value.short.startswith(("reduce_", "max", "min", "mean", "std", "amax", "amin"))
