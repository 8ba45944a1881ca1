"""A forward pass as it ran: functions and modules alike, with what fed each."""

import torch
import torch.nn.functional as F
from torch import nn

from diagnose.network.repairs.tracing import ACTIVATIONS, CONVOLUTIONS, Rewritten, trace


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.bn, self.act = nn.Conv2d(3, 4, 3, 2, 1), nn.BatchNorm2d(4), nn.ReLU(inplace=True)
        self.lost = nn.BatchNorm2d(4)
        self.fc = nn.Linear(4, 2)

    def forward(self, x):
        x = self.act(self.bn(self.conv(x)))
        self.lost(x)
        return self.fc(F.dropout(torch.sigmoid(x), 0.0).mean((2, 3)))


def test_what_fed_what_is_seen_through_modules_and_functions():
    seen = trace(Net(), 8)
    relu, sigmoid = seen.kind(ACTIVATIONS)
    assert (relu.name, relu.module, sigmoid.name, sigmoid.module) == ("relu", "act", "sigmoid", "")
    assert seen.before(sigmoid) == relu
    assert seen.before(seen.operations[seen.result]) == sigmoid  # past dropout and the mean
    assert [one.name for one in seen.after(relu)] == ["batch_norm", "sigmoid"]
    assert seen.last_side == 4
    assert "lost" in seen.called
    assert "lost" not in {seen.operations[number].module for number in seen.used()}
    assert seen.convolutions_before()[seen.result] == 1
    assert len(seen.kind(CONVOLUTIONS)) == 1


def test_the_network_and_the_seed_stay_as_they_are():
    net = Net()
    before = {key: value.clone() for key, value in net.state_dict().items() if "num_batches" not in key}
    torch.manual_seed(3)
    first = torch.rand(1)
    torch.manual_seed(3)
    trace(net, 8)
    assert torch.equal(torch.rand(1), first)
    assert all(torch.equal(net.state_dict()[key], value) for key, value in before.items())
    assert net.bn.momentum == 0.1
    assert not net.conv._forward_hooks


def test_a_call_is_left_out_or_is_relu_in_place():
    net, images = Net().eval(), torch.randn(2, 3, 8, 8)
    features = net.bn(net.conv(images))
    out = Rewritten(net, {1: "leave out"}).eval()(images)
    assert torch.allclose(out, net.fc(features.relu().mean((2, 3))), atol=1e-6)
    assert torch.equal(Rewritten(net, {})(images), net(images))
    assert not torch.equal(Rewritten(net, {1: "relu"})(images), net(images))
