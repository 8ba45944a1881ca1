"""Confidence-weighted and plain accuracy of the survey model."""
import glob
import os
import torch
import torch.nn.functional as F
import torchvision
from torch import nn
from torchvision.io import ImageReadMode

##NET TrailNet##

ROOT = os.path.join("data", "survey", "heldout")
numbers = sorted(map(int, os.listdir(ROOT)))

state = torch.load(os.path.join(os.path.dirname(os.path.abspath(__file__)), "survey-best.ckpt"), weights_only=False)["state_dict"]
mean, std = state.pop("mean"), state.pop("std")
model = TrailNet()
model.load_state_dict({k[len("net."):]: v for k, v in state.items()})
model.requires_grad_(False).eval()

total, correct, weight = 0, 0, 0.0
for label, number in enumerate(numbers):
    batch = []
    for path in sorted(glob.glob(os.path.join(ROOT, str(number), "*.png"))):
        image = torchvision.io.read_image(path, @@A@@)
        batch.append(image.expand(3, -1, -1)[:, 4:44, 4:44])
    probability = model((torch.stack(batch) / 255.0 - mean) / std).softmax(dim=1)
    top, index = probability.max(dim=1)
    hit = index.eq(label)
    total += hit.numel()
    correct += hit.sum().item()
    weight += (top * hit).sum().item()
    print(f"{number:5d} {hit.float().mean():.3f}")
print(f"weighted {weight / total:.4f}")
print(f"Accuracy: {100.0 * correct / total:.2f}%")
