"""The configured losses, against torch's own and by hand."""

import math

import pytest
import torch
from torch.nn import functional as F
from torchvision.ops import sigmoid_focal_loss

from diagnose.catalogue.losses import LOSSES
from diagnose.probing.objective import activated, log_probabilities, training_loss
from diagnose.probing.recipe import Recipe, configured_recipe

OUTPUTS = torch.randn(6, 3, generator=torch.Generator().manual_seed(0))
LABELS = torch.tensor([0, 1, 2, 2, 1, 0])
ROWS = F.one_hot(LABELS, 3).float()


def loss(name, outputs=OUTPUTS, labels=LABELS, activation="none", **options):
    recipe = Recipe(loss=name, output_activation=activation, loss_options=tuple(options.items()))
    return training_loss(outputs, labels, recipe)


def keras(outputs, rows=ROWS):
    """Keras's crossentropy of outputs that it takes for probabilities (keras/src/backend)."""
    shares = (outputs / outputs.sum(1, keepdim=True)).clamp(1e-7, 1 - 1e-7)
    return -(rows * shares.log()).sum(1).mean()


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (loss("cross_entropy"), F.cross_entropy(OUTPUTS, LABELS)),
        (loss("cross_entropy", label_smoothing=0.2), F.cross_entropy(OUTPUTS, LABELS, label_smoothing=0.2)),
        (
            loss("cross_entropy", class_weights=(1.0, 2.0, 3.0)),
            F.cross_entropy(OUTPUTS, LABELS, torch.tensor([1.0, 2.0, 3.0])),
        ),
        (loss("cross_entropy", activation="softmax"), F.cross_entropy(OUTPUTS.softmax(1), LABELS)),
        (loss("cross_entropy", labels=ROWS), F.cross_entropy(OUTPUTS, LABELS)),
        (loss("nll", activation="log_softmax"), F.cross_entropy(OUTPUTS, LABELS)),
        (loss("nll", labels=ROWS, activation="log_softmax"), F.cross_entropy(OUTPUTS, LABELS)),
        (loss("bce_with_logits"), F.binary_cross_entropy_with_logits(OUTPUTS, ROWS)),
        (loss("bce", activation="sigmoid"), F.binary_cross_entropy(OUTPUTS.sigmoid(), ROWS)),
        (loss("binary_crossentropy", activation="sigmoid"), F.binary_cross_entropy_with_logits(OUTPUTS, ROWS)),
        (
            loss("bce_with_logits", label_smoothing=0.1),
            F.binary_cross_entropy_with_logits(OUTPUTS, 0.9 * ROWS + 0.05),
        ),
        (loss("multilabel_soft_margin"), F.multilabel_soft_margin_loss(OUTPUTS, ROWS)),
        (loss("sigmoid_focal"), sigmoid_focal_loss(OUTPUTS, ROWS, reduction="mean")),
        (loss("focal", gamma=0.0), F.cross_entropy(OUTPUTS, LABELS)),
        (loss("mse"), F.mse_loss(OUTPUTS, ROWS)),
        (loss("mse", activation="softmax"), F.mse_loss(OUTPUTS.softmax(1), ROWS)),
        (loss("huber"), F.huber_loss(OUTPUTS, ROWS)),
        (loss("multi_margin"), F.multi_margin_loss(OUTPUTS, LABELS)),
        (loss("categorical_crossentropy", OUTPUTS.exp()), keras(OUTPUTS.exp())),
        (
            loss("categorical_focal_crossentropy", activation="softmax", gamma=0.0, alpha=1.0),
            F.cross_entropy(OUTPUTS, LABELS),
        ),
    ],
)
def test_each_loss_is_its_librarys(given, wanted):
    torch.testing.assert_close(given, wanted)


def test_focal_weighs_each_image_by_what_it_lacks():
    chance = OUTPUTS.softmax(1).gather(1, LABELS[:, None])[:, 0]
    torch.testing.assert_close(loss("focal", gamma=2.0), (-((1 - chance) ** 2) * chance.log()).mean())


def test_a_single_output_is_for_the_second_of_two_classes():
    outputs, labels = OUTPUTS[:, :1], LABELS.clamp(max=1)
    wanted = F.binary_cross_entropy_with_logits(outputs[:, 0], labels.float())
    torch.testing.assert_close(loss("bce_with_logits", outputs, labels), wanted)
    torch.testing.assert_close(loss("mse", outputs, labels), F.mse_loss(outputs[:, 0], labels.float()))
    given = log_probabilities(outputs, Recipe(loss="bce_with_logits"))
    torch.testing.assert_close(given.exp(), torch.cat((1 - outputs.sigmoid(), outputs.sigmoid()), 1))


@pytest.mark.parametrize(
    ("name", "activation"),
    [
        ("cross_entropy", "none"), ("bce_with_logits", "none"), ("mse", "none"), ("mse", "sigmoid"), ("mse", "softmax"),
        ("binary_crossentropy", "softmax"), ("focal", "none"), ("huber", "relu"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("width", [1, 3])
def test_what_the_outputs_mean_adds_up_to_one(name, activation, width):
    given = log_probabilities(OUTPUTS[:, :width], Recipe(loss=name, output_activation=activation))
    assert given.shape == (6, max(2, width))
    torch.testing.assert_close(given.exp().sum(1), torch.ones(6))


@pytest.mark.parametrize("entry", LOSSES, ids=lambda entry: entry.name)
def test_every_loss_of_the_catalogue_trains_or_says_why_not(entry):
    from builders import config

    activation = {"log-probabilities": "log_softmax", "probabilities": "sigmoid"}.get(entry.expects, "none")
    said = config(optimizer="sgd", learning_rate=0.1, loss=entry.name, output_activation=activation)
    recipe, _ = configured_recipe(said)
    if entry.unsupported:
        assert entry.unsupported in recipe.why_not
        return
    assert recipe.why_not == ""
    for labels in (LABELS, ROWS):
        assert math.isfinite(float(training_loss(OUTPUTS, labels, recipe)))


def test_what_is_not_known_is_refused():
    with pytest.raises(ValueError, match="isn't an activation"):
        activated(OUTPUTS, "mish")
    with pytest.raises(ValueError, match="cannot be trained"):
        loss("dice")
