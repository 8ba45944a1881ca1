"""The configured arm against its twin: the same training written by hand in plain torch.

Both see the same images in the same order, the same draws and the same first weights; the losses of every step agree to
one part in 100,000. The twins use none of the probes' losses, optimizers, heads or schedules: the rate of a step is
that of torch's own scheduler, behind a warm-up over the first fifth of the steps.
"""

from dataclasses import dataclass, field
from typing import Any

import pytest
import torch
from builders import config
from torch import nn
from torch.nn import functional as F
from torch.optim import lr_scheduler
from torchvision.transforms import v2

from diagnose.probing.recipe import configured_recipe
from diagnose.probing.schedule import rates
from diagnose.probing.train import Images, draw_order, freeze, train
from diagnose.probing.weights import with_head

STEPS, WARM, BATCH, SEED, EPOCHS = 30, 6, 16, 3, 12  # of the 24 steps after the warm-up an epoch is two
MEAN, STD = (0.5, 0.5, 0.5), (0.25, 0.25, 0.25)


class Net(nn.Module):
    """A backbone and a head."""

    def __init__(self, classes):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, stride=2)
        self.bn = nn.BatchNorm2d(8)
        self.fc = nn.Linear(8, classes)

    def forward(self, x):
        return self.fc(self.bn(self.conv(x)).relu().mean((2, 3)))


def images_of(classes):
    generator = torch.Generator().manual_seed(0)

    def split(count):
        labels = torch.arange(count) % classes
        dark = torch.randint(0, 100, (count, 3, 8, 8), generator=generator)
        return (dark + 50 * labels.view(-1, 1, 1, 1)).to(torch.uint8), labels

    return Images(*split(64), *split(32))


@dataclass(frozen=True)
class Twin:
    """What the person's configuration says, and the same in torch. optimizer: of the network; loss: of outputs and
    labels; schedule: of the optimizer; the rest as a person would add it to the loop."""

    says: dict[str, Any]
    optimizer: Any
    loss: Any = F.cross_entropy
    schedule: Any = lambda o: lr_scheduler.CosineAnnealingLR(o, STEPS - WARM)
    classes: int = 3
    outputs: int = 3
    head: Any = None
    frozen: tuple[str, ...] = ()
    clip: Any = lambda net: None
    augment: Any = None
    mix: Any = None
    more: dict[str, Any] = field(default_factory=dict)


def rows(labels, classes=3):
    return F.one_hot(labels, classes).float()


def two_rates(net):
    body = [*net.conv.parameters(), *net.bn.parameters()]
    return torch.optim.SGD([{"params": body, "lr": 0.01}, {"params": net.fc.parameters(), "lr": 0.1}], momentum=0.9)


def spared(net):
    flat = [p for p in net.parameters() if p.ndim <= 1]
    rest = [p for p in net.parameters() if p.ndim > 1]
    return torch.optim.AdamW([{"params": rest, "weight_decay": 0.5}, {"params": flat, "weight_decay": 0.0}], lr=0.01)


def mixed_up(pixels, labels):
    return v2.MixUp(alpha=0.4, num_classes=3)(pixels, labels)


SGD = {"optimizer": "sgd", "learning_rate": 0.1, "momentum": 0.9, "weight_decay": 0.0}
ADAM = {"optimizer": "adam", "learning_rate": 0.01, "weight_decay": 0.0}

TWINS = {
    "a Keras classifier: Adam, softmax and categorical crossentropy, constant": Twin(
        {**ADAM, "loss": "categorical_crossentropy", "output_activation": "softmax", "schedule": "constant",
         "optimizer_options": (("betas", (0.9, 0.999)), ("eps", 1e-7))},
        lambda net: torch.optim.Adam(net.parameters(), 0.01, eps=1e-7),
        lambda z, y: -z.softmax(1).gather(1, y[:, None]).log().mean(),
        lambda o: lr_scheduler.LambdaLR(o, lambda _: 1.0),
    ),
    "a Keras classifier of two classes: RMSprop, one sigmoid, exponential decay": Twin(
        {"optimizer": "rmsprop", "learning_rate": 0.01, "loss": "binary_crossentropy", "output_activation": "sigmoid",
         "momentum": 0.0, "weight_decay": 0.0, "head": 1, "schedule": "exponential",
         "schedule_options": (("factor", 0.81),), "optimizer_options": (("alpha", 0.9), ("eps", 1e-7))},
        lambda net: torch.optim.RMSprop(net.parameters(), 0.01, alpha=0.9, eps=1e-7),
        lambda z, y: F.binary_cross_entropy(z.sigmoid()[:, 0], y.float()),
        lambda o: lr_scheduler.ExponentialLR(o, 0.9), classes=2, outputs=1,
    ),
    "Nesterov's SGD with steps, label smoothing and clipped gradients": Twin(
        {**SGD, "schedule": "step", "schedule_options": (("factor", 0.5), ("period", 4)),
         "optimizer_options": (("clip_norm", 0.1), ("nesterov", True)), "loss": "cross_entropy",
         "loss_options": (("label_smoothing", 0.1),)},
        lambda net: torch.optim.SGD(net.parameters(), 0.1, 0.9, nesterov=True),
        lambda z, y: F.cross_entropy(z, y, label_smoothing=0.1),
        lambda o: lr_scheduler.StepLR(o, 8, 0.5),
        clip=lambda net: nn.utils.clip_grad_norm_(net.parameters(), 0.1),
    ),
    "NLL on log-softmax with class weights and milestones": Twin(
        {**SGD, "loss": "nll", "output_activation": "log_softmax", "schedule": "multistep",
         "schedule_options": (("factor", 0.1), ("milestones", (6, 9))),
         "loss_options": (("class_weights", (1.0, 2.0, 3.0)),)},
        lambda net: torch.optim.SGD(net.parameters(), 0.1, 0.9),
        lambda z, y: F.nll_loss(z.log_softmax(1), y, torch.tensor([1.0, 2.0, 3.0])),
        lambda o: lr_scheduler.MultiStepLR(o, [12, 18]),
    ),
    "BCE on the sigmoids of one-hot labels with AdamW, linear decay": Twin(
        {"optimizer": "adamw", "learning_rate": 0.01, "weight_decay": 0.1, "loss": "bce",
         "output_activation": "sigmoid", "schedule": "linear"},
        lambda net: torch.optim.AdamW(net.parameters(), 0.01, weight_decay=0.1),
        lambda z, y: F.binary_cross_entropy(z.sigmoid(), rows(y)),
        lambda o: lr_scheduler.LinearLR(o, 1.0, 1e-9, STEPS - WARM),
    ),
    "squared errors of softmax with NAdam, polynomial": Twin(
        {"optimizer": "nadam", "learning_rate": 0.02, "weight_decay": 0.0, "loss": "mse",
         "output_activation": "softmax", "schedule": "polynomial", "schedule_options": (("period", 12), ("power", 2))},
        lambda net: torch.optim.NAdam(net.parameters(), 0.02),
        lambda z, y: ((z.softmax(1) - rows(y)) ** 2).mean(),
        lambda o: lr_scheduler.PolynomialLR(o, STEPS - WARM, 2),
    ),
    "focal loss with Adadelta": Twin(
        {"optimizer": "adadelta", "learning_rate": 1.0, "weight_decay": 0.0, "loss": "focal", "schedule": "cosine",
         "loss_options": (("gamma", 1.5),), "optimizer_options": (("rho", 0.95),)},
        lambda net: torch.optim.Adadelta(net.parameters(), 1.0, rho=0.95),
        lambda z, y: ((1 - (p := z.softmax(1).gather(1, y[:, None]))) ** 1.5 * -p.log()).mean(),
    ),
    "a frozen backbone under Keras's head of 16 units": Twin(
        {**ADAM, "loss": "cross_entropy", "schedule": "cosine", "frozen": ("backbone",),
         "head_options": (("hidden", (16,)),)},
        lambda net: torch.optim.Adam([p for p in net.parameters() if p.requires_grad], 0.01),
        head=lambda: nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 3)), frozen=("conv", "bn"),
    ),
    "a smaller rate for the backbone": Twin(
        {**SGD, "loss": "cross_entropy", "schedule": "cosine", "optimizer_options": (("backbone_rate", 0.01),)},
        two_rates,
    ),
    "no decay of norms and biases, gradients clipped by value": Twin(
        {"optimizer": "adamw", "learning_rate": 0.01, "weight_decay": 0.5, "loss": "cross_entropy",
         "schedule": "cosine_restarts", "schedule_options": (("period", 6),),
         "optimizer_options": (("clip_value", 0.01), ("undecayed", ("bias", "norm")))},
        spared, schedule=lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, 12),
        clip=lambda net: nn.utils.clip_grad_value_(net.parameters(), 0.01),
    ),
    "augmented with strengths of its own, with dropout": Twin(
        {**SGD, "loss": "cross_entropy", "schedule": "cosine",
         "train_augmentations": ("random_horizontal_flip", "random_rotation"),
         "augmentation_options": (("random_rotation", 40),), "head_options": (("dropout", 0.5),)},
        lambda net: torch.optim.SGD(net.parameters(), 0.1, 0.9),
        augment=v2.Compose([v2.RandomHorizontalFlip(), v2.RandomRotation(40)]),
        head=lambda: nn.Sequential(nn.Dropout(0.5), nn.Linear(8, 3)),
    ),
    "mixup with RAdam": Twin(
        {"optimizer": "radam", "learning_rate": 0.01, "weight_decay": 0.0, "loss": "cross_entropy",
         "schedule": "cosine", "augmentation_options": (("mixup", 0.4),)},
        lambda net: torch.optim.RAdam(net.parameters(), 0.01), mix=mixed_up,
    ),
    "softmax before cross-entropy, a fault that is reproduced": Twin(
        {**SGD, "loss": "cross_entropy", "output_activation": "softmax", "schedule": "cosine"},
        lambda net: torch.optim.SGD(net.parameters(), 0.1, 0.9),
        lambda z, y: F.cross_entropy(z.softmax(1), y),
    ),
}  # fmt: skip


def by_hand(twin, images):
    """The loss of every step of the plain loop."""
    torch.manual_seed(0)
    net = Net(twin.outputs)
    if twin.head:
        torch.manual_seed(1)
        last, net.fc = net.fc, twin.head()
        if isinstance(net.fc[0], nn.Dropout):
            net.fc[-1] = last
    for name, parameter in net.named_parameters():
        parameter.requires_grad_(not name.startswith(twin.frozen) if twin.frozen else True)
    net = net.to(memory_format=torch.channels_last).train()
    optimizer = twin.optimizer(net)
    first = [group["lr"] for group in optimizer.param_groups]
    scheduler = twin.schedule(optimizer)
    order = draw_order(len(images.train), STEPS * BATCH, SEED)
    mean, std = (torch.tensor(one).view(1, 3, 1, 1) for one in (MEAN, STD))
    losses = []
    for step in range(STEPS):
        torch.manual_seed(SEED * 1_000_003 + step)
        if step < WARM:
            for group, rate in zip(optimizer.param_groups, first, strict=True):
                group["lr"] = rate * (step + 1) / WARM
        elif step == WARM:
            for group, rate in zip(optimizer.param_groups, first, strict=True):
                group["lr"] = rate
        index = order[step * BATCH : (step + 1) * BATCH]
        pixels, labels = images.train[index], images.train_labels[index]
        if twin.augment:
            pixels = torch.stack([twin.augment(image) for image in pixels])
        given = ((pixels.float() / 255 - mean) / std).contiguous(memory_format=torch.channels_last)
        if twin.mix:
            given, labels = twin.mix(given, labels)
        loss = twin.loss(net(given), labels)
        optimizer.zero_grad()
        loss.backward()
        twin.clip(net)
        optimizer.step()
        if step >= WARM:
            scheduler.step()
        losses.append(loss.item())
    return losses


@pytest.mark.parametrize("name", TWINS)
@pytest.mark.filterwarnings("ignore:Detected call of `lr_scheduler:UserWarning")
def test_the_arm_is_the_persons_training(name):
    twin = TWINS[name]
    images = images_of(twin.classes)
    said = {
        "epochs": EPOCHS, "scaling": ("1/255",), "mean": MEAN, "std": STD, "train_augmentations": (), **twin.says,
    }  # fmt: skip
    recipe, notes = configured_recipe(config(**said))
    assert (notes, recipe.unsupported, recipe.why_not) == ((), (), "")
    torch.manual_seed(0)
    net = Net(twin.outputs)
    torch.manual_seed(1)
    net = with_head(net, dict(recipe.head_options))
    freeze(net, recipe.frozen)
    done = train(net, recipe, images, rates(recipe, STEPS), BATCH, SEED, lambda step, loss: True)
    assert [loss for _, loss in done.curve] == pytest.approx(by_hand(twin, images), rel=1e-5)
    assert len(done.losses) == 32


def test_the_twins_differ():
    """Each is another training: a loop that forgot what a configuration says would not pass for another's."""
    curves = {name: tuple(by_hand(twin, images_of(3))) for name, twin in TWINS.items() if twin.classes == 3}
    assert len(set(curves.values())) == len(curves)
