"""Small pictures of the images that findings name, for contact sheets: a report shows them without the files."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from PIL import Image

from diagnose.dataset.decoding import decode
from diagnose.dataset.reading import read
from diagnose.dataset.store import Store

SIDE = 96  # pixels of the longer side
MOST = 150
QUALITY = 80


def pictures(store: Store, names: Sequence[str], made: Mapping[str, str] = MappingProxyType({})) -> dict[str, str]:
    """A base64 JPEG for each of these images, by its name in the store, that can be decoded. made: those made earlier,
    which aren't decoded again."""
    found = {}
    for name in names[:MOST]:
        if name in made:
            found[name] = made[name]
            continue
        path, member = store.named[name]
        try:
            image, _ = decode(read(path, member), 2 * SIDE)
        except Exception:  # an image named for its fault seldom decodes, and decoders may raise anything
            continue
        image.thumbnail((SIDE, SIDE), Image.Resampling.BOX)
        file = io.BytesIO()
        image.save(file, "JPEG", quality=QUALITY)
        found[name] = base64.b64encode(file.getvalue()).decode()
    return found
