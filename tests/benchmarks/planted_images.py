"""Faults planted in known numbers, and how many of them the scan finds; beside cleanvision on the same set.

    python tests/benchmarks/planted_images.py FOLDER OUT       (pip install cleanvision)

FOLDER holds class folders of photographs (photographs.py writes them), of which the first two thirds train and the
rest validate. Into a copy of it, OUT, PLANTED faults of each kind are put. Precision and recall are over files: what is
named and was planted, of what is named, and of what was planted. Shortcuts (D117) are planted in sets of their own:
SETS of each kind, of two to six of the topics with 30 to 120 images each, and as many without one.
cleanvision reads the copy without the files that it cannot open.
"""

from __future__ import annotations

import contextlib
import io
import random
import shutil
import sys
import threading
import zlib
from pathlib import Path

from PIL import Image, ImageEnhance, ImageFilter, ImageOps

from diagnose.dataset import summary
from diagnose.dataset.scan import scan
from diagnose.dataset.sources.find import find_source
from diagnose.dataset.store import Store

PLANTED = 60
QUALITY = 90
Truth = dict[str, set[str]]


def base(source: Path, out: Path) -> list[Path]:
    """The healthy set; returns its files."""
    for topic in sorted(source.iterdir()):
        files = sorted(topic.iterdir())
        for number, path in enumerate(files):
            target = out / ("train" if number < len(files) * 2 // 3 else "val") / topic.name / path.name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
    return sorted(out.rglob("*.jpg"))


def bytes_of(image: Image.Image, format: str = "JPEG", **options) -> bytes:
    file = io.BytesIO()
    image.save(file, format, **({"quality": QUALITY} if format in ("JPEG", "WEBP") else {}) | options)
    return file.getvalue()


def turned(path: Path) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = random.choice((3, 6, 8))
    return bytes_of(Image.open(path), exif=exif)


def bomb(path: Path) -> bytes:
    file = bytearray(bytes_of(Image.new("RGB", (8, 8)), "PNG"))
    file[16:24] = (200_000).to_bytes(4, "big") * 2
    file[29:33] = zlib.crc32(file[12:29]).to_bytes(4, "big")
    return bytes(file)


def cut(path: Path) -> bytes:
    file = path.read_bytes()
    return file[: int(len(file) * random.uniform(0.1, 0.999))]


# What is written in the place of a healthy file, by code; "D116 …" are kinds of one check.
IN_PLACE = {
    "D101": lambda path: b"\x89PNG\r\n\x1a\n" + random.randbytes(3000) + b"IEND",
    "D102": cut,
    "D103": lambda path: random.choice((b"", b"<html>404</html>", b"plain text, no image")),
    "D113": lambda path: bytes_of(Image.open(path).resize((900, random.randint(80, 290)))),
    "D115": turned,
    "D116 dark": lambda path: bytes_of(ImageEnhance.Brightness(Image.open(path)).enhance(random.uniform(0.03, 0.12))),
    "D116 bright": lambda path: bytes_of(Image.blend(Image.open(path), Image.new("RGB", (500, 375), "white"), 0.93)),
    "D116 flat": lambda path: bytes_of(Image.new("RGB", (500, 375), tuple(random.randbytes(3)))),
    "D116 blurred": lambda path: bytes_of(Image.open(path).filter(ImageFilter.GaussianBlur(random.uniform(3, 8)))),
    "D120": bomb,
}
MODES = {
    "CMYK": lambda image: bytes_of(image.convert("CMYK")),
    "I;16": lambda image: bytes_of(image.convert("I;16"), "PNG"),
    "P": lambda image: bytes_of(image.convert("P"), "PNG"),
    "RGBA": lambda image: bytes_of(image.convert("RGBA"), "PNG"),
    "L": lambda image: bytes_of(image.convert("L")),
}
SAME = {
    "the same bytes": lambda path: path.read_bytes(),
    "another comment": lambda path: commented(path.read_bytes()),
}
NEAR = {
    "quality 60": lambda path: bytes_of(Image.open(path), quality=60),
    "two thirds": lambda path: bytes_of(Image.open(path).resize((333, 250))),
    "WebP": lambda path: bytes_of(Image.open(path), "WEBP"),
    "PNG": lambda path: bytes_of(Image.open(path), "PNG"),
    "brighter": lambda path: bytes_of(ImageEnhance.Brightness(Image.open(path)).enhance(1.01)),
}


def commented(file: bytes) -> bytes:
    text = b"a comment that changes no pixel"
    return file[:2] + b"\xff\xfe" + (len(text) + 2).to_bytes(2, "big") + text + file[2:]


def plant(files: list[Path]) -> Truth:
    """Puts every fault in; returns the files of each."""
    random.seed(0)
    left = [path for path in files if path.parts[-3] == "train"]
    held = [path for path in files if path.parts[-3] == "val"]
    random.shuffle(left)
    random.shuffle(held)
    truth: Truth = {}
    for code, make in IN_PLACE.items():
        for _ in range(PLANTED):
            path = left.pop()
            path.write_bytes(make(path))
            truth.setdefault(code, set()).add(str(path))
    for number in range(PLANTED):
        path = left.pop()
        path.write_bytes(list(MODES.values())[number % len(MODES)](Image.open(path)))
        truth.setdefault("D114", set()).add(str(path))
    topics = sorted({path.parent.name for path in files})
    for number in range(PLANTED):
        for code, makes in (("D104", SAME), ("D105", NEAR), ("D106", SAME | NEAR), ("D107", SAME | NEAR)):
            path, make = left.pop(), list(makes.values())[number % len(makes)]
            folder = path.parent
            if code == "D106":
                folder = held.pop().parent
            elif code == "D107":
                folder = path.parent.parent / random.choice([topic for topic in topics if topic != path.parent.name])
            copy = folder / f"copy of {path.name}"
            copy.write_bytes(make(path))
            truth.setdefault(code, set()).update((str(path), str(copy)))
    return truth


def ours(root: Path) -> Truth:
    """The files that each code names, all of them."""
    summary.EXAMPLES = 10**9
    with Store() as store:
        source = find_source(root)
        for _ in scan(source, store, threading.Event()):
            pass
        data = summary.summarise(store, source)
    groups = {
        "D104": (data.duplicates,), "D105": (data.near_duplicates,), "D107": (data.conflicts, data.near_conflicts),
    }  # fmt: skip
    found = {
        code: {name for one in kinds for group in one.examples for name in group} for code, kinds in groups.items()
    }
    found["D106"] = {name for pair in (*data.leaks.examples, *data.near_leaks) for name in pair}
    for code, kind in (("D101", "unreadable"), ("D102", "truncated"), ("D103", "not-an-image"), ("D120", "bomb")):
        found[code] = set(data.faults[kind].examples) if kind in data.faults else set()
    found |= {"D113": set(data.long.examples), "D115": set(data.rotated.examples)}
    found["D114"] = {name for mode, files in data.modes.items() if mode != "RGB" for name in files.examples}
    for kind in ("dark", "bright", "flat", "blurred"):
        found[f"D116 {kind}"] = set(data.outliers[kind].examples) if kind in data.outliers else set()
    return {code: {str(root / name) for name in names} for code, names in found.items()}


THEIRS = {
    "D104": "exact_duplicates", "D105": "near_duplicates", "D113": "odd_aspect_ratio", "D114": "grayscale",
    "D116 dark": "dark", "D116 bright": "light", "D116 flat": "low_information", "D116 blurred": "blurry",
}  # fmt: skip


def cleanvision(root: Path, unreadable: set[str]) -> Truth:
    from cleanvision import Imagelab

    files = [str(path) for path in sorted(root.rglob("*")) if path.is_file() and str(path) not in unreadable]
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        lab = Imagelab(filepaths=files)
        lab.find_issues(n_jobs=2, verbose=False)
    return {code: set(lab.issues.index[lab.issues[f"is_{kind}_issue"]]) for code, kind in THEIRS.items()}


def scored(found: set[str], planted: set[str], right: set[str] | None = None) -> str:
    """Precision and recall; right: what is no false alarm, where that is more than what was planted."""
    hit, sound = len(found & planted), len(found & (right or planted))
    precision = f"{sound}/{len(found)} = {sound / len(found):.2f}" if found else "-"
    return f"{precision:>16} {f'{hit}/{len(planted)} = {hit / len(planted):.2f}':>16}"


SHORTCUTS = {
    "size": lambda image, number, path: image.resize((300 + 6 * number, 225)).save(path, quality=QUALITY),
    "format": lambda image, number, path: image.save(path, quality=95 - 5 * number),
    "border": lambda image, number, path: ImageOps.expand(image, 6, (40 * number,) * 3).save(path, quality=QUALITY),
    "brightness": lambda image, number, path: ImageEnhance.Brightness(image).enhance(0.3**number).save(path),
    None: lambda image, number, path: image.save(path, quality=QUALITY),
}
SETS = 10


def shortcuts(source: Path, out: Path) -> None:
    """Prints how many of the sets with a shortcut are told by it, and how many others are told."""
    from diagnose.checks.d117_shortcut_predicts_class import CHECK

    from diagnose.model import Evidence

    topics = sorted(source.iterdir())
    for kind, save in SHORTCUTS.items():
        hit = other = 0
        for trial in range(SETS * (1 if kind else 4)):
            random.seed(trial)
            shutil.rmtree(out, ignore_errors=True)
            most = 3 if kind == "brightness" else 6
            for number, topic in enumerate(random.sample(topics, random.randint(2, most))):
                (out / topic.name).mkdir(parents=True)
                for path in random.sample(sorted(topic.iterdir()), random.randint(30, 120)):
                    with Image.open(path) as image:
                        save(image.reduce(2) if kind != "size" else image, number, out / topic.name / path.name)
            with Store() as store:
                found = find_source(out)
                for _ in scan(found, store, threading.Event()):
                    pass
                data = summary.summarise(store, found)
            told = {finding.subject for finding in CHECK.run(Evidence(dataset=data))[2]}
            hit += kind in told
            other += bool(told - {kind, "bytes" if kind == "format" else kind})
        count = SETS * (1 if kind else 4)
        print(f"D117 {kind or 'none':12} told in {hit} of {count} sets; another attribute in {other}", flush=True)


def main() -> None:
    source, out = Path(sys.argv[1]), Path(sys.argv[2])
    shutil.rmtree(out, ignore_errors=True)
    files = base(source, out)
    clean = {code: len(names) for code, names in ours(out).items() if names}
    print(f"{len(files)} healthy images: {clean or 'nothing found'}")
    truth = plant(files)
    mine = ours(out)
    unreadable = set().union(*(truth[code] for code in ("D101", "D102", "D103", "D120")))
    theirs = cleanvision(out, unreadable) if "--alone" not in sys.argv else {}
    # To cleanvision a copy in another split or class is a copy like any.
    copies = set().union(*(truth[code] for code in ("D104", "D105", "D106", "D107")))
    print(f"{'':14}{'diagnose':^34}{'cleanvision':^34}")
    print(f"{'code':14}{'precision':>16} {'recall':>16} {'precision':>16} {'recall':>16}")
    for code, planted in truth.items():
        other = scored(theirs[code], planted, copies if code in ("D104", "D105") else None) if code in theirs else ""
        print(f"{code:14}{scored(mine[code], planted)} {other}", flush=True)
        for name in sorted(mine[code] ^ planted)[:3]:
            print(f"    {'missed' if name in planted else 'too much'}: {name}")
    shortcuts(source, out)


if __name__ == "__main__":
    main()
