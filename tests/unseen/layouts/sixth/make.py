#!/usr/bin/env python3
"""python3 make.py OUT: 20 small image-classification datasets, each in another layout (see expected.json)."""
import csv, io, json, os, sys, unicodedata, uuid, zipfile
import numpy as np
from PIL import Image, ImageDraw

PAL = [(200, 70, 60), (60, 150, 70), (70, 90, 205), (205, 180, 60), (150, 70, 170), (60, 180, 190), (120, 120, 120), (230, 140, 60)]


def picture(rng, k, size=32, grey=False, noise=18):
    """A picture of class k: a tint and a shape of its own, moved about, plus noise."""
    w, h = (size, size) if isinstance(size, int) else size
    base = np.array(PAL[k % 8], float)
    if grey:
        base[:] = 50 + 22 * (k % 8)
    bg = np.clip(base * 0.45 + rng.uniform(-10, 10, 3) * (0 if grey else 1), 0, 255).astype(int)
    fg = np.clip(base + rng.uniform(-12, 12), 0, 255).astype(int)
    im = Image.new("RGB", (w, h), tuple(int(v) for v in bg))
    d = ImageDraw.Draw(im)
    m = min(w, h)
    r = int(m * rng.uniform(0.2, 0.3))
    cx, cy = int(rng.uniform(r, w - r)), int(rng.uniform(r, h - r))
    f, s = tuple(int(v) for v in fg), k % 8
    box = [cx - r, cy - r, cx + r, cy + r]
    if s == 0: d.ellipse(box, fill=f)
    elif s == 1: d.rectangle(box, fill=f)
    elif s == 2: d.polygon([(cx, cy - r), (cx - r, cy + r), (cx + r, cy + r)], fill=f)
    elif s == 3: d.line([0, cy, w, cy + r // 2], fill=f, width=max(2, r // 2))
    elif s == 4: d.ellipse(box, outline=f, width=max(2, r // 3))
    elif s == 5: d.line([cx, 0, cx + r // 2, h], fill=f, width=max(2, r // 2))
    elif s == 6: d.line(box, fill=f, width=3); d.line([cx - r, cy + r, cx + r, cy - r], fill=f, width=3)
    else: d.rectangle(box, outline=f, width=max(2, r // 3))
    a = np.asarray(im, float)
    n = rng.normal(0, noise, (h, w, 1)) if grey else rng.normal(0, noise, (h, w, 3))
    a = np.clip(a + n, 0, 255).astype(np.uint8)
    return Image.fromarray(a[:, :, 0].copy() if grey else a)


def save(im, path, **kw):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if path.lower().endswith((".jpg", ".jpeg")):
        kw.setdefault("quality", 92)
        kw.setdefault("format", "JPEG")
    im.save(path, **kw)


def write(path, text, enc="utf-8"):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(text.encode(enc))


def table(path, rows, sep=",", enc="utf-8", eol="\n"):
    b = io.StringIO()
    csv.writer(b, delimiter=sep, lineterminator=eol).writerows(rows)
    write(path, b.getvalue(), enc)


def uid(rng):
    return str(uuid.UUID(bytes=bytes(rng.integers(0, 256, 16, dtype=np.uint8)), version=4))


def spread(rng, counts):
    """Class numbers, counts[k] of each, shuffled."""
    y = np.repeat(np.arange(len(counts)), counts)
    rng.shuffle(y)
    return [int(v) for v in y]


LAYOUTS = []


def layout(name, **exp):
    def deco(fn):
        def go(out):
            rng = np.random.default_rng(int(name[:2]) * 1009 + 7)
            fn(os.path.join(out, name), rng)
        LAYOUTS.append((name, go, exp))
        return fn
    return deco


# 01 ---------------------------------------------------------------------------------------------------------------
HK = [("lower-gi-tract", "anatomical-landmarks", "cecum", 18), ("lower-gi-tract", "pathological-findings", "polyps", 22),
      ("lower-gi-tract", "quality-of-mucosal-views", "impacted-stool", 9), ("upper-gi-tract", "anatomical-landmarks", "pylorus", 17),
      ("upper-gi-tract", "anatomical-landmarks", "z-line", 15), ("upper-gi-tract", "pathological-findings", "esophagitis-a", 11)]


@layout("01_endoscopy_labeled_images",
        kind="class folders at the third level of a medical hierarchy (organ / kind of finding / finding), uneven classes, a CSV that repeats them beside",
        source="HyperKvasir labeled-images (Simula), its image-labels.csv with Video file, Organ, Finding, Classification",
        point_at=".", classes=[h[2] for h in HK], images=92, splits={}, finding=None, refusal_ok=False)
def _(d, rng):
    rows = []
    for k, (organ, kind, cls, n) in enumerate(HK):
        for _ in range(n):
            u = uid(rng)
            save(picture(rng, k, (48, 40)), f"{d}/labeled-images/{organ}/{kind}/{cls}/{u}.jpg")
            rows.append([u, "Lower GI" if organ[0] == "l" else "Upper GI", cls, kind])
    table(f"{d}/labeled-images/image-labels.csv", [["Video file", "Organ", "Finding", "Classification"]] + rows)
    write(f"{d}/README.md", "# Labeled images\n\nImages are in the folder of their finding. Patient data were removed; EXIF is empty.\n")


# 02 ---------------------------------------------------------------------------------------------------------------
@layout("02_solar_cells",
        kind="a labels.csv without header, columns parted by runs of blanks: path, probability of a defect (four steps), type of module; grey pictures",
        source="elpv-dataset (ZAE Bayern): images/cell0001.png and labels.csv",
        point_at=".", classes=["0.0", "0.3333333333333333", "0.6666666666666666", "1.0"], images=88, splits={}, finding=None, refusal_ok=True)
def _(d, rng):
    val = ["0.0", "0.3333333333333333", "0.6666666666666666", "1.0"]
    lines = []
    for i, k in enumerate(spread(rng, [38, 16, 10, 24])):
        save(picture(rng, k * 2, 40, grey=True), f"{d}/images/cell{i + 1:04d}.png")
        lines.append("images/cell%04d.png  %-18s  %s" % (i + 1, val[k], "mono" if rng.random() < 0.4 else "poly"))
    write(f"{d}/labels.csv", "\n".join(lines) + "\n")
    write(f"{d}/README.md", "8-bit grey pictures of solar cells. Each line of `labels.csv`: picture, probability that the cell is defective, type of the module.\n")


# 03 (troubled) ----------------------------------------------------------------------------------------------------
@layout("03_ultrasound_with_gt",
        kind="class folders in which every picture has one or two segmentation masks (… _mask.png) lying beside it",
        source="Dataset_BUSI_with_GT (breast ultrasound, Kaggle): benign (1).png, benign (1)_mask.png",
        point_at=".", classes=["benign", "malignant", "normal"], images=64, splits={},
        finding="72 of the 136 files in the class folders are segmentation masks (*_mask.png, *_mask_1.png): an image folder would train on the masks as if they were pictures.",
        refusal_ok=False)
def _(d, rng):
    extra = 0
    for k, (c, n) in enumerate([("benign", 28), ("malignant", 20), ("normal", 16)]):
        for i in range(1, n + 1):
            p = f"{d}/Dataset_BUSI_with_GT/{c}/{c} ({i})"
            save(picture(rng, k * 2, (48, 40), grey=True), p + ".png")
            for j in range(2 if (c == "benign" and i % 7 == 0) or (c == "malignant" and i % 5 == 0) else 1):
                m = Image.new("L", (48, 40), 0)
                if c != "normal":
                    x, y, r = rng.integers(6, 30), rng.integers(4, 22), rng.integers(5, 12)
                    ImageDraw.Draw(m).ellipse([int(x), int(y), int(x + r + i % 5), int(y + r)], fill=255)
                else:
                    m.putpixel((i, 0), 1)  # (an empty mask but for a speck, so that no two are equal)
                save(m, p + ("_mask.png" if j == 0 else "_mask_1.png"))
                extra += 1
    assert extra == 72, extra


# 04 ---------------------------------------------------------------------------------------------------------------
@layout("04_fundus_grading",
        kind="numbered folders with blanks and letters; a CSV a part with names without extension, empty columns at the end, and two grades; both parts number their pictures from 001",
        source="IDRiD 'B. Disease Grading' (Grand Challenge)",
        point_at=".", classes=["0", "1", "2", "3", "4"], images=84, splits={"train": 60, "test": 24}, finding=None, refusal_ok=True,
        classes_also_ok=[["0", "1", "2"]])
def _(d, rng):
    root = f"{d}/B. Disease Grading"
    for part, tag, counts in (("a. Training Set", "Training", [18, 6, 18, 11, 7]), ("b. Testing Set", "Testing", [8, 3, 6, 4, 3])):
        rows = [["Image name", "Retinopathy grade", "Risk of macular edema "] + [""] * 6]
        for i, k in enumerate(spread(rng, counts)):
            n = f"IDRiD_{i + 1:03d}"
            save(picture(rng, k, (56, 40)), f"{root}/1. Original Images/{part}/{n}.jpg")
            edema = 0 if k == 0 else int(rng.integers(0, 3)) if k < 3 else 2
            rows.append([n, k, edema] + [""] * 6)
        table(f"{root}/2. Groundtruths/{part[:2]} IDRiD_Disease Grading_{tag} Labels.csv", rows, eol="\r\n")
    write(f"{root}/CC-BY-4.0.txt", "Creative Commons Attribution 4.0 International\n")


# 05 ---------------------------------------------------------------------------------------------------------------
@layout("05_flowers_three_folds",
        kind="one flat folder of pictures, a classlabels.txt (file and class), and three folds of plain lists trn1/val1/tst1 .. trn3/val3/tst3",
        source="Jena Flower 30 Dataset (TU Ilmenau): text files of class labels and of three splits",
        point_at=".", classes=["Achillea_millefolium", "Bellis_perennis", "Centaurea_jacea", "Knautia_arvensis", "Salvia_pratensis"],
        images=100, splits={"train": 60, "val": 20, "test": 20}, finding=None, refusal_ok=True, splits_also_ok=[{}])
def _(d, rng):
    cls = ["Achillea_millefolium", "Bellis_perennis", "Centaurea_jacea", "Knautia_arvensis", "Salvia_pratensis"]
    y = spread(rng, [20] * 5)
    for i, k in enumerate(y):
        save(picture(rng, k, 48), f"{d}/images/JF_{i + 1:04d}.JPG")
    write(f"{d}/classlabels.txt", "".join(f"JF_{i + 1:04d}.JPG\t{cls[k]}\n" for i, k in enumerate(y)))
    for f in (1, 2, 3):
        parts = {"trn": [], "val": [], "tst": []}
        for k in range(5):
            ids = [i for i in range(100) if y[i] == k]
            rng.shuffle(ids)
            parts["trn"] += ids[:12]; parts["val"] += ids[12:16]; parts["tst"] += ids[16:]
        for p, ids in parts.items():
            write(f"{d}/{p}{f}.txt", "".join(f"JF_{i + 1:04d}.JPG\n" for i in sorted(int(v) for v in ids)))
    write(f"{d}/readme.txt", "There are three splits. Each has a training file (trn1, trn2, trn3), a validation file (val1, ...)\r\nand a test file (tst1, ...). The classes are in classlabels.txt. Results are averaged over the splits.\r\n")


# 06 ---------------------------------------------------------------------------------------------------------------
WAF = ["Center", "Donut", "Edge-Loc", "Edge-Ring", "Loc", "Scratch"]


@layout("06_wafer_maps",
        kind="one .npz with nameless arrays arr_0 (maps with the values 0, 1, 2) and arr_1 (one-hot rows), the order of the columns told only in a README",
        source="MixedWM38 wafer map dataset (Kaggle, single-defect part)",
        point_at=".", classes=WAF, images=96, splits={}, finding=None, refusal_ok=False, classes_also_ok=[["0", "1", "2", "3", "4", "5"]])
def _(d, rng):
    yy, xx = np.mgrid[:52, :52] - 25.5
    rad, ang = np.hypot(xx, yy), np.arctan2(yy, xx)
    X, Y = [], []
    for k in spread(rng, [16] * 6):
        a = rng.uniform(-2.4, 2.4)
        near = np.abs(ang - a) < 0.5
        if k == 0: m = rad < rng.uniform(7, 10)
        elif k == 1: m = (rad > 8) & (rad < rng.uniform(14, 17))
        elif k == 2: m = (rad > 19) & near
        elif k == 3: m = rad > rng.uniform(21, 23)
        elif k == 4: m = np.hypot(xx - 12 * np.cos(a), yy - 12 * np.sin(a)) < 5
        else: m = (np.abs(xx * np.sin(a) - yy * np.cos(a)) < 1.2) & (rad < 20)
        bad = (m & (rng.random(m.shape) < 0.85)) | (rng.random(m.shape) < 0.06)
        w = np.where(bad, 2, 1)
        w[rad > 25.5] = 0
        X.append(w); Y.append(np.eye(6, dtype=np.int64)[k])
    os.makedirs(d, exist_ok=True)
    np.savez_compressed(f"{d}/Wafer_Map_Datasets.npz", np.array(X, np.int32), np.array(Y))
    write(f"{d}/README.txt", "arr_0: wafer maps, 0 = no die, 1 = die passed, 2 = die failed\narr_1: one-hot labels; the columns are Center, Donut, Edge-Loc, Edge-Ring, Loc, Scratch\n")


# 07 ---------------------------------------------------------------------------------------------------------------
@layout("07_tissue_patches_h5",
        kind="HDF5 files a split, pictures in ..._x.h5 (key x) and labels in ..._y.h5 (key y, shape N,1,1,1), metadata tables beside",
        source="PatchCamelyon: camelyonpatch_level_2_split_train_x.h5 and so on",
        point_at=".", classes=["0", "1", "2"], images=120, splits={"train": 72, "val": 24, "test": 24}, finding=None, refusal_ok=False,
        splits_also_ok=[{"train": 72, "valid": 24, "test": 24}])
def _(d, rng):
    import h5py
    os.makedirs(d, exist_ok=True)
    for s, n in (("train", 72), ("valid", 24), ("test", 24)):
        y = spread(rng, [n // 3] * 3)
        x = np.stack([np.asarray(picture(rng, k * 2, 48)) for k in y])
        with h5py.File(f"{d}/tissuepatch_level_2_split_{s}_x.h5", "w") as f:
            f.create_dataset("x", data=x, compression="gzip", track_times=False)
        with h5py.File(f"{d}/tissuepatch_level_2_split_{s}_y.h5", "w") as f:
            f.create_dataset("y", data=np.array(y, np.uint8).reshape(-1, 1, 1, 1), track_times=False)
        rows = [["", "coord_y", "coord_x", "center_patch", "wsi"]]
        rows += [[i, int(rng.integers(0, 90000)), int(rng.integers(0, 90000)), bool(k), f"camelyon16_{s}_tumor_{int(rng.integers(1, 30)):03d}"] for i, k in enumerate(y)]
        table(f"{d}/tissuepatch_level_2_split_{s}_meta.csv", rows)


# 08 ---------------------------------------------------------------------------------------------------------------
IP = ["rice leaf roller", "rice leaf caterpillar", "paddy stem maggot", "asiatic rice borer", "yellow rice borer", "rice gall midge"]


@layout("08_crop_pests",
        kind="flat images folder, train/val/test.txt with 'name number' counted from 0, and a classes.txt that counts from 1 with names of several words, padded with blanks",
        source="IP102 v1.1 (insect pest recognition)",
        point_at=".", classes=IP, images=108, splits={"train": 66, "val": 12, "test": 30}, finding=None, refusal_ok=False)
def _(d, rng):
    root, i = f"{d}/ip_v1.1", 0
    text = {"train": "", "val": "", "test": ""}
    who = [(s, k) for s, n in (("train", 11), ("val", 2), ("test", 5)) for k in range(6) for _ in range(n)]
    for s, k in who:
        n = f"{k * 1000 + i:05d}.jpg"
        save(picture(rng, k, (48, 36)), f"{root}/images/{n}")
        text[s] += f"{n} {k}\n"
        i += 1
    for s in text:
        write(f"{root}/{s}.txt", text[s])
    write(f"{root}/classes.txt", "".join(f"{k + 1:<4d}{c:<50s}\n" for k, c in enumerate(IP)))


# 09 ---------------------------------------------------------------------------------------------------------------
BK = [("benign", "B", "adenosis", "A"), ("benign", "B", "fibroadenoma", "F"), ("benign", "B", "tubular_adenoma", "TA"),
      ("malignant", "M", "ductal_carcinoma", "DC"), ("malignant", "M", "lobular_carcinoma", "LC"), ("malignant", "M", "mucinous_carcinoma", "MC")]


@layout("09_breast_histology",
        kind="a deep tree (benign or malignant / SOB / tumour / patient / magnification / picture), and a list dsfold1.txt 'name|magnification|fold|part' for the split",
        source="BreaKHis_v1 (UFPR, Brazil) with its mkfold lists",
        point_at=".", classes=[b[2] for b in BK], images=72, splits={"train": 48, "test": 24}, finding=None, refusal_ok=True,
        classes_also_ok=[["benign", "malignant"]], splits_also_ok=[{}])
def _(d, rng):
    lines = []
    for k, (bm, b, name, code) in enumerate(BK):
        for p in range(3):
            slide = f"{int(rng.integers(2000, 29999))}{'ABCDEFG'[k]}{'XYZ'[p]}"
            for mag in (40, 100):
                for s in (1, 2):
                    fn = f"SOB_{b}_{code}-14-{slide}-{mag}-{s:03d}.png"
                    save(picture(rng, k, (56, 36)), f"{d}/BreaKHis_v1/histology_slides/breast/{bm}/SOB/{name}/SOB_{b}_{code}_14-{slide}/{mag}X/{fn}")
                    lines.append(f"{fn}|{mag}|1|{'test' if p == 2 else 'train'}")
    lines.sort(key=lambda l: l.split("|")[3:] + [l])
    write(f"{d}/dsfold1.txt", "\n".join(lines) + "\n")
    write(f"{d}/BreaKHis_v1/README.txt", "Path: breast/<class>/SOB/<type of tumour>/<slide>/<magnification>/<picture>\n")


# 10 (troubled) ----------------------------------------------------------------------------------------------------
@layout("10_sorting_belt_frames",
        kind="numbered frames in a folder and a labels.txt with nothing but one label a line, in the order of the frames",
        source="recordings of a sorting line labelled frame by frame; questions on frames and labels that do not match by number",
        point_at=".", classes=["apple_good", "apple_bruised", "apple_rotten", "empty_belt"], images=90, splits={},
        finding="labels.txt has 96 lines but frames holds 90 pictures (0013, 0014, 0038, 0051, 0052 and 0077 are missing): zipped in order, every label after the first gap stands against a wrong frame.",
        refusal_ok=True)
def _(d, rng):
    cls = ["apple_good", "apple_bruised", "apple_rotten", "empty_belt"]
    y = spread(rng, [30, 24, 20, 22])
    for i, k in enumerate(y, 1):
        im = picture(rng, k, (48, 32))
        if i not in (13, 14, 38, 51, 52, 77):
            save(im, f"{d}/frames/frame_{i:04d}.jpg")
    write(f"{d}/labels.txt", "".join(cls[k] + "\n" for k in y))


# 11 ---------------------------------------------------------------------------------------------------------------
ZOO = ["antelope_duiker", "bird", "blank", "civet_genet", "leopard", "rodent"]


@layout("11_camera_traps_joined_tables",
        kind="two tables to be joined by id: train_features.csv (id, filepath, site) and train_labels.csv (id and one-hot columns of floats); test features without labels, a submission format with even probabilities",
        source="DrivenData, Conser-vision practice area",
        point_at=".", classes=ZOO, images=84, splits={"train": 84, "unlabelled": 18}, finding=None, refusal_ok=False,
        splits_also_ok=[{"train": 84}, {"train": 84, "test": "unlabelled"}])
def _(d, rng):
    feat, lab = [["id", "filepath", "site"]], [["id"] + ZOO]
    for i, k in enumerate(spread(rng, [14] * 6)):
        n = f"ZJ{i:06d}"
        save(picture(rng, k, (48, 36)), f"{d}/train_features/{n}.jpg")
        feat.append([n, f"train_features/{n}.jpg", f"S{int(rng.integers(1, 160)):04d}"])
        lab.append([n] + [float(j == k) for j in range(6)])
    tf, sub = [["id", "filepath", "site"]], [["id"] + ZOO]
    for i, k in enumerate(spread(rng, [3] * 6)):
        n = f"ZJ{16488 + i:06d}"
        save(picture(rng, k, (48, 36)), f"{d}/test_features/{n}.jpg")
        tf.append([n, f"test_features/{n}.jpg", f"S{int(rng.integers(160, 200)):04d}"])
        sub.append([n] + [round(1 / 6, 6)] * 6)
    order = rng.permutation(84)
    table(f"{d}/train_features.csv", feat)
    table(f"{d}/train_labels.csv", lab[:1] + [lab[1 + int(j)] for j in order])  # (not in the order of the features)
    table(f"{d}/test_features.csv", tf)
    table(f"{d}/submission_format.csv", sub)


# 12 ---------------------------------------------------------------------------------------------------------------
@layout("12_rotation_challenge_zips",
        kind="pictures still in train.zip, val.zip, test.zip; train.csv and val.csv (ImageID without extension, label); the test labels are to be predicted, a sample submission of random labels",
        source="AIcrowd challenges (F1 car rotation)",
        point_at=".", classes=["back", "front", "left", "right"], images=80, splits={"train": 60, "val": 20, "unlabelled": 16}, finding=None,
        refusal_ok=True, splits_also_ok=[{"train": 60, "val": 20}, {"train": 60, "val": 20, "test": "unlabelled"}])
def _(d, rng):
    cls = ["back", "front", "left", "right"]
    os.makedirs(d, exist_ok=True)
    for s, n in (("train", 15), ("val", 5), ("test", 4)):
        rows = [["ImageID", "label"]]
        with zipfile.ZipFile(f"{d}/{s}.zip", "w") as z:
            for i, k in enumerate(spread(rng, [n] * 4)):
                b = io.BytesIO()
                picture(rng, k, 48).save(b, "JPEG", quality=92)
                z.writestr(zipfile.ZipInfo(f"{s}/{i}.jpg", (2021, 2, 1, 10, 0, 0)), b.getvalue())
                rows.append([i, cls[int(rng.integers(0, 4))] if s == "test" else cls[k]])
        table(f"{d}/{'sample_submission' if s == 'test' else s}.csv", rows)


# 13 ---------------------------------------------------------------------------------------------------------------
@layout("13_pruefstand_guss",
        kind="folders by day and camera whose file names repeat; labels in one semicolon table a week, cp1252, Windows paths, decimal commas, German columns",
        source="visual inspection of castings in a German plant (Excel exports), Thumbs.db about",
        point_at=".", classes=["i.O.", "Riss", "Lunker", "Kaltfließ"], images=96, splits={}, finding=None, refusal_ok=False)
def _(d, rng):
    cls = ["i.O.", "Riss", "Lunker", "Kaltfließ"]
    y, at = spread(rng, [36, 22, 20, 18]), 0
    for week, days in ((11, ("2023-03-14", "2023-03-16")), (12, ("2023-03-21", "2023-03-22"))):
        rows = [["Lfd_Nr", "Bilddatei", "Teilenummer", "Taktzeit_s", "Befund", "Prüfer", "Bemerkung"]]
        for day in days:
            for cam in (1, 2):
                for i in range(12):
                    k = y[at]; at += 1
                    save(picture(rng, k * 2, 32, grey=True), f"{d}/{day}/Kamera{cam}/Bild_{i + 1:03d}.bmp")
                    rows.append([len(rows), f"{day}\\Kamera{cam}\\Bild_{i + 1:03d}.bmp", f"GT-{int(rng.integers(10000, 99999))}",
                                 f"{rng.uniform(9, 14):.1f}".replace(".", ","), cls[k], ["Müller", "Köhler"][cam - 1],
                                 "Nachprüfung nötig" if rng.random() < 0.1 else ""])
                write(f"{d}/{day}/Kamera{cam}/Thumbs.db", "\xd0\xcf\x11\xe0" + "\0" * 60, "latin-1")
        table(f"{d}/Auswertung_KW{week}.csv", rows, ";", "cp1252", "\r\n")


# 14 ---------------------------------------------------------------------------------------------------------------
NEU = ["crazing", "inclusion", "patches", "pitted_surface", "rolled-in_scale", "scratches"]


@layout("14_steel_surface_det",
        kind="train and validation, each with images/<class>/ and a flat folder annotations of VOC files (boxes, every picture of one class)",
        source="NEU-DET steel surface defects as put on Kaggle",
        point_at=".", classes=NEU, images=84, splits={"train": 60, "val": 24}, finding=None, refusal_ok=False,
        splits_also_ok=[{"train": 60, "validation": 24}])
def _(d, rng):
    for k, c in enumerate(NEU):
        for i in range(1, 15):
            s = "train" if i <= 10 else "validation"
            save(picture(rng, k, 40, grey=True), f"{d}/NEU-DET/{s}/images/{c}/{c}_{i}.jpg")
            obj = ""
            for _ in range(int(rng.integers(1, 4))):
                x, y = (int(v) for v in rng.integers(1, 20, 2))
                obj += f"\t<object>\n\t\t<name>{c}</name>\n\t\t<difficult>0</difficult>\n\t\t<bndbox>\n\t\t\t<xmin>{x}</xmin>\n\t\t\t<ymin>{y}</ymin>\n\t\t\t<xmax>{x + 15}</xmax>\n\t\t\t<ymax>{y + 12}</ymax>\n\t\t</bndbox>\n\t</object>\n"
            write(f"{d}/NEU-DET/{s}/annotations/{c}_{i}.xml",
                  f"<annotation>\n\t<folder>{c}</folder>\n\t<filename>{c}_{i}.jpg</filename>\n\t<size><width>40</width><height>40</height><depth>1</depth></size>\n\t<segmented>0</segmented>\n{obj}</annotation>\n")


# 15 (troubled) ----------------------------------------------------------------------------------------------------
@layout("15_maize_challenge",
        kind="Train.csv (Image_ID, Label), Test.csv, SampleSubmission.csv and one images folder for both parts",
        source="Zindi crop challenges; threads on CSV rows whose pictures are not in the folder (half of a download)",
        point_at=".", classes=["fall_armyworm", "grey_leaf_spot", "healthy", "maize_streak"], images=65,
        splits={"train": 65, "unlabelled": 12},
        finding="47 of the 112 rows of Train.csv have no picture in images, and of grey_leaf_spot only 3 of 28 are there: the download is not whole.",
        refusal_ok=True, splits_also_ok=[{"train": 65}, {"train": 65, "test": "unlabelled"}])
def _(d, rng):
    cls = ["fall_armyworm", "grey_leaf_spot", "healthy", "maize_streak"]
    left = [20, 3, 23, 19]
    rows, seen = [["Image_ID", "Label"]], [0] * 4
    for k in spread(rng, [28] * 4):
        n = f"id_{''.join(rng.choice(list('abcdefghijklmnopqrstuvwxyz0123456789'), 10))}.jpg"
        im = picture(rng, k, 48)
        if seen[k] < left[k]:
            save(im, f"{d}/images/{n}")
        seen[k] += 1
        rows.append([n, cls[k]])
    table(f"{d}/Train.csv", rows)
    test, sub = [["Image_ID"]], [["Image_ID", "Label"]]
    for k in spread(rng, [3] * 4):
        n = f"id_{''.join(rng.choice(list('abcdefghijklmnopqrstuvwxyz0123456789'), 10))}.jpg"
        save(picture(rng, k, 48), f"{d}/images/{n}")
        test.append([n]); sub.append([n, 0])
    table(f"{d}/Test.csv", test)
    table(f"{d}/SampleSubmission.csv", sub)


# 16 (troubled) ----------------------------------------------------------------------------------------------------
@layout("16_maladies_vigne",
        kind="photos by parcel and a CSV with French columns (fichier, parcelle, date, observateur, etiquette)",
        source="vineyard notes typed in on a Mac and on Windows and put together; twin labels by capitals, blanks and composed or decomposed accents",
        point_at=".", classes=["esca", "mildiou", "oïdium", "sain"], images=90, splits={},
        finding="The column etiquette holds 7 spellings of 4 classes: 'mildiou', 'Mildiou' and 'mildiou ' (a blank at the end), and 'oïdium' once composed (NFC) and once decomposed (NFD), look alike but are apart.",
        refusal_ok=False)
def _(d, rng):
    nfc = unicodedata.normalize("NFC", "oïdium")
    spell = [["esca"], ["mildiou", "Mildiou", "mildiou "], [nfc, unicodedata.normalize("NFD", nfc)], ["sain"]]
    rows = [["fichier", "parcelle", "date", "observateur", "etiquette"]]
    for i, k in enumerate(spread(rng, [20, 27, 22, 21])):
        parc = ["Clos_Nord", "Grand_Pre", "Les_Combes"][i % 3]
        n = f"{parc}/IMG_{2000 + i}.jpeg"
        save(picture(rng, k, (40, 48)), f"{d}/photos/{n}")
        rows.append([n, parc, f"{int(rng.integers(1, 29)):02d}/07/2022", ["AL", "JMB"][int(rng.integers(0, 2))], spell[k][i % len(spell[k])]])
    table(f"{d}/releves.csv", rows)
    used = {r[4] for r in rows[1:]}
    assert len(used) == 7, used


# 17 ---------------------------------------------------------------------------------------------------------------
DX = ["akiec", "bcc", "bkl", "df", "mel", "nv"]


@layout("17_skin_lesions_two_parts",
        kind="pictures spread over two 'part' folders, a metadata table (lesion_id, image_id without extension, dx, dx_type, age, sex, localization), and a table of small pixels of the same pictures beside",
        source="HAM10000 on Kaggle (HAM10000_images_part_1/2, HAM10000_metadata.csv, hmnist_8_8_L.csv)",
        point_at=".", classes=DX, images=98, splits={}, finding=None, refusal_ok=False)
def _(d, rng):
    rows = [["lesion_id", "image_id", "dx", "dx_type", "age", "sex", "localization"]]
    pix = [[f"pixel{j:04d}" for j in range(64)] + ["label"]]
    y = spread(rng, [9, 12, 17, 8, 18, 34])
    lesion = {}
    for i, k in enumerate(y):
        n = f"ISIC_{24306 + i:07d}"
        im = picture(rng, k, (56, 42))
        save(im, f"{d}/HAM10000_images_part_{1 if i < 50 else 2}/{n}.jpg")
        if k not in lesion or rng.random() < 0.6:
            lesion[k] = f"HAM_{int(rng.integers(0, 7999)):07d}"
        rows.append([lesion[k], n, DX[k], ["histo", "follow_up", "consensus"][int(rng.integers(0, 3))], float(5 * int(rng.integers(4, 17))),
                     ["male", "female"][int(rng.integers(0, 2))], ["back", "face", "trunk", "scalp"][int(rng.integers(0, 4))]])
        pix.append([int(v) for v in np.asarray(im.convert("L").resize((8, 8))).ravel()] + [k])
    table(f"{d}/HAM10000_metadata.csv", rows)
    table(f"{d}/hmnist_8_8_L.csv", pix)


# 18 ---------------------------------------------------------------------------------------------------------------
@layout("18_torax_por_paciente",
        kind="a folder of pictures a patient, the diagnosis and the part known only by a table of patients (Spanish columns, semicolons, a byte-order mark)",
        source="hospital studies: clinical table a patient, several slices of each",
        point_at=".", classes=["derrame", "neumonia", "nodulo", "normal"], images=96,
        splits={"train": 57, "val": 19, "test": 20}, finding=None, refusal_ok=False,
        splits_also_ok=[{"entrenamiento": 57, "validacion": 19, "prueba": 20}])
def _(d, rng):
    cls = ["derrame", "neumonia", "nodulo", "normal"]
    rows = [["id_paciente", "edad", "sexo", "fumador", "diagnostico", "particion", "observaciones"]]
    who = [(k, p) for k in range(4) for p in ["entrenamiento"] * 4 + ["validacion", "prueba"]]
    rng.shuffle(who)
    for i, (k, p) in enumerate(who):
        k, pid = int(k), f"PAC-{i + 1:03d}"
        n = (3, 4, 5, 4)[k] if p == "entrenamiento" and i % 2 else (5 if p != "entrenamiento" else 3)
        if p == "validacion" and k == 1: n = 4
        for j in range(n):
            save(picture(rng, k * 2, 48, grey=True), f"{d}/imagenes/{pid}/corte_{j + 1:02d}.png")
        rows.append([pid, int(rng.integers(25, 88)), "MF"[int(rng.integers(0, 2))], ["si", "no"][int(rng.integers(0, 2))], cls[k], str(p),
                     "segunda lectura pendiente" if i % 9 == 4 else ""])
    table(f"{d}/pacientes.csv", rows, ";", "utf-8-sig", "\r\n")


# 19 (troubled) ----------------------------------------------------------------------------------------------------
@layout("19_connector_orientation",
        kind="train and val with class folders named by the angle of a part (0, 90, 180, 270)",
        source="Ultralytics issue 13936: classes numbered by the order of the folders that there are",
        point_at=".", classes=["0", "90", "180", "270"], images=82, splits={"train": 64, "val": 18},
        finding="val has no picture of class 180 (its folder holds only a .gitkeep), so a loader that numbers the folders of each split by itself, or skips an empty one, tests 270 and 90 under the wrong numbers, and 180 is never tested.",
        refusal_ok=False)
def _(d, rng):
    for k, c in enumerate(["0", "90", "180", "270"]):
        for s, n in (("train", 16), ("val", 0 if c == "180" else 6)):
            for i in range(n):
                save(picture(rng, k, 40), f"{d}/{s}/{c}/steck_{s[0]}{c}_{i:03d}.png")
            if n == 0:
                write(f"{d}/{s}/{c}/.gitkeep", "")


# 20 (troubled) ----------------------------------------------------------------------------------------------------
@layout("20_weld_radiographs_lists",
        kind="class folders under data and the split in two lists of paths, splits/train.txt and splits/val.txt",
        source="weld X-ray and other inspection repositories with lists of splits made by hand",
        point_at=".", classes=["crack", "lack_of_penetration", "no_defect", "porosity"], images=100, splits={"train": 80, "val": 40},
        finding="20 of the 40 pictures in splits/val.txt stand in splits/train.txt too: half of validation was trained on.",
        refusal_ok=False)
def _(d, rng):
    tr, va = [], []
    for k, c in enumerate(["crack", "lack_of_penetration", "no_defect", "porosity"]):
        for i in range(25):
            n = f"data/{c}/RX_{k * 25 + i + 1:04d}.png"
            save(picture(rng, k * 2, (48, 32), grey=True), f"{d}/{n}")
            if i < 20: tr.append(n)
            if i >= 15: va.append(n)
    for s, l in (("train", tr), ("val", va)):
        l = [l[int(j)] for j in rng.permutation(len(l))]
        write(f"{d}/splits/{s}.txt", "".join(f"./{n}\n" for n in l))


def main(out):
    os.makedirs(out, exist_ok=True)
    for name, go, exp in LAYOUTS:
        try:
            go(out)
        except ImportError as e:
            print("left out", name, e)
    here = os.path.dirname(os.path.abspath(__file__))
    if "--expected" in sys.argv:
        with open(os.path.join(here, "expected.json"), "w", encoding="utf-8") as f:
            json.dump({n: e for n, _, e in LAYOUTS}, f, indent=1, ensure_ascii=False)
            f.write("\n")


if __name__ == "__main__":
    main(sys.argv[1])
