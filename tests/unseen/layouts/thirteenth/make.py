#!/usr/bin/env python3
"""python3 make.py OUT: writes twenty small image-classification datasets, each in another layout that people keep."""
import csv
import io
import json
import os
import random
import sys
import zipfile
import zlib

import numpy as np
from PIL import Image, ImageDraw, features

TINTS = [(200, 60, 50), (50, 150, 70), (60, 80, 200), (210, 180, 50), (150, 60, 170), (40, 170, 180), (120, 120, 120),
         (230, 130, 60)]


class Maker:
    """The pictures and files of one dataset."""

    def __init__(self, out, name):
        self.root = os.path.join(out, name)
        seed = zlib.crc32(name.encode())
        self.np = np.random.default_rng(seed)
        self.rng = random.Random(seed)
        os.makedirs(self.root, exist_ok=True)

    def path(self, *parts):
        p = os.path.join(self.root, *parts)
        os.makedirs(os.path.dirname(p), exist_ok=True)
        return p

    def pic(self, k, size=40, mode="RGB"):
        """A picture of class k: a tint and a shape of its own, at a place of its own, under noise."""
        w, h = (size, size) if isinstance(size, int) else size
        tint = TINTS[k % len(TINTS)]
        bg = tuple(int(c * 0.35 + 60) for c in tint)
        im = Image.new("RGB", (w, h), bg)
        d = ImageDraw.Draw(im)
        r = self.rng.randint(min(w, h) // 5, min(w, h) // 3)
        cx, cy = self.rng.randint(r, w - r), self.rng.randint(r, h - r)
        box = (cx - r, cy - r, cx + r, cy + r)
        s = k % 4
        if s == 0:
            d.ellipse(box, fill=tint)
        elif s == 1:
            d.rectangle(box, fill=tint)
        elif s == 2:
            d.polygon([(cx, cy - r), (cx + r, cy + r), (cx - r, cy + r)], fill=tint)
        else:
            d.line((cx - r, cy - r, cx + r, cy + r), fill=tint, width=4)
            d.line((cx - r, cy + r, cx + r, cy - r), fill=tint, width=4)
        a = np.asarray(im).astype(np.int16) + self.np.integers(-22, 23, (h, w, 3))
        im = Image.fromarray(np.clip(a, 0, 255).astype(np.uint8))
        return im if mode == "RGB" else im.convert(mode)

    def save(self, im, *parts, fmt=None):
        p = self.path(*parts)
        ext = os.path.splitext(p)[1].lower()
        fmt = fmt or {".jpg": "JPEG", ".jpeg": "JPEG", ".png": "PNG", ".webp": "WEBP", ".bmp": "BMP"}[ext]
        im.save(p, fmt, **({"quality": 90} if fmt == "JPEG" else {}))

    def bytes_of(self, im, fmt="JPEG"):
        b = io.BytesIO()
        im.save(b, fmt, **({"quality": 90} if fmt == "JPEG" else {}))
        return b.getvalue()

    def text(self, s, *parts, enc="utf-8"):
        with open(self.path(*parts), "wb") as f:
            f.write(s.encode(enc))

    def raw(self, b, *parts):
        with open(self.path(*parts), "wb") as f:
            f.write(b)

    def table(self, rows, *parts, delimiter=",", enc="utf-8", eol="\n"):
        b = io.StringIO()
        csv.writer(b, delimiter=delimiter, lineterminator=eol).writerows(rows)
        self.text(b.getvalue(), *parts, enc=enc)

    def hexid(self, n=12):
        return "".join(self.rng.choice("0123456789abcdef") for _ in range(n))

    def spread(self, counts):
        """Class numbers, as many as counts says, in a mixed order."""
        ks = [k for k, n in enumerate(counts) for _ in range(n)]
        self.rng.shuffle(ks)
        return ks


def d01_pet_names(m):
    names = ["Abyssinian", "Bengal", "great_pyrenees", "shiba_inu", "yorkshire_terrier"]
    for k, (c, n) in enumerate(zip(names, [16, 12, 15, 13, 14])):
        for i in m.rng.sample(range(1, 205), n):
            m.save(m.pic(k, (m.rng.randint(36, 60), m.rng.randint(36, 60))), "images", "%s_%d.jpg" % (c, i))
    m.raw(b"MATLAB 5.0 MAT-file, Platform: GLNXA64" + bytes(90), "images", "Abyssinian_250.mat")
    m.raw(b"MATLAB 5.0 MAT-file, Platform: GLNXA64" + bytes(91), "images", "Abyssinian_251.mat")
    m.raw(m.np.bytes(500), "images", "models", "stage-1.pth")
    m.raw(m.np.bytes(300), "export.pkl")


def d02_orchard_comp(m):
    cols = ["healthy", "multiple_diseases", "rust", "scab"]
    sub = [["image_id"] + cols]
    rows = [["image_id"] + cols]
    for i, k in enumerate(m.spread([18, 6, 19, 17])):
        rows.append(["Train_%d" % i] + [int(k == j) for j in range(4)])
        m.save(m.pic(k, (56, 40)), "images", "Train_%d.jpg" % i)
    for i, k in enumerate(m.spread([6, 2, 6, 6])):
        sub.append(["Test_%d" % i] + [0.25] * 4)
        m.save(m.pic(k, (56, 40)), "images", "Test_%d.jpg" % i)
    m.table(rows, "train.csv")
    m.table([[r[0]] for r in sub], "test.csv")
    m.table(sub, "sample_submission.csv")


def d03_scenes_nested(m):
    names = ["buildings", "forest", "glacier", "sea"]
    ids = list(range(1, 900))
    m.rng.shuffle(ids)
    for k, c in enumerate(names):
        for _ in range([15, 17, 16, 16][k]):
            m.save(m.pic(k, 48), "seg_train", "seg_train", c, "%d.jpg" % ids.pop())
        for _ in range(6):
            m.save(m.pic(k, 48), "seg_test", "seg_test", c, "%d.jpg" % ids.pop())
    for i in range(12):
        m.save(m.pic(i % 4, 48), "seg_pred", "seg_pred", "%d.jpg" % ids.pop())


def d04_turned_pages(m):
    names = ["0", "90", "180", "270"]
    i = 0
    for s, counts in (("train", [12, 12, 12, 12]), ("val", [4, 4, 4, 4]), ("test", [3, 3, 0, 3])):
        for k, c in enumerate(names):
            for _ in range(counts[k]):
                i += 1
                m.save(m.pic(k, (44, 60)), "dataset", s, c, "scan_%04d.png" % i)


def d05_txt_beside(m):
    names = ["bolt", "nut", "washer", "locating pin"]
    for i, k in enumerate(m.spread([15, 14, 13, 14]), 1):
        m.save(m.pic(k, 36), "data", "%04d.jpg" % i)
        m.text(names[k] + m.rng.choice(["", "\n", "\n", "\r\n", " \n"]), "data", "%04d.txt" % i)
    m.text("Shot on the bench in March, ring light.\nOne txt per photo, same number: what is on it.\n", "readme.txt")


def d06_flowers_npy(m):
    names = ["daisy", "dandelion", "rose", "sunflower", "tulip"]
    for s, counts in (("train", [14, 13, 15, 14, 14]), ("test", [4, 5, 4, 4, 5])):
        ks = m.spread(counts)
        x = np.stack([np.asarray(m.pic(k, 32)) for k in ks]).astype(np.float32) / 255
        np.save(m.path("X_%s.npy" % s), x)
        np.save(m.path("Y_%s.npy" % s), np.eye(5, dtype=np.float32)[ks])
    np.save(m.path("label_encoder_classes.npy"), np.array(names))
    m.text(json.dumps({"loss": [1.61, 1.2, 0.9], "acc": [0.22, 0.47, 0.66], "val_acc": [0.2, 0.41, 0.6]}), "history.json")


def d07_album_labels(m):
    names = ["mug", "bowl", "plate", "glass"]
    ks = m.spread([19, 17, 18, 18])
    for i, k in enumerate(ks, 1):
        im = m.pic(k, (48, 36))
        if i not in (17, 41):
            m.save(im, "photos", "IMG_%d.jpg" % i)
    m.text("".join("%d\n" % k for k in ks), "labels.txt")
    m.text("".join("%s\n" % c for c in names), "class_names.txt")


def d08_cafe_planilha(m):
    names = ["Saudável", "Ferrugem", "Cercospora"]
    days = ["2021-03-04", "2021-03-11", "2021-03-18", "2021-04-01"]
    rows = [["Nº", "Pasta", "Arquivo", "Classe", "Conjunto", "Observação"]]
    ks = m.spread([26, 24, 22])
    sets = ["Treino"] * 54 + ["Validação"] * 18
    m.rng.shuffle(sets)
    for i, (k, s) in enumerate(zip(ks, sets)):
        day, f = days[i // 18], "IMG_%04d.JPG" % (12 + i % 18)
        m.save(m.pic(k, (52, 40)), "Fotos", day, f)
        rows.append([i + 1, "Fotos\\" + day, f, names[k], s, m.rng.choice(["", "", "", "", "sombra", "folha molhada"])])
    m.table(rows, "planilha_folhas.csv", delimiter=";", enc="utf-8-sig", eol="\r\n")
    m.raw(bytes(64), "Fotos", days[0], "Thumbs.db")


def d09_waste_colab(m):
    names = ["cardboard", "glass", "metal", "paper", "trash"]
    ks = m.spread([20, 18, 19, 21, 12])
    where = "/content/drive/MyDrive/Colab Notebooks/waste_project/images/"
    rows = []
    for i, k in enumerate(ks):
        f = "%s.png" % m.hexid(10)
        m.save(m.pic(k, 40), "waste_project", "images", f)
        rows.append([i, where + f, names[k]])
    parts = {"train": [], "val": [], "test": []}
    for c in names:                      # train_test_split(stratify=label), twice
        mine = [r for r in rows if r[2] == c]
        m.rng.shuffle(mine)
        n = len(mine) // 6
        parts["val"] += mine[:n]
        parts["test"] += mine[n:2 * n + 1]
        parts["train"] += mine[2 * n + 1:]
    for s, part in parts.items():
        m.rng.shuffle(part)
        m.table([["", "image_path", "label"]] + part, "waste_project", s + ".csv")


def d10_skin_parts(m):
    names = ["nv", "mel", "bkl", "bcc", "akiec"]
    rows = [["lesion_id", "image_id", "dx", "dx_type", "age", "sex", "localization"]]
    for i, k in enumerate(m.spread([36, 18, 18, 13, 11])):
        f = "ISIC_%07d" % (24306 + i)
        rows.append(["HAM_%07d" % m.rng.randint(0, 7000), f, names[k], m.rng.choice(["histo", "follow_up", "consensus"]),
                     "%.1f" % m.rng.choice(range(25, 86, 5)), m.rng.choice(["male", "female"]),
                     m.rng.choice(["back", "face", "trunk", "scalp", "lower extremity"])])
        im = m.pic(k, (60, 45))
        if i < 50:
            m.save(im, "HAM10000_images_part_1", f + ".jpg")
    head, body = rows[0], rows[1:]
    m.rng.shuffle(body)
    m.table([head] + body, "HAM10000_metadata.csv")
    m.raw(b"PK\x03\x04" + m.np.bytes(4000), "HAM10000_images_part_2.zip.crdownload")


def d11_signs_h5(m):
    try:
        import h5py
    except ImportError:
        os.rmdir(m.root)
        return
    for s, counts in (("train", [12] * 6), ("test", [4] * 6)):
        ks = m.spread(counts)
        with h5py.File(m.path("datasets", s + "_signs.h5"), "w") as f:
            f.create_dataset("list_classes", data=np.arange(6))
            f.create_dataset(s + "_set_x", data=np.stack([np.asarray(m.pic(k, 64)) for k in ks]))
            f.create_dataset(s + "_set_y", data=np.array(ks, dtype=np.int64))


def d12_ripeness_studio(m):
    names = ["Unripe", "Ripe", "Overripe"]
    out = []
    skipped = {9, 37}
    for i, k in enumerate(m.spread([20, 22, 18]), 1):
        f = "%s-IMG_%d.jpg" % (m.hexid(8), 2200 + i)
        m.save(m.pic(k, 44), "upload", "3", f)
        t = "2022-09-14T10:%02d:%02d.%06dZ" % (i // 4, i % 60, m.rng.randint(0, 999999))
        row = {"image": "/data/upload/3/" + f, "id": 100 + i, "choice": names[k], "annotator": 1, "annotation_id": 40 + i,
               "created_at": t, "updated_at": t, "lead_time": round(m.rng.uniform(1, 9), 3)}
        if i in skipped:
            del row["choice"]
        out.append(row)
    m.text(json.dumps(out), "project-3-at-2022-09-14-11-02-5d1f77aa.json")


def d13_hand_labelled(m):
    ways = [["cat", "cat", "Cat", "cat "], ["dog", "dog", "Dog", "DOG"], ["rabbit", "rabbit", "Rabbit "]]
    rows = [["filename", "label"]]
    for i, k in enumerate(m.spread([24, 22, 20]), 1):
        f = "pet (%d).jpg" % i
        m.save(m.pic(k, 40), "pets", f)
        rows.append([f, ways[k][(i * 7) % len(ways[k])]])
    m.table(rows, "labels.csv", eol="\r\n")


def d14_eye_folds(m):
    rows, tests = [], []
    for i, k in enumerate(m.spread([30, 9, 20, 7, 9])):
        f = m.hexid()
        m.save(m.pic(k, 48), "train_images", f + ".png")
        rows.append([f, k])
    for i, k in enumerate(m.spread([8, 2, 6, 2, 2])):
        f = m.hexid()
        m.save(m.pic(k, 48), "test_images", f + ".png")
        tests.append([f])
    m.table([["id_code", "diagnosis"]] + rows, "train.csv")
    m.table([["id_code"]] + tests, "test.csv")
    m.table([["id_code", "diagnosis"]] + [[t[0], 0] for t in tests], "sample_submission.csv")
    folded = [r + [i % 5] for i, r in enumerate(sorted(rows, key=lambda r: r[1]))]
    m.rng.shuffle(folded)
    m.table([["id_code", "diagnosis", "kfold"]] + folded, "train_folds.csv")


def d15_faces_pixels(m):
    rows = []
    for use, counts in (("Training", [11, 4, 10, 15, 11, 8, 11]), ("PublicTest", [2] * 7), ("PrivateTest", [2] * 7)):
        for k in m.spread(counts):
            a = np.asarray(m.pic(k, 48, "L")).reshape(-1)
            rows.append("%d,%s,%s\n" % (k, use, " ".join(map(str, a))))
    m.text("emotion, Usage, pixels\n" + "".join(rows), "icml_face_data.csv")


def d16_bears_download(m):
    names = ["black", "grizzly", "teddys"]
    webp = features.check("webp")
    for k, c in enumerate(names):
        n = [22, 20, 21][k]
        for i in range(n):
            ext = m.rng.choice([".jpg", ".jpg", ".jpg", ".jpg", ".jpeg", ".png", ".JPG", ".webp" if webp else ".png"])
            mode = m.rng.choice(["RGB"] * 6 + ["L"]) if ext != ".webp" else "RGB"
            if ext == ".png":
                mode = m.rng.choice(["RGB", "RGBA"])
            im = m.pic(k, (m.rng.randint(30, 64), m.rng.randint(30, 64)), mode)
            m.save(im, "bears", c, "%08d%s" % (i * 2 + m.rng.randint(0, 1), ext))
        m.text("".join("https://images.example.com/%s/%s%s\n" % (c, m.hexid(16), m.rng.choice([".jpg", ".png"]))
                       for _ in range(n * 2)), "bears", "urls_%s.csv" % c)


def d17_chest_shots(m):
    names = ["COVID", "Lung_Opacity", "Normal", "Viral Pneumonia"]
    for k, c in enumerate(names):
        for i in range(1, [15, 16, 18, 15][k] + 1):
            m.save(m.pic(k, 60, "L"), c, "images", "%s-%d.png" % (c, i))
            mask = Image.new("L", (52, 52), 0)
            d = ImageDraw.Draw(mask)
            r = [m.rng.randint(0, 8) for _ in range(8)]
            d.ellipse((4 + r[0], 6 + r[1], 20 + r[2], 38 + r[3]), fill=255)
            d.ellipse((28 + r[4], 5 + r[5], 42 + r[6], 40 + r[7]), fill=255)
            m.save(mask, c, "masks", "%s-%d.png" % (c, i))
        m.table([["FILE NAME", "FORMAT", "SIZE", "URL"]] + [["%s-%d" % (c.upper(), i), "PNG", "256*256", "https://example.org"]
                for i in range(1, [15, 16, 18, 15][k] + 1)], c + ".metadata.csv")


def d18_animals_zips(m):
    names = ["cat", "dog", "panda"]

    def put(z, name, b):
        z.writestr(zipfile.ZipInfo(name, (2016, 9, 2, 12, 0, 0)), b)

    with zipfile.ZipFile(m.path("train.zip"), "w") as z:
        put(z, "train/", b"")
        for k, c in enumerate(names):
            for i in range(22):
                put(z, "train/%s.%d.jpg" % (c, i), m.bytes_of(m.pic(k, (50, 38))))
                if i % 7 == 0:
                    put(z, "__MACOSX/train/._%s.%d.jpg" % (c, i), b"\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X" + bytes(60))
    with zipfile.ZipFile(m.path("test1.zip"), "w") as z:
        put(z, "test1/", b"")
        for i in range(1, 19):
            put(z, "test1/%d.jpg" % i, m.bytes_of(m.pic(i % 3, (50, 38))))
    m.table([["id", "label"]] + [[i, 0] for i in range(1, 19)], "sampleSubmission.csv")


def d19_fruit_keras(m):
    names = ["apple", "banana", "mixed", "orange"]
    for k, c in enumerate(names):
        for i in range(15):
            m.save(m.pic(k, 44), "train", c, "%s_%d.jpg" % (c, i + 1))
        for i in range(5):
            m.save(m.pic(k, 44), "valid", c, "%s_%d.jpg" % (c, i + 16))
    for i, k in enumerate(m.spread([4, 4, 4, 4])):
        m.save(m.pic(k, 44), "test", "unknown", "%03d.jpg" % (i + 1))
    m.text(json.dumps({c: k for k, c in enumerate(names)}), "class_indices.json")
    m.text("[.ShellClassInfo]\r\nIconResource=C:\\Windows\\system32\\SHELL32.dll,3\r\n", "train", "desktop.ini")
    m.raw(bytes(128), "train", "apple", "Thumbs.db")


def d20_shoes_frames(m):
    names = ["boot", "sandal", "sneaker", "loafer"]
    rows = []
    for i, k in enumerate(m.spread([27, 25, 26, 22])):
        f = "img_%05d.jpg" % (i * 3 + 1)
        m.save(m.pic(k, 42), "img", f)
        rows.append([f, names[k]])
    m.table([["file", "category"]] + rows, "train.csv")
    m.table([["file", "category"]] + m.rng.sample(rows, 20), "val.csv")


def main():
    out = sys.argv[1]
    for name, f in sorted(globals().items()):
        if name[:1] == "d" and name[1:3].isdigit():
            f(Maker(out, name[1:]))


if __name__ == "__main__":
    main()
