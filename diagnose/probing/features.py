"""Frozen pretrained features: one forward pass over all images, then linear probes on them."""

from __future__ import annotations

import time

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.optimize import minimize
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from diagnose.probing.clock import Machine
from diagnose.probing.device import arithmetic, synchronise
from diagnose.probing.recipe import Recipe
from diagnose.probing.train import EVAL_BATCH, fed
from diagnose.probing.weights import head_of

# Weight decay of the linear probe on standardised features: of 0.001 to 3, the best or within half a point of it on
# Fashion-MNIST, the tuxpaint photographs and the sample data alike.
DECAY = 0.1
# On 400 to 1,500 images of the same sets, 20 iterations are as accurate as 100 (71 evaluations) to 0.3 points.
ITERATIONS = 20
FOLDS = 5
REFERENCE = Recipe()


def embed(model: nn.Module, images: Tensor, machine: Machine | None = None, recipe: Recipe = REFERENCE) -> Tensor:
    """What the head of a model is given, float32 (N, D), of uint8 images (N, 3, S, S), normalised as the recipe says.

    A head that is given a map of features, as a convolution is, or a row of tokens, counts with their mean. Raises
    OutOfTime past the machine's deadline.
    """
    machine = machine or Machine()
    features: list[Tensor] = []

    def keep(module: nn.Module, given: tuple[Tensor, ...]) -> None:
        inputs = given[0].detach().float()
        places = (2, 3) if isinstance(module, nn.Conv2d) else tuple(range(1, inputs.dim() - 1))
        features.append(inputs.mean(places) if places else inputs)

    hook = model.get_submodule(head_of(model)).register_forward_pre_hook(keep)
    model.eval()
    try:
        with torch.inference_mode():
            for part in torch.split(images, EVAL_BATCH):
                machine.check()
                began = time.perf_counter()
                with arithmetic(images.device):
                    model(fed(part, recipe))
                machine.worked(("embed", type(model)), len(part), began)
    finally:
        hook.remove()
    synchronise(images.device)
    return torch.cat(features).clone()


class LinearProbe:
    """Multinomial logistic regression with L2 on standardised features, fitted by L-BFGS.

    By scipy's: making the first optimizer of torch imports its compiler, which takes longer than the first answer.
    """

    def __init__(self, features: Tensor, labels: Tensor, classes: int, decay: float = DECAY) -> None:
        """features (N, D), labels (N,) with values below `classes`."""
        self._mean, self._spread = features.mean(0), features.std(0, correction=0) + 1e-6
        given = self._standard(features)

        def weights_of(flat: NDArray[np.float64]) -> Tensor:
            return torch.from_numpy(flat.astype(np.float32)).to(given.device).view(-1, classes)

        def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
            weights = weights_of(flat).requires_grad_()
            value = cross_entropy(given @ weights, labels) + decay / 2 * (weights[:-1] ** 2).sum()
            (slope,) = torch.autograd.grad(value, weights)
            return float(value.detach()), slope.cpu().numpy().ravel().astype(np.float64)

        begin = np.zeros(given.shape[1] * classes)
        found = minimize(loss, begin, jac=True, method="L-BFGS-B", options={"maxiter": ITERATIONS, "gtol": 1e-3})
        self._weights = weights_of(found.x)

    def _standard(self, features: Tensor) -> Tensor:
        scaled = (features - self._mean) / self._spread
        return torch.cat([scaled, torch.ones(len(scaled), 1, device=scaled.device)], 1)

    def logits(self, features: Tensor) -> Tensor:
        """(N, classes)."""
        return self._standard(features) @ self._weights


def out_of_sample(features: Tensor, labels: Tensor, classes: int, seed: int = 0) -> Tensor:
    """Class probabilities (N, classes) of every image from a probe that was fitted without its fold."""
    order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(seed)).to(labels.device)
    probabilities = torch.zeros(len(labels), classes, device=features.device)
    for fold in range(FOLDS):
        held = order[fold::FOLDS]
        kept = torch.ones(len(labels), dtype=torch.bool, device=labels.device)
        kept[held] = False
        if len(held) and int(kept.sum()):
            probabilities[held] = LinearProbe(features[kept], labels[kept], classes).logits(features[held]).softmax(1)
    return probabilities
