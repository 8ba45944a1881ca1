import math

import pytest
import torch
from steps import Steps
from torch import nn

from diagnose.probing.clock import Machine, OutOfTime
from diagnose.probing.objective import activated
from diagnose.probing.optimizer import optimizer_for
from diagnose.probing.recipe import Recipe
from diagnose.probing.schedule import rates
from diagnose.probing.train import (
    Images,
    class_order,
    draw_order,
    evaluated,
    fed,
    freeze,
    has_batch_norm,
    has_diverged,
    refresh_batch_norm,
    train,
)
from diagnose.probing.weights import build


class Tiny(nn.Module):
    """A network of the same kind of parts, small enough for a test."""

    def __init__(self, classes=2):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, stride=2)
        self.bn = nn.BatchNorm2d(8)
        self.fc = nn.Linear(8, classes)

    def forward(self, x):
        return self.fc(self.bn(self.conv(x)).relu().mean((2, 3)))


@pytest.fixture
def images():
    """Two classes that differ in brightness."""
    generator = torch.Generator().manual_seed(0)

    def split(count):
        labels = torch.arange(count) % 2
        dark = torch.randint(0, 100, (count, 3, 8, 8), generator=generator)
        return (dark + 120 * labels.view(-1, 1, 1, 1)).to(torch.uint8), labels

    return Images(*split(64), *split(32))


def trained(images, seed=0, steps=30, on_step=lambda step, loss: True, model_seed=0, **recipe):
    torch.manual_seed(model_seed)
    recipe = Recipe(augmentations=(), **{"learning_rate": 0.01, **recipe})
    return train(Tiny(), recipe, images, rates(recipe, steps), 16, seed, on_step)


def test_it_learns(images):
    done = trained(images)
    assert done.hits.mean() == 1
    assert done.curve[-1][1] < done.curve[0][1] / 2
    assert (len(done.losses), done.images, done.diverged) == (32, 30 * 16, False)


def test_equal_seeds_are_the_same_run(images):
    assert trained(images).curve == trained(images).curve
    assert trained(images).curve != trained(images, seed=1).curve


def test_a_paired_arm_sees_the_same_images_in_the_same_order(images):
    """With a rate of nothing, two recipes that differ elsewhere see the same losses."""
    first = trained(images, learning_rate=1e-30, weight_decay=0.0)
    second = trained(images, learning_rate=1e-30, weight_decay=0.5)
    assert [loss for _, loss in first.curve] == pytest.approx([loss for _, loss in second.curve])


def test_a_wild_rate_diverges(images):
    assert trained(images, optimizer="sgd", learning_rate=1e6).diverged


def test_a_run_can_be_ended_by_its_watcher(images):
    assert len(trained(images, on_step=lambda step, loss: step < 4).curve) == 5


def test_past_the_deadline_a_run_is_void(images):
    recipe = Recipe()
    clock, heard = Steps(each=1.0), []
    machine = Machine(clock, 4.0)
    with pytest.raises(OutOfTime):
        train(Tiny(), recipe, images, rates(recipe, 5), 16, 0, lambda step, _: not heard.append(step), machine)
    assert heard == [0, 1, 2]


@pytest.mark.parametrize("optimizer", ["sgd", "adam", "adamw", "rmsprop"])
def test_every_optimizer_learns(images, optimizer):
    assert trained(images, optimizer=optimizer).hits.mean() > 0.9


def test_the_optimizer_gets_the_recipes_numbers():
    sgd = optimizer_for(Recipe("sgd", 0.1, 0.8, 0.001), list(Tiny().parameters()))
    assert isinstance(sgd, torch.optim.SGD)
    (group,) = sgd.param_groups
    assert (group["lr"], group["momentum"], group["weight_decay"]) == (0.1, 0.8, 0.001)


def test_rates_warm_up_and_decay_fully():
    schedule = rates(Recipe(learning_rate=1.0), 50)
    assert schedule[0] == pytest.approx(0.1)
    assert max(schedule) == pytest.approx(1.0)
    assert schedule[-1] < 0.01


def test_a_constant_schedule_stays():
    assert rates(Recipe(learning_rate=1.0, schedule="constant"), 50)[-1] == 1.0


@pytest.mark.parametrize("steps", [1, 2, 5])
def test_the_shortest_schedules_are_finite(steps):
    assert all(math.isfinite(rate) and rate > 0 for rate in rates(Recipe(), steps))


def test_the_order_is_whole_epochs():
    order = draw_order(10, 25, seed=0)
    assert sorted(order[:10].tolist()) == list(range(10))
    assert sorted(order[10:20].tolist()) == list(range(10))
    assert len(order) == 25


def test_frozen_layers_do_not_train(images):
    model = Tiny()
    assert freeze(model, ("backbone",)) == ()
    assert [name for name, p in model.named_parameters() if p.requires_grad] == ["fc.weight", "fc.bias"]
    before = model.conv.weight.clone()
    train(model, Recipe(augmentations=()), images, [0.1] * 3, 16, 0, lambda *_: True)
    assert torch.equal(model.conv.weight.detach(), before)


def test_layers_that_are_not_there_are_named():
    assert freeze(Tiny(), ("conv", "layer9")) == ("layer9",)


@pytest.mark.parametrize(
    ("losses", "verdict"),
    [
        ([2.0] * 20, False),
        ([2.0, 5.0, *[1.9] * 18], False),
        ([2.0, *[4.5] * 19], False),
        ([2.0, *[25.0] * 19], True),
        ([2.0, math.nan], True),
    ],
)
def test_what_counts_as_divergence(losses, verdict):
    assert has_diverged(losses) is verdict


def test_batch_norm_is_measured_anew(images):
    """After one step at momentum 0.1 the running mean still is nine tenths of its start."""
    model = Tiny()
    model.bn.running_mean.fill_(100.0)
    recipe = Recipe()
    refresh_batch_norm(model, recipe, images, torch.arange(64))
    assert model.bn.running_mean.abs().max() < 10
    assert model.bn.momentum == 0.1


def test_outputs_pass_the_configured_activation_in_training_alone(images):
    plain, soft = trained(images), trained(images, output_activation="softmax")
    assert soft.curve[-1][1] > plain.curve[-1][1]  # cross-entropy of probabilities cannot fall far
    assert activated(torch.tensor([[0.0, 0.0]]), "softmax").tolist() == [[0.5, 0.5]]
    assert activated(torch.tensor([[0.0]]), "sigmoid").tolist() == [[0.5]]
    assert activated(torch.tensor([[3.0]]), "none").tolist() == [[3.0]]


def test_an_unshuffled_run_sees_one_class_after_the_other(images):
    labels = images.train_labels[class_order(images, 70, 3)]
    assert int(labels.diff().ne(0).sum()) in (2, 3)  # 32 of one class, 32 of the other, entered somewhere
    assert sorted(class_order(images, 64, 3).tolist()) == list(range(64))
    losses = [loss for _, loss in trained(images, shuffle=False, steps=4).curve]
    assert losses != [loss for _, loss in trained(images, steps=4).curve]


def test_a_smaller_input_is_fed(images):
    assert fed(images.train[:2], Recipe(input_size=4)).shape == (2, 3, 4, 4)
    assert fed(images.train[:2], Recipe(input_size=400)).shape == (2, 3, 8, 8)


def test_half_way_is_measured_on_the_way_and_changes_nothing(images):
    whole = trained(images)
    recipe = Recipe(augmentations=(), learning_rate=0.01)
    torch.manual_seed(0)
    halved = train(Tiny(), recipe, images, rates(recipe, 30), 16, 0, lambda step, loss: True, halfway=True)
    assert halved.curve == whole.curve
    assert len(halved.halfway) == 32
    assert halved.halfway.mean() > halved.losses.mean()


def test_glances_on_the_way_change_nothing(images):
    whole = trained(images)
    recipe = Recipe(augmentations=(), learning_rate=0.01)
    torch.manual_seed(0)
    seen = train(Tiny(), recipe, images, rates(recipe, 30), 16, 0, lambda step, loss: True, glance=True)
    assert seen.curve == whole.curve
    assert seen.hits.tolist() == whole.hits.tolist()
    assert seen.glances.shape == (3, 32)
    assert whole.glances.size == 0


def test_every_held_out_image_has_an_answer(images):
    done = trained(images)
    assert ((done.predicted == images.val_labels.numpy()) == done.hits).all()


def test_a_run_that_ends_in_nan_counts_as_answering_by_the_frequencies(images):
    done = trained(images, learning_rate=1e30)
    assert done.void
    assert done.diverged
    assert done.hits.mean() == 0.5
    assert done.losses.mean() == pytest.approx(math.log(2))


class Normalised(nn.Module):
    """A network with layer norm alone, which counts the images that pass through it."""

    def __init__(self, classes=2):
        super().__init__()
        self.conv, self.norm, self.fc = nn.Conv2d(3, 8, 3, stride=2), nn.LayerNorm(8), nn.Linear(8, classes)
        self.seen = 0

    def forward(self, x):
        self.seen += len(x)
        return self.fc(self.norm(self.conv(x).relu().mean((2, 3))))


def test_a_network_without_batch_norm_is_evaluated_without_measuring_it(images):
    model = Normalised()
    heard = evaluated(model, Recipe(), images, 0)
    assert model.seen == len(images.val) == len(heard.hits) == len(heard.losses)
    assert not has_batch_norm(model)
    assert has_batch_norm(Tiny())
    assert not has_batch_norm(nn.BatchNorm2d(8, track_running_stats=False))


def test_layers_of_timms_networks_are_frozen_by_their_names():
    pytest.importorskip("timm", reason="timm isn't installed")
    model = build("test_convnext", 2, None, 0, size=32)
    assert freeze(model, ("backbone",)) == ()
    assert [name for name, p in model.named_parameters() if p.requires_grad] == ["head.fc.weight", "head.fc.bias"]
    model = build("deit_tiny_distilled_patch16_224", 2, None, 0, size=32)
    assert freeze(model, ("backbone", "layer4")) == ("layer4",)
    left = {name.partition(".")[0] for name, p in model.named_parameters() if p.requires_grad}
    assert left == {"head", "head_dist"}
