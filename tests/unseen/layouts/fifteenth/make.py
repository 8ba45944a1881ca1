#!/usr/bin/env python3
"""Writes 20 small image-classification datasets, each in another layout: python3 make.py OUT"""
import csv, io, json, random, sys, zipfile
from pathlib import Path
import numpy as np
from PIL import Image, ImageDraw

OUT = Path(sys.argv[1] if len(sys.argv) > 1 else "out")
TINTS = [(200, 60, 60), (60, 180, 70), (70, 90, 210), (220, 190, 50),
         (170, 70, 190), (60, 190, 190), (230, 130, 50), (130, 130, 130)]


class Maker:
    """Pictures of one dataset: class c has its tint and its shape; noise makes every picture another."""

    def __init__(self, seed, size=(40, 40), gray=False):
        self.rng = np.random.default_rng(seed)
        self.rand = random.Random(seed)
        self.size, self.gray = size, gray

    def image(self, c):
        w, h = self.size
        t = np.array(TINTS[c % 8]) * 0.5 + 50
        im = Image.new("RGB", (w, h), tuple(int(v) for v in t))
        d = ImageDraw.Draw(im)
        x, y = int(self.rng.integers(2, w // 3)), int(self.rng.integers(2, h // 3))
        box = (x, y, x + w // 2, y + h // 2)
        col = TINTS[c % 8]
        k = c % 4
        if k == 0:
            d.ellipse(box, fill=col)
        elif k == 1:
            d.rectangle(box, fill=col)
        elif k == 2:
            d.polygon([(x, y + h // 2), (x + w // 2, y + h // 2), (x + w // 4, y)], fill=col)
        else:
            d.line((x, y, x + w // 2, y + h // 2), fill=col, width=5)
            d.line((x + w // 2, y, x, y + h // 2), fill=col, width=5)
        a = np.asarray(im).astype(int) + self.rng.integers(-28, 29, (h, w, 3))
        im = Image.fromarray(np.clip(a, 0, 255).astype("uint8"))
        return im.convert("L") if self.gray else im

    def save(self, path, c):
        path.parent.mkdir(parents=True, exist_ok=True)
        im = self.image(c)
        fmt = {".jpg": "JPEG", ".jpeg": "JPEG", ".png": "PNG", ".bmp": "BMP"}[path.suffix.lower()]
        im.save(path, fmt, **({"quality": 92} if fmt == "JPEG" else {}))

    def hexs(self, n):
        return "".join(self.rand.choice("0123456789abcdef") for _ in range(n))


def text(path, s, **kw):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(s, encoding=kw.get("encoding", "utf-8"), newline="")


def table(path, rows, delimiter=",", eol="\n", encoding="utf-8"):
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w", newline="", encoding=encoding) as f:
        csv.writer(f, delimiter=delimiter, lineterminator=eol).writerows(rows)


# ---- healthy -------------------------------------------------------------------------------------------------

def d01(o):      # ImageFolder train/val/test and the class_indices.json of the tutorials
    m = Maker(1, (48, 48))
    names = ["cardboard", "glass", "metal", "paper", "plastic"]
    i = 0
    for part, n in (("train", 14), ("val", 4), ("test", 5)):
        for c, name in enumerate(names):
            for _ in range(n - (c == 2 and part == "train") * 3):
                i += 1
                m.save(o / part / name / f"{name}{i:03d}.jpg", c)
    text(o / "class_indices.json", json.dumps({str(c): n for c, n in enumerate(names)}, indent=4))
    text(o / "README.md", "# Waste sorting\n\nSplit with split-folders, ratio .7 .1 .2 (seed 1337)\n")


def d02(o):      # flower_photos: one folder a class, a LICENSE beside
    m = Maker(2, (60, 45))
    r = o / "flower_photos"
    for c, (name, n) in enumerate({"daisy": 22, "dandelion": 28, "roses": 20, "sunflowers": 21, "tulips": 25}.items()):
        for _ in range(n):
            m.save(r / name / f"{m.rand.randrange(10**8, 10**10)}_{m.hexs(10)}.jpg", c)
    text(r / "LICENSE.txt", "All images in this archive are licensed under the Creative Commons By-Attribution License.\n\n"
         + "".join(f"daisy/{k}.jpg CC-BY by somebody - https://www.flickr.com/photos/{k}/\n" for k in range(3)))


def d03(o):      # cassava-like competition
    m = Maker(3, (50, 40))
    rows = []
    for i in range(100):
        c = [3, 3, 3, 3, 1, 2, 4, 0, 3, 2][i % 10]
        f = f"{m.rand.randrange(10**8, 4 * 10**9)}.jpg"
        m.save(o / "train_images" / f, c)
        rows.append([f, c])
    m.rand.shuffle(rows)
    table(o / "train.csv", [["image_id", "label"]] + rows)
    sub = []
    for i in range(15):
        f = f"{m.rand.randrange(10**8, 4 * 10**9)}.jpg"
        m.save(o / "test_images" / f, m.rand.randrange(5))
        sub.append([f, 4])
    table(o / "sample_submission.csv", [["image_id", "label"]] + sub)
    text(o / "label_num_to_disease_map.json", json.dumps({
        "0": "Cassava Bacterial Blight (CBB)", "1": "Cassava Brown Streak Disease (CBSD)",
        "2": "Cassava Green Mottle (CGM)", "3": "Cassava Mosaic Disease (CMD)", "4": "Healthy"}))


def d04(o):      # HAM10000 as on Kaggle: metadata, pictures in two parts, pixel table beside
    m = Maker(4, (60, 45))
    dx = ["akiec", "bcc", "bkl", "mel", "nv"]
    rows, pix = [], []
    for i in range(96):
        c = [4, 4, 4, 2, 3, 4, 1, 0][i % 8]
        iid = f"ISIC_{24306 + i * 7:07d}"
        part = "HAM10000_images_part_1" if i < 48 else "HAM10000_images_part_2"
        m.save(o / part / f"{iid}.jpg", c)
        rows.append([f"HAM_{m.rand.randrange(7000):07d}", iid, dx[c], m.rand.choice(["histo", "follow_up", "consensus"]),
                     m.rand.choice([35.0, 40.0, 55.0, 60.0, 80.0]), m.rand.choice(["male", "female"]),
                     m.rand.choice(["back", "face", "trunk", "scalp"]), "vidir_modern"])
        small = np.asarray(Image.open(o / part / f"{iid}.jpg").convert("L").resize((8, 8))).ravel()
        pix.append(list(small) + [c])
    m.rand.shuffle(rows)
    table(o / "HAM10000_metadata.csv", [["lesion_id", "image_id", "dx", "dx_type", "age", "sex", "localization", "dataset"]] + rows)
    table(o / "hmnist_8_8_L.csv", [[f"pixel{k:04d}" for k in range(64)] + ["label"]] + pix)


def d05(o):      # PaddleClas: jpg/, train_list.txt, val_list.txt, label list
    m = Maker(5, (44, 44))
    names = ["pink primrose", "hard-leaved pocket orchid", "canterbury bells", "sweet pea"]
    tr, va = [], []
    order = [c for c in range(4) for _ in range(24)]
    m.rand.shuffle(order)
    for i, c in enumerate(order):
        f = f"jpg/image_{i + 1:05d}.jpg"
        m.save(o / f, c)
        (va if i % 4 == 3 else tr).append(f"{f} {c}\n")
    text(o / "train_list.txt", "".join(tr))
    text(o / "val_list.txt", "".join(va))
    text(o / "flowers_label_list.txt", "".join(f"{c} {n}\n" for c, n in enumerate(names)))


def d06(o):      # CUB-200-2011 as unpacked
    m = Maker(6, (56, 44))
    r = o / "CUB_200_2011"
    names = ["001.Black_footed_Albatross", "002.Laysan_Albatross", "003.Sooty_Albatross", "004.Groove_billed_Ani",
             "005.Crested_Auklet", "006.Least_Auklet"]
    im, lab, spl, box = [], [], [], []
    i = 0
    for c, n in enumerate(names):
        for k in range(18):
            i += 1
            f = f"{n}/{n[4:]}_{k + 1:04d}_{m.rand.randrange(10**5, 10**6)}.jpg"
            m.save(r / "images" / f, c)
            im.append(f"{i} {f}\n")
            lab.append(f"{i} {c + 1}\n")
            spl.append(f"{i} {int(k % 2 == 0 or k == 1)}\n")
            box.append(f"{i} {m.rand.randrange(9)}.0 {m.rand.randrange(9)}.0 30.0 28.0\n")
    for f, s in (("images", im), ("image_class_labels", lab), ("train_test_split", spl), ("bounding_boxes", box)):
        text(r / f"{f}.txt", "".join(s))
    text(r / "classes.txt", "".join(f"{c + 1} {n}\n" for c, n in enumerate(names)))
    text(r / "README", "The Caltech-UCSD Birds-200-2011 Dataset (excerpt)\n")
    text(r / "parts" / "parts.txt", "1 back\n2 beak\n3 belly\n4 breast\n")
    text(o / "attributes.txt", "1 has_bill_shape::curved_(up_or_down)\n2 has_bill_shape::dagger\n")


def d07(o):      # multi-class weather: one flat folder, the class in the name
    m = Maker(7, (52, 36))
    for c, (n, k) in enumerate({"cloudy": 26, "rain": 20, "shine": 23, "sunrise": 30}.items()):
        for i in range(1, k + 1):
            m.save(o / "dataset2" / f"{n}{i}.{'jpeg' if (c, i) in ((1, 7), (3, 9)) else 'jpg'}", c)


def d08(o):      # MedMNIST npz
    m = Maker(8, (28, 28))
    arr = {}
    for part, n in (("train", 80), ("val", 16), ("test", 32)):
        y = np.array([k % 8 for k in range(n)])
        m.rng.shuffle(y)
        arr[f"{part}_images"] = np.stack([np.asarray(m.image(int(c))) for c in y])
        arr[f"{part}_labels"] = y.astype("uint8").reshape(-1, 1)
    o.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(o / "bloodmnist.npz", **arr)


def d09(o):      # rock paper scissors: two zips as downloaded
    m = Maker(9, (50, 50))
    o.mkdir(parents=True, exist_ok=True)
    for z, top, n, form in (("rps.zip", "rps", 26, "{0}{1:02d}-{2:03d}.png"), ("rps-test-set.zip", "rps-test-set", 10, "test{0}{1:02d}-{2:02d}.png")):
        with zipfile.ZipFile(o / z, "w") as f:
            f.writestr(zipfile.ZipInfo(f"{top}/", (2019, 2, 11, 0, 0, 0)), "")
            for c, name in enumerate(["paper", "rock", "scissors"]):
                f.writestr(zipfile.ZipInfo(f"{top}/{name}/", (2019, 2, 11, 0, 0, 0)), "")
                for i in range(n):
                    b = io.BytesIO()
                    m.image(c).save(b, "PNG")
                    f.writestr(zipfile.ZipInfo(f"{top}/{name}/" + form.format(name, i // 10 + 1, i % 10), (2019, 2, 11, 0, 0, 0)), b.getvalue())


def d10(o):      # FiftyOne image classification export, by split
    m = Maker(10, (48, 36))
    names = ["bus", "car", "motorcycle", "truck"]
    i = 0
    for part, n in (("train", 64), ("validation", 16), ("test", 20)):
        lab = {}
        for k in range(n):
            i += 1
            c = m.rand.randrange(4) if k >= 4 else k
            m.save(o / part / "data" / f"{i:06d}.jpg", c)
            lab[f"{i:06d}"] = c
        text(o / part / "labels.json", json.dumps({"classes": names, "labels": lab}))


def d11(o):      # Roboflow: _classes.csv of 0/1 columns in each split's folder
    m = Maker(11, (64, 64))
    names = ["Leaf-Rust", "Mosaic", "healthy", "red-rot"]
    i = 0
    for part, n in (("train", 72), ("valid", 20), ("test", 12)):
        rows = []
        for k in range(n):
            i += 1
            c = k % 4
            f = f"IMG_{2100 + i}_jpg.rf.{m.hexs(32)}.jpg"
            m.save(o / part / f, c)
            rows.append([f] + [f" {int(c == j)}" for j in range(4)])
        m.rand.shuffle(rows)
        table(o / part / "_classes.csv", [["filename"] + [" " + x for x in names]] + rows)
    text(o / "README.roboflow.txt", "sugarcane - v3 2023-04-02\n\nDataset exported via roboflow.com\n\n"
         "The dataset includes 104 images.\nLeaves are annotated in Multi Label Classification format.\n")
    text(o / "README.dataset.txt", "# sugarcane > 2023-04-02\nProvided by a Roboflow user\nLicense: CC BY 4.0\n")


def d12(o):      # tiny-imagenet-200
    m = Maker(12, (64, 64))
    r = o / "tiny-imagenet-200"
    w = {"n01443537": "goldfish, Carassius auratus", "n01629819": "European fire salamander, Salamandra salamandra",
         "n01641577": "bullfrog, Rana catesbeiana", "n01644900": "tailed frog, bell toad, ribbed toad, tailed toad, Ascaphus trui",
         "n01698640": "American alligator, Alligator mississipiensis"}
    ids = list(w)
    for c, n in enumerate(ids):
        box = []
        for k in range(16):
            m.save(r / "train" / n / "images" / f"{n}_{k}.JPEG".replace(".JPEG", ".jpeg"), c)
            p = r / "train" / n / "images" / f"{n}_{k}.jpeg"
            p.rename(p.with_suffix(".JPEG"))
            box.append(f"{n}_{k}.JPEG\t0\t10\t63\t58\n")
        text(r / "train" / n / f"{n}_boxes.txt", "".join(box))
    ann = []
    for k in range(25):
        c = (k * 3) % 5
        m.save(r / "val" / "images" / f"val_{k}.jpeg", c)
        p = r / "val" / "images" / f"val_{k}.jpeg"
        p.rename(p.with_suffix(".JPEG"))
        ann.append(f"val_{k}.JPEG\t{ids[c]}\t0\t32\t44\t62\n")
    text(r / "val" / "val_annotations.txt", "".join(ann))
    for k in range(15):
        m.save(r / "test" / "images" / f"test_{k}.jpeg", k % 5)
        p = r / "test" / "images" / f"test_{k}.jpeg"
        p.rename(p.with_suffix(".JPEG"))
    text(r / "wnids.txt", "".join(f"{n}\n" for n in ids[::-1]))
    text(r / "words.txt", "n00001740\tentity\n" + "".join(f"{n}\t{s}\n" for n, s in w.items()) + "n01726692\tsnake, serpent, ophidian\n")


def d13(o):      # GTSRB as on Kaggle
    m = Maker(13, (36, 34))
    head = ["Width", "Height", "Roi.X1", "Roi.Y1", "Roi.X2", "Roi.Y2", "ClassId", "Path"]
    tr, te = [], []
    for c in range(5):
        for k in range(15):
            p = f"Train/{c}/{c:05d}_{k // 5:05d}_{k % 5:05d}.png"
            m.save(o / p, c)
            tr.append([36, 34, 5, 5, 31, 29, c, p])
    for k in range(30):
        c = m.rand.randrange(5) if k >= 5 else k
        p = f"Test/{k:05d}.png"
        m.save(o / p, c)
        te.append([36, 34, 6, 5, 30, 29, c, p])
    meta = []
    for c in range(5):
        m.save(o / f"Meta/{c}.png", c)
        meta.append([f"Meta/{c}.png", c, c % 2, c % 3, f"3.{c}"])
    table(o / "Train.csv", [head] + tr)
    table(o / "Test.csv", [head] + te)
    table(o / "Meta.csv", [["Path", "ClassId", "ShapeId", "ColorId", "SignId"]] + meta)


def d14(o):      # line inspection on a Windows machine: class / date / camera, bmp
    m = Maker(14, (48, 32))
    for c, (n, k) in enumerate({"Good": 40, "NG Scratch": 18, "NG Dent": 16, "NG Dirt": 20}.items()):
        for i in range(k):
            day, cam = ["2023-05-11", "2023-05-12", "2023-06-02"][i % 3], ["CAM1", "CAM2"][i // 3 % 2]
            m.save(o / n / day / cam / f"{day.replace('-', '')}_{80000 + 137 * i + c}_{cam}.bmp", c)
        (o / n / "Thumbs.db").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(200))
    text(o / "desktop.ini", "[.ShellClassInfo]\r\nIconResource=C:\\WINDOWS\\System32\\SHELL32.dll,4\r\n")


# ---- troubled ------------------------------------------------------------------------------------------------

def d15(o):      # rotation classes; no 180 in val
    m = Maker(15, (42, 42))
    for part, n in (("train", 18), ("val", 8)):
        for c, a in enumerate(["0", "90", "180", "270"]):
            if part == "val" and a == "180":
                continue
            for k in range(n - c):
                m.save(o / part / a / f"photo_{m.hexs(6)}.jpg", c)


def d16(o):      # ImageNet-like; val unsorted, pushed into one folder so that the loader runs
    m = Maker(16, (56, 48))
    k = 0
    for c, n in enumerate(["n01440764", "n02102040", "n02979186", "n03000684", "n03888257"]):
        for i in range(15):
            p = o / "train" / n / f"{n}_{m.rand.randrange(20000)}.jpeg"
            m.save(p, c)
            p.rename(p.with_suffix(".JPEG"))
    for i in range(30):
        p = o / "val" / "images" / f"ILSVRC2012_val_{i + 1:08d}.jpeg"
        m.save(p, m.rand.randrange(5))
        p.rename(p.with_suffix(".JPEG"))


def d17(o):      # the archive holds itself once more, and __MACOSX
    m = Maker(17, (48, 48), gray=True)
    r = o / "chest_xray"
    for part, n in (("train", 15), ("test", 6)):
        for c, name in enumerate(["COVID19", "NORMAL", "PNEUMONIA"]):
            for i in range(n + c):
                f = f"{name}({i + (0 if part == 'train' else 400)}).jpg"
                p = r / part / name / f
                m.save(p, c)
                q = r / "chest_xray" / part / name / f
                q.parent.mkdir(parents=True, exist_ok=True)
                q.write_bytes(p.read_bytes())
                a = r / "__MACOSX" / "chest_xray" / part / name / ("._" + f)
                a.parent.mkdir(parents=True, exist_ok=True)
                a.write_bytes(b"\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X        " + bytes(96))
            (r / "chest_xray" / part / ".DS_Store").write_bytes(b"\x00\x00\x00\x01Bud1" + bytes(120))


def d18(o):      # hand-typed findings, saved from a German Excel
    m = Maker(18, (60, 40))
    typed = [["Riss"] * 5 + ["riss", "Riss "], ["Kratzer"] * 5 + ["kratzer", "KRATZER"],
             ["Delle"] * 6 + ["delle "], ["in Ordnung"] * 5 + ["In Ordnung"] * 2]
    rows = []
    for i in range(84):
        c = i % 4
        f = f"IMG_{1000 + i * 3}.JPG"
        m.save(o / "Bilder" / f, c)
        rows.append([f"Bilder\\{f}", f"{i % 28 + 1:02d}.09.2022", typed[c][i // 4 % 7], "" if i % 5 else "unscharf"])
    table(o / "Befunde.csv", [["Datei", "Datum", "Befund", "Bemerkung"]] + rows, ";", "\r\n", "utf-8-sig")


def d19(o):      # labels.txt by line number; five pictures were thrown away since
    m = Maker(19, (40, 40))
    gone = {4, 19, 37, 52, 70}
    lab = []
    for i in range(1, 85):
        c = m.rand.randrange(4)
        lab.append(c)
        if i not in gone:
            m.save(o / "images" / f"img_{i:03d}.png", c)
    text(o / "labels.txt", "".join(f"{c}\n" for c in lab))
    text(o / "classes.txt", "beetle\nbutterfly\ndragonfly\ngrasshopper\n")


def d20(o):      # BUSI: masks lie beside the pictures in the class folders
    m = Maker(20, (56, 46), gray=True)
    r = o / "Dataset_BUSI_with_GT"
    for c, (n, k) in enumerate({"benign": 24, "malignant": 18, "normal": 14}.items()):
        for i in range(1, k + 1):
            m.save(r / n / f"{n} ({i}).png", c)
            for s in ["_mask"] + (["_mask_1"] if n == "benign" and i in (4, 11) else []):
                im = Image.new("1", m.size, 0)
                if n != "normal":
                    x, y = int(m.rng.integers(4, 20)), int(m.rng.integers(4, 16))
                    ImageDraw.Draw(im).ellipse((x, y, x + int(m.rng.integers(12, 26)), y + int(m.rng.integers(10, 24))), fill=1)
                im.save(r / n / f"{n} ({i}){s}.png")


SETS = {"01_waste": d01, "02_flowers": d02, "03_cassava": d03, "04_skin": d04, "05_jpg_lists": d05, "06_birds": d06,
        "07_weather": d07, "08_blood": d08, "09_hands": d09, "10_vehicles": d10, "11_sugarcane": d11, "12_tiny": d12,
        "13_signs": d13, "14_line": d14, "15_rotation": d15, "16_imagenet5": d16, "17_xray": d17, "18_befunde": d18,
        "19_insects": d19, "20_breast": d20}

if __name__ == "__main__":
    for name, f in SETS.items():
        f(OUT / name)
