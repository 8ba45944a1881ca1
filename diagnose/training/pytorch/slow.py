"""What makes the training loop wait, where the program's text shows it for certain."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from diagnose.interpreter.reader import Reader
from diagnose.interpreter.values import Event, Function, Instance, Thing, Value, plain
from diagnose.libraries.networks import is_network
from diagnose.model import Fact, SlowInput
from diagnose.training.fields import Fields
from diagnose.training.pytorch.data import base_dataset, dataset_of, loader_of
from diagnose.training.pytorch.network import Network
from diagnose.training.pytorch.sessions import Session, batch_loops

# torchvision's datasets that open a file per image; CIFAR, MNIST and the like are in memory.
OF_FILES = ("ImageFolder", "DatasetFolder", "ImageNet", "Food101", "Flowers102", "OxfordIIITPet", "StanfordCars",
            "Caltech101", "Caltech256", "Places365", "SUN397", "FGVCAircraft", "CelebA", "INaturalist", "DTD", "GTSRB",
            "EuroSAT", "Country211", "RenderedSST2", "LFWPeople")  # fmt: skip
OPENING = ("PIL.Image.open", "cv2.imread", "torchvision.io.read_image", "torchvision.io.decode_image",
           "torchvision.io.image.read_image", "skimage.io.imread", "imageio.imread", "imageio.v2.imread",
           "imageio.v3.imread", "matplotlib.pyplot.imread", "torchvision.datasets.folder.default_loader",
           "torchvision.datasets.folder.pil_loader")  # fmt: skip
WAITING = ("torch.cuda.empty_cache", "torch.cuda.synchronize", "gc.collect", "torch.save", "matplotlib.pyplot.show",
           "matplotlib.pyplot.savefig")  # fmt: skip


def find_slow_input(reader: Reader, session: Session, network: Network | None, fields: Fields) -> Iterator[Fact]:
    """Images decoded in the training process, calls that block every batch, tensors moved twice."""
    if session.batch_loop is None:
        return
    on_gpu = session.managed or _on_gpu(reader)
    if on_gpu and (found := _one_process(reader, session)) is not None:
        yield found
    if not session.managed:
        yield from _waits(reader, session)
        if on_gpu:
            yield from _moved_twice(reader, session)


def _on_gpu(reader: Reader) -> bool:
    moved = [event for event in reader.trace.calls(".cuda", ".to") if is_network(event.target)]
    if any(event.name == ".cuda" for event in moved):
        return True
    devices = [plain(event.args[0]) for event in reader.trace.calls("torch.device") if event.args]
    devices += [plain(event.args[0]) for event in moved if event.args]
    return any(isinstance(one, str) and one.startswith("cuda") for one in devices)


def _one_process(reader: Reader, session: Session) -> SlowInput | None:
    """A loader without worker processes, over images that are read from files one by one."""
    loader = loader_of(session)
    if loader is None or loader.name != "torch.utils.data.DataLoader" or reader.is_open(loader.at):
        return None
    made = next((event.name for event in reader.trace.calls() if event.result is loader), loader.name)
    workers = loader.arg(5, "num_workers")
    if made != loader.name or (workers is not None and plain(workers) != 0):
        return None
    base = base_dataset(dataset_of(loader))
    name = base.short if isinstance(base, Thing) else base.cls.name if isinstance(base, Instance) else ""
    files = isinstance(base, Thing) and base.name.startswith("torchvision.datasets.") and name in OF_FILES
    if files or (isinstance(base, Instance) and _opens_files(reader, base)):
        return SlowInput(workers.at if workers is not None else loader.at, "one_process", name)
    return None


def _opens_files(reader: Reader, dataset: Instance) -> bool:
    """Whether each item of a dataset of the program's own opens a file."""
    found = dataset.cls.find("__getitem__")
    if not isinstance(found, Function):
        return any(name in OF_FILES for name in dataset.cls.foreign())
    opened = (event for event in reader.trace.calls(*OPENING) if not event.guards)
    return any(
        function.bound is dataset and function.name == "__getitem__" for event in opened for function in event.functions
    )


def _waits(reader: Reader, session: Session) -> Iterator[SlowInput]:
    """Calls that block every batch: under no conditions other than backward()'s own."""
    own = set(session.backward.guards)
    for event in reader.trace.calls():
        if session.batch_loop not in event.loops or not set(event.guards) <= own:
            continue
        inner = batch_loops(event)[-1] is not session.batch_loop
        if event.name in WAITING and not inner:
            yield SlowInput(event.at, "waits", event.name)
        elif event.name in (".item", ".tolist") and _for_each_parameter(session, event):
            yield SlowInput(event.at, "for_each_parameter", event.name.lstrip("."))
            return


def _for_each_parameter(session: Session, event: Event) -> bool:
    """Whether a call is in a loop over parameters within the loop over batches."""
    own = {id(loop) for loop in session.backward.loops}
    more = [loop for loop in event.loops if id(loop) not in own]
    return any(loop.unrolled and _of_parameters(loop.over) for loop in more)


def _of_parameters(over: Value | None) -> bool:
    items = getattr(over, "items", ())
    first = items[0] if isinstance(items, tuple) and items else None
    inner = getattr(first, "items", None)
    one = inner[-1] if isinstance(inner, tuple) and inner else first
    return isinstance(one, Thing) and one.name == "parameter"


def _moved_twice(reader: Reader, session: Session) -> Iterator[SlowInput]:
    """Names of tensors that the loop moves to the GPU more than once without keeping the result."""
    assert session.batch_loop is not None
    node = _loop_at(reader, session)
    if node is None:
        return
    moves: dict[str, list[int]] = {}
    kept = {target.id for part in ast.walk(node) if isinstance(part, ast.Assign) for target in _names(part.targets)}
    for part in ast.walk(node):
        if (
            isinstance(part, ast.Call)
            and isinstance(part.func, ast.Attribute)
            and isinstance(part.func.value, ast.Name)
            and (part.func.attr == "cuda" or (part.func.attr == "to" and _to_device(part)))
        ):
            moves.setdefault(part.func.value.id, []).append(part.lineno)
    batch = {name.id for name in _names([node.target])}
    for name, lines in moves.items():
        if len(lines) > 1 and name in batch and name not in kept:
            at = session.backward.at
            yield SlowInput(type(at)(at.file, lines[1], at.cell), "twice", name)


def _to_device(call: ast.Call) -> bool:
    given = [*call.args, *(keyword.value for keyword in call.keywords if keyword.arg == "device")]
    words = [getattr(one, "id", "") or getattr(one, "attr", "") or str(getattr(one, "value", "")) for one in given]
    return any("dev" in word.lower() or word.startswith(("cuda", "gpu")) for word in words)


def _names(targets: list[ast.expr]) -> list[ast.Name]:
    return [part for target in targets for part in ast.walk(target) if isinstance(part, ast.Name)]


def _loop_at(reader: Reader, session: Session) -> ast.For | None:
    at = session.batch_loop.at if session.batch_loop is not None else None
    for source in reader.sources.values():
        for tree, cell in source.parts:
            if at is not None and source.file == at.file and cell == at.cell:
                for node in ast.walk(tree):
                    if isinstance(node, ast.For) and node.iter.lineno == at.line:
                        return node
    return None
