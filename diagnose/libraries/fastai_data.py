"""fastai's data: its DataLoaders, DataBlock and DataBunch as torch's loaders, its transforms as torchvision's.

fastai scales images to 0..1 in each batch, augments only the training images, and normalises last, whatever the order
of the transforms. Defaults are those of fastai 2, and of fastai 1 for ImageDataBunch.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from diagnose.catalogue import augmentations
from diagnose.interpreter.overlay import Overlay
from diagnose.interpreter.reasons import Reason
from diagnose.interpreter.values import Call, Const, Function, Instance, Items, Ref, Thing, Value, plain, unknown
from diagnose.model import IMAGENET_MEAN, IMAGENET_STD, Location

if TYPE_CHECKING:
    from diagnose.interpreter.reader import Reader

PACKAGES = ("fastai", "fastai2", "fastbook")
# Modules that re-export fastai's names, which are one namespace here.
HOMES = ("fastai.vision.all", "fastai.vision", "fastai.vision.data", "fastai.vision.learner", "fastai.vision.augment",
         "fastai.vision.core", "fastai.vision.image", "fastai.vision.transform", "fastai.basics", "fastai.torch_basics",
         "fastai.data.all", "fastai.data.block", "fastai.data.core", "fastai.data.load", "fastai.data.transforms",
         "fastai.data.external", "fastai.learner", "fastai.losses", "fastai.optimizer", "fastai.callback.all",
         "fastai.callback.mixup", "fastai.layers", "fastai.basic_train", "fastai.basic_data", "fastai.train",
         "fastai.data_block", "fastai.torch_core", "fastai.metrics", "fastai.callbacks", "fastai2.vision.all",
         "fastai2.basics", "fastbook")  # fmt: skip
# Names of other libraries that `import *` of fastai provides.
OTHERS = {"nn": "torch.nn", "F": "torch.nn.functional", "torch": "torch", "optim": "torch.optim", "np": "numpy",
          "pd": "pandas", "plt": "matplotlib.pyplot", "Path": "pathlib.Path", "os": "os",
          "models": "torchvision.models", "vision.models": "torchvision.models", "partial": "functools.partial",
          "tvm": "torchvision.models"}  # fmt: skip
# Architectures whose statistics vision_learner knows, so that it normalises by them.
KNOWN = ("resnet18", "resnet34", "resnet50", "resnet101", "resnet152", "squeezenet1_0", "squeezenet1_1", "densenet121",
         "densenet169", "densenet201", "densenet161", "vgg11_bn", "vgg13_bn", "vgg16_bn", "vgg19_bn",
         "alexnet")  # fmt: skip
ALIASES = {home: "fastai" for home in HOMES}
ALIASES |= {f"{home}.{name}": own for home in ("fastai", *HOMES) for name, own in OTHERS.items()}
ALIASES |= {f"{home}.{name}": f"torchvision.models.{name}" for home in ("fastai", *HOMES) for name in KNOWN}
ALIASES |= {f"{home}.models.xresnet": "fastai" for home in ("fastai", "fastai.vision", "fastai.vision.all")}
ALIASES |= {f"fastai.vision.models.xresnet{size}": f"fastai.xresnet{size}" for size in (18, 34, 50, 101, 152)}
OVERLAY = Overlay("fastai_data", packages=PACKAGES, aliases=ALIASES, understood=(*PACKAGES, "fastcore"))

BATCH = 64
STATS = {"imagenet_stats": (IMAGENET_MEAN, IMAGENET_STD),
         "cifar_stats": ((0.491, 0.482, 0.447), (0.247, 0.243, 0.261)),
         "mnist_stats": ((0.131,) * 3, (0.308,) * 3)}  # fmt: skip
# torchvision's names for fastai's transforms.
NAMES = {"Flip": "RandomHorizontalFlip", "FlipItem": "RandomHorizontalFlip", "Dihedral": "RandomRotate90",
         "DihedralItem": "RandomRotate90", "Rotate": "RandomRotation", "Zoom": "RandomAffine",
         "Warp": "RandomPerspective", "Brightness": "ColorJitter", "Contrast": "ColorJitter",
         "Saturation": "ColorJitter", "Hue": "ColorJitter", "RandomErasing": "RandomErasing",
         "RandomResizedCropGPU": "RandomResizedCrop", "RandomResizedCrop": "RandomResizedCrop",
         "RandomCrop": "RandomCrop", "Resize": "Resize", "CropPad": "CenterCrop", "RatioResize": "Resize",
         "Normalize": "Normalize"}  # fmt: skip
BY_ITSELF = ("ToTensor", "IntToFloatTensor")  # steps that image blocks add anyway
FROM = ("from_folder", "from_path_func", "from_name_func", "from_path_re", "from_name_re", "from_df", "from_csv",
        "from_lists")  # fmt: skip
LOSSES = {"CategoryBlock": "CrossEntropyLoss", "MultiCategoryBlock": "BCEWithLogitsLoss",
          "RegressionBlock": "MSELoss"}  # fmt: skip
LABELS = {"Categorize": "CrossEntropyLoss", "MultiCategorize": "BCEWithLogitsLoss"}
# Other names that programs use from it, for programs that import several libraries by *.
MADE = ("Learner", "vision_learner", "cnn_learner", "create_cnn", "ImageDataLoaders", "DataLoaders", "DataBlock",
        "ImageBlock", *LOSSES, "ImageDataBunch", "ImageList", "DataBunch", "Datasets", "aug_transforms",
        "get_transforms", "CrossEntropyLossFlat", "BCEWithLogitsLossFlat", "LabelSmoothingCrossEntropy", "MixUp",
        "CutMix", "OptimWrapper", "Adam", "SGD", "ranger", "IntToFloatTensor", "ToTensor", "get_image_files",
        "parent_label", "RandomSplitter", "GrandparentSplitter", "error_rate", "accuracy")  # fmt: skip
# The random steps of aug_transforms, by the options that switch them off.
CHANGES = {"max_rotate": "RandomRotation", "max_zoom": "RandomAffine", "max_warp": "RandomPerspective",
           "max_lighting": "ColorJitter"}  # fmt: skip


@OVERLAY.answer("home")
def _home(name: str, stars: list[str]) -> str | None:
    """All names are fastai's where nothing else is imported by *, else only those that it is known to have."""
    ours = [star for star in stars if star.partition(".")[0] in (*PACKAGES, "fastcore")]
    known = name in OTHERS or name in NAMES or name in STATS or name in KNOWN or name in MADE
    return "fastai" if ours and (known or len(ours) == len(stars)) else None


# ---------------------------------------------------------------------- transforms


def _made(at: Location, name: str, *args: Value, **kwargs: Value) -> Thing:
    return Thing(at, name=f"fastai.{name}", args=args, kwargs=kwargs)


@OVERLAY.handles("fastai.aug_transforms", "fastai.get_transforms")
def _aug_transforms(reader: Reader, base: Value | None, call: Call) -> Value | None:
    """The list of random steps, without those switched off; fastai 1 returns a pair for training and validation."""
    at, found = call.at, []
    size, scale = call.kwargs.get("size"), plain(call.kwargs.get("min_scale"), 1.0)
    if plain(call.kwargs.get("do_flip"), True):
        vertical = plain(call.kwargs.get("flip_vert"), False)
        found += [_made(at, "RandomHorizontalFlip"), *([_made(at, "RandomVerticalFlip")] if vertical else [])]
    for option, name in CHANGES.items():
        if plain(call.kwargs.get(option), ...) not in (0, None, False):
            found.append(_made(at, name))
    if size is not None:
        found.append(_made(at, "Resize" if scale == 1.0 else "RandomResizedCrop", size))
    more = call.kwargs.get("xtra_tfms")
    tail = more.items if isinstance(more, Items) else (more,) if isinstance(more, Thing) else ()
    whole = Items(at, (*found, *tail))
    function = getattr(call.node, "func", None)
    older = getattr(function, "attr", getattr(function, "id", "")) == "get_transforms"
    return Items(at, (whole, Items(at)), "tuple") if older else whole


@OVERLAY.handles("fastai.Normalize.from_stats")
def _from_stats(reader: Reader, base: Value | None, call: Call) -> Value | None:
    return _normalize(call.at, call.args, call.kwargs)


def _normalize(at: Location, args: tuple[Value, ...], kwargs: dict[str, Value] | None = None) -> Value:
    """Normalize by mean and standard deviation, or by the name of such a pair, as in *imagenet_stats."""
    if len(args) == 1 and (numbers := _numbers(args[0])) is not None:
        args = numbers
    return Thing(at, name="fastai.Normalize", args=args if len(args) > 1 else (), kwargs=kwargs or {})


def _numbers(value: Value) -> tuple[Value, ...] | None:
    if isinstance(value, Items) and len(value.items) == 2:
        return value.items
    rows = STATS.get(value.name.rpartition(".")[2]) if isinstance(value, Ref) else None
    if rows is None:
        return None
    return tuple(Items(value.at, tuple(Const(value.at, number) for number in row)) for row in rows)


def _steps(value: Value | None, trains: bool) -> list[Value]:
    """fastai's transforms for one split: random steps are left out of validation, or take their deterministic form."""
    if isinstance(value, Items):
        return [step for part in value.items for step in _steps(part, trains)]
    if value is None or (isinstance(value, Const) and value.data is None):
        return []
    if isinstance(value, Ref):
        value = Thing(value.at, name=value.name)
    if isinstance(value, Instance) and not trains and _trains_only(value):
        return []
    if not isinstance(value, Thing) or value.package not in PACKAGES:
        return [value]
    if value.short in BY_ITSELF:
        return []
    name = NAMES.get(value.short, value.short)
    if not trains and augmentations.draws(name):
        steady = {"RandomResizedCrop": "Resize", "RandomCrop": "CenterCrop"}.get(name)
        return [_made(value.at, steady, *value.args, **value.kwargs)] if steady else []
    return [_made(value.at, name, *value.args, **value.kwargs)]


def _trains_only(value: Instance) -> bool:
    split = value.cls.find("split_idx")
    return plain(split) == 0 if split is not None else "RandTransform" in value.cls.foreign()


def _compose(at: Location, items: Value | None, batch: Value | None, trains: bool, floats: bool = True) -> Thing:
    """The transforms of one split as a Compose."""
    later = _steps(batch, trains)
    last = [one for one in later if isinstance(one, Thing) and one.short == "Normalize"]
    middle: list[Value] = [_made(at, "PILToTensor"), *([_made(at, "ConvertImageDtype")] if floats else [])]
    whole = [*_steps(items, trains), *middle, *(one for one in later if one not in last), *last]
    return Thing(at, name="torchvision.transforms.Compose", args=(Items(at, tuple(whole)),))


# ---------------------------------------------------------------------- loaders


def is_data(value: Value | None) -> bool:
    """Whether a value is one of fastai's pairs of loaders."""
    return isinstance(value, Thing) and value.name == "fastai.DataLoaders"


def _pair(at: Location, train: Value, valid: Value | None, loss: str | None = None, older: bool = False) -> Thing:
    """The loaders of both splits. older: of fastai 1."""
    made = Thing(at, name="fastai.DataLoaders", attrs={"train": train, "train_dl": train})
    if valid is not None:
        made.attrs |= {"valid": valid, "valid_dl": valid}
    if loss is not None:
        made.attrs["__loss__"] = loss
    if older:
        made.attrs["__older__"] = True
    return made


def _loaders(call: Call, train: Value, valid: Value | None, loss: str | None = None, older: bool = False) -> Thing:
    """Loaders over the datasets of both splits, with fastai's settings: bs, val_bs, shuffle, drop_last."""
    at, options = call.at, call.kwargs
    size = options.get("bs") or options.get("batch_size") or Const(at, BATCH)
    shuffle = options.get("shuffle") or options.get("shuffle_train") or Const(at, True)
    drop = options.get("drop_last") or (shuffle if plain(shuffle, 0) in (True, False) else Const(at, True))
    first = Thing(at, name="fastai.DataLoader", args=(train,),
                  kwargs={"batch_size": size, "shuffle": shuffle, "drop_last": drop})  # fmt: skip
    second = Thing(at, name="fastai.DataLoader", args=(valid,),
                   kwargs={"batch_size": options.get("val_bs") or size}) if valid is not None else None  # fmt: skip
    return _pair(at, first, second, loss, older)


def _images(at: Location, items: Value | None, batch: Value | None, floats: bool = True) -> tuple[Thing, Thing]:
    """The datasets of both splits, with their transforms."""
    return tuple(  # type: ignore[return-value]
        Thing(at, name="fastai.Dataset", kwargs={"transform": _compose(at, items, batch, trains, floats)})
        for trains in (True, False)
    )


@OVERLAY.handles(*(f"fastai.ImageDataLoaders.{name}" for name in FROM))
def _image_loaders(reader: Reader, base: Value | None, call: Call) -> Value | None:
    several = plain(call.kwargs.get("label_delim")) or plain(call.kwargs.get("y_block")) == "MultiCategoryBlock"
    block = call.kwargs.get("y_block")
    kind = block.name.rpartition(".")[2] if isinstance(block, Ref | Thing) else "CategoryBlock"
    loss = "BCEWithLogitsLoss" if several else LOSSES.get(kind)
    return _loaders(call, *_images(call.at, call.kwargs.get("item_tfms"), call.kwargs.get("batch_tfms")), loss)


def _is_block(value: Value | None) -> bool:
    return isinstance(value, Thing) and value.name == "fastai.DataBlock"


@OVERLAY.handles("fastai.DataBlock.from_columns")
def _from_columns(reader: Reader, base: Value | None, call: Call) -> Value | None:
    return Thing(call.at, name="fastai.DataBlock", args=call.args, kwargs=call.kwargs)


@OVERLAY.handles(".new", of=_is_block)
def _new_block(reader: Reader, block: Value | None, call: Call) -> Value | None:
    assert isinstance(block, Thing)
    return Thing(call.at, name=block.name, args=block.args, kwargs={**block.kwargs, **call.kwargs})


@OVERLAY.handles(".dataloaders", of=_is_block)
def _from_block(reader: Reader, block: Value | None, call: Call) -> Value | None:
    assert isinstance(block, Thing)
    return _block_loaders(block, call)


@OVERLAY.handles("fastai.ImageDataLoaders.from_dblock", "fastai.DataLoaders.from_dblock")
def _by_block(reader: Reader, base: Value | None, call: Call) -> Value | None:
    block = call.arg(0, "dblock")
    return _block_loaders(block, call) if isinstance(block, Thing) and _is_block(block) else None


def _block_loaders(block: Thing, call: Call) -> Value:
    blocks = block.arg(0, "blocks")
    names = [one.name.rpartition(".")[2] for one in (blocks.items if isinstance(blocks, Items) else ())
             if isinstance(one, Ref | Thing)]  # fmt: skip
    loss = LOSSES.get(names[-1]) if names else None
    return _loaders(
        call, *_images(call.at, block.arg(4, "item_tfms"), block.arg(5, "batch_tfms"), "ImageBlock" in names), loss
    )


def _is_datasets(value: Value | None) -> bool:
    return isinstance(value, Thing) and value.name in ("fastai.Datasets", "fastai.TfmdLists")


@OVERLAY.handles(".dataloaders", of=_is_datasets)
def _from_datasets(reader: Reader, sets: Value | None, call: Call) -> Value | None:
    """The mid-level API, where the steps that convert images to 0..1 are listed like all others."""
    batch = call.kwargs.get("after_batch")
    given = batch.items if isinstance(batch, Items) else (batch,)
    floats = any(isinstance(one, Ref | Thing) and one.name.endswith("IntToFloatTensor") for one in given)
    assert isinstance(sets, Thing)
    made = [one.name.rpartition(".")[2] for row in _rows(sets.arg(1, "tfms")) for one in _rows(row)
            if isinstance(one, Ref | Thing)]  # fmt: skip
    loss = next((LABELS[name] for name in made if name in LABELS), None)
    return _loaders(call, *_images(call.at, call.kwargs.get("after_item"), batch, floats), loss)


def _rows(value: Value | None) -> tuple[Value, ...]:
    return value.items if isinstance(value, Items) else ()


@OVERLAY.handles("fastai.DataLoaders", "fastai.DataBunch", "fastai.ImageDataBunch")
def _given_loaders(reader: Reader, base: Value | None, call: Call) -> Value | None:
    train, valid = call.arg(0, "train_dl"), call.arg(1, "valid_dl")
    return _pair(call.at, train, valid) if train is not None else None


@OVERLAY.handles("fastai.DataLoaders.from_dsets", "fastai.ImageDataLoaders.from_dsets", "fastai.DataBunch.create",
                 "fastai.ImageDataBunch.create")  # fmt: skip
def _given_datasets(reader: Reader, base: Value | None, call: Call) -> Value | None:
    train, valid = call.arg(0, "train_ds"), call.arg(1, "valid_ds")
    if train is None:
        return None
    made = _loaders(call, train, valid)
    for trains, side in ((True, "train"), (False, "valid")):
        for step in [one for name in ("after_item", "after_batch") for one in _steps(call.kwargs.get(name), trains)]:
            _follow(reader, made.attrs.get(side), step)
    return made


@OVERLAY.handles("fastai.DataLoader", "fastai.TfmdDL")
def _loader(reader: Reader, base: Value | None, call: Call) -> Value | None:
    """fastai's own DataLoader, whose batch size is bs."""
    names = {"bs": "batch_size"}
    kwargs = {names.get(name, name): value for name, value in call.kwargs.items()}
    if len(call.args) > 1:
        kwargs["batch_size"] = call.args[1]
    return Thing(call.at, name="fastai.DataLoader", args=call.args[:1],
                 kwargs={"batch_size": Const(call.at, BATCH), **kwargs})  # fmt: skip


# ---------------------------------------------------------------------- fastai 1


@OVERLAY.handles(*(f"fastai.ImageDataBunch.{name}" for name in FROM))
def _bunch(reader: Reader, base: Value | None, call: Call) -> Value | None:
    return _older(call, call.kwargs.get("ds_tfms"), call.kwargs.get("size"), call.kwargs.get("label_delim"))


def _of_a_list(value: Value | None) -> bool:
    """Whether a value comes from ImageList by the methods of its data block."""
    while isinstance(value, Thing) and value.name.startswith(".") and value.base is not None:
        value = value.base
    return isinstance(value, Thing) and value.name.startswith(("fastai.ImageList", "fastai.ImageItemList"))


@OVERLAY.handles(".databunch", of=_of_a_list)
def _databunch(reader: Reader, base: Value | None, call: Call) -> Value | None:
    transforms = size = several = None
    while isinstance(base, Thing):
        if base.name == ".transform":
            transforms, size = base.arg(0, "tfms"), base.kwargs.get("size") or base.arg(1, "size")
        several = several or base.kwargs.get("label_delim")
        base = base.base
    return _older(call, transforms, size, several)


def _older(call: Call, transforms: Value | None, size: Value | None, several: Value | None) -> Value:
    at = call.at
    pair = transforms.items if isinstance(transforms, Items) and len(transforms.items) == 2 else (transforms,)
    resize = Items(at, (_made(at, "Resize", size),)) if size is not None else None
    train = _images(at, resize, pair[0])[0] if pair[0] is not None else _images(at, resize, None)[0]
    return _loaders(call, train, _images(at, resize, None)[1],
                    "BCEWithLogitsLoss" if several is not None else "CrossEntropyLoss", older=True)  # fmt: skip


@OVERLAY.handles(".normalize", of=is_data)
def _normalized(reader: Reader, data: Value | None, call: Call) -> Value | None:
    """data.normalize(stats) of fastai 1, by the statistics of a batch where none are given."""
    assert isinstance(data, Thing)
    stats = call.arg(0, "stats")
    add_normalize(reader, data, _normalize(call.at, (stats,) if stats is not None else ()))
    return data


def normalizes(data: Thing) -> bool:
    """Whether fastai already normalises the batches."""
    return any(isinstance(one, Thing) and one.short == "Normalize" for one in _transforms(data))


def _transforms(data: Thing) -> tuple[Value, ...]:
    train = data.attrs.get("train")
    dataset = train.arg(0, "dataset") if isinstance(train, Thing) else None
    given = dataset.kwargs.get("transform") if isinstance(dataset, Thing) else None
    listed = given.arg(0, "transforms") if isinstance(given, Thing) else None
    return listed.items if isinstance(listed, Items) and dataset is not None and _is_own(dataset) else ()


def _is_own(dataset: Value | None) -> bool:
    return isinstance(dataset, Thing) and dataset.name == "fastai.Dataset"


def add_normalize(reader: Reader, data: Thing, step: Value) -> None:
    """Add a normalisation to the end of both splits."""
    for side in ("train", "valid"):
        _follow(reader, data.attrs.get(side), step)


def _follow(reader: Reader, loader: Value | None, step: Value) -> None:
    """Append a step to all others of a loader, whatever its dataset is."""
    if not isinstance(loader, Thing):
        return
    before = loader.kwargs.get("collate_fn")

    def collate(call: Call) -> Value:
        image = call.args[0]
        if isinstance(before, Function):
            image = reader.call(before, call)
        return reader.call(step, Call((image,), {}, step.at))

    empty = ast.arguments([], [], None, [], [], None, [])
    node = ast.Lambda(args=empty, body=ast.Constant(None))
    made = Function(step.at, node, None, native=collate)  # type: ignore[arg-type]
    reader.write(loader.kwargs, "collate_fn", made)


def imagenet(at: Location) -> Value:
    """Normalisation with ImageNet's statistics."""
    return _normalize(at, (Ref(at, "fastai.imagenet_stats"),))


def of_the_model(at: Location) -> Value:
    """Normalisation with the statistics of the model's timm configuration."""
    why = "timm takes it from the model's own settings"
    return Thing(
        at, name="fastai.Normalize", args=(unknown(Reason.UNFOLLOWED, why, at), unknown(Reason.UNFOLLOWED, why, at))
    )
