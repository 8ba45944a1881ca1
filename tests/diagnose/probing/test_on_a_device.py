"""The device code of the probes without a GPU: on tensors that have a device, a shape and no values.

FakeTensorMode computes no numbers and refuses operations whose operands lie on different devices, as CUDA does. The
backward pass needs a context of CUDA and is left out. Reading a value of a tensor on the device, or copying to it
without saying that nothing has to wait, is counted: it is what stops a GPU.
"""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn
from torchvision import models

from diagnose.probing import train as loop
from diagnose.probing.augment import AUGMENTATIONS, BATCHED, batch_augmentation, mixing
from diagnose.probing.device import arithmetic, constant
from diagnose.probing.features import embed
from diagnose.probing.memory import peak_bytes
from diagnose.probing.objective import DISTANCES, training_loss
from diagnose.probing.recipe import Recipe
from diagnose.probing.train import Images, evaluated, fed, train

try:
    from torch._subclasses.fake_tensor import FakeTensorMode

    with FakeTensorMode():
        torch.ones(2, device="cuda") + torch.ones(2, device="cuda")
except Exception as fault:
    pytest.skip(f"this torch has no tensors of a device that isn't there ({fault})", allow_module_level=True)

CUDA = torch.device("cuda")
ARCH = "shufflenet_v2_x0_5"
SIZE, BATCH = 32, 8
SOLVED = "random_perspective"  # solves equations on the CPU, which cannot be done without values


class Pretended(FakeTensorMode):
    """Counts what would wait for the device. Every value that is read is a half, or 1."""

    def __init__(self):
        super().__init__()
        self.waits = []

    def dispatch(self, func, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        if func is torch.ops.aten._local_scalar_dense.default:
            (given,) = args
            if given.device.type == "cuda":
                self.waits.append("a value is read")
            return 0.5 if given.is_floating_point() else given.dtype != torch.bool and 1
        if func is torch.ops.aten._to_copy.default and not kwargs.get("non_blocking"):
            there = kwargs.get("device")
            if there is not None and torch.device(there).type != args[0].device.type:
                self.waits.append(f"a copy to {torch.device(there).type}")
        if func is torch.ops.aten.index.Tensor and args[0].device.type == "cuda":
            self.waits += ["an index on the CPU" for index in args[1] if index is not None and not index.is_cuda]
        return super().dispatch(func, types, args, kwargs)


def moved_model(model, device=None, memory_format=None):
    """nn.Module.to for parameters without values, which torch's own cannot swap."""
    for part in model.modules():
        for held in (part._parameters, part._buffers):
            for name, value in held.items():
                if value is not None:
                    there = value.detach().to(device)
                    held[name] = nn.Parameter(there, value.requires_grad) if held is part._parameters else there
    return model


@pytest.fixture
def pretended(monkeypatch):
    """The mode, with what needs a driver taken away: backward, the reading of a loss, the way to numpy."""
    monkeypatch.setattr(nn.Module, "to", moved_model)
    monkeypatch.setattr(torch.Tensor, "backward", lambda self: None)
    monkeypatch.setattr(torch.Tensor, "numpy", lambda self: np.zeros(tuple(self.shape)))
    monkeypatch.setattr(loop, "later", lambda loss: lambda: 0.5)
    monkeypatch.setattr(loop, "synchronise", lambda device: None)
    monkeypatch.setattr("diagnose.probing.features.synchronise", lambda device: None)
    monkeypatch.setattr("torch.cuda.amp.common.amp_definitely_not_available", lambda: False)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda *args, **more: True)
    monkeypatch.setattr(torch.distributions.Distribution, "_validate_args", False)
    constant.cache_clear()
    with Pretended() as mode:
        yield mode
    constant.cache_clear()  # no tensor without values may stay for those who have a GPU


@pytest.fixture
def images(pretended):
    pixels = torch.empty(24, 3, SIZE, SIZE, dtype=torch.uint8, device=CUDA)
    labels = torch.zeros(24, dtype=torch.long, device=CUDA)
    return Images(pixels, labels, pixels[:10], labels[:10])


@pytest.fixture
def model(pretended):
    return models.get_model(ARCH, weights=None, num_classes=2)


def trained(model, images, recipe, steps=4, **more):
    return train(model, recipe, images, [1e-3] * steps, BATCH, 0, lambda step, loss: True, **more)


@pytest.mark.parametrize(
    "augmentations",
    [("mixup", "cutmix"), tuple(BATCHED), *((name,) for name in AUGMENTATIONS if name not in (*BATCHED, SOLVED))],
    ids="+".join,
)
def test_augmented_images_stay_on_the_device(pretended, augmentations):
    pixels = torch.empty(BATCH, 3, SIZE, SIZE, dtype=torch.uint8, device=CUDA)
    change = batch_augmentation(augmentations, SIZE, at_once=True)
    changed = change(pixels) if change else pixels
    assert (changed.device.type, changed.dtype, changed.shape) == ("cuda", torch.uint8, pixels.shape)
    given = fed(changed, Recipe())
    if mix := mixing(augmentations, 2):
        given, shares = mix(given, torch.zeros(BATCH, dtype=torch.long, device=CUDA))
        assert (shares.device.type, shares.shape) == ("cuda", (BATCH, 2))
    assert (given.device.type, given.dtype) == ("cuda", torch.float32)


@pytest.mark.parametrize("size", [None, 16])
def test_a_network_is_fed_channels_last(pretended, size):
    pixels = torch.empty(BATCH, 3, SIZE, SIZE, dtype=torch.uint8, device=CUDA)
    given = fed(pixels, Recipe(input_size=size))
    assert given.shape[-1] == (size or SIZE)
    assert given.is_contiguous(memory_format=torch.channels_last)


RECIPES = [
    Recipe(augmentations=tuple(BATCHED)),
    Recipe(augmentations=("mixup", "cutmix")),
    Recipe(outputs=1, loss="bce_with_logits", loss_options=(("class_weights", (2.0,)),)),
    Recipe(outputs=1, loss="mse", output_activation="sigmoid"),
    Recipe(loss_options=(("class_weights", (1.0, 2.0)), ("label_smoothing", 0.1)), shuffle=False),
    Recipe(optimizer="sgd", optimizer_options=(("clip_norm", 1.0),), input_size=16),
]


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_whole_run_stays_on_the_device(pretended, images, recipe):
    model = models.get_model(ARCH, weights=None, num_classes=recipe.outputs or 2)
    done = trained(model, images, recipe, halfway=True, glance=True)
    assert {parameter.device.type for parameter in model.parameters()} == {"cuda"}
    assert (done.images, done.hits.shape, done.halfway.shape, done.glances.shape) == (32, (10,), (10,), (3, 10))


def test_a_run_of_another_length_waits_for_the_device_as_often(pretended, images, model):
    """No step waits: whatever does belongs to the start or the end of a run."""
    recipe = Recipe(augmentations=(*BATCHED, "mixup"), loss_options=(("class_weights", (1.0, 2.0)),))
    trained(model, images, recipe, 1)
    pretended.waits.clear()
    trained(model, images, recipe, 2)
    short = list(pretended.waits)
    pretended.waits.clear()
    trained(model, images, recipe, 12)
    assert pretended.waits == short


def test_what_waits_is_seen(pretended, images, model):
    """The test above can fail."""
    step = iter(range(100))
    seen = []
    train(model, Recipe(), images, [1e-3] * 6, BATCH, 0, lambda *_: seen.append(images.train[next(step)].max().item())
          or True)  # fmt: skip
    assert pretended.waits.count("a value is read") >= 6
    pretended.waits.clear()
    torch.zeros(3).to(CUDA)
    images.train[torch.tensor([0])]
    assert pretended.waits == ["a copy to cuda", "an index on the CPU"]


def test_a_loss_of_every_kind_is_computed_on_the_device(pretended):
    labels = torch.zeros(BATCH, dtype=torch.long, device=CUDA)
    weighted = (("class_weights", (1.0, 2.0, 3.0)), ("label_smoothing", 0.1))
    for loss in ("cross_entropy", "nll", "multi_margin", "focal", "bce_with_logits", "sigmoid_focal", *DISTANCES):
        outputs = torch.empty(BATCH, 3, device=CUDA)
        assert training_loss(outputs, labels, Recipe(loss=loss, loss_options=weighted)).device.type == "cuda"


def test_the_answers_of_an_evaluation_are_those_of_all_images(images, model):
    model.to(CUDA)
    found = evaluated(model, Recipe(), images, 0)
    assert {part.shape for part in found} == {(10,)}


def test_features_are_embedded_on_the_device_and_without_waiting(pretended, images, model):
    model.to(CUDA)
    embed(model, images.train)
    pretended.waits.clear()
    features = embed(model, images.train)
    assert (features.device.type, features.dtype, features.shape) == ("cuda", torch.float32, (24, 1024))
    assert pretended.waits == []


@pytest.mark.parametrize("where", ["pixels", "labels", "held-out labels", "weights", "statistics", "mixed"])
def test_a_tensor_on_the_wrong_device_is_caught(pretended, images, model, where, monkeypatch):
    recipe = Recipe(loss_options=(("class_weights", (1.0, 2.0)),))
    match where:
        case "pixels":
            images = replace(images, val=images.val.cpu())
        case "labels":
            monkeypatch.setattr(loop, "training_loss", lambda o, labels, r: training_loss(o, labels.cpu(), r))
        case "held-out labels":
            images = replace(images, val_labels=images.val_labels.cpu())
        case "weights":
            monkeypatch.setattr("diagnose.probing.objective.constant", lambda values, device: torch.tensor(values))
        case "statistics":
            monkeypatch.setattr("diagnose.probing.images.constant", lambda values, device: torch.tensor(values))
        case "mixed":
            monkeypatch.setattr(loop, "mixing", lambda *a: lambda x, y: (x * torch.rand(BATCH, 1, 1, 1), y))
    with pytest.raises(RuntimeError, match=r"device|Input type"):
        trained(model, images, recipe)


def test_networks_run_in_bf16_on_a_gpu_alone(pretended, images, model):
    model.to(CUDA)
    given = fed(images.train[:4], Recipe())
    with arithmetic(CUDA):
        assert model(given).dtype == torch.bfloat16
    with arithmetic(torch.device("cpu")):
        assert model.cpu()(given.cpu()).dtype == torch.float32


def test_the_memory_of_a_step_needs_no_device():
    gigabytes = peak_bytes("resnet18", Recipe(), 10, 64, 224, device="cuda") / 1e9
    assert 1 < gigabytes < 3  # 23 MB of activations per image, and parameters with AdamW's state
