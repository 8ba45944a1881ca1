"""torchvision's classifiers, without the auxiliary outputs that two of them train with."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn
from torchvision import models
from torchvision.models.vision_transformer import interpolate_embeddings

from diagnose.model import InputError
from diagnose.probing.libraries.source import ANY_WEIGHTS, Published

NOT_CLASSIFIERS = ("detection", "segmentation", "video", "quantization", "optical_flow")  # of torchvision.models
# GoogLeNet and Inception return auxiliary logits while they train. They are left out, and the input is rescaled as the
# published weights want it, with random weights too, so that arms differ in nothing but the weights.
AUXILIARY = {"googlenet": ("aux1.", "aux2."), "inception_v3": ("AuxLogits.",)}
NATIVE = {"inception_v3": 299}
NATIVE_ELSEWHERE = 224
POSITIONS = "encoder.pos_embedding"


class Torchvision:
    """The classifiers of torchvision.models, and what else was registered there."""

    library = "torchvision"

    def knows(self, arch: str) -> bool:
        """Whether a classifier is registered under the name."""
        try:
            module = models.get_model_builder(arch).__module__
        except ValueError:
            return False
        return not any(part in NOT_CLASSIFIERS for part in module.split("."))

    def names(self) -> list[str]:
        """Every name of a classifier."""
        return [name for name in models.list_models() if self.knows(name)]

    def model(self, arch: str, outputs: int, side: int | None) -> nn.Module:
        """As Source.model; only the vision transformers are built for a size."""
        more: dict[str, Any] = {}
        if arch in AUXILIARY:
            more = {"aux_logits": False, "transform_input": True, "init_weights": True}
        if side is not None and arch.startswith("vit_"):
            more = {"image_size": side}
        model: nn.Module = models.get_model(arch, weights=None, num_classes=outputs, **more)
        return model

    def native(self, arch: str) -> int:
        """As Source.native."""
        return NATIVE.get(arch, NATIVE_ELSEWHERE)

    def published(self, arch: str, option: str) -> list[Published]:
        """As Source.published; the names are those of the weights' enumeration, in any case."""
        known = models.get_model_weights(arch)
        any_will_do = option in ANY_WEIGHTS
        try:
            wanted = known.DEFAULT if any_will_do else known[option.upper()]
        except KeyError:
            names = ", ".join(item.name for item in known)
            raise InputError(
                f"{option} aren't weights of {arch}: choose auto, none, a file, or one of {names}."
            ) from None
        entries = [wanted, *(item for item in known if any_will_do and item is not wanted)]
        return [Published(f"{arch} {entry.name}", entry.url) for entry in entries]

    def fitted(self, arch: str, model: nn.Module, state: dict[str, Tensor]) -> dict[str, Tensor]:
        """As Source.fitted; a vision transformer's embeddings are resampled by torchvision's own function."""
        kept = {key: value for key, value in state.items() if not key.startswith(AUXILIARY.get(arch, ()))}
        if isinstance(model, models.VisionTransformer) and POSITIONS in kept:
            resampled: dict[str, Tensor] = interpolate_embeddings(model.image_size, model.patch_size, kept)
            return resampled
        return kept
