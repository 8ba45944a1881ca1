"""timm's classifiers, where timm is installed (the extra `timm`): a thousand more names, with weights on its hub."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable
from functools import cache
from math import isqrt
from typing import Any

from torch import Tensor, nn

from diagnose.model import InputError
from diagnose.probing.extras import has_timm
from diagnose.probing.libraries.source import ANY_WEIGHTS, Published

OWNER = "timm/"  # that a name may begin with, to say whose network it is
# What a module of timm calls the function that its loader gives a state dict to: older names of tensors, and position
# embeddings, relative position biases and patches of another size (resample_abs_pos_embed and the like).
FILTERS = ("checkpoint_filter_fn", "pretrained_filter_fn", "_filter_fn", "_filter_torchvision_pretrained")
SAFE, PICKLED = "model.safetensors", "pytorch_model.bin"  # on the hub, in the order in which timm looks for them
POSITIONS = "pos_embed"  # which a few modules leave to a converter that they don't have
MOST_TOKENS = 2  # of class and distillation before the patches
NAMED = 8  # weights that a message lists


class Timm:
    """The models of timm's registry. A name may end in the tag of its weights, such as resnet50.a1_in1k."""

    library = "timm"

    def knows(self, arch: str) -> bool:
        """Whether timm is installed and has the model, and weights of the tag where the name has one."""
        if not has_timm():
            return False
        import timm

        name = arch.removeprefix(OWNER)
        _, _, tag = name.partition(".")
        return bool(timm.is_model(name)) and (not tag or name in _tagged(name))

    def names(self) -> list[str]:
        """Every name without tags; none where timm isn't installed."""
        if not has_timm():
            return []
        import timm

        return list(timm.list_models())

    def model(self, arch: str, outputs: int, side: int | None) -> nn.Module:
        """As Source.model; timm itself says which of its models are built for one size (fixed_input_size)."""
        import timm

        name = arch.removeprefix(OWNER)
        more: dict[str, Any] = {}
        if side is not None and getattr(_config(name), "fixed_input_size", False):
            more = {"img_size": side}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about names that timm has replaced by newer ones
            model: nn.Module = timm.create_model(name, pretrained=False, num_classes=outputs, **more)
        return model

    def native(self, arch: str) -> int:
        """As Source.native."""
        config = _config(arch.removeprefix(OWNER))
        return int(config.input_size[-1]) if config is not None else 224

    def published(self, arch: str, option: str) -> list[Published]:
        """As Source.published; a name's own tag stands before the option `auto`, and other tags are then not meant."""
        name = arch.removeprefix(OWNER)
        base, _, tag = name.partition(".")
        wanted = tag if option in ANY_WEIGHTS else option.lower().removeprefix(OWNER).removeprefix(f"{base}.")
        known = _tagged(base)
        if wanted and f"{base}.{wanted}" not in known:
            tags = [one.partition(".")[2] for one in known]
            listed = ", ".join(tags[:NAMED]) + (", …" if len(tags) > NAMED else "")
            raise InputError(f"timm has no weights {option} of {base}: choose auto, none, a file, or one of {listed}.")
        if wanted:
            return [_published(f"{base}.{wanted}")]
        first = _config(base)
        default = f"{base}.{first.tag}" if first is not None and first.tag else ""
        return [_published(one) for one in sorted(known, key=lambda one: one != default)]

    def fitted(self, arch: str, model: nn.Module, state: dict[str, Tensor]) -> dict[str, Tensor]:
        """As Source.fitted, by the function that timm's own loader uses for the model."""
        convert, fitted = _filter(arch.removeprefix(OWNER)), dict(state)
        if convert is not None:
            try:
                fitted = convert(fitted, model)
            except TypeError:  # older ones take the state dict alone, as timm's loader knows too
                fitted = convert(fitted)
        own, given = getattr(model, POSITIONS, None), fitted.get(POSITIONS)
        if isinstance(own, Tensor) and given is not None and own.dim() == given.dim() == 3 and own.shape != given.shape:
            fitted[POSITIONS] = _resampled(given, own.shape[1])
        return fitted


def _config(name: str) -> Any:
    """timm's description of the weights that a name means; None where it has none."""
    import timm

    try:
        return timm.get_pretrained_cfg(name)
    except RuntimeError:
        return None


@cache
def _tagged(name: str) -> tuple[str, ...]:
    """The names, with tags, of the weights that timm offers for a model."""
    import timm

    return tuple(timm.list_pretrained(name.partition(".")[0]))


def _published(name: str) -> Published:
    config = _config(name)
    url = config.url if isinstance(config.url, str) and not config.url.endswith(".npz") else ""
    own = config.hf_hub_filename
    files = (own,) if own else (SAFE, PICKLED)
    hub = config.hf_hub_id if config.hf_hub_id and files[0].endswith((".safetensors", ".bin", ".pth")) else ""
    return Published(name, url, hub, files, tuple(config.mean), tuple(config.std))


def _resampled(positions: Tensor, wanted: int) -> Tensor:
    """Position embeddings (1, N, D) of a square of patches, after those of class tokens, as (1, wanted, D); as they are
    where the numbers are not such."""
    from timm.layers.pos_embed import resample_abs_pos_embed

    for tokens in range(MOST_TOKENS + 1):
        old, new = positions.shape[1] - tokens, wanted - tokens
        if old > 0 and new > 0 and isqrt(old) ** 2 == old and isqrt(new) ** 2 == new:
            side = isqrt(new)
            resampled: Tensor = resample_abs_pos_embed(positions, [side, side], num_prefix_tokens=tokens)
            return resampled
    return positions


def _filter(name: str) -> Callable[..., Any] | None:
    import timm

    module = sys.modules[timm.model_entrypoint(name).__module__]
    return next((getattr(module, one) for one in FILTERS if hasattr(module, one)), None)
