"""Which number a program gives each class, where a library decides it."""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.interpreter.reader import Reader
from diagnose.model import ClassesByName, Fact

BY_NAME = (
    "torchvision.datasets.ImageFolder",
    "torchvision.datasets.DatasetFolder",
    "keras.utils.image_dataset_from_directory",
    "tensorflow.keras.utils.image_dataset_from_directory",
    "tensorflow.keras.preprocessing.image_dataset_from_directory",
    ".flow_from_directory",
)
OWN_LIST = ("class_names", "classes", "target_transform")  # arguments that number the classes otherwise


def classes_by_name(reader: Reader) -> Iterator[Fact]:
    """The first reader of folders that numbers the classes by their names, where all of them do."""
    calls = reader.trace.calls(*BY_NAME)
    if calls and not any(name in event.kwargs for event in calls for name in OWN_LIST):
        yield ClassesByName(calls[0].at, reader=calls[0].short)
