#!/usr/bin/env python3
"""Twenty small image-classification datasets in layouts people keep.  python3 make.py OUT"""
import csv, json, os, shutil, sys
import numpy as np
from PIL import Image, ImageDraw

TINTS = [(205, 60, 50), (50, 165, 70), (60, 85, 205), (215, 180, 45), (155, 60, 180), (45, 180, 190), (120, 85, 50), (235, 130, 170)]


def pic(rng, c, s=32, gray=False):
    """A picture of class c: its tint, its shape, noise."""
    im = Image.new("RGB", (s, s), tuple(int(v * .35 + 60) for v in TINTS[c]))
    d = ImageDraw.Draw(im)
    a, b = int(rng.integers(2, s // 4)), int(rng.integers(2, s // 4))
    w = int(s * .55) + int(rng.integers(0, s // 8))
    box = (a, b, a + w, b + w)
    k = c % 4
    if k == 0: d.ellipse(box, fill=TINTS[c])
    elif k == 1: d.rectangle(box, fill=TINTS[c])
    elif k == 2: d.polygon([(a, b + w), (a + w, b + w), (a + w // 2, b)], fill=TINTS[c])
    else:
        d.line((a, b, a + w, b + w), fill=TINTS[c], width=max(3, s // 8))
        d.line((a + w, b, a, b + w), fill=TINTS[c], width=max(3, s // 8))
    x = np.asarray(im).astype(int) + rng.integers(-22, 23, (s, s, 3))
    x = np.clip(x, 0, 255).astype(np.uint8)
    return np.asarray(Image.fromarray(x).convert("L")) if gray else x


def save(x, *parts):
    p = os.path.join(*parts)
    os.makedirs(os.path.dirname(p), exist_ok=True)
    im = Image.fromarray(x)
    fmt = {"jpg": "JPEG", "jpeg": "JPEG", "png": "PNG"}[p.rsplit(".", 1)[1].lower()]
    im.save(p, format=fmt, **({"quality": 92} if fmt == "JPEG" else {}))


def text(s, *parts, enc="utf-8", nl="\n"):
    p = os.path.join(*parts)
    os.makedirs(os.path.dirname(p), exist_ok=True)
    with open(p, "w", encoding=enc, newline="") as f:
        f.write(s.replace("\n", nl))


def table(rows, *parts, sep=","):
    p = os.path.join(*parts)
    os.makedirs(os.path.dirname(p), exist_ok=True)
    with open(p, "w", newline="", encoding="utf-8") as f:
        csv.writer(f, delimiter=sep, lineterminator="\n").writerows(rows)


def mixed(rng, counts):
    """Labels in a mixed order: counts[c] of class c."""
    y = np.repeat(np.arange(len(counts)), counts)
    rng.shuffle(y)
    return [int(v) for v in y]


def names(rng, n, width=10, hexa=False):
    lo, hi = (16 ** (width - 1), 16 ** width) if hexa else (10 ** (width - 1), 10 ** width)
    got = set()
    while len(got) < n:
        got.add(int(rng.integers(lo, hi)))
    got = sorted(got)
    rng.shuffle(got)
    return [("%0*x" if hexa else "%0*d") % (width, int(v)) for v in got]


# ---------------------------------------------------------------- healthy
def d01(o, r):  # FiftyOneImageClassificationDataset exported per split
    cl = ["forklift", "pallet", "person", "truck"]
    n = 0
    for sp, cnt in (("train", [16, 14, 15, 13]), ("validation", [5, 5, 4, 4]), ("test", [4, 4, 4, 4])):
        lab = {}
        for c in mixed(r, cnt):
            n += 1
            save(pic(r, c, 40), o, sp, "data", "%06d.jpg" % n)
            lab["%06d" % n] = c
        text(json.dumps({"classes": cl, "labels": lab}), o, sp, "labels.json")


def d02(o, r):  # Cassava-like competition
    m = {"0": "Bacterial Blight (CBB)", "1": "Brown Streak Disease (CBSD)", "2": "Green Mottle (CGM)", "3": "Mosaic Disease (CMD)", "4": "Healthy"}
    y = mixed(r, [9, 14, 13, 30, 14])
    nm = names(r, len(y) + 12)
    rows = [["image_id", "label"]]
    for c, k in zip(y, nm):
        save(pic(r, c, 48), o, "train_images", k + ".jpg")
        rows.append([k + ".jpg", c])
    table(rows, o, "train.csv")
    sub = [["image_id", "label"]]
    for i, k in enumerate(nm[len(y):]):
        save(pic(r, int(r.integers(0, 5)), 48), o, "test_images", k + ".jpg")
        sub.append([k + ".jpg", 4])
    table(sub, o, "sample_submission.csv")
    text(json.dumps(m), o, "label_num_to_disease_map.json")


def d03(o, r):  # parallel lists of names and labels
    for sp, cnt in (("train", [15, 18, 14, 17]), ("test", [6, 5, 7, 6])):
        y = mixed(r, cnt)
        nm = names(r, len(y), 6)
        for c, k in zip(y, nm):
            save(pic(r, c, 32), o, "data", sp + "_img", "im%s.jpg" % k)
        text("".join("im%s.jpg\n" % k for k in nm), o, "data", sp + "_img.txt")
        text("".join("%d\n" % c for c in y), o, "data", sp + "_label.txt")
    text("# Dataset arrangement\n\n| file | description |\n|---|---|\n| data/train_img/ | training image fold |\n"
         "| data/test_img/ | testing image fold |\n| data/train_img.txt | file name list for training image |\n"
         "| data/test_img.txt | file name list for testing image |\n| data/train_label.txt | label list for training image |\n"
         "| data/test_label.txt | label list for testing image |\n", o, "README.md")


def d04(o, r):  # Tiny ImageNet
    ids = {"n01443537": "goldfish, Carassius auratus", "n02094433": "Yorkshire terrier", "n02769748": "backpack, back pack, knapsack",
           "n03100240": "convertible", "n07734744": "mushroom"}
    w = sorted(ids)
    for c, k in enumerate(w):
        bx = ""
        for i in range(14):
            save(pic(r, c, 64), o, "train", k, "images", "%s_%d.JPEG" % (k, i))
            bx += "%s_%d.JPEG\t%d\t%d\t%d\t%d\n" % (k, i, *r.integers(0, 20, 2), *r.integers(30, 63, 2))
        text(bx, o, "train", k, k + "_boxes.txt")
    ann = ""
    for i, c in enumerate(mixed(r, [5, 5, 5, 5, 5])):
        save(pic(r, c, 64), o, "val", "images", "val_%d.JPEG" % i)
        ann += "val_%d.JPEG\t%s\t%d\t%d\t%d\t%d\n" % (i, w[c], *r.integers(0, 20, 2), *r.integers(30, 63, 2))
    text(ann, o, "val", "val_annotations.txt")
    for i, c in enumerate(mixed(r, [3, 3, 3, 3, 3])):
        save(pic(r, c, 64), o, "test", "images", "test_%d.JPEG" % i)
    text("".join(k + "\n" for k in (w[2], w[0], w[4], w[1], w[3])), o, "wnids.txt")
    more = dict(ids, n00001740="entity", n00001930="physical entity", n01629819="European fire salamander, Salamandra salamandra",
                n02123045="tabby, tabby cat", n04146614="school bus", n07920052="espresso")
    text("".join("%s\t%s\n" % (k, more[k]) for k in sorted(more)), o, "words.txt")


def d05(o, r):  # <label>_<rand>.png with a lookup table in the README
    cl = ["airplane", "automobile", "bird", "ship", "truck"]
    text("# Lookup table\n\nFile format: \\<label\\>\\_\\<rand_int\\>.png\n\n| label | meaning\n|---    |---\n"
         + "".join("| %d     | %s\n" % (i, c) for i, c in enumerate(cl))
         + "\n32x32 crops, split once at random into train/ and test/.\n", o, "README.md")
    for sp, cnt in (("train", [14, 12, 13, 15, 12]), ("test", [5, 6, 5, 4, 5])):
        y = mixed(r, cnt)
        for c, k in zip(y, names(r, len(y), 5)):
            save(pic(r, c, 32), o, sp, "%d_%s.png" % (c, k))


def d06(o, r):  # BreaKHis_v1 tree
    sub = [("benign", "B", "adenosis", "A"), ("benign", "B", "fibroadenoma", "F"), ("malignant", "M", "ductal_carcinoma", "DC"), ("malignant", "M", "lobular_carcinoma", "LC")]
    for c, (top, t, nm, code) in enumerate(sub):
        for p in range(2 + c % 2):
            pid = "14-%d%s" % (int(r.integers(2000, 30000)), "" if p else "AB")
            for mag in (40, 100, 200, 400):
                for i in range(2 if c != 2 else 3):
                    save(pic(r, c, 56), o, "BreaKHis_v1", "histology_slides", "breast", top, "SOB", nm,
                         "SOB_%s_%s_%s" % (t, code, pid), "%dX" % mag, "SOB_%s_%s-%s-%d-%03d.png" % (t, code, pid, mag, i + 1))
    text("Image filename format: <BIOPSY_PROCEDURE>_<TUMOR_CLASS>_<TUMOR_TYPE>-<YEAR>-<SLIDE_ID>-<MAGNIFICATION>-<SEQ>.png\n"
         "TUMOR_CLASS  M | B\nTUMOR_TYPE   A | F | DC | LC\nMAGNIFICATION 40 | 100 | 200 | 400\n", o, "BreaKHis_v1", "README.txt")


def d07(o, r):  # HAM10000 as on Kaggle
    dx = ["akiec", "bcc", "bkl", "df", "mel", "nv"]
    full = ["face", "back", "trunk", "lower extremity", "scalp", "abdomen", "unknown"]
    y = mixed(r, [8, 9, 12, 7, 13, 27])
    rows = [["lesion_id", "image_id", "dx", "dx_type", "age", "sex", "localization"]]
    px = [["pixel%04d" % i for i in range(64)] + ["label"]]
    ids = ["ISIC_%07d" % int(v) for v in sorted(r.choice(np.arange(24306, 34320), len(y), replace=False))]
    for i, (c, k) in enumerate(zip(y, ids)):
        x = pic(r, c, 60)
        save(x, o, "HAM10000_images_part_%d" % (1 if i < 40 else 2), k + ".jpg")
        rows.append(["HAM_%07d" % (int(i * .8) + 118), k, dx[c], ["histo", "follow_up", "consensus"][int(r.integers(0, 3))],
                     "%.1f" % (5 * int(r.integers(4, 17))), ["male", "female"][int(r.integers(0, 2))], full[int(r.integers(0, 7))]])
        px.append([int(v) for v in np.asarray(Image.fromarray(x).convert("L").resize((8, 8))).ravel()] + [c])
    body = rows[1:]
    r.shuffle(body)
    table([rows[0]] + [list(b) for b in body], o, "HAM10000_metadata.csv")
    table(px, o, "hmnist_8_8_L.csv")


def d08(o, r):  # sign language MNIST (pixels in csv, twice, with three pictures of the hand signs)
    lab = [0, 1, 2, 3, 5, 10]
    for sp, cnt in (("train", [15, 14, 16, 13, 15, 14]), ("test", [6, 5, 6, 5, 6, 5])):
        rows = [["label"] + ["pixel%d" % i for i in range(1, 785)]]
        for c in mixed(r, cnt):
            rows.append([lab[c]] + [int(v) for v in pic(r, c, 28, gray=True).ravel()])
        table(rows, o, "sign_mnist_%s.csv" % sp)
        table(rows, o, "sign_mnist_%s" % sp, "sign_mnist_%s.csv" % sp)
    for k in ("amer_sign2.png", "amer_sign3.png", "american_sign_language.PNG"):
        save(r.integers(180, 256, (60, 64, 3)).astype(np.uint8), o, k)


def d09(o, r):  # a labelling page's result: {"file": "code"} and config.json with the codes
    lb = [["rou", "Round"], ["ell", "Elliptical"], ["spi", "Spiral"], ["unk", "Unknown"]]
    text(json.dumps({"title": "Galaxies, round 2", "labels": lb}, indent=2), o, "config.json")
    y = mixed(r, [22, 19, 21, 10])
    res = {}
    for c, k in zip(y, names(r, len(y), 12, hexa=True)):
        save(pic(r, c, 36), o, "uploads", k + ".png")
        res[k + ".png"] = lb[c][0]
    text(json.dumps(res), o, "results.json")


def d10(o, r):  # folders by date and view, csv with an index column (keras-preprocessing issue 92)
    cl = ["Ripe", "Unripe", "Damaged"]
    root = "224x224px"
    days = ["March 29 2018", "April 3 2018", "April 11 2018"]
    out = {"train": [["", "filepath", "label"]], "test": [["", "filepath", "label"]]}
    y = mixed(r, [30, 28, 26])
    n = 6820
    for i, c in enumerate(y):
        n += int(r.integers(1, 4))
        p = "%s/%s/IMG_%d.JPG" % (days[i // 28], ["Top view_1-2", "Side view_1-2"][i % 2], n)
        save(pic(r, c, 44), o, root, *p.split("/"))
        k = "test" if i % 4 == 1 else "train"
        out[k].append([len(out[k]) - 1, p, cl[c]])
    for k in out:
        table(out[k], o, "short_dir_%s.csv" % k)


def d11(o, r):  # SageMaker Ground Truth augmented manifests
    cl = ["dent", "ok", "scratch", "stain"]
    y = mixed(r, [19, 24, 20, 17])
    line = {"train": "", "validation": ""}
    for i, (c, k) in enumerate(zip(y, names(r, len(y), 7))):
        save(pic(r, c, 50), o, "images", "part-%s.jpeg" % k)
        e = {"source-ref": "s3://acme-qa-eu/panels/images/part-%s.jpeg" % k, "surface-check": c,
             "surface-check-metadata": {"confidence": round(float(r.uniform(.6, .99)), 2), "job-name": "labeling-job/surface-check",
                                        "class-name": cl[c], "human-annotated": "yes",
                                        "creation-date": "2021-05-%02dT09:%02d:12.530118" % (1 + i % 28, i % 60), "type": "groundtruth/image-classification"}}
        line["validation" if i % 5 == 4 else "train"] += json.dumps(e) + "\n"
    for k in line:
        text(line[k], o, "manifests", k + ".manifest")


def d12(o, r):  # Hugging Face imagefolder: metadata.jsonl, directories are only batches (drop_labels)
    cl = ["tornillo", "tuerca", "arandela", "remache"]
    text("---\ntask_categories:\n- image-classification\nconfigs:\n- config_name: default\n  drop_labels: true\n"
         "  data_files:\n  - split: train\n    path: train/**\n  - split: test\n    path: test/**\n---\n\n"
         "# Piezas\n\nFotos de piezas por lote de producción. La columna `label` de `metadata.jsonl` dice qué pieza es.\n", o, "README.md")
    n = 0
    for sp, cnt in (("train", [16, 15, 14, 15]), ("test", [6, 6, 5, 6])):
        out = ""
        for i, c in enumerate(mixed(r, cnt)):
            n += 1
            f = "lote_%02d/foto_%04d.png" % (1 + i % 3, n)
            save(pic(r, c, 40), o, sp, *f.split("/"))
            out += json.dumps({"file_name": f, "label": cl[c], "turno": ["mañana", "tarde"][i % 2]}, ensure_ascii=False) + "\n"
        text(out, o, sp, "metadata.jsonl")


def d13(o, r):  # CVAT for images 1.1, tags only
    cl = ["cloudy", "foggy", "rainy", "sunny"]
    x = ['<?xml version="1.0" encoding="utf-8"?>\n<annotations>\n  <version>1.1</version>\n  <meta>\n    <project>\n      <id>7</id>\n      <name>weather</name>\n      <labels>\n']
    for i, c in enumerate(cl):
        x.append("        <label>\n          <name>%s</name>\n          <color>#%06x</color>\n          <type>tag</type>\n          <attributes>\n          </attributes>\n        </label>\n" % (c, 1000003 * (i + 3) % 0xffffff))
    x.append("      </labels>\n    </project>\n    <dumped>2023-02-07 11:42:10.001+00:00</dumped>\n  </meta>\n")
    n = 0
    for sp, cnt in (("Train", [14, 12, 13, 15]), ("Validation", [5, 4, 5, 4])):
        for c in mixed(r, cnt):
            f = "frame_%06d.PNG" % (n * 25)
            save(pic(r, c, 48), o, "images", sp, f)
            x.append('  <image id="%d" name="%s" subset="%s" task_id="12" width="48" height="48">\n    <tag label="%s" source="manual">\n    </tag>\n  </image>\n' % (n, f, sp, cl[c]))
            n += 1
    x.append("</annotations>\n")
    text("".join(x), o, "annotations.xml")


def d14(o, r):  # the deep learning course's SIGNS h5 files
    import h5py
    os.makedirs(os.path.join(o, "datasets"))
    for sp, cnt in (("train", [15, 14, 15, 15, 14, 15]), ("test", [5, 5, 5, 5, 5, 5])):
        y = mixed(r, cnt)
        X = np.stack([pic(r, c, 64) for c in y])
        with h5py.File(os.path.join(o, "datasets", sp + "_signs.h5"), "w", track_order=False) as f:
            f.create_dataset("list_classes", data=np.arange(6, dtype="int64"), track_times=False)
            f.create_dataset(sp + "_set_x", data=X, track_times=False)
            f.create_dataset(sp + "_set_y", data=np.array(y, "int64"), track_times=False)
    for k in ("hands.png", "onehot.png", "thumbs_up.jpg"):
        save(r.integers(150, 256, (40, 64, 3)).astype(np.uint8), o, "images", k)
    text("import numpy as np\nimport h5py\n\ndef load_dataset():\n    train_dataset = h5py.File('datasets/train_signs.h5', \"r\")\n"
         "    train_set_x_orig = np.array(train_dataset[\"train_set_x\"][:])\n    train_set_y_orig = np.array(train_dataset[\"train_set_y\"][:])\n"
         "    test_dataset = h5py.File('datasets/test_signs.h5', \"r\")\n    test_set_x_orig = np.array(test_dataset[\"test_set_x\"][:])\n"
         "    test_set_y_orig = np.array(test_dataset[\"test_set_y\"][:])\n    classes = np.array(test_dataset[\"list_classes\"][:])\n"
         "    return train_set_x_orig, train_set_y_orig, test_set_x_orig, test_set_y_orig, classes\n", o, "cnn_utils.py")


# ---------------------------------------------------------------- troubled
def d15(o, r):  # train list from 1, val list from 0
    cl = ["bicycle", "bus", "motorbike", "tram"]
    text("".join(c + "\n" for c in cl), o, "meta", "classes.txt")
    for sp, cnt, off in (("train", [15, 16, 14, 15], 1), ("val", [6, 6, 6, 6], 0)):
        out = ""
        for i, c in enumerate(mixed(r, cnt)):
            save(pic(r, c, 40), o, sp, "%s_%05d.jpg" % (sp, i))
            out += "%s_%05d.jpg %d\n" % (sp, i, c + off)
        text(out, o, "meta", sp + ".txt")


def d16(o, r):  # the val list has one zero too many in its names
    cl = ["granite", "limestone", "sandstone"]
    y = mixed(r, [28, 29, 27])
    rows = {"train": [["file", "class"]], "val": [["file", "class"]]}
    for i, c in enumerate(y):
        save(pic(r, c, 46), o, "images", "%04d.png" % i)
        if i < 60: rows["train"].append(["%04d.png" % i, cl[c]])
        else: rows["val"].append(["%05d.png" % i, cl[c]])
    for k in rows:
        table(rows[k], o, k + ".csv")


def d17(o, r):  # Keras save_to_dir inside the training folder
    cl = ["daisy", "dandelion", "tulip"]
    made = []
    for sp, cnt in (("train", [17, 18, 16]), ("validation", [6, 7, 6])):
        for c, n in enumerate(cnt):
            for i in range(n):
                x = pic(r, c, 48)
                save(x, o, "data", sp, cl[c], "%s_%03d.jpg" % (cl[c], i + (0 if sp == "train" else 100)))
                if sp == "train": made.append(x)
    for i in range(24):
        x = made[int(r.integers(0, len(made)))]
        x = np.roll(x[:, ::-1] if i % 2 else x, (int(r.integers(1, 9)), int(r.integers(1, 9))), (0, 1))
        x = np.clip(x.astype(int) + int(r.integers(-25, 26)), 0, 255).astype(np.uint8)
        save(x, o, "data", "train", "preview", "aug_%d_%d.jpeg" % (i, int(r.integers(0, 10000))))
    text("from keras.preprocessing.image import ImageDataGenerator\n\ndatagen = ImageDataGenerator(rescale=1./255, horizontal_flip=True,\n"
         "                             width_shift_range=0.2, height_shift_range=0.2)\ntrain = datagen.flow_from_directory('data/train', target_size=(48, 48),\n"
         "                                    save_to_dir='data/train/preview', save_prefix='aug', save_format='jpeg')\n", o, "train.py")


def d18(o, r):  # git lfs pull that stopped half way
    cl = ["bolt", "nut", "screw", "washer"]
    text("*.jpg filter=lfs diff=lfs merge=lfs -text\n", o, ".gitattributes")
    text("# fasteners\n\n    git lfs install\n    git clone ...\n\nFour kinds of fasteners, `dataset/train` and `dataset/val`.\n", o, "README.md")
    for sp, cnt in (("train", [16, 15, 16, 14]), ("val", [6, 6, 5, 6])):
        for c, n in enumerate(cnt):
            for i in range(n):
                x = pic(r, c, 42)
                k = "%s_%s_%03d.jpg" % (cl[c], sp, i)
                if c < 2: save(x, o, "dataset", sp, cl[c], k)
                else:
                    h = "".join("%02x" % int(v) for v in r.integers(0, 256, 32))
                    text("version https://git-lfs.github.com/spec/v1\noid sha256:%s\nsize %d\n" % (h, int(r.integers(20000, 90000))), o, "dataset", sp, cl[c], k)


def d19(o, r):  # two annotators who contradict each other, both in one table
    cl = ["benign", "malignant", "uncertain"]
    y = mixed(r, [25, 24, 21])
    rows = []
    twice = set(int(v) for v in r.choice(len(y), 20, replace=False))
    for i, c in enumerate(y):
        k = "nodule_%03d.png" % (i + 1)
        save(pic(r, c, 38), o, "png", k)
        rows.append([k, cl[c], "reader1"])
        if i in twice:
            rows.append([k, cl[(c + 1 + i % 2) % 3], "reader2"])
    idx = np.arange(len(rows))
    r.shuffle(idx)
    table([["image", "diagnosis", "reader"]] + [rows[int(i)] for i in idx], o, "readings.csv")


def d20(o, r):  # X and Y of different lengths
    for sp, cnt, cut in (("train", [17, 16, 17, 16], 6), ("test", [6, 6, 6, 6], 0)):
        y = mixed(r, cnt)
        X = np.stack([pic(r, c, 32) for c in y]).astype("float32") / 255
        os.makedirs(o, exist_ok=True)
        drop = set(int(v) for v in r.choice(len(y), cut, replace=False))
        Y = np.eye(4, dtype="float32")[[c for i, c in enumerate(y) if i not in drop]]
        np.save(os.path.join(o, "X_%s.npy" % sp), X)
        np.save(os.path.join(o, "Y_%s.npy" % sp), Y)


ALL = [("fiftyone_labels_json", d01), ("cassava_competition", d02), ("parallel_lists", d03), ("tiny_imagenet", d04), ("label_rand_names", d05),
       ("breakhis_tree", d06), ("ham_parts", d07), ("sign_mnist_csv", d08), ("labelr_results", d09), ("date_view_csv", d10),
       ("groundtruth_manifest", d11), ("hf_drop_labels", d12), ("cvat_tags", d13), ("course_signs_h5", d14), ("meta_lists", d15),
       ("rocks_csv", d16), ("keras_flowers", d17), ("lfs_fasteners", d18), ("two_readers", d19), ("xy_npy", d20)]


def main(out):
    for i, (nm, f) in enumerate(ALL, 1):
        o = os.path.join(out, "%02d_%s" % (i, nm))
        if os.path.isdir(o): shutil.rmtree(o)
        os.makedirs(o)
        try:
            f(o, np.random.default_rng(8200 + i))
        except ImportError as e:
            shutil.rmtree(o)
            print("skipped", nm, e)


if __name__ == "__main__":
    main(sys.argv[1])
