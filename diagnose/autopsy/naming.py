"""Names an architecture by its tensors: their names and shapes, but for the head's, which a new task replaces.

architectures.json holds two hashes for each network of torchvision and timm (tests/architecture_index.py writes it): of
the tensors' names, and of names and shapes. What they point to is built and compared before it counts.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

INDEX = Path(__file__).with_name("architectures.json")
COUNTER = "num_batches_tracked"  # of batch norm, which older checkpoints lack
DEEPEST_PREFIX = 3
LEAST_SHARE = 0.5  # of the tensors, that have to stand below a prefix for it to be the network
# The children of torchvision's ResNets, by number: what nn.Sequential(*list(resnet.children())[:-1]) calls them.
RESNET_CHILDREN = {"0": "conv1", "1": "bn1", "4": "layer1", "5": "layer2", "6": "layer3", "7": "layer4", "9": "fc"}
Shapes = Mapping[str, tuple[int, ...]]


def hashes(shapes: Shapes, head: str) -> tuple[str, str]:
    """Of the names, and of names with shapes, of all tensors but those below `head` (its first word)."""
    body = sorted((name, tuple(shape)) for name, shape in shapes.items()
                  if name.split(".")[0] != head and not name.endswith(COUNTER))  # fmt: skip
    return _hash(name for name, _ in body), _hash(f"{name}{shape}" for name, shape in body)


def _hash(lines: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


@cache
def _index() -> tuple[dict[str, list[str]], dict[str, list[str]], frozenset[str]]:
    by_name: dict[str, list[str]] = {}
    by_shape: dict[str, list[str]] = {}
    heads = set()
    for head, names, shapes, archs in json.loads(INDEX.read_text("utf-8")):
        heads.add(head)
        by_name.setdefault(names, []).extend(archs)
        by_shape.setdefault(shapes, []).extend(archs)
    return by_name, by_shape, frozenset(heads)


def below_prefixes(names: Iterable[str]) -> Iterator[str]:
    """Prefixes below which a state dict's network may stand, such as "model.": none first, then the likeliest."""
    every = list(names)
    counted: Counter[str] = Counter()
    for name in every:
        parts = name.split(".")[:-1]
        for depth in range(1, min(DEEPEST_PREFIX, len(parts)) + 1):
            counted[".".join(parts[:depth]) + "."] += 1
    yield ""
    yield from (prefix for prefix, count in sorted(counted.items(), key=lambda one: (-one[1], len(one[0])))
                if count >= LEAST_SHARE * len(every))  # fmt: skip


def renamed(name: str) -> str:
    """A child's number of a ResNet in nn.Sequential as its name."""
    first, dot, rest = name.partition(".")
    return f"{RESNET_CHILDREN.get(first, first)}{dot}{rest}"


def is_numbered_resnet(names: Iterable[str]) -> bool:
    """Whether they are of a ResNet's children in nn.Sequential."""
    return any(re.match(r"4\.0\.conv1\.weight$", name) for name in names)


def candidates(shapes: Shapes) -> tuple[list[str], bool]:
    """Architectures (canonical names) whose tensors these are, the likeliest first, and whether the shapes are theirs,
    too, and not only the names."""
    by_name, by_shape, heads = _index()
    firsts = {name.split(".")[0] for name in shapes}
    pairs = [hashes(shapes, head) for head in (*(firsts & heads), "")]
    for table, place in ((by_shape, 1), (by_name, 0)):
        found = [arch for pair in pairs for arch in table.get(pair[place], ())]
        if found:
            return sorted(dict.fromkeys(found), key=_likeliest), place == 1
    return [], False


def _likeliest(arch: str) -> tuple[bool, bool, int]:
    """torchvision's before timm's, those of TensorFlow's padding last, short names before long ones."""
    return arch.startswith("tf_"), arch.startswith("timm/"), len(arch)
