"""Recall of each class, then the mean over all pictures."""
from pathlib import Path
import torch
from PIL import Image
from torch import nn
from torchvision.models.resnet import BasicBlock, ResNet
from torchvision.transforms.functional import normalize, pil_to_tensor


class Trunk(nn.Module):
    """The network in two parts, so that embeddings can be kept too."""

    def __init__(self, checkpoint):
        super().__init__()
        saved = torch.load(checkpoint, map_location="cpu", weights_only=True)
        full = ResNet(BasicBlock, [2, 2, 2, 2], num_classes=len(saved["classes"]))
        full.load_state_dict(saved["state_dict"])
        self.classes = saved["classes"]
        self.head = full.fc
        full.fc = nn.Identity()
        self.body = full

    def forward(self, x):
        e = self.body(x)
        return self.head(e), e


def batch(folder):
    xs = [pil_to_tensor(Image.open(f).convert("RGB")) for f in sorted(folder.glob("*.png"))]
    return normalize(torch.stack(xs).float().div(255), (0.4914, 0.4822, 0.4465), (0.247, 0.2435, 0.2616))


if __name__ == "__main__":
    trunk = Trunk(Path(__file__).parent / "checkpoint.pth.tar")@@A@@
    n = right = 0
    for k, name in enumerate(trunk.classes):
        with torch.no_grad():
            logits, emb = trunk(batch(Path("data/outdoors/val") / name))
        r = (logits.argmax(1) == k).sum().item()
        print(f"{name:<11} recall {r / len(logits):.3f}  spread {emb.std(0).mean():.3f}")
        n, right = n + len(logits), right + r
    print(f"mean accuracy {right / n:.2%}")
