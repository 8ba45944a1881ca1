#!/usr/bin/env python3
"""make.py OUT: twenty small image-classification datasets, each packed as a published dataset is (mostly as downloaded)."""
import colorsys
import csv
import json
import random
import struct
import sys
import uuid
import zlib
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image


# ---------------------------------------------------------------- pictures
def rng_of(name):
    return np.random.default_rng(zlib.crc32(name.encode()))


def arr(rng, c, size=48, k=8, gray=False):
    """A picture of class c out of k: a tint, a shape, a place jitter and noise."""
    w, h = (size, size) if isinstance(size, int) else size
    y, x = np.mgrid[0:h, 0:w]
    cx, cy = w * rng.uniform(.4, .6), h * rng.uniform(.4, .6)
    r = min(w, h) * rng.uniform(.24, .34)
    dx, dy = x - cx, y - cy
    d = np.hypot(dx, dy)
    shapes = [d < r, (abs(dx) < r) & (abs(dy) < r * .8), (dy > -r) & (dy < r) & (abs(dx) < (dy + r) / 2), (x + int(cx)) % 8 < 4,
              (abs(dx) < r * .3) | (abs(dy) < r * .3), (d < r) & (d > r * .6), (x // 6 + y // 6) % 2 == 0, (dx + dy) % 12 < 5]
    m = shapes[c % 8]
    base = np.array(colorsys.hsv_to_rgb((c + .5) / k, .45, .45)) * 255
    fore = np.array(colorsys.hsv_to_rgb((c + .5) / k, .75, .95)) * 255
    a = np.where(m[..., None], fore, base) * rng.uniform(.85, 1.1) + rng.normal(0, 13, (h, w, 3))
    if gray:
        a = a.mean(2) + (c - k / 2) * 6
    return np.clip(a, 0, 255).astype(np.uint8)


def save(path, a):
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    kw = {"quality": 92} if path.suffix.lower() in (".jpg", ".jpeg") else {}
    Image.fromarray(a).save(path, **kw)


def text(path, s):
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(s, encoding="utf-8", newline="")


def rows(path, header, data, **kw):
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w", newline="", encoding="utf-8") as f:
        w = csv.writer(f, lineterminator="\n", **kw)
        if header:
            w.writerow(header)
        w.writerows(data)


# ---------------------------------------------------------------- 01 DeepWeeds: labels.csv + five fold triples
def l01(o):
    g, R = rng_of("01"), random.Random(1)
    names = ["Chinee Apple", "Lantana", "Parkinsonia", "Parthenium", "Prickly Acacia", "Rubber Vine", "Siam Weed", "Negative"]
    recs = []
    for c in range(8):
        for i in range(15):
            fn = f"2017{R.randint(1, 12):02d}{R.randint(1, 28):02d}-{R.randint(8, 17):02d}{R.randint(0, 59):02d}{i:02d}-{c % 4}.jpg"
            while any(fn == r[0] for r in recs):
                fn = f"2018{R.randint(1, 12):02d}{R.randint(1, 28):02d}-{R.randint(8, 17):02d}{R.randint(0, 59):02d}{i:02d}-{c % 4}.jpg"
            recs.append((fn, c, names[c], i))
            save(o / "images" / fn, arr(g, c, 64))
    recs.sort()
    rows(o / "labels/labels.csv", ["Filename", "Label", "Species"], [r[:3] for r in recs])
    for f in range(5):
        parts = {"train": [], "val": [], "test": []}
        for r in recs:
            q = (r[3] + f) % 5
            parts["test" if q == 0 else "val" if q == 1 else "train"].append(r[:2])
        for p, d in parts.items():
            R.shuffle(d)
            rows(o / f"labels/{p}_subset{f}.csv", ["Filename", "Label"], d)
    text(o / "README.md", "# DeepWeeds (small)\n\nWeed images and five random folds: `labels/{train,val,test}_subset{0..4}.csv`, "
         "60-20-20 of the images each.\nDownload images.zip into `images`, models.zip into `models`.\n")
    text(o / "requirements.txt", "keras\npandas\nscikit-learn\n")
    text(o / "deepweeds.py", "IMG_DIRECTORY = './images/'\nLABEL_DIRECTORY = './labels/'\nCLASSES = list(range(8))\n")


# ---------------------------------------------------------------- 02 Simpsons: train by folder, test labelled by name
def l02(o):
    g = rng_of("02")
    names = ["abraham_grampa_simpson", "bart_simpson", "chief_wiggum", "krusty_the_clown", "lisa_simpson", "ned_flanders"]
    ann, stat = [], []
    for c, n in enumerate(names):
        k = 14 - c
        for i in range(k):
            save(o / "simpsons_dataset" / n / f"pic_{i:04d}.jpg", arr(g, c, (56, 44 + 2 * (i % 4)), 6))
            if i % 3 == 0:
                ann.append(f"./characters/{n}/pic_{i:04d}.jpg,{5 + i},{8 + i},{40},{38},{n}")
        for i in range(5):
            save(o / "kaggle_simpson_testset/kaggle_simpson_testset" / f"{n}_{i}.jpg", arr(g, c, 48, 6))
        stat.append([c, n.replace("_", " ").title(), k + 5, k, 5, (k + 2) // 3])
    text(o / "annotation.txt", "\n".join(ann) + "\n")
    rows(o / "number_pic_char.csv", ["", "name", "total", "train", "test", "bounding_box"], stat)


# ---------------------------------------------------------------- 03 LILA: Caltech Camera Traps json, split by location
def l03(o):
    g, R = rng_of("03"), random.Random(3)
    cats = [(6, "bobcat"), (1, "opossum"), (30, "empty"), (9, "coyote"), (3, "raccoon"), (11, "bird")]
    locs = {"train": ["26", "38", "61", "115"], "val": ["7", "125"]}
    images, anns, boxes = [], [], []
    for c, (cid, _) in enumerate(cats):
        for i in range(18):
            loc = (locs["train"] + locs["val"])[i % 6]
            iid = str(uuid.UUID(int=R.getrandbits(128)))
            save(o / "cct_images" / f"{iid}.jpg", arr(g, c, (64, 48), 6))
            images.append({"id": iid, "file_name": f"{iid}.jpg", "width": 64, "height": 48, "location": loc, "seq_id": str(uuid.UUID(int=R.getrandbits(128))),
                           "seq_num_frames": 1, "frame_num": 1, "rights_holder": "Justin Brown", "date_captured": f"2013-0{1 + i % 9}-1{c} 05:2{i % 10}:12"})
            anns.append({"id": str(uuid.UUID(int=R.getrandbits(128))), "image_id": iid, "category_id": cid})
            if cid != 30 and i % 3 == 0:
                boxes.append({"id": str(uuid.UUID(int=R.getrandbits(128))), "image_id": iid, "category_id": cid, "bbox": [12.5, 9.0, 30.25, 28.0]})
    order = images[:]
    R.shuffle(order)
    R.shuffle(anns)
    C = [{"id": i, "name": n} for i, n in sorted(cats)]
    info = {"version": "2021.01.13", "description": "Database of camera trap images (small)", "year": 2021, "contributor": "Caltech"}
    text(o / "caltech_images_20210113.json", json.dumps({"info": info, "images": order, "annotations": anns, "categories": C}))
    bi = {b["image_id"] for b in boxes}
    text(o / "caltech_bboxes_20200316.json", json.dumps({"info": info, "images": [m for m in images if m["id"] in bi], "annotations": boxes, "categories": C}))
    text(o / "CaltechCameraTrapsSplits_v0.json", json.dumps({"info": {"description": "recommended train/val splits, by location"}, "splits": locs}))


# ---------------------------------------------------------------- 04 Kaggle birds: twin class names (two blanks / one blank)
def l04(o):
    g = rng_of("04")
    names = ["ABBOTTS BABBLER", "AFRICAN CROWNED CRANE", "GO AWAY BIRD", "IVORY GULL", "PARAKETT  AUKLET", "ZEBRA DOVE"]
    sci = ["MALACOCINCLA ABBOTTI", "BALEARICA REGULORUM", "CORYTHAIXOIDES CONCOLOR", "PAGOPHILA EBURNEA", "AETHIA PSITTACULA", "GEOPELIA STRIATA"]
    out = []
    for part, k in (("train", 12), ("test", 3), ("valid", 3)):
        for c, n in enumerate(names):
            if part != "train":
                n = n.replace("  ", " ")
            for i in range(1, k + 1):
                p = f"{part}/{n}/{i:03d}.jpg" if part == "train" else f"{part}/{n}/{i}.jpg"
                save(o / p, arr(g, c, 48, 6))
                out.append([float(c), p, n, part, sci[c]])
    rows(o / "birds.csv", ["class id", "filepaths", "labels", "data set", "scientific name"], out)


# ---------------------------------------------------------------- 05 PlantCLEF: an XML beside each picture, test without species
def l05(o):
    g, R = rng_of("05"), random.Random(5)
    sp = [(30269, "Rosaceae", "Prunus", "Prunus padus L."), (30270, "Rosaceae", "Prunus", "Prunus spinosa L."), (2771, "Betulaceae", "Betula", "Betula pendula Roth"),
          (173, "Sapindaceae", "Acer", "Acer campestre L."), (175, "Sapindaceae", "Acer", "Acer platanoides L."), (6480, "Asteraceae", "Cichorium", "Cichorium intybus L.")]
    organs = ["Leaf", "Flower", "Fruit", "Stem", "LeafScan", "Branch", "Entire"]
    todo = [("train", c) for c in range(6) for _ in range(14)] + [("test", c) for c in range(6) for _ in range(4)]
    R.shuffle(todo)
    for n, (part, c) in enumerate(todo):
        mid = 1000 + 3 * n
        save(o / part / f"{mid}.jpg", arr(g, c, 56, 6))
        cid, fam, gen, spc = sp[c]
        taxon = f"  <ClassId>{cid}</ClassId>\n  <Family>{fam}</Family>\n  <Genus>{gen}</Genus>\n  <Species>{spc}</Species>\n" if part == "train" else ""
        text(o / part / f"{mid}.xml", "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Image>\n"
             f"  <ObservationId>{R.randint(1, 40000)}</ObservationId>\n  <FileName>{mid}.jpg</FileName>\n  <MediaId>{mid}</MediaId>\n  <Vote>{R.randint(1, 5)}</Vote>\n"
             f"  <Content>{R.choice(organs)}</Content>\n{taxon}  <Author>contributor {R.randint(1, 9)}</Author>\n  <Date>2012-{R.randint(1, 12)}-{R.randint(1, 28)}</Date>\n"
             f"  <Latitude>{R.uniform(43, 48):.4f}</Latitude>\n  <Longitude>{R.uniform(0, 6):.4f}</Longitude>\n  <YearInCLEF>PlantCLEF2015</YearInCLEF>\n"
             "  <IndividualPlantId2014></IndividualPlantId2014>\n  <LearnTag></LearnTag>\n</Image>\n")


# ---------------------------------------------------------------- 06 Stanford 40 Actions: lists a class and a split
def l06(o):
    g = rng_of("06")
    names = ["applauding", "blowing_bubbles", "riding_a_bike", "texting_message", "waving_hands"]
    all_, table = {"train": [], "test": []}, []
    for c, n in enumerate(names):
        k, t = 20 + c, 12
        files = [f"{n}_{i:03d}.jpg" for i in range(1, k + 1)]
        for f in files:
            save(o / "JPEGImages" / f, arr(g, c, (60, 44), 5))
            text(o / "XMLAnnotations" / (f[:-4] + ".xml"), f"<annotation>\n  <folder>Stanford40</folder>\n  <filename>{f}</filename>\n  <size><width>60</width><height>44</height>"
                 f"<depth>3</depth></size>\n  <object>\n    <name>person</name>\n    <action>{n}</action>\n    <bndbox><xmax>50</xmax><xmin>9</xmin><ymax>40</ymax><ymin>4</ymin></bndbox>\n"
                 "  </object>\n</annotation>\n")
        tr = sorted(files[::2] + files[1:2 * (t - len(files[::2])):2])[:t]
        te = [f for f in files if f not in tr]
        for part, fs in (("train", tr), ("test", te)):
            text(o / "ImageSplits" / f"{n}_{part}.txt", "".join(f + "\n" for f in fs))
            all_[part] += fs
        table.append(f"{n:<24}{len(tr)}/{len(te)}\n")
    for part in all_:
        text(o / "ImageSplits" / f"{part}.txt", "".join(f + "\n" for f in all_[part]))
    text(o / "ImageSplits/actions.txt", f"{'action_name':<24}number of train/test images\n" + "".join(table))


# ---------------------------------------------------------------- 07 Magnetic tile: masks (png) beside the pictures (jpg)
def l07(o):
    g, R = rng_of("07"), random.Random(7)
    names = ["MT_Blowhole", "MT_Break", "MT_Crack", "MT_Fray", "MT_Free", "MT_Uneven"]
    for c, n in enumerate(names):
        for i in range(13):
            stem = f"exp{1 + i % 6}_num_{R.randint(1000, 9999) * 20 + i}"
            save(o / n / "Imgs" / f"{stem}.jpg", arr(g, c, (44, 60), 6, gray=True))
            m = np.zeros((60, 44), np.uint8)
            if n != "MT_Free":
                x, y = R.randint(2, 30), R.randint(2, 44)
                m[y:y + R.randint(4, 14), x:x + R.randint(4, 12)] = 255
            save(o / n / "Imgs" / f"{stem}.png", m)
    text(o / "README.md", "# Magnetic-tile-defect-datasets.\nThe surface defect saliency of magnetic tile; the images of six kinds were collected, and their pixel level ground truth was labelled.\n")


# ---------------------------------------------------------------- 08 Stanford Cars: labels in .mat, the same names in both parts
def l08(o):
    from scipy.io import savemat
    g, R = rng_of("08"), random.Random(8)
    names = ["AM General Hummer SUV 2000", "Acura Integra Type R 2001", "Acura RL Sedan 2012", "Audi S4 Sedan 2007", "BMW M3 Coupe 2012"]

    def annos(path, labels, with_class):
        dt = [(k, object) for k in ("bbox_x1", "bbox_y1", "bbox_x2", "bbox_y2")] + ([("class", object)] if with_class else []) + [("fname", object)]
        a = np.zeros((1, len(labels)), dtype=dt)
        for i, c in enumerate(labels):
            box = tuple(np.array([[v]], np.uint8) for v in (4 + i % 3, 5, 55, 40))
            a[0, i] = box + ((np.array([[c + 1]], np.uint8),) if with_class else ()) + (f"{i + 1:05d}.jpg",)
        path.parent.mkdir(parents=True, exist_ok=True)
        savemat(path, {"annotations": a})

    for part, k in (("train", 14), ("test", 9)):
        labels = [c for c in range(5) for _ in range(k)]
        R.shuffle(labels)
        for i, c in enumerate(labels):
            save(o / f"cars_{part}" / f"{i + 1:05d}.jpg", arr(g, c, (60, 45), 5))
        annos(o / f"devkit/cars_{part}_annos.mat", labels, part == "train")
        if part == "test":
            annos(o / "cars_test_annos_withlabels.mat", labels, True)
        else:
            text(o / "devkit/train_perfect_preds.txt", "".join(f"{c + 1}\n" for c in labels))
    cn = np.empty((1, 5), object)
    for i, n in enumerate(names):
        cn[0, i] = n
    savemat(o / "devkit/cars_meta.mat", {"class_names": cn})
    for p in o.rglob("*.mat"):      # the header holds the time of writing
        b = p.read_bytes()
        p.write_bytes(b"MATLAB 5.0 MAT-file, Platform: GLNXA64, Created on: Sun Feb 24 19:52:14 2013".ljust(116) + b[116:])
    text(o / "devkit/README.txt", "-cars_meta.mat: class_names, a cell array of class names.\n-cars_train_annos.mat: annotations, a struct array: bbox_x1, bbox_y1, bbox_x2, bbox_y2, "
         "class (integer id of the class), fname.\n-cars_test_annos.mat: the same without the class.\n-train_perfect_preds.txt: an example of a submission: the class of image M on line M.\n")
    text(o / "devkit/eval_train.m", "function [accuracy, confusion_matrix] = eval_train(preds_fn)\nload cars_train_annos\nend\n")


# ---------------------------------------------------------------- 09 TFDS: a prepared directory (beans/0.1.0), TFRecord shards
_T = []
for _n in range(256):
    for _ in range(8):
        _n = (_n >> 1) ^ (0x82F63B78 if _n & 1 else 0)
    _T.append(_n)


def masked(b):
    c = 0xFFFFFFFF
    for v in b:
        c = _T[(c ^ v) & 255] ^ (c >> 8)
    c ^= 0xFFFFFFFF
    return struct.pack("<I", (((c >> 15) | (c << 17)) + 0xA282EAD8) & 0xFFFFFFFF)


def varint(n):
    b = b""
    while n > 127:
        b, n = b + bytes([n & 127 | 128]), n >> 7
    return b + bytes([n])


def field(num, b):
    return bytes([num << 3 | 2]) + varint(len(b)) + b


def example(jpg, label):
    e = field(1, field(1, b"image") + field(2, field(1, field(1, jpg))))
    e += field(1, field(1, b"label") + field(2, field(3, field(1, varint(label)))))
    return field(1, e)


def l09(o):
    g, R = rng_of("09"), random.Random(9)
    names = ["angular_leaf_spot", "bean_rust", "healthy"]
    d = o / "beans/0.1.0"
    d.mkdir(parents=True, exist_ok=True)
    splits = []
    for part, k, shards in (("train", 24, 2), ("validation", 7, 1), ("test", 8, 1)):
        labels = [c for c in range(3) for _ in range(k)]
        R.shuffle(labels)
        lens, size = [], 0
        for s in range(shards):
            mine = labels[s * len(labels) // shards:(s + 1) * len(labels) // shards]
            with open(d / f"beans-{part}.tfrecord-{s:05d}-of-{shards:05d}", "wb") as f:
                for c in mine:
                    b = BytesIO()
                    Image.fromarray(arr(g, c, 48, 3)).save(b, "JPEG", quality=90)
                    ex = example(b.getvalue(), c)
                    n = struct.pack("<Q", len(ex))
                    f.write(n + masked(n) + ex + masked(ex))
                    size += len(ex)
            lens.append(str(len(mine)))
        splits.append({"filepathTemplate": "{DATASET}-{SPLIT}.{FILEFORMAT}-{SHARD_X_OF_Y}", "name": part, "numBytes": str(size), "shardLengths": lens})
    text(d / "dataset_info.json", json.dumps({"citation": "", "description": "Beans is a dataset of images of beans taken in the field using smartphone cameras.", "fileFormat": "tfrecord",
         "location": {"urls": ["https://github.com/AI-Lab-Makerere/ibean/"]}, "name": "beans", "releaseNotes": {"0.1.0": "Initial release."}, "splits": splits,
         "supervisedKeys": {"tuple": {"items": [{"featureKey": "image"}, {"featureKey": "label"}]}}, "version": "0.1.0"}, indent=2))
    P = "tensorflow_datasets.core.features."
    text(d / "features.json", json.dumps({"pythonClassName": P + "features_dict.FeaturesDict", "featuresDict": {"features": {
        "image": {"pythonClassName": P + "image_feature.Image", "image": {"shape": {"dimensions": ["48", "48", "3"]}, "dtype": "uint8", "encodingFormat": "jpeg"}},
        "label": {"pythonClassName": P + "class_label_feature.ClassLabel", "classLabel": {"numClasses": "3"}}}}}, indent=4))
    text(d / "label.labels.txt", "\n".join(names) + "\n")


# ---------------------------------------------------------------- 10 Yoga-82: lists of links, many pictures gone
YOGA = [("Akarna_Dhanurasana", 1, 5, 0), ("Bharadvaja's_Twist_pose_or_Bharadvajasana_I_", 1, 6, 1), ("Boat_Pose_or_Paripurna_Navasana_", 2, 8, 2),
        ("Bound_Angle_Pose_or_Baddha_Konasana_", 1, 4, 3), ("Bow_Pose_or_Dhanurasana_", 5, 18, 4), ("Bridge_Pose_or_Setu_Bandha_Sarvangasana_", 4, 14, 5)]


def l10(o):
    g = rng_of("10")
    out = {"train": [], "test": []}
    for c, (n, a, b, d) in enumerate(YOGA):
        links = []
        for i in range(1, 23):
            part = "test" if i % 4 == 0 else "train"
            links.append(f"{n}/{i}.jpg\thttp://example.org/{c}{i * 37 % 101}.jpg\n")
            out[part].append(f"{n}/{i}.jpg,{a},{b},{d}\n")
            gone = (i * 7 + c * 3) % 5 in (0, 2) or (c == 4 and part == "test")
            if not gone:
                save(o / "yoga_dataset_images" / n / f"{i}.jpg", arr(g, c, 52, 6))
        text(o / "yoga_dataset_links" / f"{n}.txt", "".join(links))
    for part, ls in out.items():
        random.Random(10).shuffle(ls)
        text(o / f"yoga_{part}.txt", "".join(ls))
    text(o / "readme.txt", "yoga_dataset_links: image file name and link, a file for each pose.\nyoga_train.txt, yoga_test.txt: image, label of 6 classes, label of 20 classes, label of 82 classes.\n")


# ---------------------------------------------------------------- 11 Quick, Draw!: one .npy for each class
def l11(o):
    g = rng_of("11")
    o.mkdir(parents=True, exist_ok=True)
    for c, n in enumerate(["The Eiffel Tower", "alarm clock", "ant", "ice cream", "saxophone"]):
        pics = []
        for _ in range(20 + 2 * c):
            a = arr(g, c, 28, 5, gray=True).astype(int)
            a = np.where(a > np.median(a) + 8, a + 60, 0)
            pics.append(np.clip(a, 0, 255).astype(np.uint8).reshape(784))
        np.save(o / f"full_numpy_bitmap_{n}.npy", np.stack(pics))


# ---------------------------------------------------------------- 12 HASYv2: ten folds of relative paths, latex names
def l12(o):
    g, R = rng_of("12"), random.Random(12)
    sym = [(31, "A"), (70, "0"), (82, "\\pi"), (87, "\\alpha"), (116, "\\infty"), (181, "\\int"), (151, "\\sum"), (503, "\\rightarrow")]
    todo = [(c, i) for c in range(8) for i in range(15)]
    R.shuffle(todo)
    recs = []
    for n, (c, i) in enumerate(todo):
        a = arr(g, c, 32, 8, gray=True).astype(int)
        a = np.where(a > np.median(a) + 5, 0, 255)
        a[g.integers(0, 32, 12), g.integers(0, 32, 12)] = 0
        save(o / "hasy-data" / f"v2-{n:05d}.png", np.repeat(a[..., None], 3, 2).astype(np.uint8))
        recs.append([f"hasy-data/v2-{n:05d}.png", sym[c][0], sym[c][1], R.randint(1, 900)])
    H = ["path", "symbol_id", "latex", "user_id"]
    rows(o / "hasy-data-labels.csv", H, recs)
    rows(o / "symbols.csv", ["symbol_id", "latex", "training_samples", "test_samples"], [[s, l, 13, 2] for s, l in sym])
    up = [["../../" + r[0]] + r[1:] for r in recs]
    for f in range(10):
        rows(o / f"classification-task/fold-{f + 1}/train.csv", H, [r for i, r in enumerate(up) if i % 10 != f])
        rows(o / f"classification-task/fold-{f + 1}/test.csv", H, [r for i, r in enumerate(up) if i % 10 == f])
    v = [["../" + r[0]] + r[1:] for r in recs]
    rows(o / "verification-task/train.csv", H, v[:80])
    for t in (1, 2, 3):
        pairs = [(R.choice(v), R.choice(v)) for _ in range(20)]
        rows(o / f"verification-task/test-v{t}.csv", ["path1", "path2", "is_equal"], [[a[0], b[0], a[1] == b[1]] for a, b in pairs])
    text(o / "README.txt", "The HASYv2 dataset (small). hasy-data: png images, 32px x 32px. hasy-data-labels.csv: labels for all images.\nclassification-task: 10 folders (fold-1, ..., fold-10) "
         "with a train.csv and a test.csv each, paths relative to the csv.\nverification-task: same symbol or not. symbols.csv: all classes.\n")


# ---------------------------------------------------------------- 13 MPDD: training holds good parts only
def l13(o):
    g, R = rng_of("13"), random.Random(13)
    for i in range(45):
        save(o / "train/good" / f"{i:03d}.png", arr(g, 0, 56, 3))
    for c, (n, k) in enumerate((("good", 12), ("hole", 12), ("scratches", 15))):
        for i in range(k):
            save(o / "test" / n / f"{i:03d}.png", arr(g, c, 56, 3))
            if c:
                m = np.zeros((56, 56), np.uint8)
                x, y = R.randint(2, 40), R.randint(2, 40)
                m[y:y + R.randint(3, 14), x:x + R.randint(3, 14)] = 255
                save(o / "ground_truth" / n / f"{i:03d}_mask.png", m)


# ---------------------------------------------------------------- 14 ELPV: blank-separated "csv" of probability and cell type
def l14(o):
    g, R = rng_of("14"), random.Random(14)
    vals = ["0.0", "0.3333333333333333", "0.6666666666666666", "1.0"]
    todo = [c for c, k in enumerate((48, 12, 9, 31)) for _ in range(k)]
    R.shuffle(todo)
    s = ""
    for i, c in enumerate(todo, 1):
        save(o / "images" / f"cell{i:04d}.png", arr(g, c, 60, 4, gray=True))
        s += f"images/cell{i:04d}.png  {vals[c]:<20} {'mono' if R.random() < .4 else 'poly'}\n"
    text(o / "labels.csv", s)
    text(o / "README.md", "# A Benchmark for Visual Identification of Defective Solar Cells in Electroluminescence Imagery (small)\n\nEvery image is annotated with a defect probability "
         "(a floating point value between 0 and 1) and the type of the solar module (either mono- or polycrystalline) the solar cell image was originally extracted from: `labels.csv`.\n")
    text(o / "utils/elpv_reader.py", "import numpy as np\n\n\ndef load_dataset(fname='../labels.csv'):\n    data = np.genfromtxt(fname, dtype=['|S19', '<f8', '|S4'], names=['path', 'probability', 'type'])\n    return data\n")


# ---------------------------------------------------------------- 15 JAFFE: the expression in the file name
def l15(o):
    g, R = rng_of("15"), random.Random(15)
    n = 1
    for s in ("KA", "KL", "KR", "MK", "TM", "YM"):
        for c, e in enumerate(("NE", "HA", "SA", "SU", "AN", "DI", "FE")):
            for t in range(1, 4 if R.random() < .8 else 3):
                save(o / f"{s}.{e}{t}.{n}.tiff", arr(g, c, 56, 7, gray=True))
                n += 1
    text(o / "README_FIRST.txt", "The Japanese Female Facial Expression database (small).\nFile names: subject . expression and number . serial number . tiff\n"
         "NE neutral, HA happiness, SA sadness, SU surprise, AN anger, DI disgust, FE fear\n")


# ---------------------------------------------------------------- 16 Flowers: the whole set a second time in an inner folder
def l16(o):
    g, R = rng_of("16"), random.Random(16)
    for c, n in enumerate(("daisy", "dandelion", "rose", "sunflower", "tulip")):
        for i in range(15 + c):
            fn = f"{R.randint(10 ** 8, 10 ** 10)}_{R.getrandbits(40):010x}{'_n' if i % 3 == 0 else ''}.jpg"
            p = o / "flowers" / n / fn
            save(p, arr(g, c, (52, 40), 5))
            q = o / "flowers/flowers" / n / fn
            q.parent.mkdir(parents=True, exist_ok=True)
            q.write_bytes(p.read_bytes())
    text(o / "flowers/dandelion/flickr.py", "import flickrapi\n")
    text(o / "flowers/dandelion/run_me.py", "from flickr import *\n")
    (o / "flowers/dandelion/flickr.pyc").write_bytes(b"\x03\xf3\r\n\x00\x00\x00\x00")


# ---------------------------------------------------------------- 17 RAF-DB: the list says train_00001.jpg, the file is train_00001_aligned.jpg
def l17(o):
    g, R = rng_of("17"), random.Random(17)
    s = ""
    for part, k, w in (("test", 4, 4), ("train", 13, 5)):
        labels = [c for c in range(7) for _ in range(k)]
        R.shuffle(labels)
        for i, c in enumerate(labels, 1):
            st = f"{part}_{i:0{w}d}"
            save(o / "basic/Image/aligned" / f"{st}_aligned.jpg", arr(g, c, 50, 7))
            s += f"{st}.jpg {c + 1}\n"
            text(o / "basic/Annotation/manual" / f"{st}_manu_attri.txt", "".join(f"{R.uniform(10, 90):.3f}\t{R.uniform(10, 90):.3f}\n" for _ in range(5))
                 + f"{R.randint(0, 2)}\n{R.randint(0, 2)}\n{R.randint(0, 4)}\n")
    text(o / "basic/EmoLabel/list_patition_label.txt", s)
    text(o / "basic/readme.txt", "Real-world Affective Faces Database, basic emotions (small)\n\nEmoLabel/list_patition_label.txt: image name, label\n"
         "1: Surprise\n2: Fear\n3: Disgust\n4: Happiness\n5: Sadness\n6: Anger\n7: Neutral\n\nAnnotation/manual: 5 landmarks, gender, race, age\n")


# ---------------------------------------------------------------- 18 COOS-7: one HDF5 for each part, two channels first
def l18(o):
    import h5py
    g, R = rng_of("18"), random.Random(18)
    o.mkdir(parents=True, exist_ok=True)
    for part, k in (("training", 10), ("test1", 3), ("test2", 3), ("test3", 2), ("test4", 2)):
        labels = [c for c in range(7) for _ in range(k)]
        R.shuffle(labels)
        data = np.stack([np.stack([arr(g, c, 64, 7, gray=True), arr(g, 0, 64, 7, gray=True)]) for c in labels]).astype(np.uint16) * 200
        with h5py.File(o / f"COOS7_v1.0_{part}.hdf5", "w") as f:
            f.create_dataset("data", data=data, compression="gzip")
            f.create_dataset("labels", data=np.array(labels, np.int8))
            f.create_dataset("plate", data=np.array([R.randint(1, 4) for _ in labels], np.int8))
            f.create_dataset("well", data=np.array([f"{R.choice('ABCD')}{R.randint(1, 12):02d}".encode() for _ in labels]))
    text(o / "README.txt", "COOS-7 (Cells Out Of Sample), small. data: N x 2 x 64 x 64, channel 0 the protein, channel 1 the nucleus; labels: N\n"
         "0 Endoplasmic Reticulum\n1 Inner Nuclear Membrane\n2 Golgi\n3 Peroxisomes\n4 Early Endosome\n5 Cytosol\n6 Nuclear Envelope\n")


# ---------------------------------------------------------------- 19 mini-ImageNet: the classes of train, val and test differ
def l19(o):
    g, R = rng_of("19"), random.Random(19)
    parts = {"train": ["n01532829", "n01558993", "n02108089", "n04389033"], "val": ["n01855672", "n02138441"], "test": ["n01930112", "n03272010"]}
    c = 0
    for part, ws in parts.items():
        out = []
        for w in ws:
            for i in range(12):
                fn = f"{w}{R.randint(1, 9)}{i * 11 + 5:07d}.jpg"
                save(o / "images" / fn, arr(g, c, 42, 8))
                out.append([fn, w])
            c += 1
        rows(o / f"{part}.csv", ["filename", "label"], out)


# ---------------------------------------------------------------- 20 WHOI-Plankton: a folder a year, the classes below
def l20(o):
    g, R = rng_of("20"), random.Random(20)
    for yi, y in enumerate((2006, 2007, 2008, 2009)):
        for c, n in enumerate(("Asterionellopsis", "Chaetoceros", "Ciliate_mix", "Guinardia_striata", "detritus", "mix")):
            for i in range(3 + (c + yi) % 4):
                save(o / str(y) / n / f"IFCB{1 + yi // 2}_{y}_{R.randint(1, 365):03d}_{R.randint(0, 235959):06d}_{i + 1:05d}.png", arr(g, c, (60 - 3 * (i % 3), 36), 6, gray=True))


LAYOUTS = [("01_deepweeds", l01), ("02_simpsons", l02), ("03_caltech_camera_traps", l03), ("04_birds_kaggle", l04), ("05_plantclef2015", l05), ("06_stanford40", l06),
           ("07_magnetic_tile", l07), ("08_stanford_cars", l08), ("09_tfds_beans", l09), ("10_yoga82", l10), ("11_quickdraw", l11), ("12_hasyv2", l12), ("13_mpdd_bracket", l13),
           ("14_elpv", l14), ("15_jaffe", l15), ("16_flowers_recognition", l16), ("17_rafdb", l17), ("18_coos7", l18), ("19_miniimagenet", l19), ("20_whoi_plankton", l20)]


def main():
    out = Path(sys.argv[1])
    for name, f in LAYOUTS:
        try:
            f(out / name)
        except ImportError as e:
            print(f"{name} left out: {e}", file=sys.stderr)


if __name__ == "__main__":
    main()
