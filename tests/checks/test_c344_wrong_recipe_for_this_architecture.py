import pytest
from builders import INFO, WARNING, config, dataset, findings, program, silent
from diagnose.checks.c344_wrong_recipe_for_this_architecture import CHECK

from diagnose.catalogue import architectures
from diagnose.model import DecayedNorms, Location, ParameterGroups

AT = Location("program.py", 7)

SCRATCH = {"model": "vit_b_16", "weights": "none", "frozen": (), "batch_size": 512}
FINE = {**SCRATCH, "weights": "imagenet"}


def judged(code=None, data=None, **values):
    found = findings(CHECK, configuration=config(**values), code=code or program(), dataset=data)
    return [(one.subject, one.severity) for one in found]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({**SCRATCH, "optimizer": "sgd", "learning_rate": 0.1}, WARNING),
        ({**SCRATCH, "optimizer": "sgd", "learning_rate": 0.05, "model": "swin_t"}, WARNING),
        ({**SCRATCH, "optimizer": "sgd", "learning_rate": 0.1, "model": "convnext_tiny"}, WARNING),
        ({**SCRATCH, "optimizer": "adamw", "learning_rate": 1e-2, "model": "deit_tiny_patch16_224"}, WARNING),
        ({**FINE, "optimizer": "sgd", "learning_rate": 0.1}, WARNING),
        ({**FINE, "optimizer": "adam", "learning_rate": 1e-3}, WARNING),
        ({**FINE, "optimizer": "adamw", "learning_rate": 1e-3, "model": "convnext_base"}, INFO),
        ({**SCRATCH, "optimizer": "adamw", "learning_rate": 1e-3}, None),
        ({**SCRATCH, "optimizer": "adamw", "learning_rate": 4e-3, "batch_size": 4096}, None),
        ({**SCRATCH, "optimizer": "sgd", "learning_rate": 0.01}, None),
        ({**SCRATCH, "optimizer": "lamb", "learning_rate": 5e-3}, None),
        ({**FINE, "optimizer": "sgd", "learning_rate": 0.03}, None),
        ({**FINE, "optimizer": "adamw", "learning_rate": 5e-5}, None),
        ({**FINE, "optimizer": "adamw", "learning_rate": 1e-3, "frozen": ("backbone",)}, None),
        ({**FINE, "optimizer": "adamw", "learning_rate": 1e-3, "model": "resnet50"}, None),
        ({**SCRATCH, "optimizer": "sgd", "learning_rate": 0.1, "model": "resnet50"}, None),
        ({"model": "vit_b_16", "optimizer": "sgd", "learning_rate": 0.1}, None),
    ],
)
def test_the_rate_of_another_recipe(values, expected):
    assert judged(**values) == ([("rate", expected)] if expected else [])


def test_rates_by_layer_bear_more():
    groups = program(seen=(ParameterGroups(AT, groups=14, rates_differ=True),))
    assert judged(groups, **FINE, optimizer="adamw", learning_rate=4e-3) == []


@pytest.mark.parametrize(("images", "expected"), [(2_000, WARNING), (30_000, INFO), (80_000, None)])
def test_attention_from_random_weights_on_few_images(images, expected):
    result = judged(data=dataset(images), **SCRATCH)
    assert result == ([("images", expected)] if expected else [])
    assert judged(data=dataset(images), **FINE) == []
    assert judged(data=dataset(images), **{**SCRATCH, "model": "convnext_tiny"}) == []


def test_decay_on_norms_is_worth_knowing():
    high, low = (program(seen=(DecayedNorms(AT, decay),)) for decay in (0.05, 1e-4))
    assert judged(high, **FINE) == [("decay", INFO)]
    assert silent(CHECK, configuration=config(**FINE), code=low)


def test_every_family_without_batch_norm_that_has_a_recipe_says_where_it_is_from():
    recipes = [one.recipe for one in architectures.ARCHITECTURES if one.recipe]
    assert len(recipes) > 8
    assert all(recipe.source and recipe.fine < recipe.rate < 1e-2 for recipe in recipes)
