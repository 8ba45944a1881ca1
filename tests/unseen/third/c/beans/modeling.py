import torch
from torch import nn
from torchvision.models import ResNet50_Weights, resnet50

from config import Config


def build_model(cfg: Config) -> nn.Module:
    weights = None if cfg.init_from else ResNet50_Weights.IMAGENET1K_V2
    model = resnet50(weights=weights)
    model.fc = nn.Linear(model.fc.in_features, cfg.num_classes)
    if cfg.init_from:
        saved = torch.load(cfg.init_from, map_location="cpu", weights_only=True)
        model.load_state_dict(saved["model"], strict=True)
        print(f"weights from {cfg.init_from} (epoch {saved['epoch']})")
    return model
