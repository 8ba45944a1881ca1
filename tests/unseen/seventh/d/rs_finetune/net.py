import torch
import torch.nn as nn
from torchvision.models import regnet_y_800mf


def finetune_net(categories: int, checkpoint: str) -> nn.Module:
    model = regnet_y_800mf(weights=None)
    blob = torch.load(checkpoint, map_location="cpu")
    blob = blob.get("model", blob)
    weights = {name.removeprefix("module."): value for name, value in blob.items()}
    weights = {name: value for name, value in weights.items() if not name.startswith("fc.")}
    missing, unexpected = model.load_state_dict(weights, strict=False)
    if unexpected or any(not name.startswith("fc.") for name in missing):
        raise RuntimeError(f"{checkpoint} does not fit: missing {missing}, unexpected {unexpected}")
    model.fc = nn.Linear(model.fc.in_features, categories)
    return model
