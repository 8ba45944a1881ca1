import dataclasses

import pytest
import torch
from tiny_networks import TINY

from diagnose.probing.bench import Arm, Bench
from diagnose.probing.cache import Cache
from diagnose.probing.clock import Machine
from diagnose.probing.frozen import embedded, only_head, views
from diagnose.probing.recipe import Recipe
from diagnose.probing.schedule import rates
from diagnose.probing.train import train

FROZEN = Recipe(frozen=("backbone",), augmentations=(), learning_rate=0.01)


@pytest.mark.parametrize(
    ("recipe", "alone"),
    [
        (FROZEN, True),
        (dataclasses.replace(FROZEN, augmentations=("random_horizontal_flip",)), True),
        (dataclasses.replace(FROZEN, augmentations=("random_resized_crop",)), False),
        (dataclasses.replace(FROZEN, augmentation_options=(("mixup", 0.2),)), False),
        (dataclasses.replace(FROZEN, frozen=("conv1",)), False),
        (Recipe(), False),
    ],
)
def test_which_trainings_are_of_the_head_alone(recipe, alone):
    assert only_head(recipe) is alone


@pytest.fixture
def bench(images, weights, clock):
    bench = Bench(images, 2, weights, 8, "pictures", Cache(None), lambda event: None, Machine(clock))
    bench.steps = 12
    return bench


def test_it_is_the_training_of_the_whole_network_in_evaluation_mode(bench, images):
    """An independent hand: the network as it is, with its frozen part held in evaluation mode."""
    arm = Arm("frozen", TINY, True, FROZEN)
    done = bench.run(arm, 0)
    model = bench.model(arm, 0)
    model.eval().train = lambda mode=True: model  # batch norm keeps the statistics of the weights
    whole = train(model, FROZEN, images, rates(FROZEN, 12), 8, 0, lambda step, loss: True, evaluate=False)
    assert [loss for _, loss in done.curve] == pytest.approx([loss for _, loss in whole.curve], rel=1e-4)


def test_both_views_of_an_image_are_drawn(images, weights, bench):
    recipe = dataclasses.replace(FROZEN, augmentations=("random_horizontal_flip",))
    made = embedded(bench.model(Arm("frozen", TINY, True, recipe), 0), recipe, images, True, Machine())
    assert made.train.shape == (32, 2, 32)
    assert made.val.shape == (16, 32)
    torch.manual_seed(0)
    drawn = made.augmentation(recipe)(made.train)
    from_first = (drawn == made.train[:, 0]).all(1).float().mean()
    assert 0.1 < from_first < 0.9
    assert views(recipe, images) == 2 * 32 + 16


def test_frozen_layers_run_once_for_all_seeds_of_pretrained_weights(bench):
    arm = Arm("frozen", TINY, True, FROZEN)
    first = bench.cost(arm, 0)
    bench.run(arm, 0)
    assert bench.cost(arm, 1) < first
    bench.run(arm, 1)
    assert len(bench._frozen) == 1
    assert bench.runs[0].curve != bench.runs[1].curve  # the head and the order are the seed's
    scratch = Arm("frozen", TINY, False, FROZEN)
    bench.run(scratch, 0)
    bench.run(scratch, 1)
    assert len(bench._frozen) == 3  # random layers are the seed's


def test_it_is_said(bench):
    bench.run(Arm("frozen", TINY, True, FROZEN), 0)
    assert any("only the head was trained" in note for note in bench.notes)
