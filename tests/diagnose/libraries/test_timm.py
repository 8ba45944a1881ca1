"""timm's factories come to what they make."""

import pytest

from diagnose.config.read import read_configuration
from diagnose.interpreter.values import Items, clause, plain

OPTIONS = """
import argparse, torch, timm
from timm.data import create_transform, create_loader, resolve_data_config, Mixup
from timm.optim import create_optimizer, create_optimizer_v2, optimizer_kwargs
from timm.scheduler import create_scheduler, create_scheduler_v2, scheduler_kwargs
p = argparse.ArgumentParser()
p.add_argument("--opt", default="adamw")
p.add_argument("--lr", type=float, default=5e-4)
p.add_argument("--weight-decay", type=float, default=0.05)
p.add_argument("--momentum", type=float, default=0.8)
p.add_argument("--sched", default="cosine")
p.add_argument("--epochs", type=int, default=100)
p.add_argument("--cooldown-epochs", type=int, default=10)
p.add_argument("--aa", default=None)
args = p.parse_args()
net = timm.create_model("resnet50")
"""


def given(made):
    return {name: plain(value, "unknown") for name, value in made.kwargs.items()}


@pytest.mark.parametrize(
    ("call", "name", "expected"),
    [
        ("create_optimizer(args, net)", "timm.optim.AdamW", {"lr": 5e-4, "weight_decay": 0.05}),
        ("create_optimizer_v2(net, **optimizer_kwargs(cfg=args))", "timm.optim.AdamW",
         {"lr": 5e-4, "weight_decay": 0.05}),
        ("create_optimizer_v2(net)", "timm.optim.SGD", {"weight_decay": 0.0, "momentum": 0.9, "nesterov": True}),
        ("create_optimizer_v2(net, 'momentum', 0.1)", "timm.optim.SGD",
         {"lr": 0.1, "weight_decay": 0.0, "momentum": 0.9}),
        ("create_optimizer_v2(net.parameters(), opt='lamb', lr=1e-3)", "timm.optim.LAMB",
         {"lr": 1e-3, "weight_decay": 0.0}),
        ("create_optimizer_v2(net, opt='notanoptimizer', lr=1e-3)", "timm.optim.create_optimizer_v2",
         {"lr": 1e-3, "weight_decay": 0.0, "opt": "notanoptimizer"}),
        ("create_optimizer_v2(net, opt=open('o').read(), lr=1e-3)", "timm.optim.create_optimizer_v2",
         {"lr": 1e-3, "weight_decay": 0.0, "opt": "unknown"}),
        ("create_optimizer_v2(net, **other)", "timm.optim.create_optimizer_v2",
         {"lr": "unknown", "weight_decay": "unknown", "opt": "unknown"}),
    ],
)  # fmt: skip
def test_an_optimizer_by_its_name(names, call, name, expected):
    made = names(f"{OPTIONS}import elsewhere\nother = elsewhere.settings()\nx = {call}")["x"]
    arguments = given(made)
    if name.endswith("v2") and "other" in call:
        arguments["opt"] = arguments.get("opt", "unknown")
    assert (made.name, arguments) == (name, expected)


@pytest.mark.parametrize(
    ("call", "name", "epochs"),
    [
        ("create_scheduler(args, opt)", "timm.scheduler.CosineLRScheduler", 110),
        ("create_scheduler_v2(opt, **scheduler_kwargs(args))", "timm.scheduler.CosineLRScheduler", 110),
        ("create_scheduler_v2(opt, 'step', num_epochs=7)", "timm.scheduler.StepLRScheduler", 7),
        ("create_scheduler_v2(opt, sched='multistep', decay_milestones=[3])", "timm.scheduler.MultiStepLRScheduler",
         300),
        ("create_scheduler_v2(opt, num_epochs=9, warmup_epochs=2)", "timm.scheduler.CosineLRScheduler", 9),
        ("create_scheduler_v2(opt, num_epochs=9, warmup_epochs=2, warmup_prefix=True)",
         "timm.scheduler.CosineLRScheduler", 11),
        ("create_scheduler_v2(opt, sched=open('s').read(), num_epochs=9)", "timm.scheduler.create_scheduler_v2", 9),
        ("create_scheduler_v2(opt, num_epochs=9, cooldown_epochs=int(open('s').read()))",
         "timm.scheduler.CosineLRScheduler", "unknown"),
    ],
)  # fmt: skip
def test_a_schedule_and_its_epochs(names, call, name, epochs):
    made, length = names(f"{OPTIONS}opt = create_optimizer(args, net)\nx = {call}")["x"].items
    assert (made.name, plain(length, "unknown")) == (name, epochs)


def test_no_schedule_is_none(value_of):
    assert value_of(f"{OPTIONS}opt = create_optimizer(args, net)\nx = create_scheduler_v2(opt, 'none', 4)") == (None, 4)


def steps(made):
    assert isinstance(made.args[0], Items)
    return [step.short or "unknown" for step in made.args[0].items]


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("create_transform(224)", ["Resize", "CenterCrop", "ToTensor", "Normalize"]),
        ("create_transform((3, 224, 224), is_training=True)",
         ["RandomResizedCrop", "RandomHorizontalFlip", "ColorJitter", "ToTensor", "Normalize"]),
        ("create_transform(224, True, hflip=0.0, vflip=0.5, color_jitter=None, re_prob=0.25)",
         ["RandomResizedCrop", "RandomVerticalFlip", "ToTensor", "Normalize", "RandomErasing"]),
        ("create_transform(224, True, auto_augment='rand-m9', use_prefetcher=True)",
         ["RandomResizedCrop", "RandomHorizontalFlip", "RandAugment", "PILToTensor"]),
        ("create_transform(224, True, auto_augment='augmix-m5', train_crop_mode='rkrr')",
         ["RandomCrop", "RandomHorizontalFlip", "AugMix", "ToTensor", "Normalize"]),
        ("create_transform(224, True, auto_augment=args.aa, color_jitter=(0.1, 0.1, 0.1))",
         ["RandomResizedCrop", "RandomHorizontalFlip", "ColorJitter", "ToTensor", "Normalize"]),
        ("create_transform(224, True, auto_augment='original', grayscale_prob=0.2)",
         ["RandomResizedCrop", "RandomHorizontalFlip", "AutoAugment", "RandomGrayscale", "ToTensor", "Normalize"]),
        ("create_transform(224, True, no_aug=True)", ["Resize", "CenterCrop", "ToTensor", "Normalize"]),
        ("create_transform(224, True, hflip=float(open('h').read()))",
         ["RandomResizedCrop", "unknown", "ColorJitter", "ToTensor", "Normalize"]),
        ("create_transform(224, True, auto_augment=open('h').read())",
         ["RandomResizedCrop", "RandomHorizontalFlip", "unknown", "ToTensor", "Normalize"]),
        ("create_transform(224, True, no_aug=bool(open('h').read()))", ["unknown", "ToTensor", "Normalize"]),
    ],
)  # fmt: skip
def test_transforms_are_those_that_the_arguments_ask_for(names, call, expected):
    assert steps(names(f"{OPTIONS}x = {call}")["x"]) == expected


@pytest.mark.parametrize("call", ["create_transform(**other)", "create_transform(224, is_training=other)"])
def test_transforms_of_what_was_not_read_are_unknown(names, call):
    assert names(f"{OPTIONS}import elsewhere\nother = elsewhere.settings()\nx = {call}")["x"].name == ""


def test_what_the_model_decides_is_unknown(names):
    found = names(f"{OPTIONS}x = resolve_data_config({{}}, model=net)\ny = resolve_data_config({{'img_size': 96}})")
    assert "model's own settings" in clause(found["x"].pairs["mean"])
    assert (plain(found["y"].pairs["input_size"]), plain(found["y"].pairs["crop_pct"])) == (96, 0.875)


def test_a_loader_gives_its_dataset_the_transforms(names):
    text = f"{OPTIONS}d = timm.data.create_dataset('', 'x')\n"
    found = names(text + "x = create_loader(d, (3, 160, 160), 64, is_training=True, re_prob=0.3)")
    made = found["x"]
    assert (made.name, given(made)) == (
        "torch.utils.data.DataLoader", {"batch_size": 64, "shuffle": True, "drop_last": True})  # fmt: skip
    assert steps(found["d"].attrs["transform"])[-1] == "RandomErasing"
    assert plain(found["d"].attrs["transform"].args[0].items[0].args[0]) == 160


@pytest.mark.parametrize(
    ("call", "name"),
    [
        ("Mixup()", "MixUp"),
        ("Mixup(mixup_alpha=0.0, cutmix_alpha=1.0)", "CutMix"),
        ("Mixup(0.8, 1.0)", "RandomChoice"),
        ("Mixup(0.0, 0.0)", "Identity"),
        ("Mixup(0.0, cutmix_minmax=(0.2, 0.8))", "CutMix"),
        ("Mixup(float(open('m').read()))", "Compose"),
    ],
)
def test_mixing_is_on_where_an_alpha_is_above_0(names, call, name):
    assert names(f"{OPTIONS}x = {call}")["x"].short == name


PROGRAM = (
    OPTIONS
    + """
from torchvision import datasets
loader = torch.utils.data.DataLoader(datasets.ImageFolder("a", create_transform(224, True)), 8, shuffle=True)
opt = create_optimizer(args, net)
mix = Mixup(ALPHA)
for epoch in range(3):
    for x, y in loader:
        x, y = mix(x, y)
        opt.zero_grad()
        torch.nn.functional.cross_entropy(net(x), y).backward()
        opt.step()
"""
)


@pytest.mark.parametrize(("alpha", "mixed"), [("0.8", True), ("0.0", False), ("float(open('m').read())", None)])
def test_mixing_in_the_loop_is_an_augmentation_or_unknown(tmp_path, alpha, mixed):
    path = tmp_path / "train.py"
    path.write_text(PROGRAM.replace("ALPHA", alpha))
    found = read_configuration(str(path)).config.train_augmentations
    assert ("mix_up" in found.value if found.known else None) is mixed


@pytest.mark.parametrize("home", ["timm.models.registry", "timm.models"])
def test_a_model_that_the_program_registers(tmp_path, home):
    text = f"""
import timm, torch
from {home} import register_model
from torchvision import models
@register_model
def own_net(pretrained=False, num_classes=10, **kwargs):
    return models.resnet18(weights=None, num_classes=num_classes)
model = timm.create_model("own_net", pretrained=False, num_classes=7)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
loss = torch.nn.functional.cross_entropy(model(torch.zeros(1)), torch.zeros(1))
loss.backward()
optimizer.step()
"""
    (tmp_path / "a.py").write_text(text)
    config = read_configuration(str(tmp_path / "a.py")).config
    assert (config.model.value, config.head.value, config.weights.value) == ("resnet18", 7, "none")


def test_a_model_by_a_name_that_is_not_known_has_known_outputs(tmp_path):
    text = "import timm, torch\nmodel = timm.create_model(input(), pretrained=True, num_classes=7)\n"
    text += "optimizer = torch.optim.SGD(model.parameters(), lr=0.1)\n"
    text += "torch.nn.functional.cross_entropy(model(torch.zeros(1)), torch.zeros(1)).backward()\noptimizer.step()\n"
    (tmp_path / "a.py").write_text(text)
    config = read_configuration(str(tmp_path / "a.py")).config
    assert not config.model.known
    assert (config.head.value, config.weights.value) == (7, "imagenet")
