#!/usr/bin/env python3
"""make.py OUT [--expected FILE] [--only NN ...]

Writes 40 small image-classification datasets, one folder OUT/NN_name/ each, laid out as public
datasets and forum complaints show that people keep them.  Needs numpy and Pillow; a layout that
needs pyarrow, h5py or scipy is skipped where that one cannot be imported (34 wants pillow_heif for
real HEIC pictures, and writes undecodable .HEIC files without it).  All pictures are made here.
What a careful reader should find in each is in EXPECTED (written as json by --expected).
"""
import argparse
import colorsys
import csv
import gzip
import hashlib
import io
import json
import os
import shutil
import struct
import sys
import tarfile
import uuid
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image

# ------------------------------------------------------------------------------------- pictures

_count = [0]


def _rng():
    _count[0] += 1
    return np.random.default_rng(40_000_000 + _count[0])


def arr(k, size=None, grey=False):
    """One new picture (h, w, 3) uint8 of class k: a class-dependent shape and hue, put anywhere,
    turned and scaled at will, on a random smooth background, with noise."""
    r = _rng()
    n = int(size or r.integers(40, 65))
    y, x = np.mgrid[0:n, 0:n] / (n - 1) - 0.5
    coarse = r.uniform(0, 1, (7, 7, 3))                       # smooth random background
    bg = np.asarray(Image.fromarray((coarse * 255).astype(np.uint8)).resize((n, n), Image.BICUBIC)) / 255.0
    bg = 0.1 + 0.7 * bg
    a = r.uniform(-0.5, 0.5)
    cx, cy = r.uniform(-0.22, 0.22, 2)
    s = r.uniform(0.75, 1.25)
    u = ((x - cx) * np.cos(a) + (y - cy) * np.sin(a)) / s
    v = (-(x - cx) * np.sin(a) + (y - cy) * np.cos(a)) / s
    q = np.hypot(u, v)
    shape = k % 10
    m = [
        q < 0.24,                                                                     # disc
        (abs(u) < 0.2) & (abs(v) < 0.2),                                              # square
        (abs(u) < 0.07) & (abs(v) < 0.33) | (abs(v) < 0.07) & (abs(u) < 0.33),         # cross
        (q < 0.29) & (q > 0.17),                                                      # ring
        (v > -0.22) & (v < 0.22) & (abs(u) < (v + 0.22) * 0.6),                       # triangle
        (np.sin(u * 34) > 0.2) & (abs(v) < 0.28) & (abs(u) < 0.3),                    # stripes
        (((np.floor(u * 11) + np.floor(v * 11)) % 2) == 0) & (q < 0.32),              # checker
        (abs(u) < 0.34) & (abs(v) < 0.06),                                            # bar
        ((np.hypot(u - 0.15, v) < 0.12) | (np.hypot(u + 0.15, v) < 0.12)),            # two dots
        (abs(np.sin(9 * q + 3 * np.arctan2(v, u))) < 0.4) & (q < 0.34),               # spiral
    ][shape]
    hue = (k * 0.381966 + r.normal(0, 0.02)) % 1.0
    col = np.array(colorsys.hsv_to_rgb(hue, r.uniform(0.7, 1.0), r.uniform(0.75, 1.0)))
    out = np.where(m[..., None], 0.12 * bg + 0.88 * col, bg) + r.normal(0, 0.05, (n, n, 3))
    out = (np.clip(out, 0, 1) * 255).astype(np.uint8)
    if grey:
        g = np.asarray(Image.fromarray(out).convert("L"))
        return g
    return out


FMT = {".jpg": "JPEG", ".jpeg": "JPEG", ".png": "PNG", ".webp": "WEBP", ".tif": "TIFF", ".tiff": "TIFF",
       ".bmp": "BMP", ".ppm": "PPM"}


def enc(a, ext=".jpg"):
    b = io.BytesIO()
    fmt = FMT[ext.lower()]
    Image.fromarray(a).save(b, fmt, **({"quality": 88} if fmt in ("JPEG", "WEBP") else {}))
    return b.getvalue()


def put(path, data):
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(data, str):
        data = data.encode("utf-8")
    path.write_bytes(data)


def pic(path, k, size=None, grey=False):
    put(path, enc(arr(k, size, grey), Path(path).suffix))


def order(labels, seed):
    """labels [(k, n), ...] -> one shuffled list of k's."""
    flat = [k for k, n in labels for _ in range(n)]
    np.random.default_rng(seed).shuffle(flat)
    return [int(k) for k in flat]


def table(path, rows, delim=",", encoding="utf-8", eol="\n"):
    b = io.StringIO()
    w = csv.writer(b, delimiter=delim, lineterminator=eol)
    w.writerows(rows)
    put(path, b.getvalue().encode(encoding))


def hexid(*a, n=32):
    return hashlib.sha256(repr(a).encode()).hexdigest()[:n]


THUMBS = bytes.fromhex("D0CF11E0A1B11AE1") + b"\0" * 1528
DSSTORE = b"\0\0\0\1Bud1\0\0\x10\0\0\0\x08\0" + b"\0" * 6000
APPLEDOUBLE = b"\0\5\x16\7\0\2\0\0Mac OS X        \0\2\0\0\0\t\0\0\0\x32\0\0\0\xb0\0\0\0\2" + b"\0" * 120

EXPECTED = {}
LAYOUTS = []


def layout(name, **exp):
    def deco(f):
        need = exp.pop("_needs", ())
        LAYOUTS.append((name, f, need))
        names = exp["classes"]
        e = {"kind": exp["kind"], "source": exp["source"], "point_at": exp.get("point_at", "."),
             "n_classes": None if names is None else len(names), "classes": names,
             "images": exp["images"], "splits": exp.get("splits", {}), "finding": exp.get("finding"),
             "refusal_ok": exp.get("refusal_ok", False)}
        if "notes" in exp:
            e["notes"] = exp["notes"]
        EXPECTED[name] = e
        return f
    return deco


# ------------------------------------------------------------------------------ 28 healthy ones

@layout("01_flower_photos_mixed_endings",
        kind="class folders in one wrapper folder, mixed-case and mixed image endings, LICENSE.txt and Thumbs.db",
        source="TensorFlow flower_photos.tgz; complaints that .JPG/.JPEG/.webp/.tif files are passed over",
        classes=["daisy", "dandelion", "roses", "sunflowers", "tulips"], images=96)
def _01(d):
    r = d / "flower_photos"
    put(r / "LICENSE.txt", "All images in this archive are licensed under the Creative Commons By-Attribution License\n")
    ends = [".jpg", ".JPG", ".jpeg", ".jpg", ".png", ".JPEG", ".jpg", ".Jpg", ".webp", ".jpg", ".tif", ".bmp", ".PNG"]
    for k, (c, n) in enumerate([("daisy", 22), ("dandelion", 20), ("roses", 18), ("sunflowers", 16), ("tulips", 20)]):
        for i in range(n):
            pic(r / c / f"{100080576 + 7919 * (i + 40 * k)}_{hexid(c, i, n=10)}{['', '_n', '_m'][i % 3]}{ends[i % len(ends)]}", k)
    put(r / "daisy" / "Thumbs.db", THUMBS)


@layout("02_roboflow_folders_valid_checkpoints",
        kind="train/valid/test with class folders, README files, .ipynb_checkpoints folders beside and in the classes",
        source="Roboflow 'Folder Structure' export used in Colab; mmpretrain #507 and keras #14042 (a class too many from .ipynb_checkpoints)",
        classes=["paper", "rock", "scissors"], images=90, splits={"train": 60, "val": 18, "test": 12},
        notes="the two *-checkpoint.jpg files in the hidden folder are copies and must not be used")
def _02(d):
    put(d / "README.dataset.txt", "# Rock Paper Scissors SXSW > raw\nProvided by a user\nLicense: CC BY 4.0\n")
    put(d / "README.roboflow.txt", "Rock Paper Scissors - v1 raw\n==============================\nThe dataset includes 90 images.\nRock-paper-scissors are annotated in folder format.\n")
    for split, n in (("train", 20), ("valid", 6), ("test", 4)):
        for k, c in enumerate(("paper", "rock", "scissors")):
            for i in range(n):
                pic(d / split / c / f"{c}{i:02d}_png_jpg.rf.{hexid(split, c, i)}.jpg", k)
    (d / "train" / ".ipynb_checkpoints").mkdir()
    (d / "valid" / ".ipynb_checkpoints").mkdir()
    for p in sorted((d / "train" / "rock").glob("*.jpg"))[:2]:
        put(p.parent / ".ipynb_checkpoints" / (p.stem + "-checkpoint.jpg"), p.read_bytes())


@layout("03_chest_xray_macosx",
        kind="two wrapper folders, train/val/test with class folders, __MACOSX with AppleDouble ._*.jpeg, .DS_Store",
        source="Kaggle chest-xray-pneumonia as unzipped; CSI #31, udacity #217 (._ files and __MACOSX in image archives)",
        classes=["NORMAL", "PNEUMONIA"], images=80, splits={"train": 48, "val": 8, "test": 24})
def _03(d):
    r = d / "archive (3)"
    j = 0
    for split, a, b in (("train", 18, 30), ("val", 4, 4), ("test", 10, 14)):
        for k, c, n in ((0, "NORMAL", a), (1, "PNEUMONIA", b)):
            for i in range(n):
                j += 1
                name = f"IM-{115 + j:04d}-0001.jpeg" if c == "NORMAL" else f"person{j}_{'bacteria' if i % 2 else 'virus'}_{2931 + j}.jpeg"
                pic(r / "chest_xray" / split / c / name, k, grey=True)
                if i < 3:
                    put(r / "__MACOSX" / "chest_xray" / split / c / ("._" + name), APPLEDOUBLE)
        put(r / "chest_xray" / split / ".DS_Store", DSSTORE)
        put(r / "__MACOSX" / "chest_xray" / split / "._.DS_Store", APPLEDOUBLE)
    put(r / "chest_xray" / ".DS_Store", DSSTORE)


@layout("04_class_then_split",
        kind="class folders outside, train/validation/test folders within each class",
        source="MVTec-like and home-made sets (class/train/...); tensorflow-for-poets-2 #61 (class/sub_dir/image)",
        classes=["birch", "oak", "pine"], images=75, splits={"train": 48, "val": 12, "test": 15})
def _04(d):
    for k, c in enumerate(("birch", "oak", "pine")):
        for split, n in (("train", 16), ("validation", 4), ("test", 5)):
            for i in range(n):
                pic(d / c / split / f"{i:03d}.png", k)


@layout("05_ham10000_parts_metadata",
        kind="pictures over two part folders, labels in a csv by id without ending (column dx among other category columns), a pixel csv beside",
        source="Kaggle skin-cancer-mnist-ham10000",
        classes=["akiec", "bcc", "bkl", "mel", "nv"], images=80,
        notes="label column dx; lesion_id groups some pictures; hmnist_8_8_L.csv holds the same 80 pictures as pixels and must not add to them")
def _05(d):
    names = ["akiec", "bcc", "bkl", "mel", "nv"]
    ks = order([(0, 6), (1, 8), (2, 12), (3, 14), (4, 40)], 5)
    rows = [["lesion_id", "image_id", "dx", "dx_type", "age", "sex", "localization"]]
    px = [[f"pixel{i:04d}" for i in range(64)] + ["label"]]
    r = np.random.default_rng(55)
    last = {}
    for i, k in enumerate(ks):
        iid = f"ISIC_{24306 + i:07d}"
        a = arr(k)
        put(d / f"HAM10000_images_part_{1 if i < 40 else 2}" / f"{iid}.jpg", enc(a))
        lesion = last[k] if (k in last and i % 4 == 0) else f"HAM_{i * 37 % 7919:07d}"
        last[k] = lesion
        rows.append([lesion, iid, names[k], ["histo", "follow_up", "consensus", "confocal"][r.integers(0, 4)],
                     float(r.integers(4, 17) * 5), ["male", "female"][r.integers(0, 2)],
                     ["back", "trunk", "face", "abdomen", "scalp"][r.integers(0, 5)]])
        g = np.asarray(Image.fromarray(a).convert("L").resize((8, 8)))
        px.append([int(v) for v in g.ravel()] + [k])
    table(d / "HAM10000_metadata.csv", rows)
    table(d / "hmnist_8_8_L.csv", px)


@layout("06_isic2019_onehot",
        kind="same-named nested folder of pictures, one-hot csv by id without ending, second csv of metadata, one column without any picture",
        source="ISIC 2019 challenge as on Kaggle",
        classes=["AK", "BCC", "BKL", "DF", "MEL", "NV", "SCC", "VASC"], images=84,
        notes="column UNK is 0.0 in every row: 8 classes have pictures; a ninth, empty class named UNK may be mentioned")
def _06(d):
    cols = ["MEL", "NV", "BCC", "AK", "BKL", "DF", "VASC", "SCC", "UNK"]
    ks = order(list(enumerate([14, 20, 12, 8, 10, 6, 6, 8])), 6)
    gt = [["image"] + cols]
    meta = [["image", "age_approx", "anatom_site_general", "lesion_id", "sex"]]
    r = d / "ISIC_2019_Training_Input" / "ISIC_2019_Training_Input"
    for i, k in enumerate(ks):
        iid = f"ISIC_{i * 31:07d}" + ("_downsampled" if i % 17 == 5 else "")
        pic(r / f"{iid}.jpg", k)
        gt.append([iid] + ["1.0" if j == k else "0.0" for j in range(9)])
        meta.append([iid, "55.0" if i % 2 else "", ["anterior torso", "upper extremity", ""][i % 3], "" if i % 5 else f"MSK4_{i:07d}", ["female", "male"][i % 2]])
    put(r / "ATTRIBUTION.txt", "ISIC 2019 data is provided courtesy of the following sources ...\n")
    put(r / "LICENSE.txt", "CC BY-NC 4.0\n")
    table(d / "ISIC_2019_Training_GroundTruth.csv", gt)
    table(d / "ISIC_2019_Training_Metadata.csv", meta)


@layout("07_gtsrb_ppm_semicolon",
        kind="ppm pictures in numbered class folders with a semicolon csv in each; the test labels in one csv by ClassId, a second one without",
        source="GTSRB Final_Training / Final_Test with the extended GT-final_test.csv",
        classes=["00000", "00001", "00002", "00003"], images=80, splits={"train": 60, "test": 20},
        notes="ClassId 0 in the csv is folder 00000; names '0'..'3' are as good; file names repeat across class folders")
def _07(d):
    head = ["Filename", "Width", "Height", "Roi.X1", "Roi.Y1", "Roi.X2", "Roi.Y2"]
    r = d / "GTSRB"
    for k in range(4):
        rows = [head + ["ClassId"]]
        for i in range(15):
            a = arr(k)
            n = a.shape[0]
            name = f"{i // 5:05d}_{i % 5:05d}.ppm"
            put(r / "Final_Training" / "Images" / f"{k:05d}" / name, enc(a, ".ppm"))
            rows.append([name, n, n, 5, 5, n - 5, n - 5, k])
        table(r / "Final_Training" / "Images" / f"{k:05d}" / f"GT-{k:05d}.csv", rows, ";", eol="\r\n")
    full, bare = [head + ["ClassId"]], [head]
    for i, k in enumerate(order([(0, 6), (1, 5), (2, 5), (3, 4)], 7)):
        a = arr(k)
        n = a.shape[0]
        put(r / "Final_Test" / "Images" / f"{i:05d}.ppm", enc(a, ".ppm"))
        full.append([f"{i:05d}.ppm", n, n, 5, 5, n - 5, n - 5, k])
        bare.append(full[-1][:-1])
    table(r / "GT-final_test.csv", full, ";", eol="\r\n")
    table(r / "Final_Test" / "Images" / "GT-final_test.test.csv", bare, ";", eol="\r\n")
    put(r / "Readme-Images.txt", "The German Traffic Sign Recognition Benchmark\nField separator is ';'\n")


@layout("08_excel_csv_german",
        kind="Excel-exported csv: UTF-8 BOM, semicolons, CRLF, decimal commas, backslash paths, umlauts, two blank rows at the end",
        source="university / factory measurement series saved by a German Excel as 'CSV UTF-8'",
        classes=["Lunker", "Maßabweichung", "Riss", "gut"], images=66,
        notes="label column Klasse; Prüfer is another column of few values")
def _08(d):
    names = ["Lunker", "Maßabweichung", "Riss", "gut"]
    rows = [["Nr", "Dateiname", "Klasse", "Prüfer", "Länge_mm", "Bemerkung"]]
    r = d / "Messreihe_2021"
    for i, k in enumerate(order([(0, 14), (1, 12), (2, 18), (3, 22)], 8), 1):
        pic(r / "Bilder" / f"IMG_{i:04d}.JPG", k)
        rows.append([i, f"Bilder\\IMG_{i:04d}.JPG", names[k], ["Müller", "Öztürk"][i % 2], f"{12 + i * 0.13:.2f}".replace(".", ","),
                     "Oberfläche; leicht verölt" if i % 9 == 0 else ""])
    rows += [[""] * 6, [""] * 6]
    table(r / "Auswertung.csv", rows, ";", "utf-8-sig", "\r\n")
    put(r / "~$Auswertung.xlsx", b"\x05Labor" + b" " * 159)


@layout("09_dtd_split_lists",
        kind="class folders, the split in txt lists of relative paths (two alternative splits), a multi-label list beside",
        source="Describable Textures Dataset r1.0.1",
        classes=["banded", "blotchy", "braided", "bubbly", "bumpy"], images=90, splits={"train": 30, "val": 30, "test": 30},
        notes="split 1 (train1/val1/test1) is the one commonly used; split 2 has the same sizes; labels_joint_anno.txt is no reason to read this as multi-label")
def _09(d):
    r = d / "dtd"
    cs = ["banded", "blotchy", "braided", "bubbly", "bumpy"]
    paths, joint = [], []
    for k, c in enumerate(cs):
        for i in range(18):
            p = f"{c}/{c}_{i * 3 + 2:04d}.jpg"
            pic(r / "images" / p, k)
            paths.append(p)
            joint.append(f"{p} {c}" + (f" {cs[(k + 1) % 5]}" if i % 6 == 0 else "") + " ")
    for s in (1, 2):
        perm = {k: np.random.default_rng(90 + 10 * s + k).permutation(18) for k in range(5)}
        for j, part in enumerate(("train", "val", "test")):
            put(r / "labels" / f"{part}{s}.txt", "".join(paths[k * 18 + int(q)] + "\n" for k in range(5) for q in sorted(perm[k][6 * j:6 * j + 6])))
    put(r / "labels" / "labels_joint_anno.txt", "\n".join(joint) + "\n")


@layout("10_cub_200_2011",
        kind="index-prefixed class folders with images.txt / image_class_labels.txt / train_test_split.txt / classes.txt, segmentations of the same names beside",
        source="Caltech-UCSD Birds-200-2011 with its segmentations archive unpacked beside",
        classes=["001.Black_footed_Albatross", "002.Laysan_Albatross", "003.Sooty_Albatross", "004.Groove_billed_Ani", "005.Crested_Auklet"],
        images=60, splits={"train": 30, "test": 30},
        notes="segmentations/ holds 60 masks, not pictures to be used; class names without the index prefix are as good")
def _10(d):
    cs = ["001.Black_footed_Albatross", "002.Laysan_Albatross", "003.Sooty_Albatross", "004.Groove_billed_Ani", "005.Crested_Auklet"]
    r = d / "CUB_200_2011"
    im, lab, spl, box = [], [], [], []
    j = 0
    for k, c in enumerate(cs):
        for i in range(12):
            j += 1
            stem = f"{c[4:].title()}_{i * 7 + 1:04d}_{18 + 61 * i + k}"
            a = arr(k)
            n = a.shape[0]
            put(r / "images" / c / f"{stem}.jpg", enc(a))
            y, x = np.mgrid[0:n, 0:n]
            mask = ((np.hypot(x - n / 2 - i % 5 + k, y - n / 2 + i % 3 - k) < n * (0.2 + 0.015 * i + 0.003 * k)) * 255).astype(np.uint8)
            put(d / "segmentations" / c / f"{stem}.png", enc(mask, ".png"))
            im.append(f"{j} {c}/{stem}.jpg")
            lab.append(f"{j} {k + 1}")
            spl.append(f"{j} {i % 2}")
            box.append(f"{j} 4.0 5.0 {n - 9}.0 {n - 11}.0")
    for f, lines in (("images.txt", im), ("image_class_labels.txt", lab), ("train_test_split.txt", spl), ("bounding_boxes.txt", box),
                     ("classes.txt", [f"{k + 1} {c}" for k, c in enumerate(cs)])):
        put(r / f, "\n".join(lines) + "\n")
    put(r / "README", "The Caltech-UCSD Birds-200-2011 Dataset (small)\n")
    put(r / "attributes" / "certainties.txt", "1 not visible\n2 guessing\n3 probably\n4 definitely\n")
    put(r / "parts" / "parts.txt", "1 back\n2 beak\n3 belly\n")


CARS = ["AM General Hummer SUV 2000", "Acura RL Sedan 2012", "Acura TL Sedan 2012", "Audi TT RS Coupe 2012", "BMW M3 Coupe 2012"]


@layout("11_stanford_cars_mat", _needs=("scipy.io",),
        kind="flat train and test folders with equal file names, labels and class names in MATLAB .mat files of a devkit",
        source="Stanford Cars as re-hosted (pytorch/vision #7545 layout)",
        classes=CARS, images=80, splits={"train": 50, "test": 30},
        notes="devkit/cars_test_annos.mat has no class; cars_test_annos_withlabels.mat has; class ids count from 1")
def _11(d):
    import scipy.io
    r = d / "stanford_cars"

    def annos(ks, folder, with_class=True):
        fields = ["bbox_x1", "bbox_y1", "bbox_x2", "bbox_y2"] + (["class"] if with_class else []) + ["fname"]
        s = np.zeros((1, len(ks)), dtype=[(f, object) for f in fields])
        for i, k in enumerate(ks):
            for f, v in (("bbox_x1", 3), ("bbox_y1", 4), ("bbox_x2", 36), ("bbox_y2", 35)):
                s[f][0, i] = np.array([[v]], np.uint16)
            if with_class:
                s["class"][0, i] = np.array([[k + 1]], np.uint8)
            s["fname"][0, i] = f"{i + 1:05d}.jpg"
        return {"annotations": s}
    tr = order([(0, 12), (1, 8), (2, 10), (3, 11), (4, 9)], 111)
    te = order([(0, 6), (1, 7), (2, 5), (3, 6), (4, 6)], 112)
    for folder, ks in (("cars_train", tr), ("cars_test", te)):
        for i, k in enumerate(ks, 1):
            pic(r / folder / f"{i:05d}.jpg", k)
    (r / "devkit").mkdir()
    scipy.io.savemat(r / "devkit" / "cars_train_annos.mat", annos(tr, "cars_train"))
    scipy.io.savemat(r / "devkit" / "cars_test_annos.mat", annos(te, "cars_test", False))
    scipy.io.savemat(r / "cars_test_annos_withlabels.mat", annos(te, "cars_test"))
    cn = np.empty((1, 5), object)
    cn[0, :] = CARS
    scipy.io.savemat(r / "devkit" / "cars_meta.mat", {"class_names": cn})
    put(r / "devkit" / "train_perfect_preds.txt", "".join(f"{k + 1}\n" for k in tr))
    put(r / "devkit" / "README.txt", "This file gives documentation for the cars 196 dataset.\n")


@layout("12_mnist_idx_and_gz",
        kind="idx files, both gzipped and unpacked, in MNIST/raw",
        source="torchvision.datasets.MNIST download folder",
        classes=[str(i) for i in range(10)], images=110, splits={"train": 80, "test": 30},
        notes="the .gz files and the unpacked ones are the same data; read once")
def _12(d):
    r = d / "MNIST" / "raw"
    for stem, n in (("train", 8), ("t10k", 3)):
        ks = order([(k, n) for k in range(10)], 12 + n)
        x = np.stack([arr(k, 28, True) for k in ks])
        for f, b in ((f"{stem}-images-idx3-ubyte", struct.pack(">4I", 0x803, len(ks), 28, 28) + x.tobytes()),
                     (f"{stem}-labels-idx1-ubyte", struct.pack(">2I", 0x801, len(ks)) + bytes(ks))):
            put(r / f, b)
            put(r / (f + ".gz"), gzip.compress(b, mtime=0))


def _p2str(b):
    """a Python-2 str as its own pickle writes it"""
    return b"U" + bytes([len(b)]) + b if len(b) < 256 else b"T" + struct.pack("<i", len(b)) + b


def _p2list(items):
    return b"](" + b"".join(items) + b"e"


def _p2arr(a):
    """a 2-d uint8 array as numpy 1.x under Python 2 pickles it (protocol 2)"""
    return (b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\0\x85U\1b\x87R(K\1"
            + b"M" + struct.pack("<H", a.shape[0]) + b"M" + struct.pack("<H", a.shape[1]) + b"\x86"
            + b"cnumpy\ndtype\nU\2u1K\0K\1\x87R(K\3U\1|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tb\x89"
            + _p2str(a.tobytes()) + b"tb")


CIFAR = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]


@layout("13_cifar10_batches_py",
        kind="Python-2 pickled batches with byte keys and channel-first rows, batches.meta",
        source="cifar-10-python.tar.gz unpacked",
        classes=CIFAR, images=100, splits={"train": 70, "test": 30})
def _13(d):
    r = d / "cifar-10-batches-py"

    def batch(ks, label):
        x = np.stack([arr(k, 32).transpose(2, 0, 1).ravel() for k in ks])
        names = [_p2str(f"{CIFAR[k]}_s_{i:06d}.png".encode()) for i, k in enumerate(ks)]
        return (b"\x80\x02}(" + _p2str(b"batch_label") + _p2str(label) + _p2str(b"labels") + _p2list([b"K" + bytes([k]) for k in ks])
                + _p2str(b"data") + _p2arr(x) + _p2str(b"filenames") + _p2list(names) + b"u.")
    ks = order([(k, 7) for k in range(10)], 13)
    for b in range(5):
        put(r / f"data_batch_{b + 1}", batch(ks[14 * b:14 * b + 14], f"training batch {b + 1} of 5".encode()))
    put(r / "test_batch", batch(order([(k, 3) for k in range(10)], 131), b"testing batch 1 of 1"))
    put(r / "batches.meta", b"\x80\x02}(" + _p2str(b"num_cases_per_batch") + b"K\x0e" + _p2str(b"label_names")
        + _p2list([_p2str(c.encode()) for c in CIFAR]) + _p2str(b"num_vis") + b"M" + struct.pack("<H", 3072) + b"u.")
    put(r / "readme.html", '<meta HTTP-EQUIV="REFRESH" content="0; url=http://www.cs.toronto.edu/~kriz/cifar.html">\n')


@layout("14_medmnist_npz",
        kind="one npz with train/val/test images and (n,1) labels", point_at="pneumoniamnist.npz",
        source="MedMNIST v2 pneumoniamnist.npz",
        classes=["0", "1"], images=96, splits={"train": 60, "val": 12, "test": 24},
        notes="the file gives no names; greyscale (n,28,28)")
def _14(d):
    out = {}
    for s, a, b in (("train", 20, 40), ("val", 4, 8), ("test", 10, 14)):
        ks = order([(0, a), (1, b)], 14 + a)
        out[f"{s}_images"] = np.stack([arr(k, 28, True) for k in ks])
        out[f"{s}_labels"] = np.array(ks, np.uint8)[:, None]
    d.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(d / "pneumoniamnist.npz", **out)


@layout("15_pcam_h5", _needs=("h5py",),
        kind="HDF5 pairs *_x.h5 / *_y.h5 per split, labels of shape (n,1,1,1), a mask file and meta csv beside",
        source="PatchCamelyon (Zenodo)",
        classes=["0", "1"], images=104, splits={"train": 64, "val": 16, "test": 24},
        notes="the *_mask.h5 file is not pictures to be used; the csv column tumor_patch is no other label")
def _15(d):
    import h5py
    d.mkdir(parents=True, exist_ok=True)
    for s, n in (("train", 32), ("valid", 8), ("test", 12)):
        ks = order([(0, n), (1, n)], 15 + n)
        b = d / f"camelyonpatch_level_2_split_{s}"
        with h5py.File(f"{b}_x.h5", "w") as f:
            f.create_dataset("x", data=np.stack([arr(k, 32) for k in ks]), compression="gzip")
        with h5py.File(f"{b}_y.h5", "w") as f:
            f.create_dataset("y", data=np.array(ks, np.uint8).reshape(-1, 1, 1, 1))
        if s == "train":
            with h5py.File(f"{b}_mask.h5", "w") as f:
                f.create_dataset("mask", data=np.array(ks, np.uint8).reshape(-1, 1, 1, 1) * np.ones((1, 32, 32, 1), np.uint8), compression="gzip")
        rows = [["", "coord_y", "coord_x", "tumor_patch", "center_tumor_patch", "wsi"]]
        rows += [[i, 2944 + 640 * i, 44544 - 96 * i, bool(k or i % 5 == 0), bool(k), f"camelyon16_{s}_normal_{i % 7:03d}"] for i, k in enumerate(ks)]
        table(f"{b}_meta.csv", rows)


@layout("16_hf_parquet_beans", _needs=("pyarrow.parquet",),
        kind="parquet shards data/<split>-0000i-of-0000n.parquet with image struct {bytes,path} and int labels, names in the schema metadata and README yaml",
        source="Hugging Face beans as downloaded",
        classes=["angular_leaf_spot", "bean_rust", "healthy"], images=75, splits={"train": 48, "val": 12, "test": 15},
        notes="label column is called labels")
def _16(d):
    import pyarrow as pa
    import pyarrow.parquet as pq
    names = ["angular_leaf_spot", "bean_rust", "healthy"]
    info = {"info": {"features": {"image_file_path": {"dtype": "string", "_type": "Value"}, "image": {"_type": "Image"},
                                  "labels": {"names": names, "_type": "ClassLabel"}}}}
    (d / "data").mkdir(parents=True)
    for s, n, shards in (("train", 16, 2), ("validation", 4, 1), ("test", 5, 1)):
        ks = order([(k, n) for k in range(3)], 16 + n)
        per = len(ks) // shards
        for j in range(shards):
            part = ks[j * per:(j + 1) * per]
            im = [{"bytes": enc(arr(k)), "path": f"{s}_{names[k]}.{j * per + i}.jpg"} for i, k in enumerate(part)]
            t = pa.table({"image_file_path": pa.array([f"/home/u/.cache/{s}/{names[k]}/{s}_{names[k]}.{j * per + i}.jpg" for i, k in enumerate(part)]),
                          "image": pa.array(im, pa.struct([("bytes", pa.binary()), ("path", pa.string())])),
                          "labels": pa.array(part, pa.int64())})
            pq.write_table(t.replace_schema_metadata({"huggingface": json.dumps(info)}), d / "data" / f"{s}-{j:05d}-of-{shards:05d}.parquet")
    put(d / "README.md", "---\nlicense: mit\ntask_categories:\n- image-classification\ndataset_info:\n  features:\n  - name: image_file_path\n    dtype: string\n"
        "  - name: image\n    dtype: image\n  - name: labels\n    dtype:\n      class_label:\n        names:\n" + "".join(f"          '{i}': {n}\n" for i, n in enumerate(names))
        + "configs:\n- config_name: default\n  data_files:\n  - split: train\n    path: data/train-*\n  - split: validation\n    path: data/validation-*\n  - split: test\n    path: data/test-*\n---\n# Beans\n")


@layout("17_webdataset_tars",
        kind="webdataset shards train/0.tar, 1.tar, test/0.tar with key.jpg + key.cls, class names in classnames.txt",
        source="clip-benchmark wds_* repositories on Hugging Face",
        classes=["airplane", "automobile", "ship", "truck"], images=64, splits={"train": 48, "test": 16})
def _17(d):
    for s, n, shards in (("train", 12, 2), ("test", 4, 1)):
        ks = order([(k, n) for k in range(4)], 17 + n)
        per = len(ks) // shards
        (d / s).mkdir(parents=True)
        for j in range(shards):
            with tarfile.open(d / s / f"{j}.tar", "w") as t:
                for i, k in enumerate(ks[j * per:(j + 1) * per], j * per):
                    for ext, b in (("cls", str(k).encode()), ("jpg", enc(arr(k)))):
                        ti = tarfile.TarInfo(f"s{i:07d}.{ext}")
                        ti.size = len(b)
                        t.addfile(ti, io.BytesIO(b))
        put(d / s / "nshards.txt", str(shards))
    put(d / "classnames.txt", "airplane\nautomobile\nship\ntruck")
    put(d / "zeroshot_classification_templates.txt", "a photo of a {c}.\na blurry photo of a {c}.\n")


@layout("18_kaggle_zips_inside",
        kind="train.zip with class folders, test.zip flat and without labels, sample_submission.csv",
        source="Kaggle plant-seedlings-classification as downloaded, not unzipped",
        classes=["Black-grass", "Charlock", "Common Chickweed", "Loose Silky-bent"], images=60, splits={"train": 60, "unlabelled": 20},
        notes="sample_submission.csv gives every test picture one class: it is no label file")
def _18(d):
    d.mkdir(parents=True, exist_ok=True)
    cs = ["Black-grass", "Charlock", "Common Chickweed", "Loose Silky-bent"]
    with zipfile.ZipFile(d / "train.zip", "w") as z:
        for k, c in enumerate(cs):
            z.writestr(f"train/{c}/", b"")
            for i in range(15):
                z.writestr(f"train/{c}/{hexid('t', c, i, n=9)}.png", enc(arr(k), ".png"))
    sub = [["file", "species"]]
    with zipfile.ZipFile(d / "test.zip", "w") as z:
        for i, k in enumerate(order([(k, 5) for k in range(4)], 18)):
            name = hexid("s", i, n=9) + ".png"
            z.writestr(f"test/{name}", enc(arr(k), ".png"))
            sub.append([name, "Loose Silky-bent"])
    table(d / "sample_submission.csv", sub)


@layout("19_dogs_vs_cats_names",
        kind="label in the file name (cat.0.jpg), flat train folder, numbered test1 folder without labels, sampleSubmission.csv",
        source="Kaggle dogs-vs-cats",
        classes=["cat", "dog"], images=60, splits={"train": 60, "unlabelled": 20},
        notes="sampleSubmission.csv (id,label all 0) is no label file")
def _19(d):
    for k, c in enumerate(("cat", "dog")):
        for i in range(30):
            pic(d / "train" / f"{c}.{i}.jpg", k)
    for i, k in enumerate(order([(0, 10), (1, 10)], 19), 1):
        pic(d / "test1" / f"{i}.jpg", k)
    table(d / "sampleSubmission.csv", [["id", "label"]] + [[i, 0] for i in range(1, 21)])


@layout("20_genus_species_levels",
        kind="two folder levels genus/species, the same species epithet under two genera",
        source="herbarium and insect collections kept by genus/species; pytorch/vision #2605 (hierarchy in ImageFolder)",
        classes=["Acer/campestre", "Acer/rubrum", "Beta/vulgaris", "Quercus/robur", "Quercus/rubra", "Thymus/vulgaris"], images=72,
        notes="any joining of the two levels is good (Acer campestre, Acer_campestre); Beta vulgaris and Thymus vulgaris must not fall together; saying that the 4 genera could be taken instead is welcome")
def _20(d):
    for k, c in enumerate(["Acer/campestre", "Acer/rubrum", "Beta/vulgaris", "Quercus/robur", "Quercus/rubra", "Thymus/vulgaris"]):
        for i in range(12):
            pic(d / "herbarium_scans" / c / f"B_10_{100000 + 977 * i:07d}.jpg", k)


@layout("21_idc_patient_then_class",
        kind="patient folders outside, class folders 0 and 1 within each, class and patient in the file name too",
        source="Kaggle breast-histopathology-images (IDC)",
        classes=["0", "1"], images=96,
        notes="8 patients are no classes; a split should keep a patient together")
def _21(d):
    for p in (8863, 8864, 9036, 9073, 10253, 10254, 12876, 16896):
        for k, n in ((0, 8), (1, 4)):
            for i in range(n):
                pic(d / str(p) / str(k) / f"{p}_idx5_x{1051 + 50 * i}_y{2401 + 50 * (i % 3)}_class{k}.png", k, 50)


WNID = [("n01443537", "goldfish, Carassius auratus"), ("n01629819", "European fire salamander, Salamandra salamandra"),
        ("n01641577", "bullfrog, Rana catesbeiana"), ("n01742172", "boa constrictor, Constrictor constrictor")]


@layout("22_tiny_imagenet",
        kind="train/<wnid>/images/, val/images with val_annotations.txt, test/images without labels, wnids.txt and words.txt",
        source="tiny-imagenet-200.zip",
        classes=[w for w, _ in WNID], images=64, splits={"train": 48, "val": 16, "unlabelled": 16},
        notes="the names of words.txt are as good; val/images must not become a class named images")
def _22(d):
    r = d / "tiny-imagenet-200"
    for k, (w, _) in enumerate(WNID):
        for i in range(12):
            pic(r / "train" / w / "images" / f"{w}_{i}.JPEG", k, 64)
        put(r / "train" / w / f"{w}_boxes.txt", "".join(f"{w}_{i}.JPEG\t{i}\t10\t62\t60\n" for i in range(12)))
    ann = ""
    for i, k in enumerate(order([(k, 4) for k in range(4)], 22)):
        pic(r / "val" / "images" / f"val_{i}.JPEG", k, 64)
        ann += f"val_{i}.JPEG\t{WNID[k][0]}\t{i}\t32\t44\t62\n"
    put(r / "val" / "val_annotations.txt", ann)
    for i, k in enumerate(order([(k, 4) for k in range(4)], 23)):
        pic(r / "test" / "images" / f"test_{i}.JPEG", k, 64)
    put(r / "wnids.txt", "\n".join(w for w, _ in (WNID[2], WNID[0], WNID[3], WNID[1])) + "\n")
    put(r / "words.txt", "n00001740\tentity\nn00002684\tobject, physical object\n" + "".join(f"{w}\t{t}\n" for w, t in WNID) + "n02084071\tdog, domestic dog, Canis familiaris\n")


@layout("23_herbarium_coco_json",
        kind="COCO-like metadata.json per split with category_id and no boxes, pictures in numbered folders, test without annotations",
        source="Herbarium 2020 FGVC7 (nybg2020) on Kaggle",
        classes=["Bulbophyllum levatii", "Cyathea delgadii", "Eugenia biflora", "Psychotria nervosa", "Solanum mite"], images=60,
        splits={"train": 60, "unlabelled": 15}, notes="category ids have gaps; the number folders are no classes; family and genus are kept too, the name is the class")
def _23(d):
    cats = [(4, "Bulbophyllum levatii", "Orchidaceae"), (19, "Cyathea delgadii", "Cyatheaceae"), (23, "Eugenia biflora", "Myrtaceae"),
            (108, "Psychotria nervosa", "Rubiaceae"), (32092, "Solanum mite", "Solanaceae")]
    ks = order([(0, 16), (1, 14), (2, 12), (3, 10), (4, 8)], 23)
    ims, ann = [], []
    for i, k in enumerate(ks):
        fid = 354106 + 13 * i
        fn = f"images/{k * 31 % 7:03d}/{i % 9:02d}/{fid}.jpg"
        a = arr(k)
        put(d / "nybg2020" / "train" / fn, enc(a))
        ims.append({"file_name": fn, "height": a.shape[0], "id": fid, "license": 1, "width": a.shape[1]})
        ann.append({"category_id": cats[k][0], "id": fid + 700000, "image_id": fid, "region_id": i % 4})
    base = {"info": {"contributor": "NYBG", "year": 2020}, "licenses": [{"id": 1, "name": "Attribution-NonCommercial"}]}
    put(d / "nybg2020" / "train" / "metadata.json", json.dumps({"annotations": ann, "categories": [
        {"family": f, "genus": n.split()[0], "id": c, "name": n} for c, n, f in cats], "images": ims, "regions": [{"id": i, "name": f"R{i}"} for i in range(4)], **base}))
    ims = []
    for i, k in enumerate(order([(k, 3) for k in range(5)], 24)):
        fn = f"images/000/{i}.jpg"
        a = arr(k)
        put(d / "nybg2020" / "test" / fn, enc(a))
        ims.append({"file_name": fn, "height": a.shape[0], "id": i, "license": 1, "width": a.shape[1]})
    put(d / "nybg2020" / "test" / "metadata.json", json.dumps({"images": ims, **base}))
    table(d / "sample_submission.csv", [["Id", "Predicted"]] + [[i, 0] for i in range(15)])


@layout("24_label_studio_export",
        kind="Label Studio JSON export with choices, server paths (/data/upload/7/<hash>-name), skipped and open tasks, model predictions that differ",
        source="Label Studio 'JSON' export with the media upload folder copied beside it",
        classes=["Ripe", "Rotten", "Unripe"], images=48, splits={"unlabelled": 6},
        notes="3 tasks were skipped (was_cancelled) and 3 have no annotation; the predictions are no labels")
def _24(d):
    names = ["Ripe", "Rotten", "Unripe"]
    tasks = []
    ks = order([(0, 20), (1, 12), (2, 16)], 24)
    for i in range(6):
        ks.insert(4 + 8 * i, -1 - i)
    for i, k in enumerate(ks):
        fn = f"{hexid('ls', i, n=8)}-IMG_{2100 + i}.jpg"
        pic(d / "upload" / "7" / fn, k if k >= 0 else (-k) % 3)
        res = [{"value": {"choices": [names[k]]}, "id": hexid("r", i, n=10), "from_name": "quality", "to_name": "image", "type": "choices", "origin": "manual"}] if k >= 0 else []
        a = {"id": 900 + i, "completed_by": 1, "result": res, "was_cancelled": k < 0, "ground_truth": False, "created_at": "2023-04-18T09:12:00Z", "lead_time": 3.1, "task": 400 + i}
        tasks.append({"id": 400 + i, "annotations": [] if k < -3 else [a], "file_upload": fn, "drafts": [],
                      "predictions": [{"model_version": "v0", "score": 0.4, "result": [{"type": "choices", "from_name": "quality", "to_name": "image",
                                       "value": {"choices": [names[(i * 7) % 3]]}}]}] if i % 3 == 0 else [],
                      "data": {"image": f"/data/upload/7/{fn}"}, "meta": {}, "project": 7})
    put(d / "project-7-at-2023-04-18-09-12-b1c2d3e4.json", json.dumps(tasks))


@layout("25_fer2013_pixels_csv",
        kind="one csv: label, pixels as a space-separated string, Usage column with the split", point_at="fer2013.csv",
        source="Kaggle FER2013 fer2013.csv",
        classes=[str(i) for i in range(7)], images=98, splits={"train": 70, "val": 14, "test": 14},
        notes="Usage Training / PublicTest (validation) / PrivateTest (test); names of README (Angry ... Neutral) are as good as the numbers")
def _25(d):
    rows = [["emotion", "pixels", "Usage"]]
    for usage, n in (("Training", 10), ("PublicTest", 2), ("PrivateTest", 2)):
        for k in order([(k, n) for k in range(7)], 25 + len(usage)):
            rows.append([k, " ".join(map(str, arr(k, 48, True).ravel())), usage])
    table(d / "fer2013.csv", rows)
    put(d / "README", "fer2013: 48x48 pixel grayscale faces. 0=Angry, 1=Disgust, 2=Fear, 3=Happy, 4=Sad, 5=Surprise, 6=Neutral\n")
    put(d / "fer2013.bib", "@inproceedings{fer2013, title={Challenges in representation learning}}\n")


@layout("26_avec_labels_sans_label_unicode",
        kind="labelled class folders under one folder, a flat folder of unlabelled pictures beside; accents, spaces and signs in names",
        source="mri_dataset_brain_cancer_oc (avec_labels/, sans_label/), a French course project on GitHub",
        classes=["tumeur bénigne", "tumeur maligne", "témoin sain"], images=54, splits={"unlabelled": 30},
        notes="sans_label is no class")
def _26(d):
    r = d / "mri_dataset_brain_cancer_oc"
    for k, c in enumerate(["tumeur bénigne", "tumeur maligne", "témoin sain"]):
        for i in range(18):
            pic(r / "avec_labels" / c / f"Coupe n°{i + 1} – série {'αβγ'[i % 3]} (été).jpg", k, grey=True)
    for i in range(30):
        pic(r / "sans_label" / f"coupe à classer #{i + 1:03d}.jpg", i % 3, grey=True)


TRAIN_27 = '''"""Brain tumour MRI: resnet18 on the Training / Testing folders beside this file."""
import os

import torch
from torch import nn
from torch.utils.data import DataLoader
from torchvision import datasets, models, transforms

DATA_DIR = os.path.dirname(os.path.abspath(__file__))
IMG_SIZE = 64
BATCH_SIZE = 16
EPOCHS = 2

tf = transforms.Compose([transforms.Resize((IMG_SIZE, IMG_SIZE)), transforms.ToTensor()])
train_set = datasets.ImageFolder(os.path.join(DATA_DIR, "Training"), transform=tf)
test_set = datasets.ImageFolder(os.path.join(DATA_DIR, "Testing"), transform=tf)
train_loader = DataLoader(train_set, batch_size=BATCH_SIZE, shuffle=True)
test_loader = DataLoader(test_set, batch_size=BATCH_SIZE)


def main():
    model = models.resnet18(weights=None)
    model.fc = nn.Linear(model.fc.in_features, len(train_set.classes))
    opt = torch.optim.Adam(model.parameters(), lr=1e-3)
    loss_fn = nn.CrossEntropyLoss()
    for epoch in range(EPOCHS):
        model.train()
        for x, y in train_loader:
            opt.zero_grad()
            loss = loss_fn(model(x), y)
            loss.backward()
            opt.step()
        model.eval()
        right = 0
        with torch.no_grad():
            for x, y in test_loader:
                right += (model(x).argmax(1) == y).sum().item()
        print(epoch, loss.item(), right / len(test_set))


if __name__ == "__main__":
    main()
'''


@layout("27_brain_mri_training_testing_trainpy",
        kind="Training/Testing with class folders, equal file names in both, a train.py with ImageFolder beside",
        source="Kaggle brain-tumor-classification-mri",
        classes=["glioma_tumor", "meningioma_tumor", "no_tumor", "pituitary_tumor"], images=96, splits={"train": 72, "test": 24})
def _27(d):
    for k, (c, stem) in enumerate([("glioma_tumor", "gg"), ("meningioma_tumor", "m"), ("no_tumor", "image"), ("pituitary_tumor", "p")]):
        for split, n in (("Training", 18), ("Testing", 6)):
            for i in range(n):
                pic(d / split / c / (f"image({i + 1}).jpg" if stem == "image" else f"{stem} ({i + 1}).jpg"), k)
    put(d / "train.py", TRAIN_27)
    put(d / "requirements.txt", "torch\ntorchvision\n")


TRAIN_28 = '''"""Train on a view of the picture pool (folders of symbolic links, see make_view.sh)."""
import argparse
from pathlib import Path

import torch
from torchvision import datasets, models, transforms

ap = argparse.ArgumentParser()
ap.add_argument("--data", default="views/v2")
ap.add_argument("--epochs", type=int, default=1)
ap.add_argument("--size", type=int, default=48)


def main():
    args = ap.parse_args()
    root = Path(args.data)
    tf = transforms.Compose([transforms.Resize((args.size, args.size)), transforms.ToTensor()])
    train = datasets.ImageFolder(root / "train", tf)
    val = datasets.ImageFolder(root / "val", tf)
    model = models.mobilenet_v3_small(weights=None, num_classes=len(train.classes))
    opt = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    for _ in range(args.epochs):
        model.train()
        for x, y in torch.utils.data.DataLoader(train, 16, shuffle=True):
            loss = torch.nn.functional.cross_entropy(model(x), y)
            opt.zero_grad(); loss.backward(); opt.step()
        model.eval()
        with torch.no_grad():
            hits = sum((model(x).argmax(1) == y).sum().item() for x, y in torch.utils.data.DataLoader(val, 16))
        print(f"loss {loss.item():.3f}  val acc {hits / len(val):.3f}")


if __name__ == "__main__":
    main()
'''


@layout("28_symlink_views_trainpy",
        kind="split and class folders made of symbolic links into a flat pool, val itself a link to another view's folder; train.py with ImageFolder beside",
        source="datasets #5098 and #6853 (links take the real parent's name), fastai #2270 (linked valid folder)", point_at="views/v2",
        classes=["damaged", "intact", "wet"], images=60, splits={"train": 45, "val": 15},
        notes="the class is the link's own folder, never pool; 6 pool pictures are in no view")
def _28(d):
    cs = ["damaged", "intact", "wet"]
    ks = order([(0, 22), (1, 22), (2, 22)], 28)
    n = [0, 0, 0]
    for i, k in enumerate(ks):
        name = f"DSC_{4000 + i}.jpg"
        pic(d / "pool" / name, k)
        n[k] += 1
        if n[k] <= 15:
            places = ["v2/train"] + (["v1/train"] if n[k] <= 8 else [])
        elif n[k] <= 20:
            places = ["v1/val"]
        else:
            places = []
        for p in places:
            q = d / "views" / p / cs[k] / name
            q.parent.mkdir(parents=True, exist_ok=True)
            os.symlink(f"../../../../pool/{name}", q)
    os.symlink("../v1/val", d / "views" / "v2" / "val", target_is_directory=True)
    put(d / "train.py", TRAIN_28)
    put(d / "make_view.sh", "#!/bin/sh\n# ln -s ../../../../pool/$f views/$view/$split/$class/$f\n")


# --------------------------------------------------------------------------------- 12 in trouble

@layout("29_tree_copied_into_itself",
        kind="train/test with class folders, and the whole tree a second time in a folder beside",
        source="Kaggle chest-xray-pneumonia and many others (raw/chest-xray/train... beside raw/train...), datasets #6494 (every picture read twice)",
        classes=["blast", "blight", "tungro"], images=45, splits={"train": 30, "test": 15},
        finding="data/raw/rice_leaf holds the same 45 pictures as data/raw/train and data/raw/test: use one of the two trees, or every picture counts twice.")
def _29(d):
    for split, n in (("train", 10), ("test", 5)):
        for k, c in enumerate(("blast", "blight", "tungro")):
            for i in range(n):
                b = enc(arr(k))
                put(d / "data" / "raw" / split / c / f"{c}_{split}_{i:02d}.jpg", b)
                put(d / "data" / "raw" / "rice_leaf" / split / c / f"{c}_{split}_{i:02d}.jpg", b)


@layout("30_pointed_one_level_too_deep",
        kind="PetImages/Cat and PetImages/Dog, but the user gives PetImages/Dog", point_at="PetImages/Dog",
        source="pytorch/vision #669 (ImageFolder on PetImages/Dog: found 0 files in subfolders), SelfClean #10",
        classes=None, images=0, refusal_ok=True,
        finding="This folder is a flat folder of pictures of one class; its parent PetImages has the class folders Cat and Dog (30 pictures each): point there.")
def _30(d):
    for k, c in enumerate(("Cat", "Dog")):
        for i in range(30):
            pic(d / "PetImages" / c / f"{i}.jpg", k)
        put(d / "PetImages" / c / "Thumbs.db", THUMBS)
    put(d / "readme[1].txt", "Kaggle Cats and Dogs Dataset\n")


@layout("31_twin_class_folders",
        kind="Training has a renamed twin of a class (the same pictures under a second spelling) that Test lacks",
        source="fruits-360-100x100 #1 (Tomato not Ripened 1 beside Tomato not Ripen 1 after unpacking a new version over the old)",
        classes=["Apple Braeburn 1", "Pear 2", "Tomato not Ripen 1"], images=84, splits={"train": 60, "test": 24},
        finding="Training/'Tomato not Ripened 1' is a twin of 'Tomato not Ripen 1' (the same 20 pictures) and Test has no such class.",
        notes="read literally it is 4 classes, 80 training files and 3 test classes")
def _31(d):
    r = d / "fruits-360_100x100" / "fruits-360"
    for k, c in enumerate(["Apple Braeburn 1", "Pear 2", "Tomato not Ripen 1"]):
        for split, n in (("Training", 20), ("Test", 8)):
            for i in range(n):
                b = enc(arr(k))
                name = f"{'r_' if i % 2 else ''}{i * 5}_100.jpg"
                put(r / split / c / name, b)
                if split == "Training" and k == 2:
                    put(r / split / "Tomato not Ripened 1" / name, b)
    put(r / "readme.md", "# Fruits-360\n")


@layout("32_csv_rows_without_files",
        kind="labels.csv by id without ending: some rows have no picture, some training pictures no row; unlabelled test, wide sample_submission.csv",
        source="Kaggle dog-breed-identification after a broken download; openimages #72, autowebcompat #140 (rows for missing files)",
        classes=["affenpinscher", "beagle", "borzoi", "chow", "pug"], images=56, splits={"train": 56, "unlabelled": 19},
        finding="labels.csv has 64 rows, 8 of them for pictures that are not there; 4 pictures in train have no row.",
        notes="unlabelled: 15 in test and the 4 in train without a row; sample_submission.csv (0.2 everywhere) is no label file")
def _32(d):
    names = ["affenpinscher", "beagle", "borzoi", "chow", "pug"]
    rows = [["id", "breed"]]
    for i, k in enumerate(order([(0, 14), (1, 14), (2, 14), (3, 13), (4, 13)], 32)):
        iid = hexid("dog", i)
        if i % 8 != 3 or i > 63:
            pic(d / "train" / f"{iid}.jpg", k)
        if i % 17 != 6 or i > 67:
            rows.append([iid, names[k]])
    table(d / "labels.csv", rows)
    sub = [["id"] + names]
    for i in range(15):
        iid = hexid("dogtest", i)
        pic(d / "test" / f"{iid}.jpg", i % 5)
        sub.append([iid] + [0.2] * 5)
    table(d / "sample_submission.csv", sub)


@layout("33_plantvillage_three_versions",
        kind="three versions of the same pictures (color, grayscale, segmented) above equal class folders",
        source="Kaggle plantvillage-dataset (abdallahalidev)",
        classes=["Apple___Apple_scab", "Apple___healthy", "Corn_(maize)___Common_rust_"], images=36, refusal_ok=True,
        finding="color, grayscale and segmented hold the same 36 pictures in three versions and equal class folders: they are neither classes nor splits; choose one (color).")
def _33(d):
    r = d / "plantvillage dataset"
    for k, c in enumerate(["Apple___Apple_scab", "Apple___healthy", "Corn_(maize)___Common_rust_"]):
        for i in range(12):
            stem = f"{uuid.UUID(hexid(c, i))}___{['FREC_Scab', 'RS_HL', 'RS_Rust'][k]} {3335 + i}"
            a = arr(k)
            put(r / "color" / c / f"{stem}.JPG", enc(a))
            put(r / "grayscale" / c / f"{stem}.JPG", enc(np.asarray(Image.fromarray(a).convert("L"))))
            n = a.shape[0]
            y, x = np.mgrid[0:n, 0:n]
            put(r / "segmented" / c / f"{stem}_final_masked.jpg", enc(np.where((np.hypot(x - n / 2, y - n / 2) < n * 0.42)[..., None], a, 0).astype(np.uint8)))


@layout("34_iphone_heic",
        kind="class folders where one class is mostly HEIC, with .AAE and .MOV side files",
        source="phone photographs copied into class folders; dreambooth #23, clip-interrogator-ext #50 (HEIC fails or is passed over in silence)",
        classes=["healthy", "rust"], images=40, refusal_ok=True,
        finding="16 of the 20 pictures of class rust are .HEIC: if they cannot be read, say so by name and number (24 pictures are left, 20 to 4).",
        notes="images counts the HEIC pictures; without a HEIC decoder 24 (20 healthy, 4 rust) are readable")
def _34(d):
    try:
        import pillow_heif
    except ImportError:
        pillow_heif = None
    for i in range(20):
        pic(d / "leaf photos" / "healthy" / f"IMG_{3100 + i}.JPG", 0, 64)
    for i in range(20):
        a = arr(1, 64)
        stem = d / "leaf photos" / "rust" / f"IMG_{5200 + i}"
        if i < 4:
            put(f"{stem}.JPG", enc(a))
            continue
        b = io.BytesIO()
        if pillow_heif:
            pillow_heif.from_pillow(Image.fromarray(a)).save(b, format="HEIF", quality=80)
            b = b.getvalue()
        else:
            b = struct.pack(">I", 24) + b"ftypheic\0\0\0\0mif1heic" + a.tobytes()[:3000]
        put(f"{stem}.HEIC", b)
        if i % 6 == 0:
            put(f"{stem}.AAE", '<?xml version="1.0" encoding="UTF-8"?><plist version="1.0"><dict/></plist>\n')
            put(f"{stem}.MOV", struct.pack(">I", 20) + b"ftypqt  \0\0\0\0qt  ")


@layout("35_stray_runs_folder",
        kind="two class folders with an output folder of a training run (plots and mosaics as pictures) and models/ beside them",
        source="concrete-crack pictures (Positive/Negative) with runs/ written into the data folder; keras #14042 (3 classes for two folders)",
        classes=["Negative", "Positive"], images=48,
        finding="The folder runs (4 pictures: plots and batch mosaics of a training run) is no class and was left out.")
def _35(d):
    for k, c in enumerate(("Negative", "Positive")):
        for i in range(24):
            pic(d / c / f"{i + 1:05d}.jpg", k)
    for f, k in (("confusion_matrix.png", 6), ("results.png", 7)):
        pic(d / "runs" / "classify" / "train" / f, k, 64)
    for f, k in (("train_batch0.jpg", 0), ("val_batch0_labels.jpg", 1)):
        put(d / "runs" / "classify" / "train" / f, enc(np.vstack([np.hstack([arr(k, 32), arr(1 - k, 32)]), np.hstack([arr(1 - k, 32), arr(k, 32)])])))
    put(d / "runs" / "classify" / "train" / "args.yaml", "task: classify\nepochs: 10\n")
    put(d / "models" / "best.pt", b"PK\3\4" + b"\0" * 200)


@layout("36_utkface_fields_in_names",
        kind="age, gender, race and date in the file name; one name lacks a field",
        source="UTKFace",
        classes=None, images=70, refusal_ok=True,
        finding="The file names hold several fields (age, gender 0/1, race 0-4, date): which one is the label must be chosen; 1 name has a field too few.",
        notes="71 files; by gender 2 classes, by race 5; the first field (age) has dozens of values and must not silently become classes; the short name is usable for gender only")
def _36(d):
    r = np.random.default_rng(36)
    for i in range(70):
        age, g, race = int(r.integers(1, 90)), int(i % 2), int(i % 5)
        pic(d / "UTKFace" / f"{age}_{g}_{race}_20170{i % 9 + 1}{i % 28 + 1:02d}{174500000 + 7919 * i}.jpg.chip.jpg", g * 5 + race)
    pic(d / "UTKFace" / "61_1_20170109142408075.jpg.chip.jpg", 5)


@layout("37_nih_multilabel_pipe",
        kind="multi-label csv (labels joined by |), pictures over images_00i/images folders, split in two txt lists",
        source="NIH ChestX-ray14 on Kaggle (Data_Entry_2017.csv)",
        classes=["Atelectasis", "Cardiomegaly", "Effusion", "Infiltration", "No Finding"], images=72, splits={"train": 48, "test": 24}, refusal_ok=True,
        finding="15 of the 72 pictures have more than one label (Effusion|Infiltration): this is multi-label; the joined strings must not become classes of their own.",
        notes="a patient has 3 pictures; train_val_list.txt and test_list.txt keep patients apart")
def _37(d):
    names = ["Atelectasis", "Cardiomegaly", "Effusion", "Infiltration", "No Finding"]
    rows = [["Image Index", "Finding Labels", "Follow-up #", "Patient ID", "Patient Age", "Patient Gender", "View Position"]]
    lists = {"train_val_list.txt": [], "test_list.txt": []}
    for i in range(72):
        p = i // 3 + 1
        f = f"{p:08d}_{i % 3:03d}.png"
        k = (i * 7 + i // 5) % 5
        labs = [k]
        if i % 5 == 2 or i == 71:                                 # 14 + 1 pictures with several findings
            k = k % 4
            labs = sorted({k, (k + 1) % 4} | ({(k + 2) % 4} if i % 10 == 2 else set()))
        pic(d / f"images_{1 if i < 36 else 2:03d}" / "images" / f, k, 64, grey=True)
        rows.append([f, "|".join(names[j] for j in labs), i % 3, p, 30 + p, "MF"[p % 2], ["PA", "AP"][i % 2]])
        lists["train_val_list.txt" if p <= 16 else "test_list.txt"].append(f)
    table(d / "Data_Entry_2017.csv", rows)
    table(d / "BBox_List_2017.csv", [["Image Index", "Finding Label", "Bbox [x", "y", "w", "h]"], ["00000001_000.png", "Atelectasis", 5, 6, 20, 21]])
    for f, v in lists.items():
        put(d / f, "\n".join(v))


@layout("38_yolo_detection_only",
        kind="YOLO detection: data.yaml, images/ and labels/ per split, several boxes of different classes per picture",
        source="Roboflow YOLOv8 export (hard hats), mistaken for a classification set",
        classes=None, images=0, refusal_ok=True,
        finding="The labels are boxes for detection (helmet, head, person; several per picture), not one class per picture; nor are images and labels classes.",
        notes="40 pictures: 30 train, 10 valid")
def _38(d):
    put(d / "data.yaml", "train: ../train/images\nval: ../valid/images\n\nnc: 3\nnames: ['head', 'helmet', 'person']\n")
    put(d / "README.roboflow.txt", "Hard Hat Workers - v2\nThe dataset includes 40 images.\nWorkers are annotated in YOLOv8 format.\n")
    j = 0
    for split, n in (("train", 30), ("valid", 10)):
        for i in range(n):
            j += 1
            stem = f"{j:06d}_jpg.rf.{hexid('yolo', j)}"
            pic(d / split / "images" / f"{stem}.jpg", j % 3)
            r = np.random.default_rng(3800 + j)
            put(d / split / "labels" / f"{stem}.txt", "".join(f"{(j + b) % 3} {r.uniform(.2, .8):.6f} {r.uniform(.2, .8):.6f} {r.uniform(.1, .3):.6f} {r.uniform(.1, .3):.6f}\n" for b in range(1 + j % 4)))


def xlsx(rows):
    def cell(v):
        return f'<c t="inlineStr"><is><t>{v}</t></is></c>'
    b = io.BytesIO()
    with zipfile.ZipFile(b, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("[Content_Types].xml", '<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>')
        z.writestr("_rels/.rels", '<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>')
        z.writestr("xl/workbook.xml", '<?xml version="1.0" encoding="UTF-8"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>')
        z.writestr("xl/_rels/workbook.xml.rels", '<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>')
        z.writestr("xl/worksheets/sheet1.xml", '<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>' + "".join("<row>" + "".join(map(cell, r)) + "</row>" for r in rows) + "</sheetData></worksheet>")
    return b.getvalue()


@layout("39_masks_folder_in_each_class",
        kind="class folders with equal sub-folders images/ and masks/ of equal file names, an xlsx per class",
        source="Kaggle COVID-19_Radiography_Dataset",
        classes=["COVID", "Normal", "Viral Pneumonia"], images=48,
        finding="Each class folder has a sub-folder masks with 16 segmentation masks of the same names as in images: they are not pictures to be classified and were left out.",
        notes="an ImageFolder reading gives 96 pictures, half of them masks")
def _39(d):
    r = d / "COVID-19_Radiography_Dataset"
    for k, c in enumerate(("COVID", "Normal", "Viral Pneumonia")):
        rows = [["FILE NAME", "FORMAT", "SIZE", "URL"]]
        for i in range(1, 17):
            pic(r / c / "images" / f"{c}-{i}.png", k, 60, grey=True)
            y, x = np.mgrid[0:52, 0:52]
            m = (np.hypot((x - 15 - (i + k) % 5) / 10, (y - 26 - i % 4) / (15 + i % 7)) < 1) | (np.hypot((x - 37 + i % 6) / (9 + k), (y - 26 + i % 3) / 17) < 1)
            put(r / c / "masks" / f"{c}-{i}.png", enc(np.repeat((m * 255).astype(np.uint8)[..., None], 3, 2), ".png"))
            rows.append([f"{c.upper()}-{i}", "PNG", "256*256", "https://example.org/data"])
        put(r / f"{c}.metadata.xlsx", xlsx(rows))
    put(r / "README.md.txt", "# COVID-19 CHEST X-RAY DATABASE\n")


@layout("40_kfold_folders",
        kind="fold_1 ... fold_3, each with train/val and class folders, the same 30 pictures dealt out anew in each",
        source="cross-validation scripts on GitHub that copy into train_folds/fold_i/{train,val}/class",
        classes=["nest", "no_nest"], images=30, splits={"train": 20, "val": 10}, refusal_ok=True,
        finding="fold_1, fold_2 and fold_3 hold the same 30 pictures, in train of one and in val of another: they are no classes and must not be read together; choose one fold.",
        notes="the counts are those of one fold, any; read together there are 90 files and every val picture is also in train")
def _40(d):
    for k, c in enumerate(("nest", "no_nest")):
        for i in range(15):
            b = enc(arr(k))
            for f in range(3):
                put(d / "train_folds" / f"fold_{f + 1}" / ("val" if i % 3 == f else "train") / c / f"{c}_{i:03d}.jpg", b)


# ------------------------------------------------------------------------------------------ main

def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("out")
    ap.add_argument("--expected", help="also write EXPECTED to this json file")
    ap.add_argument("--only", nargs="*", help="numbers, e.g. 03 17")
    a = ap.parse_args()
    out = Path(a.out)
    out.mkdir(parents=True, exist_ok=True)
    done = 0
    for j, (name, f, need) in enumerate(LAYOUTS):
        _count[0] = 1000 * j                                      # the same pictures whatever else is written
        if a.only and name[:2] not in a.only:
            continue
        try:
            for m in need:
                __import__(m)
        except ImportError as e:
            print(f"{name}: skipped ({e})", file=sys.stderr)
            continue
        d = out / name
        if d.exists():
            shutil.rmtree(d)
        d.mkdir()
        f(d)
        done += 1
    if a.expected:
        Path(a.expected).write_text(json.dumps(EXPECTED, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{done} of {len(LAYOUTS)} layouts in {out}")


if __name__ == "__main__":
    main()
