import pytest
import torch
from torch import nn
from torchvision import models

from diagnose.probing.checkpointing import checkpointed


def wrapped(model):
    return [name for name, module in model.named_modules() if "forward" in vars(module)]


@pytest.mark.parametrize(
    ("arch", "blocks", "first"),
    [
        ("resnet18", 8, "layer1.0"),
        ("densenet121", 7, "features.denseblock1"),
        ("vit_b_16", 12, "encoder.layers.encoder_layer_0"),
        ("vgg11", 5, "features.0"),
    ],
)
def test_the_blocks_that_a_person_would_wrap(arch, blocks, first):
    with torch.device("meta"):
        model = models.get_model(arch, weights=None)
    names = wrapped(checkpointed(model))
    assert len(names) == blocks
    assert names[0] == first


@pytest.mark.parametrize("make", [lambda: models.resnet18(num_classes=2), lambda: models.squeezenet1_1(num_classes=2)])
def test_outputs_and_gradients_stay_the_same(make):
    torch.manual_seed(0)
    model = make().eval()  # dropout draws anew
    images = torch.randn(2, 3, 40, 40)
    before = model(images)
    before.sum().backward()
    gradients = [parameter.grad.clone() for parameter in model.parameters()]
    model.zero_grad()
    after = checkpointed(model)(images)
    after.sum().backward()
    assert wrapped(model)
    assert torch.equal(before, after)
    for gradient, parameter in zip(gradients, model.parameters(), strict=True):
        torch.testing.assert_close(gradient, parameter.grad)


def test_a_network_without_blocks_is_left_alone():
    model = nn.Sequential(nn.Flatten(), nn.Linear(12, 2))
    assert wrapped(checkpointed(model)) == []
