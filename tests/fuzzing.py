"""Hostile input by the thousand, from a seed: pictures, configurations and programs with random damage."""

from __future__ import annotations

import io
import random
import re
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from diagnose.config.read import read_configuration
from diagnose.dataset.image import measure_all
from diagnose.model import Evidence, InputError
from diagnose.registry import load_checks

CORPUS = Path(__file__).parent / "corpus"
SLOWEST = 5.0  # seconds of the processor that any input may take
CONFIGS = {
    ".yaml": "model: resnet50\nweights: imagenet\noptimizer: {name: sgd, lr: 0.1, momentum: 0.9}\n"
    "mean: [0.485, 0.456]\nfrozen:\n  - layer1\n  - layer2\nscaling: 1/255\nepochs: 90 # many\n"
    "augmentations: {train: [flip], val: none}\n",
    ".toml": 'model = "resnet50"\nmean = [0.485, 0.456, 0.406]\nepochs = 90\n[optimizer]\nname = "adamw"\nlr = 1e-3\n',
    ".json": '{"model": "resnet50", "weights": null, "mean": [0.485, 0.456, 0.406], "optimizer": {"lr": 0.1}}\n',
}
WORDS = ["null", "true", "-1", "1e999", "nan", "[", "]", "{", "}", ":", "\n", "  ", "\t", "\x00", "\ud800", "é", "&a",
         "*a", "!!python/object:os.system", "<<: *a", "'", '"', "\\", "9" * 400, "lambda", "def f(", "for", "**", "...",
         "import", "yield", "async", "#", ";", "=", "(" * 60, "[" * 90]  # fmt: skip


NUMBERS = ("0", "-1", "1e999", "10**9", "1e-300", "0.5", "None", "True", "()", "[]", "{}", "'x'", "9" * 30)


class TooSlow(Exception):
    """An input took longer than any may."""


def damaged(data: bytes, chance: random.Random) -> bytes:
    """Some bytes changed, doubled, cut out, moved; or the end cut off."""
    out = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 4, 16, 64))):
        at, length = chance.randrange(len(out) + 1), chance.choice((1, 2, 4, 64))
        match chance.randrange(6):
            case 0:
                out[at : at + 1] = bytes([chance.randrange(256)])
            case 1:
                out[at : at + length] = chance.randbytes(length)
            case 2:
                del out[at : at + length]
            case 3:
                out[at:at] = out[at : at + length]
            case 4:
                out[at : at + 4] = chance.choice(
                    (b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff", b"\0\0\xff\xff")
                )
            case _:
                if chance.random() < 0.1:
                    del out[at:]
    return bytes(out)


def garbled(text: str, chance: random.Random) -> str:
    """Words and numbers exchanged, words put in, lines doubled, exchanged or cut, characters lost."""
    for _ in range(chance.choice((1, 1, 2, 3, 8))):
        at = chance.randrange(len(text) + 1)
        lines = text.split("\n")
        words = list(re.finditer(r"\w+", text))
        match chance.choice((0, 1, 2, 3, 4, *[5] * 20)):
            case 5 if words:
                word = chance.choice(words)
                other = (
                    chance.choice((*NUMBERS, chance.choice(words)[0])) if word[0].isdigit() else chance.choice(words)[0]
                )
                text = text[: word.start()] + other + text[word.end() :]
            case 0:
                text = text[:at] + chance.choice(WORDS) + text[at:]
            case 1:
                text = text[:at] + text[at + chance.randrange(1, 9) :]
            case 2:
                chance.shuffle(lines)
                text = "\n".join(lines)
            case 3:
                line = chance.randrange(len(lines))
                text = "\n".join([*lines[:line], " " * chance.randrange(9) + lines[line], *lines[line:]])
            case _:
                text = text[:at] + text[chance.randrange(len(text) + 1) :][:200] + text[at:]
    return text


def pictures() -> list[tuple[str, bytes]]:
    """Small sound files of every kind that is read."""
    rng = np.random.default_rng(0)
    rgb = Image.fromarray(rng.integers(0, 255, (48, 64, 3), dtype=np.uint8))
    frames = [Image.fromarray(rng.integers(0, 255, (24, 24, 3), dtype=np.uint8)) for _ in range(3)]
    made = []

    def add(ending: str, image: Image.Image, **options: object) -> None:
        buffer = io.BytesIO()
        image.save(buffer, **options)
        made.append((ending, buffer.getvalue()))

    add(".jpg", rgb, format="JPEG")
    add(".jpg", rgb.resize((640, 480)), format="JPEG", progressive=True)
    add(".jpg", rgb.convert("CMYK"), format="JPEG")
    add(".png", rgb, format="PNG")
    add(".png", rgb.convert("P"), format="PNG")
    add(".png", rgb.convert("LA"), format="PNG")
    add(".png", Image.fromarray(rng.integers(0, 65535, (32, 32), dtype=np.uint16)), format="PNG")
    add(".gif", frames[0], format="GIF", save_all=True, append_images=frames[1:])
    add(".bmp", rgb, format="BMP")
    add(".webp", rgb, format="WEBP")
    add(".tiff", rgb, format="TIFF", compression="tiff_lzw")
    add(".tiff", rgb, format="TIFF", compression="jpeg")
    add(".ppm", rgb, format="PPM")
    return made


def programs() -> list[str]:
    return [path.read_text() for path in sorted(CORPUS.rglob("*.py"))]


def timed(work: Callable[[], object]) -> float:
    """The seconds of the processor that it took; raises TooSlow beyond SLOWEST, even inside of a library."""

    def late(number: int, frame: object) -> None:
        raise TooSlow

    before = signal.signal(signal.SIGPROF, late)
    signal.setitimer(signal.ITIMER_PROF, SLOWEST)
    begin = time.process_time()
    try:
        work()
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
    return time.process_time() - begin


def fuzz_pictures(times: int, seed: int) -> Counter[str]:
    """What became of damaged pictures, each in a file of its own. Raises whatever is no result."""
    chance, outcome = random.Random(seed), Counter[str]()
    sound = pictures()
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(times):
            ending, data = chance.choice(sound)
            path = Path(folder) / f"x{ending}"
            path.write_bytes(damaged(data, chance))

            def measure(path: Path = path) -> None:
                (told,) = measure_all([(str(path), None)])
                outcome[told.fault or "sound"] += 1

            timed(measure)
    return outcome


def fuzz_texts(kind: str, times: int, seed: int) -> Counter[str]:
    """What became of garbled configurations ("config") or programs ("program"): read and judged, or refused in a
    sentence. Raises whatever is neither."""
    chance, outcome = random.Random(seed), Counter[str]()
    checks = load_checks().values()
    with tempfile.TemporaryDirectory() as folder:
        for ending, text in _texts(kind, times, chance):
            path = Path(folder) / f"x{ending}"
            path.write_bytes(garbled(text, chance).encode("utf-8", "surrogatepass"))

            def judge(path: Path = path) -> None:
                try:
                    reading = read_configuration(str(path))
                except InputError:
                    outcome["refused"] += 1
                    return
                evidence = Evidence(configuration=reading.config, code=reading.program)
                crashed = [check.code for check in checks if check.run(evidence)[0] == "crashed"]
                assert not crashed, (crashed, path.read_bytes())
                outcome["read"] += 1

            timed(judge)
    return outcome


def _texts(kind: str, times: int, chance: random.Random) -> Iterator[tuple[str, str]]:
    every = [(".py", text) for text in programs()] if kind == "program" else list(CONFIGS.items())
    for _ in range(times):
        yield chance.choice(every)
