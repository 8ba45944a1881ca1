import pytest
import torch
from torch import nn

from diagnose.catalogue import losses


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("CrossEntropyLoss", "cross_entropy"), ("crossentropyloss", "cross_entropy"), ("nll_loss", "nll"),
        ("BinaryCrossEntropy", "bce_with_logits"), ("BinaryCrossentropy", "binary_crossentropy"),
        ("binary_cross_entropy", "bce"), ("binary_crossentropy", "binary_crossentropy"),
        ("SparseCategoricalCrossentropy", "sparse_categorical_crossentropy"),
    ],
)  # fmt: skip
def test_names_of_libraries_are_found(word, name):
    assert losses.find(word).name == name


@pytest.mark.parametrize("word", ["my_loss", "", None, "binarycrossentropy"])
def test_what_is_not_clear_is_not_known(word):
    assert losses.find(word) is None


def test_the_names_of_torch_are_torchs():
    ours = {name for loss in losses.LOSSES for name in loss.torch}
    theirs = {name for name in dir(nn) if name.endswith("Loss")} | set(dir(nn.functional))
    timm = {"LabelSmoothingCrossEntropy", "SoftTargetCrossEntropy", "JsdCrossEntropy", "BinaryCrossEntropy",
            "AsymmetricLossMultiLabel", "AsymmetricLossSingleLabel"}  # fmt: skip
    others = {"softmax_cross_entropy", "sigmoid_focal_loss", "SigmoidFocalLoss", "Poly1CrossEntropyLoss", "PolyLoss"}
    assert ours - theirs == timm | others
    assert torch.isfinite(nn.functional.cross_entropy(torch.zeros(1, 2), torch.zeros(1, dtype=torch.long)))


def test_what_a_loss_expects():
    assert losses.find("nll").expects == "log-probabilities"
    assert losses.find("bce").expects == "probabilities"
    assert losses.find("sparse_categorical_crossentropy").labels == "whole numbers"
    assert losses.find("categorical_crossentropy").labels == "one-hot"
