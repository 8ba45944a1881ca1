import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageOps

from diagnose.dataset import near, rows
from diagnose.dataset.near import _beside, _needed, copies, grouped
from diagnose.dataset.rows import Rows
from diagnose.dataset.scan import scan
from diagnose.dataset.sources.find import find_source
from diagnose.dataset.store import Store
from diagnose.dataset.thumbnails import packed

PHOTOS = sorted((Path(__file__).parents[3] / "sample_data/photos/train").rglob("*.jpg"))[::5]  # 80 photographs

EDITS = {
    "quality 50": lambda image, path: image.save(path, quality=50),
    "quality 90": lambda image, path: image.save(path, quality=90),
    "half size": lambda image, path: image.resize((image.width // 2, image.height // 2)).save(path, quality=90),
    "double size": lambda image, path: image.resize((image.width * 2, image.height * 2)).save(path, quality=90),
    "brighter": lambda image, path: ImageEnhance.Brightness(image).enhance(1.01).save(path, quality=90),
    "WebP": lambda image, path: image.save(path.with_suffix(".webp"), quality=80),
    "quality 10": lambda image, path: image.save(path, quality=10),
    "darker": lambda image, path: ImageEnhance.Brightness(image).enhance(0.8).save(path),
    "contrast": lambda image, path: ImageEnhance.Contrast(image).enhance(1.25).save(path),
    "blur": lambda image, path: image.filter(ImageFilter.GaussianBlur(1)).save(path),
    "mirrored": lambda image, path: ImageOps.mirror(image).save(path),
    "upside down": lambda image, path: ImageOps.flip(image).save(path),
    "on its side": lambda image, path: image.transpose(Image.Transpose.ROTATE_90).save(path),
    "cropped": lambda image, path: image.crop((3, 2, image.width - 2, image.height - 3)).save(path),
}


@pytest.fixture
def leaks(tmp_path, scanned):
    """The findings if the first twenty photographs of train are in val again, edited."""

    def found(edit):
        for number, path in enumerate(PHOTOS):
            folder = tmp_path / ("train" if number < 40 else "val") / path.parent.name
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{number}.jpg").write_bytes(path.read_bytes())
            if edit and number < 20:
                copy = tmp_path / "val" / path.parent.name / f"copy of {number}.jpg"
                copy.parent.mkdir(parents=True, exist_ok=True)
                edit(Image.open(path), copy)
        return scanned(tmp_path)

    return found


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_edited_copies_are_found_and_nothing_else(leaks, edit):
    data = leaks(edit)
    numbers = [(Path(train).stem, Path(held).stem) for train, held in data.near_leaks]
    assert all(held == f"copy of {train}" for train, held in numbers)
    assert data.near_leaked_images["val"] == len(numbers) >= 15  # of 20


def test_different_photographs_are_not_the_same(leaks):
    assert leaks(None).near_leaks == ()


def drawn(kind, colour, number, noise=2):
    """A small drawing on white: one shape in one colour, at varying places."""
    rng = np.random.default_rng(number)
    image = Image.new("RGB", (64, 64), "white")
    x, y = rng.integers(14, 34, 2).tolist()
    draw = ImageDraw.Draw(image)
    {"disc": draw.ellipse, "box": draw.rectangle}[kind]((x, y, x + 18, y + 18), fill=colour)
    draw.line((x, y, x + 18, y - 6), fill="black", width=2)
    values = np.asarray(image, np.float32) + rng.normal(0, noise, (64, 64, 1))
    return Image.fromarray(np.clip(values, 0, 255).astype(np.uint8))


def test_pictures_that_differ_in_colour_alone_are_not_the_same(tmp_path, scanned):
    for number in range(30):
        for name, colour in (("ripe", (214, 50, 40)), ("unripe", (40, 137, 70))):
            (tmp_path / name).mkdir(exist_ok=True)
            drawn("disc", colour, number).save(tmp_path / name / f"{number}.png")
    assert scanned(tmp_path).near_conflicts.sets == 0


def test_flags_that_are_turned_or_of_other_colours_are_not_the_same(tmp_path, scanned):
    bands = ("red", "white", "blue", "black", "yellow", "green")
    for number, (one, two, three) in enumerate((a, b, c) for a in bands for b in bands for c in bands if a != b != c):
        if number % 3 == 0:
            flag = Image.new("RGB", (60, 42), two)
            ImageDraw.Draw(flag).rectangle((0, 0, 60, 13), fill=one)
            ImageDraw.Draw(flag).rectangle((0, 28, 60, 42), fill=three)
            (tmp_path / f"{one}{two}{three}").mkdir()
            flag.save(tmp_path / f"{one}{two}{three}" / "flag.png")
    data = scanned(tmp_path)
    assert (data.near_conflicts.sets, data.near_duplicates.sets) == (0, 0)


def test_pairs_join_to_sets():
    assert grouped([(1, 5), (2, 3), (5, 9), (9, 1)]) == [[1, 5, 9], [2, 3]]


def test_few_or_flat_pictures_have_no_pairs(tmp_path, scanned):
    (tmp_path / "grey").mkdir()
    for number in range(4):
        Image.new("RGB", (40, 40), (90 + number,) * 3).save(tmp_path / "grey" / f"{number}.png")
    assert scanned(tmp_path).near_duplicates.sets == 0


def shirt(texture, path, seed):
    """A shirt's outline on black, with the same creases for all, and an individual texture."""
    rng = np.random.default_rng(seed)
    inside = np.zeros((64, 64), np.uint8)
    draw = ImageDraw.Draw(image := Image.fromarray(inside))
    draw.polygon(
        [(10, 12), (24, 6), (40, 6), (54, 12), (50, 30), (46, 26), (46, 58), (18, 58), (18, 26), (14, 30)], 255
    )
    mask = np.asarray(image) > 0
    values = 150 + rng.normal(0, 3, (64, 64))
    rows, columns = np.mgrid[0:64, 0:64]
    values += 45 * texture(rows, columns)
    Image.fromarray(np.where(mask, np.clip(values, 30, 255), 0).astype(np.uint8)).save(path)


def test_garments_of_one_outline_differ_by_their_texture(tmp_path, scanned):
    textures = {
        "stripes": lambda rows, columns: np.sin(columns * 1.1),
        "bands": lambda rows, columns: np.sin(rows * 0.9),
        "checks": lambda rows, columns: np.sin(rows * 0.7) * np.sin(columns * 0.7),
        "diagonal": lambda rows, columns: np.sin((rows + columns) * 0.6),
    }
    for split in ("train", "val"):
        (tmp_path / split / "shirt").mkdir(parents=True)
    for number, (name, texture) in enumerate(textures.items()):
        shirt(texture, tmp_path / ("train" if number % 2 else "val") / "shirt" / f"{name}.png", number)
    assert scanned(tmp_path).near_leaks == ()
    shirt(textures["stripes"], tmp_path / "train" / "shirt" / "stripes again.png", 9)
    assert [tuple(Path(one).stem for one in pair) for pair in scanned(tmp_path).near_leaks] == [
        ("stripes again", "stripes")
    ]


def test_mirrored_letters_arent_copies(tmp_path, scanned):
    letter = Image.new("L", (64, 64), 255)
    draw = ImageDraw.Draw(letter)
    draw.ellipse((8, 20, 44, 60), 0)
    draw.ellipse((18, 30, 34, 50), 255)
    draw.rectangle((36, 4, 46, 60), 0)
    for split, name, image in (("train", "d", letter), ("val", "b", ImageOps.mirror(letter)),
                               ("val", "q", ImageOps.flip(letter))):  # fmt: skip
        (tmp_path / split / name).mkdir(parents=True)
        image.save(tmp_path / split / name / "1.png")
    assert scanned(tmp_path).near_leaks == ()


def test_signs_that_differ_by_a_mark_are_not_the_same(tmp_path, scanned):
    for split, name, marked in (("train", "o", False), ("val", "ö", True)):
        letter = Image.new("L", (64, 64), 255)
        draw = ImageDraw.Draw(letter)
        draw.ellipse((4, 16 if marked else 2, 60, 62), outline=0, width=7)
        for left in (18, 38) if marked else ():
            draw.rectangle((left, 2, left + 8, 10), 0)
        (tmp_path / split / name).mkdir(parents=True)
        letter.save(tmp_path / split / name / "1.png")
    assert scanned(tmp_path).near_leaks == ()


def test_copies_of_a_copy_are_compared_once():
    pairs = np.array([[0, 1], [1, 2], [1, 5]])
    known = np.array([0 * 10 + 2])
    assert _beside(pairs, known, 10).tolist() == [0 * 10 + 5, 2 * 10 + 5]


def test_a_class_whose_pictures_agree_needs_more():
    rng = np.random.default_rng(0)
    score = np.tanh(np.concatenate([rng.normal(0.3, 0.1, 2000), rng.normal(1.1, 0.25, 2000)])).astype(np.float32)
    copies = np.concatenate([score, np.full(800, 0.99, np.float32)])
    classes = np.concatenate([np.repeat([0, 1], 2000), np.full(800, 1)])
    photographs, garments, few = _needed(copies, classes, np.array([0.5, 0.9, 0.0], np.float32))
    assert (photographs, few) == (np.float32(0.78), np.float32(0.78))
    assert score[2000:].max() < garments < 0.99


def test_a_set_full_of_augmented_copies_gives_them_all(tmp_path, scanned):
    for number, path in enumerate(PHOTOS[:24]):
        for copy in range(5):
            folder = tmp_path / ("val" if copy == 4 else "train") / "bird"
            folder.mkdir(parents=True, exist_ok=True)
            image = Image.open(path).convert("RGB")
            image = image.crop((copy, 2 * copy, image.width - copy, image.height))
            ImageEnhance.Brightness(image).enhance(1 - 0.05 * copy).save(folder / f"{number}_{copy}.jpg", quality=90)
    leaks = [[Path(one).stem.split("_")[0] for one in pair] for pair in scanned(tmp_path).near_leaks]
    assert len(leaks) >= 0.75 * 24 * 4
    assert all(one == other for one, other in leaks)


# As found before the search worked in pieces: 8 photographs of 20 with a crop, one on its side and a darker one each.
PAIRS = [
    (0, 1), (0, 2), (0, 3), (1, 2), (4, 5), (4, 6), (4, 7), (5, 6), (5, 7), (6, 7), (8, 9), (8, 10), (8, 11), (9, 10),
    (9, 11), (10, 11), (12, 13), (12, 14), (12, 15), (13, 14), (13, 15), (14, 15), (16, 17), (16, 18), (16, 19),
    (17, 18), (17, 19), (18, 19), (20, 21), (20, 23), (21, 23), (24, 25), (24, 26), (24, 27), (25, 26), (26, 27),
    (28, 29), (28, 30), (28, 31), (29, 30), (29, 31), (30, 31),
]  # fmt: skip


@pytest.fixture(scope="module")
def edited():
    """(44, BYTES): the thumbnails of the photographs and of their copies."""
    images = []
    for number, path in enumerate(PHOTOS[:20]):
        with Image.open(path) as opened:
            image = opened.convert("RGB")
        images.append(image)
        if number < 8:
            crop = image.crop((3, 2, image.width - 2, image.height - 3))
            images += [crop, image.transpose(Image.Transpose.ROTATE_90), ImageEnhance.Brightness(image).enhance(0.8)]
    values = [np.asarray(image, np.float32)[None] for image in images]
    small = [packed(one, one @ np.array([0.299, 0.587, 0.114], np.float32)) for one in values]
    return np.frombuffer(b"".join(one for [one] in small), np.uint8).reshape(len(small), -1)


def copies_in(thumbnails, threads=None):
    with Rows() as stored:
        stored.append(thumbnails)
        return copies(stored, np.arange(len(thumbnails)), np.arange(len(thumbnails)) % 3, threads).tolist()


def test_a_small_set_gives_what_it_gave_before_the_search_worked_in_pieces(edited):
    assert sorted(map(tuple, copies_in(edited))) == PAIRS


def test_small_pieces_in_a_file_give_the_same_in_the_same_order(edited, monkeypatch):
    whole = copies_in(edited)
    monkeypatch.setattr(near, "PART", 7)
    monkeypatch.setattr(rows, "IN_MEMORY", 1)
    assert copies_in(edited, threads=1) == whole
    assert copies_in(edited, threads=3) == whole


def test_no_room_for_its_files_is_an_error_when_pairs_are_requested(monkeypatch, tmp_path):
    def full(*given):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Rows, "append", full)
    with Store() as store:
        image = tmp_path / "cat" / "1.png"
        image.parent.mkdir()
        Image.new("RGB", (8, 8)).save(image)
        list(scan(find_source(tmp_path), store, threading.Event()))
        search = near.NearSearch(store.db, store.folder)
    search.begin()
    with pytest.raises(OSError, match="No space left"):
        search.pairs()
