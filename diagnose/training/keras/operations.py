"""The effect of a single library call on images: tf.image, numpy, OpenCV, PIL and Keras's own layers.

Each function applies a step to a `KerasPipeline` that already has the earlier steps. A call that isn't covered may do
anything, and adds a doubt.
"""

from __future__ import annotations

from diagnose.interpreter.values import Const, Items, Ref, Thing, Value, is_known, plain
from diagnose.model import UNIT_STEP, Location
from diagnose.training.fields import snake
from diagnose.training.keras.steps import PIXELS, KerasPipeline, factor, set_size
from diagnose.training.pytorch.steps import numbers

# Calls that keep pixel values: types, shapes, channels, copies.
NEUTRAL = frozenset((
    "array", "asarray", "ascontiguousarray", "reshape", "expand_dims", "convert_to_tensor", "constant", "stack",
    "repeat", "grayscale_to_rgb", "rgb_to_grayscale", "concatenate", "concat", "squeeze", "identity", "stop_gradient",
    "ensure_shape", "transpose", "img_to_array", "copy", "numpy", "convert", "fromarray", "array_to_img", "clip",
    "clip_by_value", "minimum", "maximum", "vstack", "moveaxis", "deepcopy", "getdata", "tile", "round", "uint8",
    "Identity", "set_shape", "saturate_cast", "memmap", "to_numpy", "tolist",
    "from_numpy", "as_tensor", "tensor", "contiguous", "to", "unpack_x_y_sample_weight", "newaxis",
))  # fmt: skip
# Functions equivalent to operators.
SIGNS = {"divide": "/", "true_divide": "/", "multiply": "*", "subtract": "-", "add": "+"}
OF_ARRAYS = ("numpy", "tensorflow", "keras")
FLOATS = frozenset(("float32", "float64", "float16", "float", "single", "double"))
CASTS = frozenset(("cast", "astype", *FLOATS))
DECODERS = frozenset((
    "decode_jpeg", "decode_image", "decode_png", "decode_bmp", "decode_gif", "decode_and_crop_jpeg", "imread",
    "load_img", "open", "imdecode",
))  # fmt: skip
READERS = frozenset(("read_file", "parse_single_example", "FixedLenFeature", "join", "decode_base64", "fspath"))
RESIZES = {
    "resize": "size",
    "resize_with_pad": "target_height",
    "resize_with_crop_or_pad": "target_height",
    "smart_resize": "size",
    "resize_image_with_crop_or_pad": "target_height",
    "pad_to_bounding_box": "",
}
SHAPED = frozenset(("crop", "central_crop", "crop_to_bounding_box", "center_crop", "pad", "thumbnail"))
# Steps that rotate or flip: random where their argument is drawn at random.
GEOMETRY = frozenset((
    "flip_left_right", "flip_up_down", "rot90", "fliplr", "flipud", "rotate", "flip", "transform", "warpAffine",
    "affine_transform", "GaussianBlur", "filter", "adjust_brightness", "adjust_contrast", "adjust_hue", "adjust_gamma",
    "adjust_saturation", "adjust_jpeg_quality", "rollaxis", "medianBlur",
))  # fmt: skip
RANDOM_LAYERS = ("Random", "RandAugment", "MixUp", "CutMix", "AugMix", "GaussianNoise", "CutOut", "GridMask")
# Layers with weights: everything before the first of them preprocesses the images.
TRAINED = ("Dense", "Conv", "SeparableConv", "DepthwiseConv", "KerasLayer", "TFSMLayer", "Embedding", "LSTM",
           "MultiHeadAttention", "EinsumDense", "LocallyConnected", "ConvLSTM", "GRU")  # fmt: skip
# Layers that keep values: shapes and containers.
PLAIN_LAYERS = frozenset((
    "Input", "InputLayer", "Identity", "Reshape", "Permute", "ZeroPadding2D", "Dropout", "Flatten", "Concatenate",
    "Activation", "ReLU", "MaxPooling2D", "MaxPool2D", "AveragePooling2D", "GlobalAveragePooling2D", "Masking",
))  # fmt: skip


def is_trained(layer: Value | None) -> bool:
    """Whether a library's layer has weights that learn from images."""
    return isinstance(layer, Thing) and layer.name[:1].isalpha() and layer.short.startswith(TRAINED)


def operation(value: Thing, way: KerasPipeline) -> bool:
    """Apply a library's call on images to `way`. Returns False, with nothing applied, where its effect is unknown."""
    name, at = value.short, value.at
    if name in CASTS:
        kind = value.arg(1 if name == "cast" else 0, "dtype")
        way.floating = True if name in FLOATS or _is_float(kind) else False if _is_word(kind, "uint8") else None
    elif name in NEUTRAL or name in READERS:
        pass
    elif name in DECODERS:
        decode(value, way)
    elif name == "convert_image_dtype":
        _convert(value, way)
    elif name in RESIZES and value.name != ".reshape":
        _resize(value, way)
    elif name in SHAPED:
        way.size = None
        way.doubt(f"{name} sets a size that is not known", "size")
    elif name.startswith(("random_", "stateless_random_")):
        way.draw(name.removeprefix("stateless_"), at)
        if name.endswith("_crop"):
            set_size(value.arg(1, "size"), way)
    elif name in GEOMETRY:
        given = value.args if value.name.startswith(".") else value.args[1:]
        if all(is_known(part) for part in (*given, *value.kwargs.values())):
            way.put(name, "geometry", at)
        else:
            way.doubt(f"whether {name} is random is not known", "random")
    elif name == "per_image_standardization":
        way.put("per_image_standardization", "normalize", at)
        way.doubt("each image is normalised by its own statistics (per_image_standardization)", "values")
    elif name == "cvtColor":
        code = value.arg(1, "code")
        if isinstance(code, Ref) and code.name.endswith(("BGR2RGB", "RGB2BGR")):
            way.bgr = None if way.bgr else way.bgr
    else:
        return False
    return True


def decode(value: Thing, way: KerasPipeline) -> None:
    """Start `way` at images read from files: pixels in 0..255, unless the call returns floats in 0..1."""
    kind = value.kwargs.get("dtype")
    if value.short in ("imread", "imdecode"):
        way.decode(floating=False if value.package == "cv2" else None)
        if value.package == "cv2":
            way.bgr = value.at
        elif value.package == "matplotlib":
            way.doubt("matplotlib's imread gives 0..1 for PNG files and 0..255 for others", "values")
    elif value.short == "load_img":
        way.decode()
        target = value.arg(3, "target_size")
        if target is not None:
            set_size(target, way)
    elif kind is not None and not _is_word(kind, "uint8"):
        way.decode(floating=True)
        if _is_float(kind):
            way.scale(1 / 255, value.at)
        else:
            way.doubt(f"the type that {value.short} gives is not known", "values")
    else:
        way.decode()


def _convert(value: Thing, way: KerasPipeline) -> None:
    """Scale integers to 0..1, and leave floats unchanged."""
    if not _is_float(value.arg(1, "dtype")) or way.floating is None:
        way.doubt("whether convert_image_dtype scales depends on the type of its pixels", "values")
    elif not way.floating:
        way.scaling.append((UNIT_STEP, value.at))
        way.put("convert_image_dtype", "scale", value.at)
    elif not way.scaling and way.line == (1.0, 0.0):
        way.kept = value.at
    way.floating = True


def _resize(value: Thing, way: KerasPipeline) -> None:
    pil_or_cv2 = value.name == ".resize" or value.package == "cv2"
    given = value.arg(0 if value.name == ".resize" else 1, RESIZES[value.short], "size", "dsize")
    data = plain(given)
    if pil_or_cv2 and isinstance(data, list | tuple) and len(data) == 2 and data[0] != data[1]:
        set_size(Const(value.at, data[1]), way)  # width comes first
    else:
        set_size(given, way)
    if not pil_or_cv2:
        nearest = _is_word(value.arg(2, "method"), "nearest")
        way.floating = way.floating if nearest else True


def _is_float(kind: Value | None) -> bool:
    word = plain(kind, kind.name if isinstance(kind, Ref) else "")
    return isinstance(word, str) and word.rpartition(".")[2] in FLOATS


def _is_word(kind: Value | None, wanted: str) -> bool:
    word = plain(kind, kind.name if isinstance(kind, Ref) else "")
    return isinstance(word, str) and word.rpartition(".")[2].lower() == wanted


# ---------------------------------------------------------------------- arithmetic


def unwrapped(value: Value) -> Value:
    """Numbers without their surrounding tensor or array; any other value unchanged."""
    while isinstance(value, Thing) and value.short in ("constant", "array", "convert_to_tensor", "cast") and value.args:
        if not is_known(value.args[0]) and not isinstance(value.args[0], Thing):
            break
        value = value.args[0]
    return value


def arithmetic(value: Thing, number: Value, image_first: bool, way: KerasPipeline) -> None:
    """Apply one arithmetic step on pixels to `way`: with one number, or with one per channel.

    image_first: whether the image is the left operand. A doubt where the numbers are unknown.
    """
    sign, data = value.name[2:], plain(number)
    if isinstance(data, bool) or not isinstance(data, int | float):
        channels = numbers(number)
        if channels is not None and len(set(channels)) == 1:
            data = channels[0]
        elif channels is not None and image_first and sign in ("-", "/"):
            way.normalise(channels if sign == "-" else None, channels if sign == "/" else None, value.at)
            return
        else:
            way.put("arithmetic", "other", value.at)
            way.doubt("it is computed with numbers that are known at run time only", "values")
            return
    if sign == "+":
        way.shift(data, value.at)
    elif sign == "*":
        way.scale(data, value.at)
    elif sign == "-":
        if not image_first:
            way.scale(-1.0, value.at)
        way.shift(-data if image_first else data, value.at)
    elif sign == "/" and image_first and data:
        way.scale(1 / data, value.at)
    else:
        way.doubt("its arithmetic was not followed", "values")


# ---------------------------------------------------------------------- Keras's layers


def layer(one: Thing, way: KerasPipeline) -> bool:
    """Apply a preprocessing layer of Keras to `way`. Returns False, with nothing applied, for any other layer."""
    name = one.short
    if name == "Rescaling":
        factor(one.arg(0, "scale"), way, one.arg(1, "offset"))
    elif name == "Normalization":
        _normalization(one, way)
    elif name.startswith(RANDOM_LAYERS):
        way.draw(snake(name), one.at)
        if name == "RandomCrop":
            set_size(one.arg(0, "height"), way)
    elif name in ("Resizing", "CenterCrop"):
        set_size(one.arg(0, "height"), way)
    elif name == "BatchNormalization":
        way.doubt("a BatchNormalization layer normalises the images by their batch", "values")
    elif name not in PLAIN_LAYERS:
        return False
    return True


def _normalization(one: Thing, way: KerasPipeline) -> None:
    mean, variance = numbers(one.kwargs.get("mean")), numbers(one.kwargs.get("variance"))
    if mean and variance:
        way.normalise(mean, tuple(v**0.5 for v in variance), one.at)
    else:
        way.put("normalization", "normalize", one.at)
        way.doubt("its Normalization layer adapts to the data at run time", "values")


def opaque(what: str, at: Location, way: KerasPipeline, topics: tuple[str, ...] = PIXELS) -> None:
    """Doubt the topics after the step `what`, which was not followed."""
    line = f" at line {at.line}" if at.line else ""
    way.doubt(f"{what}{line} prepares the images and was not followed", *topics)


def layers_of(container: Thing) -> list[Value]:
    """The layers of a Sequential model."""
    found: list[Value] = []
    for part in (*container.args, *([container.kwargs["layers"]] if "layers" in container.kwargs else [])):
        found += part.items if isinstance(part, Items) else (part,)
    return found
