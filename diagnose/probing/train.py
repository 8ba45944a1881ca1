"""One short training, flat and visible: the loop of every arm and of the learning-rate range test."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import nll_loss
from torch.nn.modules.batchnorm import _BatchNorm
from torch.optim.swa_utils import update_bn
from torchvision.transforms.v2.functional import resize

from diagnose.model import GLANCED
from diagnose.probing.augment import Augment, batch_augmentation, mixing
from diagnose.probing.clock import Machine
from diagnose.probing.device import arithmetic, later, moved, synchronise
from diagnose.probing.images import normalise
from diagnose.probing.objective import log_probabilities, training_loss
from diagnose.probing.optimizer import limit_gradients, optimizer_for
from diagnose.probing.recipe import Recipe
from diagnose.probing.weights import heads_of

BN_IMAGES = 128  # images that re-estimate batch norm's statistics before an evaluation
BN_GLANCE = 64  # and before a glance at a run that is under way
GLANCES = (0.25, 0.5, 0.75)  # shares of the steps after which a run is looked at, on GLANCED validation images
EVAL_BATCH = 64
WHOLE_BODY = frozenset(("backbone", "all", "features", "body"))  # names of frozen layers that mean all but the head
# A run diverged when its last losses are this many times its first. A smaller factor would flag healthy runs: from
# random weights ResNet50 doubles or trebles its loss in the first dozen steps and recovers.
DIVERGED = 10.0


@dataclass(frozen=True)
class Images:
    """uint8 (N, 3, S, S) and labels (N,) of both splits, on the training device."""

    train: Tensor
    train_labels: Tensor
    val: Tensor
    val_labels: Tensor

    @property
    def size(self) -> int:
        """Side of the square images in px."""
        return int(self.train.shape[-1])

    @property
    def classes(self) -> int:
        """One more than the highest class number."""
        return int(max(self.train_labels.max(), self.val_labels.max())) + 1

    def augmentation(self, recipe: Recipe) -> Augment | None:
        """What changes a batch of training images at random; None where nothing does."""
        strengths = dict(recipe.augmentation_options)
        return batch_augmentation(recipe.augmentations, self.size, self.train.device.type != "cpu", strengths)

    def fed(self, pixels: Tensor, recipe: Recipe) -> Tensor:
        """What the network gets of some of them."""
        return fed(pixels, recipe)


@dataclass(frozen=True)
class Trained:
    """hits (0/1), losses and predicted classes: one value per held-out image; where the run diverged to NaN, those of
    always answering by the frequencies of the training labels. halfway: the losses at half of the steps. glances: hits
    (3, n) on the first n held-out images after the shares GLANCES of the steps. Both are empty where not asked for."""

    curve: tuple[tuple[int, float], ...]
    hits: NDArray[np.float64]
    losses: NDArray[np.float64]
    diverged: bool
    images: int
    train_seconds: float
    seconds: float
    halfway: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    void: bool = False  # it ended in NaN
    predicted: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    glances: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 0)))


class Evaluated(NamedTuple):
    """Of every held-out image, each (N,): hits (0/1), negative log-likelihoods and predicted classes."""

    hits: NDArray[np.float64]
    losses: NDArray[np.float64]
    predicted: NDArray[np.int64]


def freeze(model: nn.Module, frozen: tuple[str, ...]) -> tuple[str, ...]:
    """Stops the named layers from training ("backbone": all but the head); returns names that match nothing."""
    heads = tuple(f"{name}." for name in heads_of(model))
    strangers = []
    for name in frozen:
        everything = name in WHOLE_BODY
        matched = [
            parameter
            for key, parameter in model.named_parameters()
            if not key.startswith(heads) and (everything or key.startswith(f"{name}."))
        ]
        for parameter in matched:
            parameter.requires_grad_(False)
        if not matched:
            strangers.append(name)
    return tuple(strangers)


def train(
    model: nn.Module,
    recipe: Recipe,
    images: Images,
    schedule: Sequence[float],
    batch: int,
    seed: int,
    on_step: Callable[[int, float], bool],
    machine: Machine | None = None,
    evaluate: bool = True,
    halfway: bool = False,
    glance: bool = False,
) -> Trained:
    """Trains for one step per rate of `schedule` and evaluates on the held-out images.

    The seed alone decides data order, augmentation and dropout, step by step, so that runs of equal seed
    are paired. `on_step(step, loss)` may end the run by returning False. Raises OutOfTime past the machine's deadline.
    """
    machine = machine or Machine()
    start = machine.clock()
    device = images.train.device
    model = model.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    model.train()
    trained = [p for p in model.parameters() if p.requires_grad]
    heads = [parameter for name in heads_of(model) for parameter in model.get_submodule(name).parameters()]
    optimizer = optimizer_for(recipe, trained, heads)
    wanted = len(schedule) * batch
    order = draw_order(len(images.train), wanted, seed) if recipe.shuffle else class_order(images, wanted, seed)
    order = moved(order, device)
    half_losses, glances = np.empty(0), []
    looks = {max(1, round(share * len(schedule))) for share in GLANCES} if glance else set()
    few = replace(images, val=images.val[:GLANCED], val_labels=images.val_labels[:GLANCED])
    kind = ("train", type(model), batch)
    augment = images.augmentation(recipe)
    mix = mixing(recipe.augmentations, recipe.outputs or images.classes, dict(recipe.augmentation_options))
    half = arithmetic(device)
    curve: list[tuple[int, float]] = []

    for step, rate in enumerate(schedule):
        machine.check()
        began = time.perf_counter()
        torch.manual_seed(seed * 1_000_003 + step)  # the same draws for every arm of this seed
        for group in optimizer.param_groups:
            group["lr"] = rate * group["share"]
        index = order[step * batch : (step + 1) * batch]
        pixels = images.train[index]
        if augment:
            pixels = augment(pixels)
        given, labels = images.fed(pixels, recipe), images.train_labels[index]
        if mix:
            given, labels = mix(given, labels)
        with half:
            outputs = model(given)
        loss = training_loss(outputs.float(), labels, recipe)
        value = later(loss)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        limit_gradients(recipe, trained)
        optimizer.step()
        curve.append((step, value()))
        machine.worked(kind, batch, began)
        if not math.isfinite(curve[-1][1]) or not on_step(*curve[-1]):
            break
        if halfway and step + 1 == len(schedule) // 2:
            half_losses = evaluated(model, recipe, images, seed, machine).losses
            model.train()
        if step + 1 in looks:
            glances.append(evaluated(model, recipe, few, seed, machine, BN_GLANCE).hits)
            model.train()

    synchronise(device)
    train_seconds = machine.clock() - start
    found = Evaluated(np.empty(0), np.empty(0), np.empty(0, np.int64))
    void = not math.isfinite(curve[-1][1])
    if evaluate and not void:
        found = evaluated(model, recipe, images, seed, machine)
        void = not np.isfinite(found.losses).all()
    if evaluate and void:
        found = by_frequency(images)
    return Trained(
        tuple(curve),
        found.hits,
        found.losses,
        diverged=void or has_diverged([loss for _, loss in curve]),
        images=len(curve) * batch,
        train_seconds=train_seconds,
        seconds=machine.clock() - start,
        halfway=half_losses,
        void=void,
        predicted=found.predicted,
        glances=np.stack(glances) if len(glances) == len(GLANCES) else np.empty((0, 0)),
    )


def fed(pixels: Tensor, recipe: Recipe) -> Tensor:
    """What the network gets of uint8 pixels (N, 3, S, S): at the recipe's size where that is smaller, normalised."""
    if recipe.input_size is not None and recipe.input_size < pixels.shape[-1]:
        pixels = resize(pixels, [recipe.input_size, recipe.input_size], antialias=True)
    return normalise(pixels, recipe.scaling, recipe.mean, recipe.std)


def by_frequency(images: Images) -> Evaluated:
    """The answer that ignores the image: the frequencies of the training labels (Laplace)."""
    counts = torch.bincount(images.train_labels, minlength=images.classes).cpu().double() + 1
    labels = images.val_labels.cpu()
    hits = (labels == counts.argmax()).double()
    losses = -(counts / counts.sum()).log()[labels]
    return Evaluated(hits.numpy(), losses.numpy(), np.full(len(labels), int(counts.argmax())))


def class_order(images: Images, wanted: int, seed: int) -> Tensor:
    """Indices in the order of the folders, one class after the other; `seed` says where the epoch is entered."""
    count = len(images.train)
    start = int(torch.randint(count, (1,), generator=torch.Generator().manual_seed(seed)))
    by_class = torch.argsort(images.train_labels.cpu(), stable=True)
    return by_class[torch.arange(start, start + wanted) % count]


def draw_order(images: int, wanted: int, seed: int) -> Tensor:
    """Indices of the images in training order: whole epochs, each shuffled again."""
    generator = torch.Generator().manual_seed(seed)
    epochs = [torch.randperm(images, generator=generator) for _ in range(math.ceil(wanted / images))]
    return torch.cat(epochs)[:wanted]


def has_diverged(losses: list[float]) -> bool:
    """NaN or infinity, or a mean of the last losses well above what the run started from."""
    if not all(math.isfinite(loss) for loss in losses):
        return True
    last = losses[-max(3, len(losses) // 5) :]
    return sum(last) / len(last) > DIVERGED * losses[0]


def has_batch_norm(model: nn.Module) -> bool:
    """Whether a layer of it evaluates by running statistics; networks with layer norm alone have none."""
    return any(isinstance(module, _BatchNorm) and module.running_mean is not None for module in model.modules())


def refresh_batch_norm(model: nn.Module, recipe: Recipe, images: Images, order: Tensor) -> None:
    """Re-estimates batch norm's running statistics: a few dozen updates leave most of the initial values in
    them (37% after 100 at momentum 0.01), and the evaluation would measure that lag, not the training."""
    with torch.no_grad(), arithmetic(images.train.device):
        update_bn(
            (images.fed(images.train[index], recipe) for index in torch.split(order, EVAL_BATCH) if len(index) > 1),
            model,
        )


def evaluated(
    model: nn.Module,
    recipe: Recipe,
    images: Images,
    seed: int,
    machine: Machine | None = None,
    bn_images: int = BN_IMAGES,
) -> Evaluated:
    """What the model answers to the held-out images; batch norm is measured again on `bn_images` training ones,
    where the model has any."""
    machine = machine or Machine()
    count = min(bn_images, len(images.train))
    device = images.train.device
    order = moved(draw_order(len(images.train), count, seed), device)
    kept = {
        key: value.clone() for key, value in model.state_dict().items() if "running_" in key or "num_batches" in key
    }
    if has_batch_norm(model):
        refresh_batch_norm(model, recipe, images, order)
    model.eval()
    outputs = []
    with torch.inference_mode():
        for part in torch.split(images.val, EVAL_BATCH):
            began = time.perf_counter()
            with arithmetic(device):
                outputs.append(model(images.fed(part, recipe)))
            machine.worked(("evaluate", type(model)), len(part), began)
        log_chances = log_probabilities(torch.cat(outputs).float(), recipe)
        predicted = log_chances.argmax(1)
        hits = predicted == images.val_labels
        losses = nll_loss(log_chances, images.val_labels, reduction="none")
    model.load_state_dict(kept, strict=False)
    return Evaluated(hits.cpu().double().numpy(), losses.cpu().double().numpy(), predicted.cpu().numpy())
