"""Where a program uses folders as classes, and by which rules: loaders differ in the folders they count."""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.interpreter.paths import path_of
from diagnose.interpreter.reader import Reader
from diagnose.model import ClassFolders, Fact

# By loader, whether it counts folders whose names begin with a dot. torchvision.datasets.DatasetFolder.find_classes and
# Keras's DirectoryIterator take every folder; keras.utils.image_dataset_from_directory skips hidden ones.
COUNTS_HIDDEN = {
    "ImageFolder": True,
    "DatasetFolder": True,
    "flow_from_directory": True,
    "image_dataset_from_directory": False,
}
RAISES = ("ImageFolder", "DatasetFolder")  # torchvision.datasets.folder.make_dataset, unless allow_empty is given


def class_folders(reader: Reader) -> Iterator[Fact]:
    """The first call of such a loader, and those of other folders after it."""
    roots: set[str] = set()
    for event in reader.trace:
        if event.kind == "call" and event.short in COUNTS_HIDDEN:
            raises = event.short in RAISES and "allow_empty" not in event.kwargs
            root = event.kwargs.get("root") or event.kwargs.get("directory") or next(iter(event.args), None)
            place = path_of(root) or ""
            if not roots or (place and place not in roots):
                yield ClassFolders(event.at, event.short, COUNTS_HIDDEN[event.short], raises, place)
            roots.add(place)
