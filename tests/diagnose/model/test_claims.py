"""Titles and names that say that a training starts from learned features, and those that deny it."""

import pytest

from diagnose.model import claims_features


@pytest.mark.parametrize(
    "text",
    [
        "Transfer learning without weights",
        "transfer learning without weights on birds, with ResNet50",
        "Fine-tuning a ResNet",
        "This script fine-tunes VGG16.",
        "transfer_model",
        "transfer_without_weights",
        "TransferModel",
        "build_pretrained_resnet",
        "resnet50-finetune",
        "Pre-trained ResNet on flowers",
        "Part 3. Transfer learning",
    ],
)
def test_a_claim(text):
    assert claims_features(text)


@pytest.mark.parametrize(
    "text",
    [
        "ResNet50 without transfer learning",
        "no pretraining, not finetuned",
        "From scratch, not pretrained",
        "transfer learning versus training from scratch",
        "transfer learning or scratch",
        "Is transfer learning worth it?",
        "Adapted from the transfer learning tutorial",
        "https://example.org/transfer_learning_tutorial.html",
        "Why transfer learning fails",
        "style_transfer",
        "transfer_to_gpu",
        "unpretrained",
        "non-pretrained resnet",
        "Finetuning is off",
        "train a resnet",
        "",
    ],
)
def test_no_claim(text):
    assert not claims_features(text)
