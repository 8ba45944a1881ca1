from .data import build_loaders
from .models import build_model
from .optim import build_optimizer
from .runner import Runner

__all__ = ["build_loaders", "build_model", "build_optimizer", "Runner"]
