"""The sources of a Keras program's images: folders, generators, tf.data, classes of the program."""

from __future__ import annotations

from typing import TYPE_CHECKING

from diagnose.interpreter.functions import bind
from diagnose.interpreter.reasons import Reason
from diagnose.interpreter.values import (
    Call,
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
from diagnose.training.keras.operations import opaque
from diagnose.training.keras.steps import PIXELS, RUN_TIME, factor, preprocess, set_size
from diagnose.training.labels import labels_of

if TYPE_CHECKING:
    from diagnose.training.keras.data import Images

RANDOM_ARGUMENTS = ("rotation_range", "width_shift_range", "height_shift_range", "brightness_range", "shear_range",
                    "zoom_range",
                    "channel_shift_range", "horizontal_flip", "vertical_flip")  # fmt: skip
STATISTICS = ("featurewise_center", "featurewise_std_normalization", "samplewise_center",
              "samplewise_std_normalization", "zca_whitening")  # fmt: skip
ARRAY_SIZES = {"cifar10": 32, "cifar100": 32, "mnist": 28, "fashion_mnist": 28}
FOLDERS = ("image_dataset_from_directory",)
FLOWS = (".flow_from_directory", ".flow_from_dataframe", ".flow")
SOURCES = ("from_tensor_slices", "from_tensors", "list_files", "TFRecordDataset", "from_generator")
# Methods of a dataset that leave its elements unchanged.
PASSED = (".prefetch", ".cache", ".repeat", ".take", ".skip", ".with_options", ".unbatch", ".ignore_errors", ".filter",
          ".shard", ".snapshot", ".rebatch", ".as_numpy_iterator", ".rejection_resample")  # fmt: skip
LABELS = {"categorical": "one_hot", "sparse": "int", "int": "int", "binary": "binary"}


def dataset(images: Images, value: Thing) -> bool:
    """Apply a method of tf.data's datasets, such as map() or batch(). Returns False for any other method."""
    if value.name == ".map":
        images.walk(value.base)
        images.mapped(value.arg(0, "map_func"), value.at)
    elif value.name in (".batch", ".padded_batch"):
        images.walk(value.base)
        images.way.batch = value.arg(0, "batch_size") or images.way.batch
    elif value.name == ".shuffle":
        images.walk(value.base)
        images.way.shuffle = (True, value.at)
    elif value.name in PASSED:
        images.walk(value.base)
    elif value.name == ".concatenate" and value.args:
        images.one_of((*([value.base] if value.base is not None else []), value.args[0]), "of two datasets")
    elif value.name == ".apply" and isinstance(value.arg(0), Function):
        images.walk(images.reader.call(value.args[0], Call((value.base or value,), {}, value.at)))
    elif value.name in (".apply", ".interleave", ".flat_map", ".enumerate", ".as_dataset", ".get_next"):
        images.walk(value.base)
        images.way.doubt(f"what {value.name.lstrip('.')}() at line {value.at.line} does was not followed")
    else:
        return False
    return True


def source(images: Images, value: Thing) -> None:
    """Start at a tf.data source: from_tensor_slices, list_files, TFRecordDataset or from_generator."""
    images.way.source = value
    if value.short == "list_files":
        images.way.shuffle = (True, value.at) if plain(value.kwargs.get("shuffle"), True) is True else None
        images.way.shuffle_given = value.kwargs.get("shuffle")
        images.way.doubt("its files are not read", *PIXELS)
    elif value.short == "from_generator":
        function = value.arg(0, "generator")
        images.way.doubt("its order is that of a generator", "order", "labels")
        if isinstance(function, Function):
            result = images.reader.call(function, Call((), {}, value.at))
            images.walk(result)
            _yielded(images, result)
        else:
            images.way.doubt("its generator was not followed")
    elif value.short in ("from_tensor_slices", "from_tensors"):
        given = value.arg(0, "tensors")
        images.walk(given)
        if isinstance(given, Items) and len(given.items) > 1:
            images.way.label(labels_of(given.items[1]))
        elif isinstance(given, Thing) and isinstance(given.base, Thing) and given.base.short == "load_data":
            images.way.labels = ("int", given.at)
        images.way.doubt("the program does not say in which order its data comes", "order")
    else:
        images.way.doubt("its records are read by what was not followed")
    images.way.source = value


def arrays(images: Images, value: Thing) -> None:
    """Start at the arrays of keras.datasets: pixels in 0..255 in shuffled order, of a known size in px."""
    images.way.source, images.way.floating = value, False
    size = next((side for part, side in ARRAY_SIZES.items() if f".{part}." in value.name), None)
    if size:
        images.way.size = (size, value.at)


def public(images: Images, value: Thing) -> None:
    """Start at tensorflow_datasets.load(): pixels of 0..255, with the batch size and shuffling it is given."""
    images.way.source, images.way.floating = value, False
    images.way.batch = value.kwargs.get("batch_size") or images.way.batch
    if plain(value.kwargs.get("as_supervised"), False) is True:
        images.way.labels = ("int", value.at)
    if plain(value.kwargs.get("shuffle_files"), False):
        images.way.shuffle = (True, value.at)
    images.way.doubt("the program does not say in which order its data comes", "order")
    if "decoders" in value.kwargs or plain(value.kwargs.get("as_supervised"), True) is None:
        images.way.doubt("its own decoders read the images", *PIXELS)


def sequence(images: Images, value: Instance) -> None:
    """Start at batches from the program's own class, read from its __getitem__, __next__ or __iter__."""
    images.way.source = value
    images.way.doubt(f"its order is up to {value.cls.name}", "order")
    images.way.doubt(f"its labels are up to {value.cls.name}", "labels")
    found = value.cls.find("__getitem__") or value.cls.find("__next__") or value.cls.find("__iter__")
    if isinstance(found, Function):
        number = unknown(Reason.PLACEHOLDER, "the number of a batch", found.at)
        inner = images.inner(number)
        result = images.reader.call(bind(found, value), Call((number,), {}, found.at))
        inner.walk(images.image_of(result))
        _yielded(images, result)
    else:
        images.way.doubt(f"how {value.cls.name} prepares its images was not followed", *PIXELS)
    given = next((value.attrs[n] for n in ("batch_size", "bs") if n in value.attrs), None)
    if isinstance(given, Value):
        images.way.batch = given


def _yielded(images: Images, result: Value) -> None:
    """Set the labels from a batch of the program's own class; several alternatives are not followed."""
    if isinstance(result, Thing) and result.name == "generator" and len(result.args) == 1:
        result = result.args[0]
    if isinstance(result, Items) and len(result.items) > 1:
        images.way.label(labels_of(result.items[1]))


def flow(images: Images, value: Thing) -> None:
    """Start at a flow of ImageDataGenerator: flow(), flow_from_directory() or flow_from_dataframe().

    Sets batch size, shuffling, size (px) and labels, and applies the generator's random steps and rescaling.
    """
    generator = value.base
    way = images.way
    way.source = value
    if isinstance(generator, Either):
        way.doubt(f"its generator is one of several, {RUN_TIME}", "values", "random")
        generator = generator.options[0]
    if not isinstance(generator, Thing) or generator.short != "ImageDataGenerator":
        way.doubt("its generator was not followed", "values", "random")
        generator = None
    if value.name == ".flow":
        images.walk(value.arg(0, "x"))
        way.source = value
        way.batch, way.batch_default = value.arg(2, "batch_size"), value.at
        given = value.arg(3, "shuffle")
    else:
        given = _flowing_files(images, value)
    way.shuffle = (True, value.at) if given is None else None
    way.shuffle_given = given
    if generator is not None:
        way.generator, way.floating = generator, True
        _generator(images, generator)


def _flowing_files(images: Images, value: Thing) -> Value | None:
    """Set size, batches and labels; returns the argument `shuffle`."""
    folder, way = value.name == ".flow_from_directory", images.way
    way.batch, way.batch_default = value.arg(5 if folder else -1, "batch_size"), value.at
    _labels(images, value.arg(4 if folder else -1, "class_mode"), "categorical", value.at)
    target = value.arg(1 if folder else -1, "target_size")
    if target is None:
        way.size = (256, value.at)
    else:
        set_size(target, way)
    way.by_class = folder
    return value.arg(6 if folder else -1, "shuffle")


def _labels(images: Images, mode: Value | None, default: str, at: Location) -> None:
    word = plain(mode, default if mode is None else None)
    if word in LABELS:
        images.way.labels = (LABELS[word], mode.at if mode is not None else at)


def _generator(images: Images, generator: Thing) -> None:
    way = images.way
    way.at = generator.at
    if generator.args:
        way.doubt("its generator is given arguments without names", "values", "random")
    for name in RANDOM_ARGUMENTS:
        given = generator.kwargs.get(name)
        if given is not None and not is_known(given):
            way.doubt(f"its {name} is not known: {clause(given)}", "random")
        elif given is not None and plain(given) not in (0, 0.0, False, None):
            way.draw(name.removesuffix("_range"), given.at)
    function = generator.kwargs.get("preprocessing_function")
    if function is not None and plain(function, ...) is not None:
        if isinstance(function, Ref) and function.name.endswith("preprocess_input"):
            preprocess(function.name, function.at, way)
        elif isinstance(function, Function):
            labels = way.labels
            images.through_function(function)
            way.labels = labels
            way.doubts.pop("labels", None)
        else:
            opaque("its preprocessing_function", function.at, way, ("values", "random"))
    rescale = generator.kwargs.get("rescale")
    if rescale is not None and plain(rescale, ...) is not None:
        factor(rescale, way)
    computed = [name for name in STATISTICS if plain(generator.kwargs.get(name), False)]
    if computed:
        way.put(computed[0], "normalize", generator.kwargs[computed[0]].at)
        way.doubt(f"its statistics are computed at run time ({computed[0]})", "values")


def folder(images: Images, value: Thing) -> None:
    """Start at image_dataset_from_directory(): pixels of 0..255 as floats.

    Sets batch size, shuffling, size (px) and labels, with Keras's defaults where they are not given.
    """
    way = images.way
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
    _labels(images, value.arg(2, "label_mode"), "int", value.at)
