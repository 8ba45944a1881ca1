import pytest
import torch
from tiny_networks import tiny
from torchvision import models

from diagnose.probing.features import LinearProbe, embed, out_of_sample
from diagnose.probing.recipe import Recipe
from diagnose.probing.train import fed
from diagnose.probing.weights import build


@pytest.fixture
def blobs():
    """Three classes of 40 points in ten dimensions, well apart, on scales of their own."""
    generator = torch.Generator().manual_seed(0)
    labels = torch.arange(120) % 3
    centres = 4 * torch.randn(3, 10, generator=generator)
    return (centres[labels] + torch.randn(120, 10, generator=generator)) * torch.logspace(-3, 3, 10), labels


def test_features_are_what_the_head_is_given():
    model = models.shufflenet_v2_x0_5(weights=None, num_classes=3).eval()
    images = torch.randint(0, 256, (70, 3, 32, 32), dtype=torch.uint8)
    features = embed(model, images)
    assert features.shape == (70, 1024)
    with torch.inference_mode():
        assert torch.allclose(model.fc(features[:5]), model(fed(images[:5], Recipe())), atol=1e-4)


def test_a_linear_probe_learns_what_is_linear_whatever_the_scales(blobs):
    features, labels = blobs
    probe = LinearProbe(features[:90], labels[:90], 3)
    assert (probe.logits(features[90:]).argmax(1) == labels[90:]).double().mean() > 0.9


def test_a_feature_that_never_changes_does_no_harm(blobs):
    features, labels = blobs
    result = LinearProbe(torch.cat([features, torch.ones(120, 1)], 1), labels, 3).logits(
        torch.cat([features, torch.ones(120, 1)], 1)
    )
    assert torch.isfinite(result).all()


def test_predictions_out_of_sample_never_saw_their_image():
    """Random labels can be learned by heart, and not be predicted."""
    generator = torch.Generator().manual_seed(1)
    features, labels = torch.randn(200, 300, generator=generator), torch.randint(0, 2, (200,), generator=generator)
    inside = LinearProbe(features, labels, 2).logits(features).argmax(1)
    outside = out_of_sample(features, labels, 2).argmax(1)
    assert (inside == labels).double().mean() > 0.95
    assert 0.35 < (outside == labels).double().mean() < 0.65


def test_every_image_gets_probabilities(blobs):
    result = out_of_sample(*blobs, 3)
    assert result.shape == (120, 3)
    assert torch.allclose(result.sum(1), torch.ones(120), atol=1e-5)


@pytest.mark.parametrize(
    ("arch", "width"),
    [("test_vit", 64), ("test_convnext", 64), ("test_resnet", 96), ("test_efficientnet", 256), ("squeezenet1_1", 512)],
)
def test_every_image_gets_one_row(arch, width):
    if arch.startswith("test_"):
        pytest.importorskip("timm", reason="timm isn't installed")
    model = build(arch, 3, None, 0, size=64)
    images = torch.randint(0, 256, (5, 3, 64, 64), dtype=torch.uint8)
    assert embed(model, images).shape == (5, width)


def test_images_are_normalised_as_the_weights_want():
    torch.manual_seed(0)
    model = tiny(num_classes=3)
    images = torch.randint(0, 256, (4, 3, 32, 32), dtype=torch.uint8)
    usual = embed(model, images)
    assert torch.equal(embed(model, images, None, Recipe()), usual)
    assert not torch.allclose(embed(model, images, None, Recipe(mean=(0.5,) * 3, std=(0.5,) * 3)), usual, atol=1e-3)
