"""Epochs chosen by the score on the test images, which then isn't a score on unseen images."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from diagnose.interpreter.reader import Reader
from diagnose.interpreter.values import Const, Event, Items, Loop, Thing, Value
from diagnose.model import Fact, Location, SelectedOnTest
from diagnose.training.fields import ancestors
from diagnose.training.keras.compiling import argument, callbacks
from diagnose.training.lines import assigned_to, calls_on, nodes
from diagnose.training.order.orders import alike, literal
from diagnose.training.pytorch.data import base_dataset, dataset_of, find_loader
from diagnose.training.pytorch.sessions import batch_loops, is_loader, source

FITS = (".fit", ".fit_generator")
SCORES = (".evaluate", ".evaluate_generator", ".predict", ".predict_generator", ".test")
LOADS = ("load_weights", "load_model", "load")
KEEPS = ("torch.save", ".state_dict", "copy.deepcopy", ".save_pretrained", ".save_checkpoint")
TEST = re.compile(r"(?<![a-z])test(?!ed|er|if|im)|\b[xy]test", re.IGNORECASE)
HELD_OUT = re.compile(r"(?<![a-z])(val|valid|validation|dev|eval)(?![a-z])", re.IGNORECASE)


def selected_on_test(reader: Reader) -> Iterator[Fact]:
    """Each training whose epoch is chosen on the test images, once: in Keras's or Lightning's fit(), or a loop."""
    yield from _fits(reader)
    yield from _loops(reader)
    yield from _trainers(reader)


def _fits(reader: Reader) -> Iterator[Fact]:
    scores = reader.trace.calls(*SCORES)
    for event in reader.trace.calls(*FITS):
        held, chooser = _held(event), _chooser(event)
        if held is None or chooser is None:
            continue
        scored = next((one for one in scores if one.index > event.index and _scores(one, held)), None)
        if scored is not None and chooser == "ModelCheckpoint" and not _restored(reader, event, scored):
            continue  # the score is that of the last epoch
        texts = _texts(reader, held, event.at) if scored is not None else ""
        if scored is not None and TEST.search(texts) and not HELD_OUT.search(texts):
            yield SelectedOnTest(event.at, by=chooser, scored_at=scored.at.line)


def _restored(reader: Reader, fit: Event, scored: Event) -> bool:
    """Whether the best weights are loaded before the score; Lightning does that automatically."""
    if isinstance(fit.target, Thing) and fit.target.package == "lightning":
        return True
    return any(event.short in LOADS for event in reader.trace[fit.index : scored.index] if event.kind == "call")


def _held(event: Event) -> Value | None:
    if isinstance(event.target, Thing) and event.target.package == "lightning":
        return event.arg(2, "val_dataloaders")
    given = argument(event, 7, "validation_data")
    return given if given is not None and literal(given) is not None else None


def _chooser(event: Event) -> str | None:
    """The callback that chooses an epoch by the validation images, as the program writes it."""
    of_lightning = isinstance(event.target, Thing) and event.target.package == "lightning"
    if of_lightning:
        assert isinstance(event.target, Thing)
        given = event.target.kwargs.get("callbacks")
        called = list(given.items) if isinstance(given, Items) else [given] if given is not None else []
    else:
        called = callbacks(event)
    for one in called:
        if not isinstance(one, Thing) or one.short not in ("ModelCheckpoint", "EarlyStopping"):
            continue
        stops = one.short == "EarlyStopping"
        given = one.arg(0 if stops or of_lightning else 1, "monitor")
        monitor = "val_loss" if given is None and not of_lightning else literal(given)
        chooses = stops or of_lightning or literal(one.kwargs.get("save_best_only")) is True
        if chooses and isinstance(monitor, str) and not monitor.startswith("train") and "val" in monitor:
            return one.short
    return None


def _scores(event: Event, held: Value) -> bool:
    """Whether a call scores the images that the training monitored."""
    place = 1 if event.name == ".test" else 0
    given = event.kwargs.get("x") or event.kwargs.get("dataloaders")
    given = given or (event.args[place] if len(event.args) > place else None)
    watched = held.items[0] if isinstance(held, Items) and held.items else held
    return given is not None and (given is watched or (isinstance(given, Thing) and alike(given, watched)))


def _texts(reader: Reader, held: Value, fit: Location) -> str:
    """The program's names for some images: names in the call that receives them, and their folder."""
    found = [_argument_text(reader, fit)]
    values = [held, *held.items] if isinstance(held, Items) else [held]
    found += [assigned_to(reader, one.at) for one in values]
    for one in values:
        found += [part.data for part in ancestors(one, 60) if isinstance(part, Const) and isinstance(part.data, str)]
    return " ".join(found)


def _argument_text(reader: Reader, at: Location) -> str:
    """The source text of the validation data in a call of fit() on a line."""
    given = [keyword for call in calls_on(reader, at) for keyword in call.keywords]
    names = ("validation_data", "val_dataloaders")
    return next((ast.unparse(keyword.value) for keyword in given if keyword.arg in names), "")


# ---------------------------------------------------------------------- loops


def _loops(reader: Reader) -> Iterator[Fact]:
    """Weights saved, or a best score reported, where a score on the test loader is the best so far."""
    trained = [loop for event in reader.trace.calls(".backward") for loop in batch_loops(event)]
    for event in reader.trace.calls(*KEEPS, "builtins.max"):
        epochs = [loop for loop in batch_loops(event) if loop in trained]
        if not epochs:
            continue
        for test, by in _decides(reader, event):
            scored = _test_loader(reader, test, trained)
            if scored is not None:
                yield SelectedOnTest(event.at, by=by, scored_at=scored.at.line)
                return


def _decides(reader: Reader, event: Event) -> Iterator[tuple[Value, str]]:
    """The scores that an event depends on, with what is chosen by them."""
    if event.name == "builtins.max":
        scores = [one for one in event.args if isinstance(one, Thing) and one.name]
        if len(event.args) == 2 and len(scores) == 1 and _keeps_best(reader, event.at):
            yield scores[0], "Keeping the best score"
        return
    for guard in event.guards:
        test = guard.test
        if isinstance(test, Thing) and test.name in ("compare", "opand"):
            yield test, "Keeping the best weights"


def _keeps_best(reader: Reader, at: Location) -> bool:
    """Whether a line assigns the larger of a variable and another value to it: best = max(best, score)."""
    for node in nodes(reader, at):
        if isinstance(node, ast.Assign) and node.lineno == at.line and isinstance(node.value, ast.Call):
            return ast.unparse(node.targets[0]) in [ast.unparse(one) for one in node.value.args]
    return False


def _test_loader(reader: Reader, test: Value, trained: list[Loop]) -> Thing | None:
    """The test loader that alone determines a score; None where another does or it is unknown."""
    items = [one for one in ancestors(test, 3000) if isinstance(one, Thing) and one.name == "item"]
    loaders = {
        id(loader): loader for one in items if (loader := find_loader(one.base)) is not None and is_loader(loader)
    }
    learns = {id(loader) for loop in trained if (loader := find_loader(source(loop.over))) is not None}
    if len(loaders) != 1 or loaders.keys() & learns:
        return None
    (loader,) = loaders.values()
    return loader if _is_test(reader, loader) else None


def _is_test(reader: Reader, loader: Thing) -> bool:
    dataset = base_dataset(dataset_of(loader))
    if isinstance(dataset, Thing) and dataset.name.startswith("torchvision.datasets."):
        train = dataset.arg(1 if dataset.short in ("CIFAR10", "CIFAR100", "MNIST", "FashionMNIST") else -1, "train")
        if literal(train) is False and dataset_of(loader) is dataset:
            return True
    texts = [assigned_to(reader, loader.at)]
    if dataset is not None:
        texts.append(assigned_to(reader, dataset.at))
        texts += [one.data for one in ancestors(dataset, 60) if isinstance(one, Const) and isinstance(one.data, str)]
    text = " ".join(texts)
    return bool(TEST.search(text)) and not HELD_OUT.search(text)


# ---------------------------------------------------------------------- Hugging Face


def _trainers(reader: Reader) -> Iterator[Fact]:
    """A Trainer that loads the best epoch by its score on the test split, and then evaluates on the same split."""
    for event in reader.trace.calls():
        if event.short not in ("Trainer", "Seq2SeqTrainer") or not event.name.startswith("transformers."):
            continue
        settings, held = event.kwargs.get("args"), event.kwargs.get("eval_dataset")
        best = isinstance(settings, Thing) and literal(settings.kwargs.get("load_best_model_at_end")) is True
        split = next((literal(one.args[0]) for one in ancestors(held, 20)
                      if isinstance(one, Thing) and one.name == "[]" and one.args), None)  # fmt: skip
        if any(isinstance(one, Thing) and one.name == ".train_test_split" for one in ancestors(held, 20)):
            continue  # datasets names any split-off part "test", whatever its purpose
        scored = [one for one in reader.trace.calls(".evaluate", ".predict", of=event.result)
                  if not one.args or one.args[0] is held]  # fmt: skip
        if best and split == "test" and scored:
            yield SelectedOnTest(held.at if held is not None else event.at, "load_best_model_at_end", scored[0].at.line)
