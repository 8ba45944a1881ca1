"""Files and names that are malicious, or just messy as real data is."""

import io
import os
import shutil
import subprocess
import sys
import threading

import numpy as np
from PIL import Image

from diagnose.dataset.scan import scan
from diagnose.dataset.sources.find import find_source
from diagnose.dataset.store import Store
from diagnose.dataset.summary import summarise

NAMES = (
    b"new\nline.png",
    b"esc\x1b]0;title\x07\x1b[31m.png",
    b"[bold red]markup.png",
    b"caf\xe9.png",
    b"\xf0\x9f\x90\xb1.png",
    b"a | b = c ~ d.png",
    b"%s %d {x}.png",
    b"-rf.png",
    b"<script>alert(1).png",
    "\u202egnp.exe.png".encode(),
)


def encoded(mode="RGB", format="PNG", size=(40, 30), **options):
    image = Image.fromarray(np.random.default_rng(0).integers(0, 255, (size[1], size[0], 3)).astype(np.uint8))
    file = io.BytesIO()
    image.convert(mode).save(file, format, **options)
    return file.getvalue()


def animated(format):
    frames = [Image.new("RGB", (30, 30), (90 * n, 0, 0)) for n in range(3)]
    file = io.BytesIO()
    frames[0].save(file, format, save_all=True, append_images=frames[1:])
    return file.getvalue()


SOUND = {
    "cmyk.jpg": encoded("CMYK", "JPEG"),
    "deep.png": encoded("I;16"),
    "palette.png": encoded("P"),
    "bits.png": encoded("1"),
    "alpha.png": encoded("RGBA"),
    "grey.jpg": encoded("L", "JPEG"),
    "moving.webp": animated("WEBP"),
    "moving.png": animated("PNG"),
    "pages.tiff": animated("TIFF"),
    "progressive.jpg": encoded(format="JPEG", progressive=True),
    "point.png": encoded(size=(1, 1)),
    "line.png": encoded(size=(3000, 1)),
    "really.png": encoded(format="JPEG"),
}
BROKEN = {
    "empty.jpg": b"",
    "zeros.jpg": bytes(5000),
    "text.jpg": b"not found",
    "html.png": b"<html>",
    "cut.jpg": encoded(format="JPEG", size=(300, 300))[:2000],
    "cut.png": encoded()[:500],
    "head.jpg": encoded(format="JPEG")[:20],
}


def written(folder, files):
    folder.mkdir(parents=True)
    for name, file in files.items():
        (folder / name).write_bytes(file)


def test_every_kind_of_image_is_measured(tmp_path, scanned):
    written(tmp_path / "cat", SOUND)
    data = scanned(tmp_path)
    assert (data.images, data.faults) == (len(SOUND), {})


def test_every_broken_file_is_a_finding(tmp_path, scanned):
    written(tmp_path / "cat", SOUND | BROKEN)
    (tmp_path / "cat" / "nowhere.jpg").symlink_to(tmp_path / "gone")
    (tmp_path / "cat" / "itself.jpg").symlink_to(tmp_path / "cat" / "itself.jpg")
    data = scanned(tmp_path)
    assert (data.images, data.fault_count) == (len(SOUND), len(BROKEN) + 2)


def test_no_name_reaches_the_terminal_as_more_than_text(tmp_path):
    (tmp_path / "[red]c\x1b[2Jat").mkdir()
    for name in NAMES:
        with open(os.fsencode(tmp_path / "[red]c\x1b[2Jat") + b"/" + name, "wb") as file:
            file.write(encoded())
    (tmp_path / "dog").mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "diagnose", str(tmp_path), "--report", "--no-probes"], capture_output=True, check=False
    )
    assert done.returncode in (0, 1), done.stderr
    text = done.stdout.decode()
    assert "\x1b" not in text
    assert "\x07" not in text
    assert "\u202e" not in text
    assert "[red]c\\x1b[2Jat" in text
    assert all(line.isprintable() for line in text.splitlines())


def test_loops_of_links_end(image_folder, scanned):
    root = image_folder({"cat": 2, "dog": 2})
    (root / "cat" / "up").symlink_to(root)
    (root / "cat" / "again").symlink_to(root / "cat")
    data = scanned(root)
    assert (data.images, data.faults["unreadable"].examples) == (4, ("cat/up",))


def test_other_than_regular_files_do_not_block(image_folder, scanned):
    root = image_folder({"cat": 2, "dog": 2})
    os.mkfifo(root / "cat" / "pipe.jpg")
    (root / "cat" / "zero.jpg").symlink_to("/dev/zero")
    with open(root / "dog" / "huge.png", "wb") as file:
        file.truncate(4 << 30)  # a sparse file, of no bytes on disk
    data = scanned(root)
    assert data.images == 4
    faults = data.faults["out-of-bounds"]
    assert set(faults.details) == {
        "it is a named pipe, not a regular file", "it is a device, not a regular file",
        "it has 4.3 GB; more than 0.27 GB are not read",
    }  # fmt: skip


def test_thousands_of_scans_in_one_jpeg_are_not_decoded(image_folder, scanned):
    root = image_folder({"cat": 2, "dog": 2})
    file = io.BytesIO()
    Image.new("RGB", (2000, 2000)).save(file, "JPEG", progressive=True)
    whole = file.getvalue()
    last = whole[whole.rindex(b"\xff\xda") : -2]
    (root / "cat" / "many.jpg").write_bytes(whole[:-2] + 3000 * last + b"\xff\xd9")
    (root / "cat" / "sound.jpg").write_bytes(whole)
    data = scanned(root)
    assert data.images == 5
    assert data.faults["out-of-bounds"].examples == ("cat/many.jpg",)


def test_a_folder_may_be_as_deep_as_a_path_is_long(image_folder, scanned):
    root = image_folder({"cat": 2, "dog": 2})
    here = os.getcwd()
    os.chdir(root / "cat")
    try:
        for _ in range(1500):
            os.mkdir("d")
            os.chdir("d")
        shutil.copy(root / "dog" / "000.png", "deep.png")
        os.chdir(here)
        assert scanned(root).counts == {"all": {"cat": 3, "dog": 2}}
    finally:
        os.chdir(here)
        subprocess.run(["rm", "-rf", str(root / "cat" / "d")], check=True)  # pytest's own removal would not get so deep


def test_a_folder_that_may_not_be_listed_is_named(image_folder, scanned, monkeypatch):
    root = image_folder({"cat": 2, "dog": 2})
    listed = os.listdir

    def refusing(path):
        if str(path).endswith("dog"):
            raise PermissionError(13, "Permission denied")
        return listed(path)

    monkeypatch.setattr(os, "listdir", refusing)
    data = scanned(root)
    assert (data.counts, data.faults["unreadable"].examples) == ({"all": {"cat": 2, "dog": 0}}, ("dog",))


def test_many_files_in_one_folder_are_listed_in_order(tmp_path):
    (tmp_path / "cat").mkdir()
    (tmp_path / "one.png").write_bytes(encoded(size=(2, 2)))
    for number in range(20_000):
        os.link(tmp_path / "one.png", tmp_path / "cat" / f"{number:06}.png")
    names = [entry.path for entry in find_source(tmp_path).entries()]
    assert (len(names), names) == (20_000, sorted(names))


def test_a_file_that_goes_while_it_is_scanned_is_a_finding(image_folder):
    root = image_folder({"cat": 3})
    with Store() as store:
        source = find_source(root)
        going = scan(source, store, threading.Event())
        next(going)
        shutil.rmtree(root / "cat")
        list(going)
        assert summarise(store, source).fault_count == 3
