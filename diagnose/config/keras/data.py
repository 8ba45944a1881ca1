"""The images of a Keras program on their way into the network: generators, tf.data, arrays, layers."""

from __future__ import annotations

from diagnose.config.facts import ancestors, snake
from diagnose.config.keras.layers import Network
from diagnose.config.keras.steps import Way, factor, pixel_arithmetic, preprocess, set_size, wanted
from diagnose.config.pytorch.steps import numbers
from diagnose.model import UNIT_STEP, Location
from diagnose.program.reader import Reader
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
    plain,
    unknown,
)

RANDOM_ARGUMENTS = ("rotation_range", "width_shift_range", "height_shift_range", "brightness_range", "shear_range",
                    "zoom_range",
                    "channel_shift_range", "horizontal_flip", "vertical_flip")  # fmt: skip
ARRAY_SIZES = {"cifar10": 32, "cifar100": 32, "mnist": 28, "fashion_mnist": 28}
DECODERS = ("decode_jpeg", "decode_image", "decode_png", "decode_bmp", "read_file", "imread", "load_img")
FOLDER_READERS = ("image_dataset_from_directory",)
FLOWS = (".flow_from_directory", ".flow_from_dataframe", ".flow")


def way_of(reader: Reader, value: Value | None, at: Location) -> Way:
    """The way of the data that fit() gets, from its source on."""
    way = Way(value.at if value is not None else at)
    _walk(reader, value, way)
    return way


def _walk(reader: Reader, value: Value | None, way: Way, depth: int = 0) -> None:
    if depth > 25:
        return
    match value:
        case Either(options=options):
            way.unsure = "a condition that is known at run time only chooses the data"
            _walk(reader, options[0], way, depth + 1)
        case Items(items=items) if items:
            _walk(reader, items[0], way, depth + 1)
        case Thing():
            _walk_thing(reader, value, way, depth)
        case Instance():
            way.source = value
            inner = value.cls.find("__getitem__")
            if isinstance(inner, Function):
                _through_function(reader, inner, way, value, 0)
                held = [v for v in value.attrs.values() if isinstance(v, Thing) and v.short == "ImageDataGenerator"]
                if held:
                    way.unsure = "its own Sequence class prepares the images"
            given = next((value.attrs[n] for n in ("batch_size", "bs") if n in value.attrs), None)
            if isinstance(given, Value):
                way.batch = given
        case None:
            way.unsure = way.unsure or "its data was not found"
        case _:
            way.unsure = way.unsure or "its data was not found"


def _walk_thing(reader: Reader, value: Thing, way: Way, depth: int) -> None:
    name = value.short
    if value.name in FLOWS:
        _flow(reader, value, way, depth)
    elif name in FOLDER_READERS:
        _folder(value, way)
    elif value.name == ".map":
        _walk(reader, value.base, way, depth + 1)
        function = value.arg(0, "map_func")
        if isinstance(function, Function):
            _through_function(reader, function, way)
        elif isinstance(function, Ref | Thing | Instance):
            _through_layer(reader, function, way)
    elif value.name == ".batch":
        _walk(reader, value.base, way, depth + 1)
        way.batch = value.arg(0, "batch_size") or way.batch
    elif value.name == ".shuffle":
        _walk(reader, value.base, way, depth + 1)
        way.shuffle = (True, value.at)
    elif value.name in (".prefetch", ".cache", ".repeat", ".take", ".skip", ".with_options", ".astype", ".unbatch",
    ".ignore_errors",
                        ".apply", ".enumerate", ".filter", ".reshape", ".shard", ".interleave",
                        ".snapshot"):  # fmt: skip
        _walk(reader, value.base, way, depth + 1)
    elif name in ("from_tensor_slices", "from_generator", "from_tensors", "list_files", "TFRecordDataset"):
        way.source = value
        way.shuffle = way.shuffle or (name == "list_files", value.at)
        if name == "from_tensor_slices":
            _walk(reader, value.arg(0), way, depth + 1)
    elif value.name.startswith(("op/", "op*", "op-", "op+")):
        _arithmetic(reader, value, way, depth)
    elif name == "preprocess_input":
        _walk(reader, value.arg(0), way, depth + 1)
        preprocess(value.name, value.at, way)
    elif name in ("array", "asarray", "reshape", "expand_dims", "cast", "convert_to_tensor", "resize", "stack",
    "float32", "repeat",
                  "grayscale_to_rgb", "concatenate", "squeeze", "convert_image_dtype"):  # fmt: skip
        _walk(reader, value.arg(0), way, depth + 1)
        if name == "resize":
            set_size(value.arg(1, "size"), way)
        if name == "convert_image_dtype" and "float" in str(
            plain(value.arg(1, "dtype"), getattr(value.arg(1, "dtype"), "name", ""))
        ):
            way.scaling.append((UNIT_STEP, value.at))
            way.put("convert_image_dtype", "scale", value.at)
    elif name == "load_data" and value.name.startswith("keras.datasets."):
        way.source = value
        size = next((side for part, side in ARRAY_SIZES.items() if f".{part}." in value.name), None)
        if size:
            way.size = way.size or (size, value.at)
    elif name == "train_test_split" and value.args:
        _walk(reader, value.args[0], way, depth + 1)
    elif value.name in ("[]", "[:]", "item") and value.base is not None:
        _walk(reader, value.base, way, depth + 1)
    elif name == "load" and value.package in ("tensorflow_datasets", "tfds"):
        way.source = value
        given = value.kwargs.get("batch_size")
        way.batch = given or way.batch
        if plain(value.kwargs.get("shuffle_files"), False):
            way.shuffle = (True, value.at)
    elif name == "zip" and value.args:
        _walk(reader, value.args[0], way, depth + 1)
    else:
        way.source = value
        way.unsure = (
            way.unsure or f"its data comes from {value.name.lstrip('.') or 'what'}() and was not followed further"
        )


def _flow(reader: Reader, value: Thing, way: Way, depth: int) -> None:
    generator = value.base
    way.source = value
    if isinstance(generator, Either):
        way.unsure = "a condition that is known at run time only chooses the generator"
        generator = generator.options[0]
    if not isinstance(generator, Thing) or generator.short != "ImageDataGenerator":
        way.unsure = way.unsure or "its generator was not found"
        return
    if value.name == ".flow":
        _walk(reader, value.arg(0), way, depth + 1)
        way.source = value
        way.batch, way.batch_default = value.arg(2, "batch_size"), value.at
        given = value.arg(3, "shuffle")
    else:
        place = 4 if value.name == ".flow_from_directory" else -1
        way.batch, way.batch_default = value.arg(5 if place == 4 else -1, "batch_size"), value.at
        given = value.arg(6 if place == 4 else -1, "shuffle")
        mode = value.arg(4 if place == 4 else -1, "class_mode")
        told = plain(mode, "categorical" if mode is None else None)
        kinds = {"categorical": "one_hot", "sparse": "int", "binary": "binary"}
        if told in kinds:
            way.labels = (kinds[told], mode.at if mode is not None else value.at)
        target = value.arg(1 if place == 4 else -1, "target_size")
        if target is None:
            way.size = (256, value.at)
        else:
            set_size(target, way)
    way.shuffle = (True, value.at) if given is None else None
    way.shuffle_given = given
    way.generator = generator
    _generator(reader, generator, way)


def _generator(reader: Reader, generator: Thing, way: Way) -> None:
    way.at = generator.at
    for name in RANDOM_ARGUMENTS:
        given = generator.kwargs.get(name)
        if given is not None and plain(given, True) not in (0, 0.0, False, None):
            way.random.append((name.removesuffix("_range"), given.at))
            way.put(name.removesuffix("_range"), "random", given.at)
    function = generator.kwargs.get("preprocessing_function")
    if function is not None and plain(function, ...) is not None:
        if isinstance(function, Ref) and function.name.endswith("preprocess_input"):
            preprocess(function.name, function.at, way)
        elif isinstance(function, Function):
            found = _preprocess_in(reader, function)
            if found:
                preprocess(found, function.at, way)
            else:
                _through_function(reader, function, way)
        else:
            way.unsure = "its preprocessing_function is not known"
    rescale = generator.kwargs.get("rescale")
    if rescale is not None and plain(rescale, ...) is not None:
        factor(rescale, way)
    centred = [n for n in ("featurewise_center", "featurewise_std_normalization", "samplewise_center",
               "samplewise_std_normalization")
               if plain(generator.kwargs.get(n), False)]  # fmt: skip
    if centred:
        way.put(centred[0], "normalize", generator.kwargs[centred[0]].at)
        way.mean = way.std = None
        way.unsure = way.unsure or f"its statistics are computed at run time ({centred[0]})"


def _preprocess_in(reader: Reader, function: Function) -> str | None:
    """preprocess_input called inside of a function."""
    before = len(reader.events)
    reader.call(function, Call((unknown("an image", function.at),), {}, function.at))
    return next((e.name for e in reader.events[before:] if e.name.endswith("preprocess_input")), None)


def _folder(value: Thing, way: Way) -> None:
    way.source, way.at = value, value.at
    way.batch, way.batch_default = value.arg(5, "batch_size"), value.at
    given = value.arg(7, "shuffle")
    way.shuffle = (True, value.at) if given is None else None
    way.shuffle_given = given
    size = value.arg(6, "image_size")
    if size is None:
        way.size = (256, value.at)
    else:
        set_size(size, way)
    mode = value.arg(2, "label_mode")
    told = plain(mode, "int" if mode is None else None)
    kinds = {"int": "int", "categorical": "one_hot", "binary": "binary"}
    if told in kinds:
        way.labels = (kinds[told], mode.at if mode is not None else value.at)


def _arithmetic(reader: Reader, value: Thing, way: Way, depth: int) -> None:
    left, right = value.args
    inner, number = (left, plain(right)) if not isinstance(left, Const) else (right, plain(left))
    _walk(reader, inner, way, depth + 1)
    pixel_arithmetic(value, number, way, numbers(right) if inner is left else None)


def _through_function(reader: Reader, function: Function, way: Way, owner: Value | None = None, image: int = 0) -> None:
    """A function of (image, label), read on an image that is not known."""
    from diagnose.program.library import bind

    pixels = Thing(function.at, name="", why="an image")
    callee = bind(function, owner) if owner is not None else function
    before = len(reader.events)
    result = reader.call(callee, Call((pixels, unknown("its label", function.at)), {}, function.at))
    if any(event.short in DECODERS for event in reader.events[before:]):
        way.unsure = ""  # what came before were names of files
        way.scaling, way.random = [], []
    out = result.items[0] if isinstance(result, Items) and result.items else result
    chain = [one for one in ancestors(out, 500) if isinstance(one, Thing)]
    for one in reversed(chain):
        if one.name in ("op/", "op*", "op-") and len(one.args) == 2:
            pixel_arithmetic(
                one,
                plain(one.args[1]) if not isinstance(one.args[0], Const) else plain(one.args[0]),
                way,
                numbers(one.args[1]),
            )
        elif one.short == "preprocess_input":
            preprocess(one.name, one.at, way)
        elif one.name == "()" and one.base is not None:
            _through_layer(reader, one.base, way)
        elif one.short == "convert_image_dtype":
            way.scaling.append((UNIT_STEP, one.at))
            way.put("convert_image_dtype", "scale", one.at)
        elif one.short.startswith("random_") and one.name.startswith("tensorflow.image"):
            way.random.append((one.short, one.at))
            way.put(one.short, "random", one.at)
        elif one.short in ("resize", "resize_with_crop_or_pad", "resize_with_pad", "random_crop") and len(one.args) > 1:
            if one.short == "random_crop":
                way.random.append(("random_crop", one.at))
            set_size(one.args[1], way)
        elif one.short == "imread" and one.name.startswith("cv2"):
            way.put("cv2_imread", "other", one.at)


def _through_layer(reader: Reader, layer: Value, way: Way, depth: int = 0) -> None:
    """A preprocessing layer, or a Sequential of such."""
    if depth > 6:
        return
    if isinstance(layer, Function):
        _through_function(reader, layer, way)
        return
    if isinstance(layer, Ref) and layer.name.endswith("preprocess_input"):
        preprocess(layer.name, layer.at, way)
        return
    if not isinstance(layer, Thing):
        return
    if layer.short == "Sequential":
        for part in (*layer.args, *([layer.kwargs["layers"]] if "layers" in layer.kwargs else [])):
            for inner in part.items if isinstance(part, Items) else (part,):
                _through_layer(reader, inner, way, depth + 1)
    elif layer.short == "Rescaling":
        given = layer.arg(0, "scale")
        if given is not None:
            factor(given, way)
    elif layer.short == "Normalization":
        mean, std = numbers(layer.kwargs.get("mean")), numbers(layer.kwargs.get("variance"))
        way.put("normalization", "normalize", layer.at)
        if mean and std:
            way.mean, way.std = (mean, layer.at), (tuple(v**0.5 for v in std), layer.at)
        else:
            way.unsure = way.unsure or "its Normalization layer adapts to the data at run time"
    elif layer.short == "Lambda" and layer.args:
        _through_layer(reader, layer.args[0], way, depth + 1)
    elif layer.short.startswith("Random"):
        way.random.append((snake(layer.short), layer.at))
        way.put(snake(layer.short), "random", layer.at)
    elif layer.short in ("Resizing", "CenterCrop"):
        set_size(layer.arg(0, "height"), way)


def through_network(reader: Reader, network: Network, way: Way) -> None:
    """Preprocessing that stands in the model itself, before the library's network or its first trained layer."""
    for layer in network.layers:
        if layer is network.body:
            break
        if isinstance(layer, Thing) and layer.short in ("Dense", "Conv2D", "KerasLayer"):
            break
        if isinstance(layer, Thing) and layer.name.startswith("op") and len(layer.args) == 2:
            pixel_arithmetic(layer, plain(layer.args[1]), way, numbers(layer.args[1]))
        elif isinstance(layer, Thing) and layer.short == "preprocess_input":
            preprocess(layer.name, layer.at, way)
        else:
            _through_layer(reader, layer, way)
    if network.body is not None and wanted(network.body) == "built in":
        flag = plain(network.body.kwargs.get("include_preprocessing"), True)
        if flag:
            way.scaling.append((UNIT_STEP, network.body.at))
            way.put("built_in", "scale", network.body.at)
