"""The networks of the arms: one tensor of logits from whatever a person's network gives."""

import pytest
import torch
from torch import nn

from diagnose.probing.own.networks import OWN, Networks, Outputs, nearest

NETS = """
import torch
from torch import nn

class Small(nn.Module):
    def __init__(self, num_classes=10):
        super().__init__()
        self.conv, self.bn, self.fc = nn.Conv2d(3, 8, 3, 2, 1), nn.BatchNorm2d(8), nn.Linear(8, num_classes)

    def forward(self, x):
        return self.fc(torch.sigmoid(self.bn(self.conv(x)).relu()).mean((2, 3)))

class Sure(Small):
    def forward(self, x):
        return super().forward(x).softmax(1)

class Fixed(Small):
    def forward(self, x):
        assert x.shape[-1] == 48
        return super().forward(x)

made = Small(2)
"""


@pytest.fixture(scope="module", autouse=True)
def nets(tmp_path_factory):
    folder = tmp_path_factory.mktemp("nets")
    (folder / "arm_nets.py").write_text(NETS)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))
        yield


def networks(name, side=32, as_they_are=False, classes=2):
    return Networks(f"arm_nets:{name}", classes, side, 48, 64, as_they_are)


def weight(model):
    return next(model.parameters()).detach()


def test_the_seed_draws_the_weights_of_the_network_and_of_its_repairs():
    made = networks("Small")
    build = made.builders()
    repair = next(name for name in build if name != OWN)
    assert repair == "one activation in place of two"
    assert torch.equal(weight(build[OWN](3)), weight(build[repair](3)))
    assert not torch.equal(weight(build[OWN](3)), weight(build[OWN](4)))
    assert build[repair](0)(torch.randn(2, 3, 32, 32)).shape == (2, 2)


def test_probabilities_become_their_logarithm_unless_cross_entropy_takes_them():
    images = torch.randn(4, 3, 32, 32)
    assert torch.allclose(networks("Sure").own(0)(images).exp().sum(1), torch.ones(4), atol=1e-5)
    assert torch.allclose(networks("Sure", as_they_are=True).own(0)(images).sum(1), torch.ones(4), atol=1e-5)
    assert "outputs without an activation" not in networks("Sure").builders()
    assert "outputs without an activation" in networks("Sure", as_they_are=True).builders()


def test_a_network_for_one_size_is_trained_at_that():
    assert networks("Fixed").side == 48
    assert networks("Small").side == 32


def test_one_object_is_copied_for_each_arm():
    made = networks("made")
    one, other = made.own(0), made.own(0)
    with torch.no_grad():
        next(one.parameters()).zero_()
    assert float(weight(other).abs().max()) > 0


def test_too_few_outputs_are_refused_in_words():
    with pytest.raises(ValueError, match="for 3 classes"):
        networks("made", classes=3)


def test_the_nearest_in_size_is_named():
    assert nearest(11_000_000, 8) == "resnet18"
    assert nearest(1_500_000, 8) == "mobilenet_v3_small"
    assert nearest(24_000_000, 1000) == "resnet50"


def test_logits_are_found_among_several_outputs():
    class Several(nn.Module):
        def forward(self, images):
            return images.mean((2, 3)), images

    assert Outputs(Several())(torch.randn(2, 3, 4, 4)).shape == (2, 3)
