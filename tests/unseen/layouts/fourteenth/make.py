#!/usr/bin/env python3
"""make.py OUT: 20 small image-classification datasets, each in another layout. Seeded: every run writes the same."""
import colorsys
import csv
import io
import json
import os
import random
import sys
import zipfile

import numpy as np
from PIL import Image

OUT = sys.argv[1] if len(sys.argv) > 1 else "out"


class Maker:
    """pictures of one dataset: a tint and a shape for each class, plus noise"""

    def __init__(self, seed, n, lo=24, hi=64, grey=False):
        self.r = np.random.default_rng(seed)
        self.py = random.Random(seed)
        self.n, self.lo, self.hi, self.grey = n, lo, hi, grey

    def arr(self, k, size=None):
        r = self.r
        if size is None:
            h, w = (int(v) for v in r.integers(self.lo, self.hi + 1, 2))
        else:
            h, w = size
        hue = (k + 0.15) / self.n
        bg = np.array(colorsys.hsv_to_rgb(hue % 1, 0.55, 0.55)) * 255
        fg = np.array(colorsys.hsv_to_rgb((hue + 0.45) % 1, 0.6, 0.9)) * 255
        if self.grey:
            bg = np.full(3, 40 + 150.0 * k / max(1, self.n - 1))
            fg = np.full(3, 225 - 150.0 * k / max(1, self.n - 1))
        y, x = np.mgrid[0:h, 0:w]
        cy, cx = h * r.uniform(.4, .6), w * r.uniform(.4, .6)
        s = min(h, w) * r.uniform(.22, .34)
        dy, dx = y - cy, x - cx
        m = [dy ** 2 + dx ** 2 < s ** 2,
             (abs(dy) < s) & (abs(dx) < s),
             abs(dy) + abs(dx) < s * 1.2,
             (abs(dy) < s * .35) | (abs(dx) < s * .35),
             abs(dy) < s * .5,
             abs(dx) < s * .5,
             abs(dy - dx) < s * .5,
             (dy ** 2 + dx ** 2 < s ** 2) & (dy ** 2 + dx ** 2 > (s * .55) ** 2)][k % 8]
        a = np.where(m[..., None], fg, bg) + r.normal(0, 14, (h, w, 3)) + r.normal(0, 6)
        return np.clip(a, 0, 255).astype(np.uint8)

    def img(self, k, size=None):
        a = Image.fromarray(self.arr(k, size))
        return a.convert("L") if self.grey else a

    def mask(self, size, blank=False):
        w, h = size
        y, x = np.mgrid[0:h, 0:w]
        cy, cx, s = h * self.r.uniform(.35, .65), w * self.r.uniform(.35, .65), min(h, w) * self.r.uniform(.15, .35)
        m = ((y - cy) ** 2 + ((x - cx) * self.r.uniform(.7, 1.2)) ** 2 < s ** 2) & (not blank)
        return Image.fromarray((m * 255).astype(np.uint8))


def mk(*p):
    d = os.path.join(*p)
    os.makedirs(d, exist_ok=True)
    return d


def put(im, path):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    kw = {"quality": 92} if path.lower().endswith((".jpg", ".jpeg")) else {}
    im.save(path, **kw)


def text(path, s, enc="utf-8", nl="\n"):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding=enc, newline="") as f:
        f.write(s.replace("\n", nl))


def table(path, rows, delim=",", enc="utf-8", nl="\n"):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding=enc, newline="") as f:
        csv.writer(f, delimiter=delim, lineterminator=nl).writerows(rows)


def spread(counts, py):
    """[(class index, name)] of every picture, shuffled"""
    out = [(k, n) for k, (n, c) in enumerate(counts.items()) for _ in range(c)]
    py.shuffle(out)
    return out


def d01(o):
    m = Maker(101, 4)
    for k, (n, c) in enumerate({"Bell Pepper": 17, "Carrot": 22, "Cauliflower": 19, "Tomato": 24}.items()):
        for i in range(c):
            name = [f"IMG_{2000 + 40 * k + i}.JPG", f"{n.lower().replace(' ', '-')} ({i + 1}).jpeg",
                    f"WhatsApp Image 2023-05-{1 + i:02d} at 10.{10 + k}.{10 + i}.jpg", f"{n}_{i:03d}.png"][i % 4]
            put(m.img(k), f"{o}/{n}/{name}")
    with open(f"{o}/Carrot/Thumbs.db", "wb") as f:
        f.write(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504))
    text(f"{o}/Tomato/desktop.ini", "[.ShellClassInfo]\nIconResource=C:\\WINDOWS\\System32\\SHELL32.dll,4\n", nl="\r\n")
    text(f"{o}/notes.txt", "pictures from the market, May 2023. still to do: more peppers\n")


def d02(o):
    m = Maker(102, 4, grey=True)
    names = ["glioma_tumor", "meningioma_tumor", "no_tumor", "pituitary_tumor"]
    for split, cs, pat in (("Training", (24, 23, 12, 25), "{p} ({i}).jpg"), ("Testing", (8, 9, 8, 6), "image({i}).jpg")):
        for k, (n, c) in enumerate(zip(names, cs)):
            for i in range(1, c + 1):
                p = {"glioma_tumor": "gg", "meningioma_tumor": "m1", "no_tumor": "image", "pituitary_tumor": "p"}[n]
                put(m.img(k), f"{o}/{split}/{n}/" + pat.format(p=p, i=i))


def d03(o):  # troubled: the folder once more inside itself
    m = Maker(103, 5)
    for k, (n, c) in enumerate({"daisy": 14, "dandelion": 18, "rose": 13, "sunflower": 12, "tulip": 16}.items()):
        for i in range(c):
            name = f"{m.py.randrange(10 ** 8, 10 ** 10)}_{m.py.randrange(16 ** 10):010x}_n.jpg"
            im = m.img(k)
            put(im, f"{o}/flowers/{n}/{name}")
            with open(f"{o}/flowers/{n}/{name}", "rb") as f:
                b = f.read()
            mk(o, "flowers", "flowers", n)
            with open(f"{o}/flowers/flowers/{n}/{name}", "wb") as f:
                f.write(b)


def d04(o):
    m = Maker(104, 4)
    rows = [["Nr", "Datei", "Datum", "Kamera", "Klasse", "Bemerkung"]]
    for i, (k, n) in enumerate(spread({"Gänseblümchen": 18, "Klatschmohn": 21, "Kornblume": 15, "Löwenzahn": 20}, m.py), 1):
        y = 2022 + (i > 40)
        put(m.img(k), f"{o}/Bilder/{y}/DSC0{3100 + i}.JPG")
        rows.append([i, f"Bilder\\{y}\\DSC0{3100 + i}.JPG", f"{1 + i % 28:02d}.06.{y}", ["Nikon D90", "Handy"][i % 3 == 0], n,
                     "unscharf; Gegenlicht" if i % 17 == 0 else ""])
    table(f"{o}/Wildblumen.csv", rows, delim=";", enc="utf-8-sig", nl="\r\n")


def d05(o):
    m = Maker(105, 5)
    ids = set()

    def new():
        while True:
            s = f"{m.py.randrange(16 ** 12):012x}"
            if s not in ids:
                ids.add(s)
                return s
    rows = []
    for k, n in spread({"0": 36, "1": 9, "2": 22, "3": 6, "4": 8}, m.py):
        s = new()
        put(m.img(k), f"{o}/train_images/{s}.png")
        rows.append([s, n])
    rows.sort()
    table(f"{o}/train.csv", [["id_code", "diagnosis"]] + rows)
    test = sorted(new() for _ in range(24))
    for s in test:
        put(m.img(m.py.randrange(5)), f"{o}/test_images/{s}.png")
    table(f"{o}/test.csv", [["id_code"]] + [[s] for s in test])
    table(f"{o}/sample_submission.csv", [["id_code", "diagnosis"]] + [[s, 0] for s in test])


def d06(o):
    m = Maker(106, 8)
    top = f"{o}/Kather_texture_2016_image_tiles_5000"
    for k, n in enumerate("01_TUMOR 02_STROMA 03_COMPLEX 04_LYMPHO 05_DEBRIS 06_MUCOSA 07_ADIPOSE 08_EMPTY".split()):
        for i in range(10):
            put(m.img(k, (50, 50)), f"{top}/{n}/{m.py.randrange(16 ** 4):04X}{i}_CRC-Prim-HE-{1 + i:02d}_{i:03d}.tif_"
                f"Row_{150 * i + 1}_Col_{1 + 150 * k}.tif")


def d07(o):  # troubled: twin spellings in a hand-kept CSV
    m = Maker(107, 3)
    sp = {"Healthy": ["Healthy"] * 18 + ["healthy"] * 9 + ["Healthy "] * 3,
          "Leaf Rust": ["Leaf Rust"] * 15 + ["leaf_rust"] * 14,
          "Powdery Mildew": ["Powdery Mildew"] * 14 + ["powdery mildew"] * 8 + ["Powdrey Mildew"] * 3}
    todo = [(k, s) for k, n in enumerate(sp) for s in sp[n]]
    m.py.shuffle(todo)
    rows = [["image", "condition", "annotator", "checked"]]
    for i, (k, s) in enumerate(todo, 1):
        put(m.img(k), f"{o}/leaves/leaf_{i:04d}.jpg")
        rows.append([f"leaf_{i:04d}.jpg", s, ["maria", "tom"][i % 5 < 2], ["yes", "no"][i % 7 == 0]])
    table(f"{o}/annotations.csv", rows)


def d08(o):
    m = Maker(108, 7)
    names = "MEL NV BCC AKIEC BKL DF VASC".split()
    start = 24306
    for part, cs in (("Training", (14, 34, 8, 6, 12, 4, 5)), ("Validation", (3, 8, 2, 2, 3, 1, 1))):
        rows = [["image"] + names]
        for k, n in spread(dict(zip(names, cs)), m.py):
            s = f"ISIC_{start:07d}"
            start += m.py.randrange(1, 9)
            put(m.img(k, (45, 60)), f"{o}/ISIC2018_Task3_{part}_Input/{s}.jpg")
            rows.append([s] + ["1.0" if j == k else "0.0" for j in range(7)])
        table(f"{o}/ISIC2018_Task3_{part}_GroundTruth/ISIC2018_Task3_{part}_GroundTruth.csv", rows)
        for d in ("Input", "GroundTruth"):
            text(f"{o}/ISIC2018_Task3_{part}_{d}/LICENSE.txt", "Creative Commons Attribution-NonCommercial 4.0\n")
            text(f"{o}/ISIC2018_Task3_{part}_{d}/ATTRIBUTION.txt", "See the challenge page for the sources of the pictures.\n")


def d09(o):
    m = Maker(109, 4)
    head = ["Filename", "Width", "Height", "Roi.X1", "Roi.Y1", "Roi.X2", "Roi.Y2", "ClassId"]
    top = f"{o}/GTSRB"

    def row(name, im, k):
        return [name, im.width, im.height, 5, 5, im.width - 5, im.height - 5, k]
    for k, c in enumerate((15, 30, 30, 15)):
        rows = [head]
        for i in range(c):
            name = f"{i // 15:05d}_{i % 15:05d}.ppm"
            im = m.img(k, (25 + i % 15, 26 + i % 15))
            put(im, f"{top}/Final_Training/Images/{k:05d}/{name}")
            rows.append(row(name, im, k))
        table(f"{top}/Final_Training/Images/{k:05d}/GT-{k:05d}.csv", rows, delim=";")
    rows = [head]
    for i, (k, _) in enumerate(spread({"0": 5, "1": 7, "2": 8, "3": 4}, m.py)):
        im = m.img(k)
        put(im, f"{top}/Final_Test/Images/{i:05d}.ppm")
        rows.append(row(f"{i:05d}.ppm", im, k))
    table(f"{top}/GT-final_test.csv", rows, delim=";")
    table(f"{top}/Final_Test/Images/GT-final_test.test.csv", [r[:-1] for r in rows], delim=";")  # as shipped: without ClassId
    text(f"{top}/Readme-Images.txt", "GTSRB: one folder per class in Final_Training/Images, with one annotation file each.\n"
         "The ground truth of Final_Test/Images is in GT-final_test.csv\n")


def d10(o):  # troubled: val lacks one of the classes
    m = Maker(110, 4)
    for k, n in enumerate(("0", "90", "180", "270")):
        for i in range(20):
            put(m.img(k), f"{o}/dataset/train/{n}/frame_{m.py.randrange(1000):03d}_{i:02d}_r{n}.png")
        for i in range({"0": 7, "90": 6, "180": 0, "270": 7}[n]):
            put(m.img(k), f"{o}/dataset/val/{n}/frame_{m.py.randrange(1000):03d}_{i:02d}_v{n}.png")


def d11(o):
    m = Maker(111, 4)
    names = {"beagle": 15, "maine_coon": 17, "parrot": 14, "rabbit": 16}
    for i, (k, n) in enumerate(spread(names, m.py)):
        im = m.img(k)
        put(im, f"{o}/pets/images/pet_{i:05d}.jpg")
        text(f"{o}/pets/annotations/pet_{i:05d}.json", json.dumps({
            "version": "5.4.1", "flags": {x: x == n for x in names}, "shapes": [], "imagePath": f"../images/pet_{i:05d}.jpg",
            "imageData": None, "imageHeight": im.height, "imageWidth": im.width}, indent=2))
    text(f"{o}/pets/flags.txt", "".join(n + "\n" for n in names))


def d12(o):
    m = Maker(112, 8)
    d = {}
    for split, each in (("train", 12), ("val", 2), ("test", 4)):
        ks = [k for k in range(8) for _ in range(each)]
        m.py.shuffle(ks)
        d[split + "_images"] = np.stack([m.arr(k, (28, 28)) for k in ks])
        d[split + "_labels"] = np.array(ks, np.uint8)[:, None]
    np.savez(f"{o}/bloodmnist.npz", **d)


def d13(o):  # troubled: masks beside the pictures in the class folders
    m = Maker(113, 3, grey=True)
    top = f"{o}/Dataset_BUSI_with_GT"
    for k, (n, c) in enumerate({"benign": 28, "malignant": 21, "normal": 15}.items()):
        for i in range(1, c + 1):
            im = m.img(k)
            put(im, f"{top}/{n}/{n} ({i}).png")
            put(m.mask(im.size, n == "normal"), f"{top}/{n}/{n} ({i})_mask.png")
            if (n, i) in (("benign", 4), ("benign", 25)):
                put(m.mask(im.size), f"{top}/{n}/{n} ({i})_mask_1.png")


def d14(o):
    m = Maker(114, 4)
    names = ["Bacterial_blight", "Blast", "Brown_spot", "Tungro"]

    def add(z, name, b):
        z.writestr(zipfile.ZipInfo(name, (2023, 4, 5, 10, 20, 30)), b)
    with zipfile.ZipFile(f"{o}/rice_leaf_diseases.zip", "w") as z:
        for split, cs in (("train", (16, 18, 15, 17)), ("val", (5, 5, 4, 5))):
            for k, (n, c) in enumerate(zip(names, cs)):
                for i in range(c):
                    b = io.BytesIO()
                    m.img(k).save(b, "JPEG", quality=92)
                    f = f"{split}/{n}/{n.upper()}{i + 1}_{m.py.randrange(1000):03d}.jpg"
                    add(z, "rice_leaf/" + f, b.getvalue())
                    if i < 2:
                        d, _, x = f.rpartition("/")
                        add(z, f"__MACOSX/rice_leaf/{d}/._{x}", b"\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X        " + bytes(140))
        add(z, "rice_leaf/.DS_Store", b"\x00\x00\x00\x01Bud1" + bytes(200))
    text(f"{o}/README.md", "# Rice leaf diseases\n\nDownload of 2023-04. Unzip, then use `rice_leaf/train` and `rice_leaf/val`.\n")


def d15(o):
    m = Maker(115, 5)
    for i, (k, n) in enumerate(spread({"Chickweed": 19, "Cleavers": 16, "Maize": 20, "Sugarbeet": 18, "Wheat": 22}, m.py)):
        put(m.img(k), f"{o}/seedlings/202304{12 + i // 24:02d}_tray{1 + i % 3:02d}_{n}_{i + 1:04d}.png")
    text(f"{o}/README.txt", "seedlings/<date>_<tray>_<species>_<running number>.png\n")


def d16(o):  # troubled: only part 1 of 2 of the pictures is there
    m = Maker(116, 7)
    rows, ids = [], m.py.sample(range(24306, 24906), 100)
    ids.sort()
    first, second = ids[:50], ids[50:]
    m.py.shuffle(first)
    m.py.shuffle(second)
    where = ["back", "face", "trunk", "lower extremity", "upper extremity", "abdomen"]
    les = 0
    for k, (n, c) in enumerate({"bkl": 18, "nv": 34, "df": 6, "mel": 18, "vasc": 6, "bcc": 10, "akiec": 8}.items()):
        for i in range(c):
            s = f"ISIC_{(first if i % 2 == 0 else second).pop():07d}"
            if i % 2 == 0:
                put(m.img(k, (45, 60)), f"{o}/HAM10000_images_part_1/{s}.jpg")
            les += m.py.randrange(1, 40)
            rows.append([f"HAM_{les:07d}", s, n, m.py.choice(["histo", "follow_up", "consensus"]),
                         f"{m.py.randrange(4, 17) * 5}.0", m.py.choice(["male", "female"]), m.py.choice(where)])
    table(f"{o}/HAM10000_metadata.csv", [["lesion_id", "image_id", "dx", "dx_type", "age", "sex", "localization"]] + rows)


def d17(o):
    m = Maker(117, 3)
    rows = [["annotation_id", "annotator", "choice", "created_at", "id", "image", "lead_time", "updated_at"]]
    for i, (k, n) in enumerate(spread({"damaged": 20, "intact": 31, "unclear": 21}, m.py)):
        name = f"{m.py.randrange(16 ** 8):08x}-parcel_{i + 1:03d}.jpg"
        put(m.img(k), f"{o}/media/upload/3/{name}")
        t = f"2024-05-02T09:{10 + i // 2:02d}:{i % 2 * 30 + 11:02d}.{m.py.randrange(10 ** 6):06d}Z"
        rows.append([311 + i, 1 + i % 2, n, t, 1204 + i, f"/data/upload/3/{name}", round(m.py.uniform(1, 9), 3), t])
    table(f"{o}/project-3-at-2024-05-02-11-48-5d1f60c2.csv", rows)


def d18(o):
    m = Maker(118, 3)
    days = ["2024-03-11", "2024-03-12", "2024-03-15"]
    for k, (n, c) in enumerate({"OK": 48, "scratch": 19, "dent": 15}.items()):
        for i in range(c):
            day = days[i % 3]
            cam = "cam_left" if (i // 3) % 2 == 0 else "cam_right"
            if n == "dent" and day == "2024-03-12":  # no dents seen on that day
                day = "2024-03-15"
            put(m.img(k, (40, 56)), f"{o}/{day}/{cam}/{n}/{day.replace('-', '')}_{6 + i % 12:02d}{i:02d}{k}{i % 10}_{cam}.bmp")
    text(f"{o}/log.txt", "2024-03-11 line 2 started\n2024-03-12 no dents\n2024-03-15 new lamp\n")


def d19(o):  # troubled: one picture taken away, the bare list of labels left as it was
    m = Maker(119, 3)
    lab = spread({"birch": 30, "grass": 30, "hazel": 30}, m.py)
    for i, (k, n) in enumerate(lab, 1):
        im = m.img(k, (40, 40))
        if i != 37:
            put(im, f"{o}/pollen/images/img_{i:03d}.png")
    text(f"{o}/pollen/labels.txt", "".join(n + "\n" for _, n in lab))


def d20(o):
    m = Maker(120, 6)
    var = [("707-320", "Boeing 707", "Boeing"), ("737-200", "Boeing 737", "Boeing"), ("737-300", "Boeing 737", "Boeing"),
           ("A320", "A320", "Airbus"), ("A321", "A320", "Airbus"), ("F/A-18", "F/A-18", "McDonnell Douglas")]
    top = f"{o}/fgvc-aircraft-2013b/data"
    ids = m.py.sample(range(34000, 2300000), 132)
    lists = {}
    boxes = []
    for split, each in (("train", 7), ("val", 7), ("test", 8)):
        for k, v in enumerate(var):
            for _ in range(each):
                s = f"{ids.pop():07d}"
                im = m.img(k, (40, 60))
                put(im, f"{top}/images/{s}.jpg")
                boxes.append(f"{s} 3 4 {im.width - 3} {im.height - 4}\n")
                for level, name in zip(("variant", "family", "manufacturer"), v):
                    for sp in [split] + (["trainval"] if split != "test" else []):
                        lists.setdefault((level, sp), []).append(f"{s} {name}\n")
                        lists.setdefault((None, sp), []).append(s + "\n") if level == "variant" else None
    for (level, sp), lines in lists.items():
        text(f"{top}/images_{level}_{sp}.txt" if level else f"{top}/images_{sp}.txt", "".join(lines))
    text(f"{top}/images_box.txt", "".join(sorted(boxes)))
    for j, f in enumerate(("variants", "families", "manufacturers")):
        text(f"{top}/{f}.txt", "".join(x + "\n" for x in sorted({v[j] for v in var})))
    text(f"{o}/fgvc-aircraft-2013b/README.md", "# FGVC-Aircraft 2013b\n\nThe main annotation is the variant; family and manufacturer are coarser.\n")


NAMES = {1: "vegetables", 2: "brain_mri", 3: "flowers-recognition", 4: "Wildblumen", 5: "retina_competition", 6: "colorectal",
         7: "leaves", 8: "isic2018_task3", 9: "traffic_signs", 10: "orientation", 11: "pets_labelme", 12: "bloodmnist",
         13: "breast_ultrasound", 14: "rice_zip", 15: "seedlings", 16: "ham10000", 17: "parcels_labelstudio",
         18: "inspection", 19: "pollen", 20: "aircraft"}

if __name__ == "__main__":
    for i, n in NAMES.items():
        globals()[f"d{i:02d}"](mk(OUT, f"{i:02d}_{n}"))
