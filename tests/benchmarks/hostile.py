"""Folders, lists and archives that were made to do harm: what the real command does with each.

    python tests/benchmarks/hostile.py [--huge] [CASE ...]

A row a case: exit status, seconds, processor seconds, peak memory of the largest process, the findings that name what
is wrong, or the sentence of a refusal. A traceback, a crashed check, more than 120 s or more than 500 MB is marked
with !. --huge: lists of five million rows too. Everything is made in a temporary folder, without a network.
"""

from __future__ import annotations

import io
import json
import os
import socket
import struct
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

LIMIT, HUGE_LIMIT = 120, 600  # seconds
MOST_MEMORY = 500  # MB
CASES: dict[str, Callable[[Path], Path]] = {}
HUGE: dict[str, Callable[[Path], Path]] = {}
ROWS = 5_000_000


def case(make):
    CASES[make.__name__] = make
    return make


def huge(make):
    HUGE[make.__name__] = make
    return make


def picture(number: int, side: int = 64) -> Image.Image:
    pixels = np.random.default_rng(number).integers(0, 255, (8, 8, 3), dtype=np.uint8)
    return Image.fromarray(pixels).resize((side, side))


def encoded(image: Image.Image, format: str, **options) -> bytes:
    file = io.BytesIO()
    image.save(file, format, **options)
    return file.getvalue()


def base(root: Path, count: int = 10) -> Path:
    for kind, name in enumerate(("cat", "dog")):
        (root / name).mkdir(parents=True, exist_ok=True)
        for number in range(count):
            picture(1000 * kind + number).save(root / name / f"{number}.jpg")
    return root


def beside(name: str, file: bytes) -> Callable[[Path], Path]:
    def make(root: Path) -> Path:
        (base(root) / "cat" / name).write_bytes(file)
        return root

    return make


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, packed: bytes) -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + packed + chunk(b"IEND", b"")


def listing(root: Path, extra: bytes | str) -> Path:
    rows = "".join(f"{name}/{n}.jpg,{name}\n" for n in range(10) for name in ("cat", "dog"))
    extra = extra.encode() if isinstance(extra, str) else extra
    (base(root) / "list.csv").write_bytes(b"path,label\n" + rows.encode() + extra)
    return root / "list.csv"


# ---------------------------------------------------------------------- what is no regular file


@case
def pipe(root):
    os.mkfifo(base(root) / "cat" / "a.jpg")
    return root


@case
def links_to_devices(root):
    for name in ("zero", "random", "tty", "null"):
        (base(root) / "cat" / f"{name}.jpg").symlink_to(f"/dev/{name}")
    return root


@case
def unix_socket(root):
    base(root)
    place = os.getcwd()
    os.chdir(root / "cat")  # its path may have 108 bytes
    socket.socket(socket.AF_UNIX).bind("s.jpg")
    os.chdir(place)
    return root


@case
def proc_files(root):
    for number, path in enumerate(("/proc/kmsg", "/proc/self/mem", "/proc/self/pagemap", "/proc/kcore")):
        (base(root) / "cat" / f"p{number}.jpg").symlink_to(path)
    return root


@case
def pipe_as_list_beside(root):
    os.mkfifo(base(root) / "labels.csv")
    return root


@case
def device_as_list(root):
    (base(root) / "list.csv").symlink_to("/dev/zero")
    return root / "list.csv"


# ---------------------------------------------------------------------- folders and names


@case
def deep_folders(root):
    base(root)
    place = os.getcwd()
    os.chdir(root / "cat")
    for _ in range(3000):
        os.mkdir("d")
        os.chdir("d")
    picture(5).save("x.jpg")
    os.chdir(place)
    return root


@case
def cycles_of_links(root):
    base(root)
    (root / "cat" / "up").symlink_to("..")
    (root / "cat" / "self.jpg").symlink_to("self.jpg")
    (root / "cat" / "one").symlink_to("two")
    (root / "cat" / "two").symlink_to("one")
    (root / "cat" / "all").symlink_to("/")
    return root


@case
def names_of_any_bytes(root):
    where = os.fsencode(base(root) / "cat")
    for name in (
        b"new\nline",
        b"\xff\xfe",
        b"a" * 251,
        b"\x1b]0;x\x07",
        "é".encode() * 120,
        b" ",
        b"%s{x}[red]",
        b"-f",
    ):
        with open(where + b"/" + name + b".jpg", "wb") as file:
            file.write(b"no picture")
    return root


@case
def no_permission(root):
    base(root)
    (root / "cat" / "0.jpg").chmod(0)
    (root / "cat" / "locked").mkdir()
    picture(7).save(root / "cat" / "locked" / "x.jpg")
    (root / "cat" / "locked").chmod(0)
    return root


@case
def many_empty_files(root):
    base(root)
    for number in range(200_000):
        os.close(os.open(root / "cat" / f"e{number}.jpg", os.O_CREAT | os.O_WRONLY))
    return root


@case
def many_classes(root):
    base(root)
    for number in range(20_000):
        (root / f"c{number}").mkdir()
    return root


@case
def grows_and_vanishes(root):
    base(root)
    end = time.monotonic() + LIMIT

    def work() -> None:
        while time.monotonic() < end and root.exists():
            try:
                with open(root / "cat" / "grows.jpg", "ab") as file:
                    file.write(b"\xff\xd8\xff" + bytes(1 << 16))
                    if file.tell() > 1 << 24:
                        file.truncate(0)
                (root / "cat" / "comes.jpg").write_bytes(b"x")
                (root / "cat" / "comes.jpg").unlink()
            except OSError:
                return
            time.sleep(0.001)

    threading.Thread(target=work, daemon=True).start()
    return root


# ---------------------------------------------------------------------- pictures


@case
def sparse_4_gb(root):
    with open(base(root) / "cat" / "x.png", "wb") as file:
        file.truncate(4 << 30)
    with open(root / "cat" / "y.png", "wb") as file:
        file.truncate(900 << 20)
    return root


@case
def png_170_million_pixels(root):
    rows = zlib.compressobj(9)
    packed = b"".join(rows.compress(bytes(300_001)) for _ in range(1700)) + rows.flush()
    return beside("w.png", png(100_000, 1700, chunk(b"IDAT", packed)))(root)


@case
def png_90_million_pixels(root):
    return beside("w.png", encoded(Image.new("RGB", (9500, 9500), (9, 90, 200)), "PNG"))(root)


@case
def png_text_bomb(root):
    packed = b"x\0\0" + zlib.compress(bytes(400_000_000), 9)
    file = encoded(picture(1), "PNG")
    return beside("t.png", file[:33] + chunk(b"zTXt", packed) + chunk(b"iCCP", packed) + file[33:])(root)


@case
def png_without_pixels(root):
    return beside("0.png", png(0, 0, b""))(root)


@case
def webp_160_million_pixels(root):
    return beside("w.webp", encoded(Image.new("RGB", (12_600, 12_600)), "WEBP", lossless=True, method=0))(root)


@case
def tiff_170_million_pixels(root):
    return beside("w.tif", encoded(Image.new("L", (13_000, 13_000)), "TIFF", compression="tiff_lzw"))(root)


@case
def tiff_that_lies(root):
    file = bytearray(encoded(picture(2), "TIFF"))
    file[4:8] = struct.pack("<I", 0xFFFFFFF0)
    base(root)
    (root / "cat" / "a.tif").write_bytes(bytes(file))
    loop = encoded(picture(2), "TIFF")
    place = struct.unpack("<I", loop[4:8])[0]
    end = place + 2 + 12 * struct.unpack("<H", loop[place : place + 2])[0]
    (root / "cat" / "b.tif").write_bytes(loop[:end] + struct.pack("<I", place) + loop[end + 4 :])  # its next is itself
    return root


@case
def gif_of_10_000_frames(root):
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, 60_000, 2_900, 0) + b"\x02\x02\x4c\x01\x00"
    head = b"GIF89a" + struct.pack("<HHBBB", 60_000, 2_900, 0x80, 0, 0) + bytes(6)
    return beside("f.gif.png", head + 10_000 * frame + b";")(root)


@case
def progressive_3_000_scans(root):
    file = encoded(Image.new("RGB", (4000, 4000)), "JPEG", progressive=True)
    scan = file[file.rindex(b"\xff\xda") : -2]
    return beside("p.jpg", file[:-2] + scan * 3000 + b"\xff\xd9")(root)


@case
def progressive_160_million_pixels(root):
    return beside("p.jpg", encoded(Image.new("RGB", (12_600, 12_600)), "JPEG", progressive=True, subsampling=0))(root)


@case
def jpeg_160_million_pixels(root):
    return beside("p.jpg", encoded(Image.new("RGB", (12_600, 12_600), (9, 9, 9)), "JPEG"))(root)


@case
def npy_that_lies(root):
    head = "{'descr': '<f8', 'fortran_order': False, 'shape': (4000000, 4000000), }".ljust(117) + "\n"
    file = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head.encode()
    return beside("a.jpg", file)(root)


@case
def svg_and_eps(root):
    (base(root) / "cat" / "a.jpg").write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n{ } loop\n")
    (root / "cat" / "b.jpg").write_bytes(b'<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>')
    return root


# ---------------------------------------------------------------------- archives


@case
def zip_encrypted(root):
    with zipfile.ZipFile(root / "a.zip", "w") as archive:
        for number in range(20):
            archive.writestr(f"{'cat' if number % 2 else 'dog'}/{number}.jpg", encoded(picture(number), "JPEG"))
    file = bytearray((root / "a.zip").read_bytes())
    for mark, place in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        at = -1
        while (at := file.find(mark, at + 1)) >= 0:
            file[at + place] |= 1
    (root / "a.zip").write_bytes(file)
    return root / "a.zip"


@case
def zip_bomb(root):
    with zipfile.ZipFile(root / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(20):
            archive.writestr(f"{'cat' if number % 2 else 'dog'}/{number}.jpg", encoded(picture(number), "JPEG"))
        with archive.open("cat/big.jpg", "w", force_zip64=True) as member:
            for _ in range(2_000):
                member.write(bytes(1_000_000))
        with archive.open("cat/less.jpg", "w") as member:
            for _ in range(250):
                member.write(bytes(1_000_000))
    return root / "a.zip"


@case
def zip_that_lies(root):
    with zipfile.ZipFile(root / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(20):
            archive.writestr(f"{'cat' if number % 2 else 'dog'}/{number}.jpg", encoded(picture(number), "JPEG"))
        archive.writestr("cat/lies.jpg", bytes(400_000_000))
    file = (root / "a.zip").read_bytes()
    (root / "a.zip").write_bytes(file.replace(struct.pack("<I", 400_000_000), struct.pack("<I", 1000)))
    return root / "a.zip"


@case
def zip_of_300_000_names(root):
    with zipfile.ZipFile(root / "a.zip", "w") as archive:
        for number in range(300_000):
            archive.writestr(f"{'cat' if number % 2 else 'dog'}/{number}.jpg", b"")
    return root / "a.zip"


@case
def tar_with_links(root):
    with tarfile.open(root / "a.tar", "w") as archive:
        for number in range(20):
            for name in (f"/abs/{'cat' if number % 2 else 'dog'}/{number}.jpg",):
                item = tarfile.TarInfo(name)
                file = encoded(picture(number), "JPEG")
                item.size = len(file)
                archive.addfile(item, io.BytesIO(file))
        for name, kind, target in (
            ("/abs/cat/link.jpg", tarfile.SYMTYPE, "/etc/passwd"), ("/abs/cat/hard.jpg", tarfile.LNKTYPE, "../../x"),
            ("/abs/cat/device.jpg", tarfile.CHRTYPE, ""), ("../../../abs/cat/up.jpg", tarfile.REGTYPE, ""),
        ):  # fmt: skip
            item = tarfile.TarInfo(name)
            item.type, item.linkname = kind, target
            archive.addfile(item)
    return root / "a.tar"


@case
def tar_gz_bomb(root):
    base(root / "d")
    with tarfile.open(root / "a.tar.gz", "w:gz") as archive:
        archive.add(root / "d", "d")
        item = tarfile.TarInfo("d/cat/big.jpg")
        item.size = 3 << 30

        class Zeros(io.RawIOBase):
            def read(self, size=-1):
                return bytes(size)

        archive.addfile(item, Zeros())
    return root / "a.tar.gz"


@case
def tar_cut(root):
    base(root / "d")
    with tarfile.open(root / "a.tar", "w") as archive:
        archive.add(root / "d", "d")
    file = (root / "a.tar").read_bytes()
    (root / "a.tar").write_bytes(file[: len(file) * 2 // 3])
    return root / "a.tar"


# ---------------------------------------------------------------------- lists


@case
def list_of_others_files(root):
    return listing(
        root, "../../../../etc/passwd,cat\n/etc/shadow,cat\n/dev/zero,dog\n,dog\n" + "a" * 5000 + ".jpg,dog\n"
    )


@case
def list_with_nul_bytes(root):
    return listing(root, b'"x\0y.jpg",cat\n')


@case
def list_with_nul_bytes_far_on(root):
    return listing(root, b"cat/1.jpg,cat\n" * 10_000 + b'"x\0y.jpg",cat\n')


@case
def list_with_a_large_field(root):
    return listing(root, '"' + "x" * 200_000 + '",cat\n')


@case
def list_with_an_open_quote(root):
    return listing(root, '"' + "cat/1.jpg,cat\n" * 3_000_000)


@case
def list_of_one_line(root):
    (base(root) / "list.csv").write_bytes(b"a," * 100_000_000)
    return root / "list.csv"


@case
def list_of_100_000_columns(root):
    (base(root) / "list.csv").write_text("\n".join(",".join(["cat/1.jpg"] * 100_000) for _ in range(20)))
    return root / "list.csv"


@case
def list_of_random_bytes(root):
    (base(root) / "list.csv").write_bytes(np.random.default_rng(0).integers(1, 255, 1 << 24, dtype=np.uint8).tobytes())
    return root / "list.csv"


@case
def list_of_as_many_labels(root):
    return listing(root, "".join(f"cat/{n % 10}.jpg,label {n}\n" for n in range(300_000)))


@case
def json_lines_nested(root):
    row = '{"file_name": "cat/1.jpg", "label": ' + "[" * 100_000 + "]" * 100_000 + "}\n"
    (base(root) / "list.jsonl").write_text(row)
    return root / "list.jsonl"


@case
def json_nested(root):
    (base(root) / "annotations.json").write_text('{"images": ' + "[" * 100_000 + "]" * 100_000 + "}")
    return root / "annotations.json"


@case
def json_of_300_mb(root):
    with open(base(root) / "annotations.json", "w") as file:
        file.write('{"images": [')
        for number in range(3_000_000):
            file.write(f'{{"id": {number}, "file_name": "cat/{number}.jpg", "width": 64, "height": 64}},\n')
        file.write('{}], "annotations": [], "categories": []}')
    return root / "annotations.json"


@case
def xml_entities(root):
    (root / "JPEGImages").mkdir(parents=True)
    (root / "Annotations").mkdir()
    entities = "".join(f"<!ENTITY e{n} '{f'&e{n - 1};' * 10}'>" for n in range(1, 12))
    for number in range(20):
        picture(number).save(root / "JPEGImages" / f"{number}.jpg")
        text = f'<!DOCTYPE annotation [<!ENTITY e0 "cat">{entities}]><annotation><filename>{number}.jpg</filename>'
        text += "<object><name>&e11;</name></object></annotation>"
        (root / "Annotations" / f"{number}.xml").write_text(text)
    return root


# ---------------------------------------------------------------------- arrays


@case
def npz_that_lies(root):
    head = "{'descr': '|u1', 'fortran_order': False, 'shape': (900000, 900000, 3), }".ljust(117) + "\n"
    with zipfile.ZipFile(root / "a.npz", "w") as archive:
        archive.writestr(
            "images.npy", b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head.encode() + bytes(1000)
        )
        file = io.BytesIO()
        np.save(file, np.zeros(900000, np.int64))
        archive.writestr("labels.npy", file.getvalue())
    return root / "a.npz"


@case
def npz_bomb(root):
    labels = np.zeros(40_000, np.int64)
    np.savez_compressed(root / "a.npz", images=np.zeros((40_000, 128, 128, 3), np.uint8), labels=labels)
    return root / "a.npz"


@case
def npz_with_a_pickle(root):
    np.savez(root / "a.npz", images=np.array([{"a": 1}] * 20, object), labels=np.arange(20))
    return root / "a.npz"


@case
def parquet_cut(root):
    (root / "a.parquet").write_bytes(b"PAR1" + bytes(5000) + struct.pack("<I", 0xFFFFFFF0) + b"PAR1")
    return root / "a.parquet"


@case
def hdf5_cut(root):
    (root / "a.h5").write_bytes(b"\x89HDF\r\n\x1a\n" + bytes([2, 8, 8, 0]) + b"\xff" * 5000)
    return root / "a.h5"


@case
def idx_that_lies(root):
    base(root)
    (root / "train-images-idx3-ubyte").write_bytes(struct.pack(">IIII", 0x803, 0xFFFFFFFF, 0xFFFF, 0xFFFF) + bytes(99))
    (root / "train-labels-idx1-ubyte").write_bytes(struct.pack(">II", 0x801, 0xFFFFFFFF) + bytes(99))
    return root


@case
def tfrecord_that_lies(root):
    (root / "a.tfrecord").write_bytes(struct.pack("<QI", 1 << 60, 0) + bytes(5000))
    return root / "a.tfrecord"


# ---------------------------------------------------------------------- huge lists


def rows(root: Path, line: Callable[[int], str], pictures: int) -> Path:
    (root / "pics").mkdir(parents=True)
    for number in range(pictures):
        picture(number).save(root / "pics" / f"{number}.jpg")
    with open(root / "list.csv", "w") as file:
        file.write("path,label\n")
        file.writelines(map(line, range(ROWS)))
    return root / "list.csv"


@huge
def rows_5m_of_2_000_pictures(root):
    return rows(root, lambda n: f"pics/{n % 2000}.jpg,{n % 7}\n", 2000)


@huge
def rows_5m_of_50_pictures_with_7_labels(root):
    return rows(root, lambda n: f"pics/{n % 50}.jpg,{n % 7}\n", 50)


@huge
def rows_5m_all_but_50_missing(root):
    return rows(root, lambda n: f"pics/{n}.jpg,{n % 7}\n", 50)


@huge
def rows_5m_all_missing(root):
    return rows(root, lambda n: f"pics/{n}.jpg,{n % 7}\n", 0)


@huge
def rows_5m_in_pairs_all_but_50_missing(root):
    return rows(root, lambda n: f"pics/{n // 2}.jpg,{n % 7}\n", 50)


# ----------------------------------------------------------------------


def run(data: Path, limit: int) -> tuple[int, float, float, float, str, str]:
    """Exit status, seconds, processor seconds, MB of the largest process, report and messages."""
    watched = (
        "import json, resource, subprocess, sys, time; begin = time.monotonic()\n"
        "try: done = subprocess.run(sys.argv[2:], capture_output=True, timeout=float(sys.argv[1]))\n"
        "except subprocess.TimeoutExpired: done = None\n"
        "used = resource.getrusage(resource.RUSAGE_CHILDREN)\n"
        "print(json.dumps([done.returncode if done else -1, time.monotonic() - begin, used.ru_utime + used.ru_stime,"
        " used.ru_maxrss / 1024, *((one.decode(errors='replace') for one in (done.stdout, done.stderr)) if done"
        " else ('', ''))]))"
    )
    command = ["-m", "diagnose", str(data), "--report", "--no-probes", "--format", "json", "--offline"]
    told = subprocess.run(
        [sys.executable, "-c", watched, str(limit), sys.executable, *command],
        capture_output=True,
        text=True,
        check=True,
    )
    return tuple(json.loads(told.stdout))


def result(report: str, messages: str) -> tuple[str, bool]:
    """The findings with a file that they name, or the refusal; and whether anything crashed."""
    try:
        told = json.loads(report)
    except ValueError:
        last = messages.strip().splitlines()[-1] if messages.strip() else "nothing"
        return last.partition(": ")[2][:150], "Traceback" in messages or "unforeseen" in messages
    crashed = [one["code"] for one in told["checks"] if one["state"] == "crashed"]
    named = [f"{one['code']} {one['summary'][:70]} ({', '.join(one['files'][:1])[:40]})" for one in told["findings"]]
    return "; ".join(named) or "none", bool(crashed)


def main() -> None:
    names = [name for name in sys.argv[1:] if name != "--huge"]
    cases = {**CASES, **(HUGE if "--huge" in sys.argv else {})}
    if names:
        cases = {name: {**CASES, **HUGE}[name] for name in names}
    print("| case | exit | s | processor s | MB | findings, or why it was refused |")
    print("| --- | --- | --- | --- | --- | --- |")
    for name, make in cases.items():
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            os.environ["XDG_CACHE_HOME"] = f"{folder}/cache"
            root = Path(folder) / "data"
            root.mkdir()
            data = make(root)
            code, took, used, memory, report, messages = run(data, HUGE_LIMIT if name in HUGE else LIMIT)
            told, crashed = result(report, messages)
            bad = crashed or code not in (0, 1, 2, 3) or memory > MOST_MEMORY
            told = told.replace(folder, "").replace("|", "\\|").encode("ascii", "replace").decode()
            mark = "!" if bad else ""
            print(
                f"| {name.replace('_', ' ')} {mark}| {code} | {took:.1f} | {used:.1f} | {memory:.0f} | {told} |",
                flush=True,
            )
            subprocess.run(["chmod", "-R", "u+rwx", folder], stderr=subprocess.DEVNULL, check=False)
            subprocess.run(["rm", "-rf", str(root)], check=False)


if __name__ == "__main__":
    main()
