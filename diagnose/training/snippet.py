"""Reads snippets: the usual imports and names are assumed, and nothing is reported as absent."""

from __future__ import annotations

import re
from dataclasses import replace

from diagnose.interpreter.reader import Reader
from diagnose.model import (
    HIDDEN,
    EveryProcessAlike,
    Fact,
    Location,
    MixedPrecision,
    NotOnDevice,
    NotValidated,
    OptimizerMisses,
    Program,
    TrainModeNotRestored,
    Unfollowed,
    UnreadOption,
)
from diagnose.training.fields import Fields

# Names as usually imported. A value that ends in () is an object of that kind.
COMMON = {
    "np": "numpy", "numpy": "numpy", "pd": "pandas", "plt": "matplotlib.pyplot", "os": "os", "sys": "sys",
    "time": "time", "math": "math", "random": "random", "glob": "glob", "copy": "copy", "argparse": "argparse",
    "Path": "pathlib.Path", "Image": "PIL.Image", "PIL": "PIL", "cv2": "cv2", "tqdm": "tqdm.tqdm", "timm": "timm",
    "sklearn": "sklearn", "train_test_split": "sklearn.model_selection.train_test_split",
    "partial": "functools.partial",
}  # fmt: skip
TORCH = {
    "torch": "torch", "nn": "torch.nn", "F": "torch.nn.functional", "optim": "torch.optim",
    "torchvision": "torchvision", "transforms": "torchvision.transforms", "T": "torchvision.transforms",
    "datasets": "torchvision.datasets", "models": "torchvision.models", "lr_scheduler": "torch.optim.lr_scheduler",
    "DataLoader": "torch.utils.data.DataLoader", "Dataset": "torch.utils.data.Dataset",
    "TensorDataset": "torch.utils.data.TensorDataset", "Subset": "torch.utils.data.Subset",
    "random_split": "torch.utils.data.random_split", "data": "torch.utils.data",
    "ImageFolder": "torchvision.datasets.ImageFolder", "Variable": "torch.autograd.Variable",
    "autocast": "torch.cuda.amp.autocast", "GradScaler": "torch.cuda.amp.GradScaler", "amp": "torch.cuda.amp",
    "DDP": "torch.nn.parallel.DistributedDataParallel", "dist": "torch.distributed",
    "DistributedSampler": "torch.utils.data.distributed.DistributedSampler",
    "pl": "lightning", "LightningModule": "lightning.LightningModule", "Trainer": "lightning.Trainer",
    "Adam": "torch.optim.Adam", "AdamW": "torch.optim.AdamW", "SGD": "torch.optim.SGD",
    "A": "albumentations", "scaler": "torch.amp.GradScaler()", "device": "torch.device()",
    "accelerator": "accelerate.Accelerator()",
    "optimizer": "torch.optim.Optimizer()", "opt": "torch.optim.Optimizer()",
    "model": "torch.nn.Module()", "net": "torch.nn.Module()", "network": "torch.nn.Module()",
}  # fmt: skip
LAYERS = ("Dense", "Conv2D", "MaxPooling2D", "MaxPool2D", "Flatten", "Dropout", "BatchNormalization", "Activation",
          "GlobalAveragePooling2D", "AveragePooling2D", "InputLayer", "Rescaling", "RandomFlip", "RandomRotation",
          "RandomZoom", "ZeroPadding2D", "LeakyReLU", "SeparableConv2D", "Concatenate", "Lambda")  # fmt: skip
KERAS = {
    "tf": "tensorflow", "tensorflow": "tensorflow", "keras": "keras", "K": "keras.backend", "layers": "keras.layers",
    "models": "keras.models", "optimizers": "keras.optimizers", "losses": "keras.losses", "datasets": "keras.datasets",
    "applications": "keras.applications", "callbacks": "keras.callbacks", "regularizers": "keras.regularizers",
    "Sequential": "keras.models.Sequential", "Model": "keras.models.Model", "Input": "keras.layers.Input",
    "ImageDataGenerator": "keras.preprocessing.image.ImageDataGenerator",
    "to_categorical": "keras.utils.to_categorical",
    "image_dataset_from_directory": "keras.utils.image_dataset_from_directory",
    "np_utils": "keras.utils", "mnist": "keras.datasets.mnist", "cifar10": "keras.datasets.cifar10",
    "EarlyStopping": "keras.callbacks.EarlyStopping", "ModelCheckpoint": "keras.callbacks.ModelCheckpoint",
    "Adam": "keras.optimizers.Adam", "SGD": "keras.optimizers.SGD", "RMSprop": "keras.optimizers.RMSprop",
    **{name: f"keras.applications.{name}" for name in ("VGG16", "ResNet50", "MobileNetV2", "InceptionV3", "Xception")},
    **{name: f"keras.layers.{name}" for name in LAYERS},
}  # fmt: skip
OF_KERAS = re.compile(
    r"\bkeras\b|\btf\.|\btensorflow\b|\.compile\(|\.fit(?:_generator)?\(|\bDense\(|flow_from_directory"
)
ABSENCES: tuple[type[Fact], ...] = (
    EveryProcessAlike, NotOnDevice, NotValidated, OptimizerMisses, TrainModeNotRestored, UnreadOption,
)  # fmt: skip
LACKING = ("no_scaler", "no_update")  # of mixed precision
OF_THE_NETWORK = ("model", "weights", "head", "frozen")
NOT_SHOWN = "the snippet does not show the network"


def assumed_names(text: str) -> dict[str, str]:
    """The assumed values of names that a snippet uses but does not define, by the library it seems to use."""
    return {**COMMON, **(KERAS if OF_KERAS.search(text) else TORCH)}


def of_snippet(reader: Reader, program: Program | None, fields: Fields) -> Program:
    """The program in a snippet, with everything that it leaves out marked as not followed."""
    at = Location(str(reader.path), 1)
    if program is None:
        framework = "keras" if "keras" in reader.guessed.values() else "pytorch"
        program = Program(framework=framework)
        reader.notes.append("the snippet shows no training")
    if any(dotted == "torch.nn.Module()" for dotted in reader.guessed.values()) and _is_assumed(fields):
        for name in OF_THE_NETWORK:
            fields.forget(name, NOT_SHOWN)
        outputs = fields.settings.get("output_activation")
        if outputs is not None and outputs.value == "none":
            fields.forget("output_activation", NOT_SHOWN)
        program = replace(program, own_model=False)
    if reader.guessed:
        guesses = ", ".join(f"`{name}` as {name_of(dotted)}" for name, dotted in sorted(reader.guessed.items()))
        reader.notes.append(f"assumed, since the snippet does not define them: {guesses}")
    lost = Unfollowed("the rest of the program, which the snippet leaves out,", at, frozenset(HIDDEN))
    seen = tuple(fact for fact in program.seen if not _is_absence(fact))
    return replace(program, seen=seen, unfollowed=(*program.unfollowed, lost))


def name_of(dotted: str) -> str:
    """The assumed value of a name, in words: torch.nn, an optimizer, a network."""
    words = {"torch.optim.Optimizer()": "an optimizer", "torch.nn.Module()": "a network"}  # else its library's name
    return words.get(dotted, dotted.removesuffix("()"))


def _is_assumed(fields: Fields) -> bool:
    model = fields.settings.get("model")
    return model is not None and model.value == "module"


def _is_absence(fact: Fact) -> bool:
    return isinstance(fact, ABSENCES) or (isinstance(fact, MixedPrecision) and fact.what in LACKING)
