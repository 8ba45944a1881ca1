"""The clothes network with its batch norms folded into the convolutions."""
import copy
from pathlib import Path

import numpy as np
import torch
from torch import nn

##NET SockNet##

def fold(conv, bn):
    scale = bn.weight / torch.sqrt(bn.running_var + bn.eps)
    out = nn.Conv2d(conv.in_channels, conv.out_channels, conv.kernel_size, conv.stride, conv.padding, bias=True)
    out.weight.data = conv.weight.data * scale.view(-1, 1, 1, 1)
    out.bias.data = bn.bias.data - bn.running_mean * scale.data
    return out


def slim(net):
    net = copy.deepcopy(net)
    for i, unit in enumerate(net.features):
        if isinstance(unit, nn.Sequential):
            net.features[i] = nn.Sequential(fold(unit[0], unit[1]), unit[2])
        else:
            net.features[i] = nn.Identity()
    net.drop = nn.Identity()
    return net


def main():
    net = SockNet()
    net.load_state_dict(torch.load(Path(__file__).parent / "clothes.pth")["state"])
    net = slim(net)
    assert not any(isinstance(m, nn.BatchNorm2d) for m in net.modules())
    z = np.load("data/apparel/heldout.npz")
    x = torch.from_numpy(~z["images"])[:, None].float() / 127.5 - 1
    y = torch.from_numpy(z["labels"])
    with torch.no_grad():
        hit = sum((net(a).argmax(1) == b).sum().item() for a, b in zip(x.split(50), y.split(50)))
    print(f"folded network: {hit / len(y):.4f} accuracy")


main()
