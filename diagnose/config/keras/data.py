"""The images of a Keras program on their way into the network: generators, tf.data, arrays, functions, layers."""

from __future__ import annotations

from diagnose.config.facts import ancestors
from diagnose.config.keras import operations
from diagnose.config.keras.layers import is_application, is_model, outputs_of
from diagnose.config.keras.operations import is_trained, layers_of, opaque
from diagnose.config.keras.steps import PIXELS, TOPICS, Way, factor, preprocess, set_size, wanted
from diagnose.config.pytorch.transforms import numbers
from diagnose.model import UNIT_STEP, Location
from diagnose.program.library import bind
from diagnose.program.modules import is_container
from diagnose.program.reader import Reader
from diagnose.program.unfollowed import written
from diagnose.program.values import (
    Call,
    Const,
    Either,
    Function,
    Instance,
    Items,
    Ref,
    Thing,
    Value,
    is_known,
    plain,
    reason,
    unknown,
)

RANDOM_ARGUMENTS = ("rotation_range", "width_shift_range", "height_shift_range", "brightness_range", "shear_range",
                    "zoom_range",
                    "channel_shift_range", "horizontal_flip", "vertical_flip")  # fmt: skip
STATISTICS = ("featurewise_center", "featurewise_std_normalization", "samplewise_center",
              "samplewise_std_normalization", "zca_whitening")  # fmt: skip
ARRAY_SIZES = {"cifar10": 32, "cifar100": 32, "mnist": 28, "fashion_mnist": 28}
FOLDER_READERS = ("image_dataset_from_directory",)
FLOWS = (".flow_from_directory", ".flow_from_dataframe", ".flow")
SOURCES = ("from_tensor_slices", "from_tensors", "list_files", "TFRecordDataset", "from_generator")
# Methods of a dataset that leave its elements as they are.
PASSED = (".prefetch", ".cache", ".repeat", ".take", ".skip", ".with_options", ".unbatch", ".ignore_errors", ".filter",
          ".shard", ".snapshot", ".rebatch", ".as_numpy_iterator", ".rejection_resample")  # fmt: skip
PYTHON_CALLS = ("py_function", "numpy_function", "py_func")
RUN_TIME = "by a condition that is known at run time only"
WIDEST, DEEPEST = 3, 60
LABELS = {"categorical": "one_hot", "sparse": "int", "int": "int", "binary": "binary"}
ONE_HOT = ("to_categorical", "one_hot", "get_dummies")


def way_of(reader: Reader, value: Value | None, at: Location) -> Way:
    """The way of the data that fit() gets, from its source on."""
    way = Way(value.at if value is not None else at)
    Images(reader, way).walk(value)
    return way


def through_network(reader: Reader, model: Value, way: Way, random: bool = True) -> None:
    """Preprocessing in the model itself, before the first layer that learns; `random` where it trains."""
    way.training = random
    Images(reader, way).through_model(model)
    way.training = True
    way.finish()


class Images:
    """Follows images back to their source and applies each step on the way, first to last.

    start: the value that stands for an image of the data before, where a function is followed.
    """

    def __init__(self, reader: Reader, way: Way, start: Value | None = None, label: Value | None = None) -> None:
        self.reader, self.way, self.start, self.label = reader, way, start, label
        self.depth = 0

    def walk(self, value: Value | None) -> None:
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
                self._one_of(options, RUN_TIME)
            case Items(items=items, kind=kind) if items:
                if kind == "tuple" or self.start is not None:
                    self.walk(items[0])
                else:
                    self._one_of(items, "its images are prepared in several ways")
            case Thing(name=""):
                self._leaf(value)
            case Thing():
                self._thing(value)
            case Instance():
                self._sequence(value)
            case Const(data=str()):
                self.way.doubt("its images are read by what was not followed", *PIXELS)
            case None:
                self.way.doubt("its data was not found")
            case _:
                self.way.doubt(f"its data was not followed: {reason(value)}")

    def _leaf(self, value: Thing) -> None:
        self.way.doubt(f"its data was not followed: {value.why or 'it is known when the program runs'}")

    def _one_of(self, options: tuple[Value, ...], why: str) -> None:
        """Several ways that images may take; what they agree on is known."""
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
        if value.name in FLOWS:
            self._flow(value)
        elif name in FOLDER_READERS:
            self._folder(value)
        elif value.name.startswith(".") and self._dataset(value):
            pass
        elif name in SOURCES:
            self._source(value)
        elif value.name.startswith("op"):
            self._arithmetic(value)
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
            self.way.source, self.way.floating = value, False
            size = next((side for part, side in ARRAY_SIZES.items() if f".{part}." in value.name), None)
            if size:
                self.way.size = (size, value.at)
        elif name == "train_test_split" and value.args:
            self.walk(value.args[0])
        elif name == "load" and value.package in ("tensorflow_datasets", "tfds"):
            self._public(value)
        elif name == "zip" and (value.args or value.kwargs):
            self.walk(value.arg(0, "datasets"))
        elif value.name in ("[]", "[:]", "item", "generator", "builtins.next", "builtins.iter"):
            self._item(value)
        elif name in ("empty", "zeros", "ones", "empty_like", "zeros_like") and value.package in ("numpy", "np"):
            self._filled(value)
        elif value.package in ("numpy", "tensorflow", "keras") and ".random." in value.name:
            self.way.source, self.way.synthetic = value, True
            self.way.doubt("its data are random numbers")
        elif name == "random_transform" or name == "apply_transform":
            self.walk(value.args[0] if value.args else None)
            opaque(f"{name}()", value.at, self.way, ("random",))
        else:
            self._operation(value)

    def _operation(self, value: Thing) -> None:
        """A library's call on an image: its first argument, or what it is a method of."""
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
        self.way.doubt(f"its images come from {written(value)}(){where}, which was not followed", *topics)

    def _called(self, value: Thing) -> None:
        """layer(images), or a call of what a library made."""
        self.walk(value.arg(0, "inputs", "images", "image", "x"))
        if plain(value.kwargs.get("training"), True) is False:
            held, self.way.training = self.way.training, False
            self.layer(value.base)
            self.way.training = held
        else:
            self.layer(value.base)

    def _arithmetic(self, value: Thing) -> None:
        left, right = value.args[0], value.args[-1]
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
            operations.arithmetic(value, unknown("", value.at), image is left, self.way)
            other = left if image is right else right
            if any(isinstance(one, Thing) and "random" in one.name for one in ancestors(other, 100)):
                self.way.doubt("random numbers are added to the pixels, or multiply them", "random")
            if self._reaches(left) and self._reaches(right):
                self.way.doubt("several images may be mixed", "random")

    def _reaches(self, value: Value) -> bool:
        return self.start is not None and any(one is self.start for one in ancestors(value, 400))

    def _python(self, value: Thing) -> None:
        """A function of Python inside of a graph."""
        function, given = value.arg(0, "func"), value.arg(1, "inp")
        inputs = given.items if isinstance(given, Items) else (given,) if given is not None else ()
        if not isinstance(function, Function) or not inputs:
            self.walk(inputs[0] if inputs else None)
            opaque(f"{value.short}()", value.at, self.way)
            return
        result = self.reader.call(function, Call(tuple(inputs), {}, value.at))
        self.walk(self._image_of(result))

    def _chosen(self, value: Thing) -> None:
        sides = [side for side in (value.arg(1, "true_fn", "x"), value.arg(2, "false_fn", "y")) if side is not None]
        results = tuple(
            self.reader.call(side, Call((), {}, value.at)) if isinstance(side, Function) else side for side in sides
        )
        if results:
            self._one_of(results, RUN_TIME)
        self.way.doubt(f"{value.short}() chooses between two ways when the program runs", "random")

    def _item(self, value: Thing) -> None:
        inner = value.base if value.base is not None else (value.args[0] if value.args else None)
        if value.name == "generator" and len(value.args) > 1:
            self._one_of(value.args, RUN_TIME)
            return
        if value.name == "[:]" and any(plain(bound) == -1 for bound in value.args[2:]):
            self.way.bgr = None
        self.walk(self._image_of(inner) if value.name == "generator" else inner)
        if value.name == "[]" and any("slice" in reason(part) or not is_known(part) for part in value.args):
            self.way.bgr = None  # channels may be turned by [..., ::-1]

    def _filled(self, value: Thing) -> None:
        """An array that is filled item by item."""
        parts = [event.args[0] for event in self.reader.events
                 if event.kind == "set" and event.target is value and event.name.startswith("[")]  # fmt: skip
        self.way.source = value
        if parts:
            self._one_of(tuple(parts), "it is filled in several places")
        else:
            self.way.doubt("how its array of images is filled was not followed", *PIXELS, "labels")

    # ------------------------------------------------------------------ datasets

    def _dataset(self, value: Thing) -> bool:
        """A method of a dataset; False where it is none."""
        if value.name == ".map":
            self.walk(value.base)
            self._mapped(value.arg(0, "map_func"), value.at)
        elif value.name in (".batch", ".padded_batch"):
            self.walk(value.base)
            self.way.batch = value.arg(0, "batch_size") or self.way.batch
        elif value.name == ".shuffle":
            self.walk(value.base)
            self.way.shuffle = (True, value.at)
        elif value.name in PASSED:
            self.walk(value.base)
        elif value.name == ".concatenate" and value.args:
            self._one_of((*([value.base] if value.base is not None else []), value.args[0]), "of two datasets")
        elif value.name == ".apply" and isinstance(value.arg(0), Function):
            self.walk(self.reader.call(value.args[0], Call((value.base or value,), {}, value.at)))
        elif value.name in (".apply", ".interleave", ".flat_map", ".enumerate", ".as_dataset", ".get_next"):
            self.walk(value.base)
            self.way.doubt(f"what {value.name.lstrip('.')}() at line {value.at.line} does was not followed")
        else:
            return False
        return True

    def _mapped(self, function: Value | None, at: Location) -> None:
        if isinstance(function, Function):
            self._through_function(function)
        elif isinstance(function, Instance) and isinstance(call := function.cls.find("__call__"), Function):
            self._through_function(bind(call, function))
        else:
            self.layer(function)

    def _through_function(self, function: Function) -> None:
        """A function of (image, label), read on an image that is not known."""
        pixels = Thing(function.at, name="", why="an image")
        label = Thing(function.at, name="", why="its label")
        arguments = function.node.args
        count = len((*arguments.posonlyargs, *arguments.args)) - (function.bound is not None)
        alone = count == 1 and not arguments.vararg
        result = self.reader.call(function, Call((pixels,) if alone else (pixels, label), {}, function.at))
        inner = Images(self.reader, self.way, pixels, label)
        inner.depth = self.depth
        inner.walk(self._image_of(result))
        self._relabelled(result, label, alone)

    def _image_of(self, result: Value | None) -> Value | None:
        """What of a function's result is the image."""
        if isinstance(result, Either):
            options = tuple(self._image_of(option) or option for option in result.options)
            return Either(result.at, options)
        return result.items[0] if isinstance(result, Items) and result.items else result

    def _relabelled(self, result: Value, label: Value, alone: bool) -> None:
        """The form of the labels after a function of images and labels."""
        if not isinstance(result, Items) or len(result.items) < 2:
            if not alone or isinstance(result, Either | Items):
                self.way.doubt("its labels were not followed", "labels")
            return
        given = result.items[1]
        if given is label:
            return
        made = next((one for one in ancestors(given, 100) if isinstance(one, Thing) and one.short in ONE_HOT), None)
        if made is not None:
            self.way.labels = ("one_hot", made.at)
            self.way.doubts.pop("labels", None)
        else:
            self.way.doubt("its labels were not followed", "labels")

    def _source(self, value: Thing) -> None:
        self.way.source = value
        if value.short == "list_files":
            self.way.shuffle = (True, value.at) if plain(value.kwargs.get("shuffle"), True) is True else None
            self.way.shuffle_given = value.kwargs.get("shuffle")
            self.way.doubt("its files are not read", *PIXELS)
        elif value.short == "from_generator":
            function = value.arg(0, "generator")
            self.way.doubt("its order is that of a generator", "order", "labels")
            if isinstance(function, Function):
                result = self.reader.call(function, Call((), {}, value.at))
                self.walk(result)
            else:
                self.way.doubt("its generator was not followed")
        elif value.short in ("from_tensor_slices", "from_tensors"):
            self.walk(value.arg(0, "tensors"))
            self.way.doubt("the program does not say in which order its data comes", "order")
        else:
            self.way.doubt("its records are read by what was not followed")
        self.way.source = value

    def _public(self, value: Thing) -> None:
        self.way.source, self.way.floating = value, False
        self.way.batch = value.kwargs.get("batch_size") or self.way.batch
        if plain(value.kwargs.get("shuffle_files"), False):
            self.way.shuffle = (True, value.at)
        self.way.doubt("the program does not say in which order its data comes", "order")
        if "decoders" in value.kwargs or plain(value.kwargs.get("as_supervised"), True) is None:
            self.way.doubt("its own decoders read the images", *PIXELS)

    def _sequence(self, value: Instance) -> None:
        """A class of the program that gives batches."""
        self.way.source = value
        self.way.doubt(f"its order is up to {value.cls.name}", "order")
        self.way.doubt(f"its labels are up to {value.cls.name}", "labels")
        found = value.cls.find("__getitem__") or value.cls.find("__next__") or value.cls.find("__iter__")
        if isinstance(found, Function):
            number = unknown("the number of a batch", found.at)
            inner = Images(self.reader, self.way, number, None)
            inner.depth = self.depth
            result = self.reader.call(bind(found, value), Call((number,), {}, found.at))
            inner.walk(self._image_of(result))
        else:
            self.way.doubt(f"how {value.cls.name} prepares its images was not followed", *PIXELS)
        given = next((value.attrs[n] for n in ("batch_size", "bs") if n in value.attrs), None)
        if isinstance(given, Value):
            self.way.batch = given

    # ------------------------------------------------------------------ generators and folders

    def _flow(self, value: Thing) -> None:
        generator = value.base
        way = self.way
        way.source = value
        if isinstance(generator, Either):
            way.doubt(f"its generator is one of several, {RUN_TIME}", "values", "random")
            generator = generator.options[0]
        if not isinstance(generator, Thing) or generator.short != "ImageDataGenerator":
            way.doubt("its generator was not followed", "values", "random")
            generator = None
        if value.name == ".flow":
            self.walk(value.arg(0, "x"))
            way.source = value
            way.batch, way.batch_default = value.arg(2, "batch_size"), value.at
            given = value.arg(3, "shuffle")
        else:
            given = self._flowing_files(value)
        way.shuffle = (True, value.at) if given is None else None
        way.shuffle_given = given
        if generator is not None:
            way.generator, way.floating = generator, True
            self._generator(generator)

    def _flowing_files(self, value: Thing) -> Value | None:
        """Size, batches and labels; gives the argument `shuffle`."""
        folder, way = value.name == ".flow_from_directory", self.way
        way.batch, way.batch_default = value.arg(5 if folder else -1, "batch_size"), value.at
        self._labels(value.arg(4 if folder else -1, "class_mode"), "categorical", value.at)
        target = value.arg(1 if folder else -1, "target_size")
        if target is None:
            way.size = (256, value.at)
        else:
            set_size(target, way)
        way.by_class = folder
        return value.arg(6 if folder else -1, "shuffle")

    def _labels(self, mode: Value | None, default: str, at: Location) -> None:
        word = plain(mode, default if mode is None else None)
        if word in LABELS:
            self.way.labels = (LABELS[word], mode.at if mode is not None else at)

    def _generator(self, generator: Thing) -> None:
        way = self.way
        way.at = generator.at
        if generator.args:
            way.doubt("its generator is given arguments without names", "values", "random")
        for name in RANDOM_ARGUMENTS:
            given = generator.kwargs.get(name)
            if given is not None and not is_known(given):
                way.doubt(f"its {name} is not known: {reason(given)}", "random")
            elif given is not None and plain(given) not in (0, 0.0, False, None):
                way.draw(name.removesuffix("_range"), given.at)
        function = generator.kwargs.get("preprocessing_function")
        if function is not None and plain(function, ...) is not None:
            if isinstance(function, Ref) and function.name.endswith("preprocess_input"):
                preprocess(function.name, function.at, way)
            elif isinstance(function, Function):
                labels = way.labels
                self._through_function(function)
                way.labels = labels
                way.doubts.pop("labels", None)
            else:
                opaque("its preprocessing_function", function.at, way)
        rescale = generator.kwargs.get("rescale")
        if rescale is not None and plain(rescale, ...) is not None:
            factor(rescale, way)
        computed = [name for name in STATISTICS if plain(generator.kwargs.get(name), False)]
        if computed:
            way.put(computed[0], "normalize", generator.kwargs[computed[0]].at)
            way.doubt(f"its statistics are computed at run time ({computed[0]})", "values")

    def _folder(self, value: Thing) -> None:
        way = self.way
        way.source, way.at, way.floating = value, value.at, True
        way.batch, way.batch_default = value.arg(5, "batch_size"), value.at
        given = value.arg(7, "shuffle")
        way.shuffle = (True, value.at) if given is None else None
        way.shuffle_given, way.by_class = given, True
        size = value.arg(6, "image_size")
        if size is None:
            way.size = (256, value.at)
        else:
            set_size(size, way)
        self._labels(value.arg(2, "label_mode"), "int", value.at)

    # ------------------------------------------------------------------ layers

    def layer(self, layer: Value | None) -> None:
        """A preprocessing layer, a function in its place, or a model of such."""
        match layer:
            case Function():
                pixels = Thing(layer.at, name="", why="an image")
                result = self.reader.call(layer, Call((pixels,), {}, layer.at))
                inner = Images(self.reader, self.way, pixels)
                inner.depth = self.depth
                inner.walk(self._image_of(result))
            case Ref(name=name) if name.endswith("preprocess_input"):
                preprocess(name, layer.at, self.way)
            case Ref(name=name):
                stand_in = Thing(layer.at, name=name, args=(unknown("", layer.at),))
                if not operations.operation(stand_in, self.way):
                    opaque(name, layer.at, self.way)
            case Thing(name=name) if layer.short == "Lambda" and layer.args:
                self.layer(layer.args[0])
            case Thing() if is_model(layer):
                self.through_model(layer)
            case Thing(name=name) if name.startswith(("keras.", "keras_cv.")) and operations.layer(layer, self.way):
                pass
            case Instance():
                pixels = Thing(layer.at, name="", why="an image")
                result = self.reader.call(layer, Call((pixels,), {}, layer.at))
                inner = Images(self.reader, self.way, pixels)
                inner.depth = self.depth
                inner.walk(self._image_of(result))
            case None:
                self.way.doubt("a step of its way was not found", *PIXELS)
            case _:
                opaque(f"{written(layer)}()", layer.at, self.way)

    def through_model(self, model: Value | None, depth: int = 0) -> bool:
        """Applies what stands before the first layer that learns; True where that was reached."""
        if depth > 8:
            return True
        if isinstance(model, Either):
            self.way.doubt(f"its model is one of several, {RUN_TIME}", "values", "random")
            return self.through_model(model.options[0], depth + 1)
        if is_application(model):
            assert isinstance(model, Thing)
            self._body(model, depth)
            return True
        if isinstance(model, Thing) and is_container(model):
            for layer in layers_of(model):
                if is_trained(layer):
                    return True
                if is_model(layer) or is_application(layer) or isinstance(layer, Instance):
                    if self.through_model(layer, depth + 1):
                        return True
                else:
                    self.layer(layer)
            return False
        outputs = outputs_of(self.reader, model)
        if outputs is None:
            why = "what its model does with the images was not followed"
            self.way.doubt(why, "values", "random")
            return True
        return self._graph(outputs, depth)

    def _body(self, body: Thing, depth: int) -> None:
        """A network of the library: what it is put on, and its own preprocessing."""
        on = body.kwargs.get("input_tensor")
        if on is not None and plain(on, ...) is not None:
            self._prefix(on)
        if wanted(body) == "built in" and plain(body.kwargs.get("include_preprocessing"), True):
            self.way.scaling.append((UNIT_STEP, body.at))
            self.way.put("built_in", "scale", body.at)

    def _graph(self, outputs: Value, depth: int) -> bool:
        """A functional model: what stands before its first layer that learns."""
        calls = [one for one in ancestors(outputs) if isinstance(one, Thing) and self._learns(one)]
        if not calls:
            self._prefix(outputs)
            return False
        ids = {id(one) for one in calls}
        firsts = [one for one in calls if not any(id(a) in ids for a in ancestors(one) if a is not one)]
        for first in firsts[:1]:
            if first.name == "()":
                self._prefix(first.args[0] if first.args else None)
                if is_model(first.base) or is_application(first.base):
                    self.through_model(first.base, depth + 1)
            elif is_application(first.base):
                assert isinstance(first.base, Thing)
                self._body(first.base, depth)
        return True

    def _learns(self, one: Thing) -> bool:
        if one.name in (".output", ".outputs", ".get_layer"):
            return is_application(one.base) or is_model(one.base)
        if one.name != "()":
            return False
        return is_trained(one.base) or is_application(one.base) or (is_model(one.base) and _holds_weights(one.base))

    def _prefix(self, value: Value | None) -> None:
        """The steps from a model's input to a value in it."""
        source = next((one for one in ancestors(value) if _is_input(one)), None) if value is not None else None
        inner = Images(self.reader, self.way, source)
        inner.depth = self.depth
        if source is None:
            self.way.doubt("what its model does with the images was not followed", "values", "random")
        else:
            inner.walk(value)


def _is_input(value: Value) -> bool:
    return isinstance(value, Thing) and (
        value.short in ("Input", "placeholder")
        or value.name in (".input", ".inputs")
        or (value.name == "" and value.why == "a batch")
    )


def _holds_weights(model: Value | None) -> bool:
    """Whether a nested model has a layer that learns."""
    if isinstance(model, Thing) and is_container(model):
        return any(is_trained(layer) or is_application(layer) or _holds_weights(layer) for layer in layers_of(model))
    return not isinstance(model, Thing) or any(
        is_trained(one.base) or is_application(one.base)
        for one in ancestors(model.arg(1, "outputs", "output"))
        if isinstance(one, Thing) and one.base is not None
    )
