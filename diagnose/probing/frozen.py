"""A network that is frozen but for its head: the head's inputs are computed once per image, and only the head is
trained, hundreds of times faster.

The frozen layers run in evaluation mode: with the batch-norm statistics of their weights, or where these are random,
with statistics measured on the training images.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from diagnose.probing.augment import Augment
from diagnose.probing.clock import Machine
from diagnose.probing.features import embed
from diagnose.probing.recipe import Recipe
from diagnose.probing.train import BN_IMAGES, WHOLE_BODY, Images, refresh_batch_norm

FLIP = "random_horizontal_flip"  # the one augmentation of which both outcomes can be computed beforehand


@dataclass(frozen=True)
class FrozenImages(Images):
    """Features in the place of pixels: train (N, views, D), of each image as it is and, where it may be, mirrored; val
    (N, D)."""

    @property
    def size(self) -> int:
        """Numbers that the head gets."""
        return int(self.val.shape[-1])

    def augmentation(self, recipe: Recipe) -> Augment:
        """One of the views of each image, drawn at random."""

        def drawn(features: Tensor) -> Tensor:
            if features.shape[1] == 1:
                return features[:, 0]
            mirrored = (torch.rand(len(features)) < 0.5).long().to(features.device)
            return features[torch.arange(len(features), device=features.device), mirrored]

        return drawn

    def fed(self, pixels: Tensor, recipe: Recipe) -> Tensor:
        """The features as they are."""
        return pixels if pixels.ndim == 2 else pixels[:, 0]


def only_head(recipe: Recipe) -> bool:
    """Whether all but the head is frozen, and every view of an image can be computed beforehand."""
    foreseen = set(recipe.augmentations) <= {FLIP} and not recipe.augmentation_options
    return foreseen and bool(WHOLE_BODY & set(recipe.frozen))


def views(recipe: Recipe, images: Images) -> int:
    """Images that the frozen layers have to pass through."""
    return (2 if recipe.augmentations else 1) * len(images.train) + len(images.val)


def embedded(model: nn.Module, recipe: Recipe, images: Images, pretrained: bool, machine: Machine) -> FrozenImages:
    """What the frozen layers of the model make of the images. Raises OutOfTime past the machine's deadline."""
    if not pretrained:
        model.train()
        refresh_batch_norm(model, recipe, images, torch.arange(min(BN_IMAGES, len(images.train))))
    shown = [images.train, images.train.flip(-1)] if recipe.augmentations else [images.train]
    train = torch.stack([embed(model, pixels, machine, recipe) for pixels in shown], 1)
    val = embed(model, images.val, machine, recipe)
    return FrozenImages(train, images.train_labels, val, images.val_labels)
