import torch
from torch import nn
from torchvision.models import resnet18


class TumourNet(nn.Module):
    """ResNet-18 with one output: tumour in the middle of the patch or not."""

    def __init__(self):
        super().__init__()
        self.encoder = resnet18(weights=None)
        self.encoder.fc = nn.Identity()
        self.cls = nn.Linear(512, 1)

    def forward(self, x):
        return self.cls(self.encoder(x)).squeeze(1)

    def adopt(self, file):
        """Takes the encoder out of a SimCLR checkpoint.

        Keys there: model.encoder.*, model.projector.*  (saved by the ssl script; fc was cut off there too)
        """
        old = torch.load(file, map_location="cpu")["state_dict"]
        prefix = "model.encoder."
        new = {"encoder." + k[len(prefix):]: v for k, v in old.items() if k.startswith(prefix)}
        if not new:
            raise ValueError("no encoder in " + str(file))
        report = self.load_state_dict(new, strict=False)
        assert set(report.missing_keys) == {"cls.weight", "cls.bias"}, report.missing_keys
        assert not report.unexpected_keys, report.unexpected_keys
        return self
