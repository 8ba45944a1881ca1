import torch
from torch import nn
from torchvision.models import resnet18


class Classifier(nn.Module):
    """ResNet-18 trunk with a dropout + linear classifier."""

    def __init__(self, num_classes, p=0.2):
        super().__init__()
        trunk = resnet18(weights=None)
        dim = trunk.fc.in_features
        trunk.fc = nn.Identity()
        self.encoder = trunk
        self.drop = nn.Dropout(p)
        self.head = nn.Linear(dim, num_classes)

    def forward(self, x):
        return self.head(self.drop(self.encoder(x)))


def load_pretrained(net, path):
    ckpt = torch.load(path, map_location="cpu")
    state = ckpt.get("state_dict", ckpt)
    # saved from DataParallel, and with the projection head on top
    state = {k.replace("module.", ""): v for k, v in state.items() if not k.startswith("projector")}
    net.load_state_dict(state, strict=False)
    print(f"loaded {path} (epoch {ckpt.get('epoch', '?')})")
    return net
