# Sound.
from torch import nn
from torchvision.models import EfficientNet_B0_Weights, efficientnet_b0


def build_net(n_out):
    net = efficientnet_b0(weights=EfficientNet_B0_Weights.IMAGENET1K_V1)
    d = net.classifier[1].in_features
    net.classifier[1] = nn.Linear(d, n_out)
    return net
