"""Libraries known by name only: their aliases, and which of them do nothing to a network."""

from __future__ import annotations

from diagnose.catalogue import architectures, optimizers
from diagnose.interpreter.overlay import Overlay

ALIASES = {
    "tensorflow.python.keras": "keras",
    "tensorflow.compat.v1.keras": "keras",
    "tensorflow.compat.v2.keras": "keras",
    "tensorflow.keras": "keras",
    "tensorflow.contrib.keras": "keras",
    "tf_keras": "keras",
    "keras.src": "keras",
    "pytorch_lightning": "lightning",
    "lightning.pytorch": "lightning",
    "lightning.fabric": "lightning",
    "torch.utils.tensorboard": "tensorboard",
}
PACKAGES = (
    "torch", "torchvision", "timm", "keras", "tensorflow", "numpy", "scipy", "pandas", "matplotlib", "sklearn", "PIL",
    "cv2", "tqdm", "transformers", "lightning", "pytorch_lightning", "accelerate", "albumentations", "omegaconf",
    "hydra", "wandb", "yaml", "torchmetrics", "kornia", "einops", "absl", "click", "typer", "apex", "tensorboard",
    "tensorboardX", "jax", "flax", "fastai", "ignite", "monai", "tf_keras", "tensorflow_datasets", "tensorflow_hub",
)  # fmt: skip
UNDERSTOOD = (
    "torch", "torchvision", "timm", "numpy", "scipy", "pandas", "PIL", "cv2",
    "sklearn", "skimage", "imageio", "matplotlib", "seaborn", "plotly", "tqdm", "rich", "albumentations", "kornia",
    "torchmetrics", "torchinfo", "torchsummary", "thop", "ptflops", "fvcore", "wandb", "mlflow", "tensorboard",
    "tensorboardX", "neptune", "comet_ml", "clearml", "yaml", "toml", "omegaconf", "hydra", "absl", "click", "typer",
    "fire", "einops", "h5py", "lmdb", "psutil", "GPUtil", "coloredlogs", "loguru", "prettytable", "tabulate",
    "termcolor", "colorama", "onnx", "onnxruntime", "IPython", "google", "requests", "dotenv", "keras", "tensorflow",
    "apex", "accelerate", "lightning", "transformers", "datasets", "evaluate", "huggingface_hub", "safetensors",
    "torch_optimizer", "warmup_scheduler", "pytorch_warmup", "torch_lr_finder", "torch_ema", "grad_cam",
    "pytorch_grad_cam", "imblearn", "ffcv", "webdataset", "wds", "imgaug", "Augmentor", "randaugment", "ruamel",
    "vit_pytorch",
)  # fmt: skip
OVERLAY = Overlay("known", PACKAGES, ALIASES, UNDERSTOOD)


@OVERLAY.answer("home")
def _home(name: str, stars: list[str]) -> str | None:
    """Optimizer names belong to torch.optim, network names to torchvision.models, where these are imported by *."""
    if name in optimizers.CLASSES:
        part = "optim"
    elif name[:1].islower() and architectures.find(name):
        part = "models"
    else:
        return None
    return next((star for star in stars if star.endswith(part)), None)
