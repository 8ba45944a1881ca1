"""Libraries by name: one under several names, and where a name from a star is likely from."""

import pytest

from diagnose.libraries import is_understood, registry


@pytest.mark.parametrize(
    ("name", "own"),
    [
        ("tensorflow.keras.layers.Dense", "keras.layers.Dense"),
        ("tensorflow.keras", "keras"),
        ("tf_keras.Model", "keras.Model"),
        ("pytorch_lightning.Trainer", "lightning.Trainer"),
        ("lightning.pytorch.Trainer", "lightning.Trainer"),
        ("torch.utils.tensorboard.SummaryWriter", "tensorboard.SummaryWriter"),
        ("torch.nn.Linear", "torch.nn.Linear"),
    ],
)
def test_one_library_under_several_names_has_one(name, own):
    assert registry().canonical(name) == own


@pytest.mark.parametrize(
    ("name", "stars", "home"),
    [("SGD", ["torch.optim", "torch.nn"], "torch.optim"), ("resnet18", ["torchvision.models", "torch.nn"],
     "torchvision.models"), ("Linear", ["torch.optim", "torch.nn"], None)],
)  # fmt: skip
def test_the_likeliest_home_of_a_name_from_a_star(name, stars, home):
    assert registry().ask("home", name, stars) == home


def test_which_libraries_do_no_more_than_is_modelled():
    assert is_understood("torch")
    assert is_understood("os")
    assert not is_understood("my_tools")
