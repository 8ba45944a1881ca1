"""Writes diagnose/autopsy/architectures.json: hashes of every architecture of torchvision and timm (minutes).

Run it after a new version of either: python tests/architecture_index.py"""

from __future__ import annotations

import json
import sys
import warnings

import torch

from diagnose.autopsy.naming import INDEX, hashes
from diagnose.probing.architectures import TIMM, TORCHVISION
from diagnose.probing.libraries.substitute import Substitute
from diagnose.probing.weights import heads_of

LARGEST = ("regnet_y_128gf",)  # needs storage that a small machine lacks


def main() -> None:
    """Builds each architecture without storage, and with it where it can't be built so."""
    warnings.simplefilter("ignore")
    rows: dict[tuple[str, str, str], list[str]] = {}
    for source, prefix in ((TORCHVISION, ""), (TIMM, "timm/"), (Substitute(), "")):
        for name in source.names():
            if name in LARGEST:
                continue
            try:
                with torch.device("meta"):
                    model = source.model(name, 7, None)
            except NotImplementedError:
                model = source.model(name, 7, None)
            except Exception as fault:
                sys.stderr.write(f"{name}: {fault}\n")
                continue
            try:
                head = heads_of(model)[0].split(".")[0]
            except Exception:
                head = ""
            shapes = {key: tuple(value.shape) for key, value in model.state_dict().items()}
            known = TORCHVISION.knows(name)
            rows.setdefault((head, *hashes(shapes, head)), []).append(f"{prefix}{name}" if prefix and known else name)
    INDEX.write_text(json.dumps([[*key, archs] for key, archs in rows.items()], indent=0) + "\n", "utf-8")


if __name__ == "__main__":
    main()
