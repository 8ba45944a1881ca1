"""One short training, flat and visible: the loop of every arm and of the learning-rate range test."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import nll_loss
from torch.nn.modules.batchnorm import _BatchNorm
from torch.optim.swa_utils import update_bn
from torchvision.transforms.v2.functional import resize

from diagnose.probing.augment import batch_augmentation, mixing
from diagnose.probing.clock import Clock
from diagnose.probing.images import normalise
from diagnose.probing.objective import log_probabilities, training_loss
from diagnose.probing.optimizer import limit_gradients, optimizer_for
from diagnose.probing.recipe import Recipe
from diagnose.probing.weights import heads_of

BN_IMAGES = 256  # images that re-estimate batch norm's statistics before the evaluation
EVAL_BATCH = 64
# A run diverged when its last losses are this many times its first. A smaller factor accuses the innocent: from
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


@dataclass(frozen=True)
class Trained:
    """hits (0/1) and losses: one value per held-out image; where the run diverged to NaN, those of always answering
    by the frequencies of the training labels. halfway: the losses at half of the steps, empty where not asked for."""

    curve: tuple[tuple[int, float], ...]
    hits: NDArray[np.float64]
    losses: NDArray[np.float64]
    diverged: bool
    images: int
    train_seconds: float
    seconds: float
    halfway: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    void: bool = False  # it ended in NaN


class OutOfTime(Exception):
    """The deadline came in the middle of a run; the run is void."""


def freeze(model: nn.Module, frozen: tuple[str, ...]) -> tuple[str, ...]:
    """Stops the named layers from training ("backbone": all but the head); returns names that match nothing."""
    heads = tuple(f"{name}." for name in heads_of(model))
    strangers = []
    for name in frozen:
        everything = name in ("backbone", "all", "features", "body")
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
    deadline: float = math.inf,
    evaluate: bool = True,
    halfway: bool = False,
    clock: Clock = time.monotonic,
) -> Trained:
    """Trains for one step per rate of `schedule` and evaluates on the held-out images.

    The seed alone decides data order, augmentation and dropout, step by step, so that runs of equal seed
    are paired. `on_step(step, loss)` may end the run by returning False. Raises OutOfTime past `deadline`
    on `clock`.
    """
    start = clock()
    device = images.train.device
    model = model.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    model.train()
    trained = [p for p in model.parameters() if p.requires_grad]
    heads = [parameter for name in heads_of(model) for parameter in model.get_submodule(name).parameters()]
    optimizer = optimizer_for(recipe, trained, heads)
    wanted = len(schedule) * batch
    order = (draw_order if recipe.shuffle else file_order)(len(images.train), wanted, seed).to(device)
    half_losses = np.empty(0)
    strengths = dict(recipe.augmentation_options)
    augment = batch_augmentation(recipe.augmentations, images.size, device.type != "cpu", strengths)
    mix = mixing(recipe.augmentations, recipe.outputs or images.classes, strengths)
    half = torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda")
    curve: list[tuple[int, float]] = []

    for step, rate in enumerate(schedule):
        if clock() > deadline:
            raise OutOfTime
        torch.manual_seed(seed * 1_000_003 + step)  # the same draws for every arm of this seed
        for group in optimizer.param_groups:
            group["lr"] = rate * group["share"]
        index = order[step * batch : (step + 1) * batch]
        pixels = images.train[index]
        if augment:
            pixels = augment(pixels)
        given, labels = fed(pixels, recipe), images.train_labels[index]
        if mix:
            given, labels = mix(given, labels)
        with half:
            outputs = model(given)
        loss = training_loss(outputs.float(), labels, recipe)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        limit_gradients(recipe, trained)
        optimizer.step()
        curve.append((step, loss.item()))
        if not math.isfinite(curve[-1][1]) or not on_step(*curve[-1]):
            break
        if halfway and step + 1 == len(schedule) // 2:
            half_losses = evaluated(model, recipe, images, seed)[1]
            model.train()

    train_seconds = clock() - start
    hits = losses = np.empty(0)
    void = not math.isfinite(curve[-1][1])
    if evaluate and not void:
        hits, losses = evaluated(model, recipe, images, seed)
        void = not np.isfinite(losses).all()
    if evaluate and void:
        hits, losses = by_frequency(images)
    return Trained(
        tuple(curve),
        hits,
        losses,
        diverged=void or has_diverged([loss for _, loss in curve]),
        images=len(curve) * batch,
        train_seconds=train_seconds,
        seconds=clock() - start,
        halfway=half_losses,
        void=void,
    )


def fed(pixels: Tensor, recipe: Recipe) -> Tensor:
    """What the network gets of uint8 pixels (N, 3, S, S): at the recipe's size where that is smaller, normalised."""
    if recipe.input_size is not None and recipe.input_size < pixels.shape[-1]:
        pixels = resize(pixels, [recipe.input_size, recipe.input_size], antialias=True)
    return normalise(pixels, recipe.scaling, recipe.mean, recipe.std)


def by_frequency(images: Images) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Hits and losses of the answer that ignores the image: the frequencies of the training labels (Laplace)."""
    counts = torch.bincount(images.train_labels, minlength=images.classes).double() + 1
    labels = images.val_labels
    hits = (labels == counts.argmax()).double()
    return hits.cpu().numpy(), -(counts / counts.sum()).log()[labels].cpu().numpy()


def file_order(images: int, wanted: int, seed: int) -> Tensor:
    """Indices in the order of the folders, one class after the other; `seed` says where the epoch is entered."""
    start = int(torch.randint(images, (1,), generator=torch.Generator().manual_seed(seed)))
    return torch.arange(start, start + wanted) % images


def draw_order(images: int, wanted: int, seed: int) -> Tensor:
    """Indices of the images in training order: whole epochs, each shuffled anew."""
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
    with torch.no_grad():
        update_bn(
            (
                fed(images.train[index], recipe)
                for index in torch.split(order[:BN_IMAGES], EVAL_BATCH)
                if len(index) > 1
            ),
            model,
        )


def evaluated(
    model: nn.Module, recipe: Recipe, images: Images, seed: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Hits (0/1) and negative log-likelihood of every held-out image, both (N,); batch norm is measured again, where
    the model has any."""
    order = draw_order(len(images.train), BN_IMAGES, seed).to(images.train.device)
    kept = {
        key: value.clone() for key, value in model.state_dict().items() if "running_" in key or "num_batches" in key
    }
    if has_batch_norm(model):
        refresh_batch_norm(model, recipe, images, order)
    model.eval()
    with torch.inference_mode():
        outputs = torch.cat([model(fed(part, recipe)) for part in torch.split(images.val, EVAL_BATCH)]).float()
        told = log_probabilities(outputs, recipe)
        hits = (told.argmax(1) == images.val_labels).double()
        losses = nll_loss(told, images.val_labels, reduction="none").double()
    model.load_state_dict(kept, strict=False)
    return hits.cpu().numpy(), losses.cpu().numpy()
