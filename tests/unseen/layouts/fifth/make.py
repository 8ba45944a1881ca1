"""python3 make.py OUT: twenty small image-classification datasets, each in another layout. Seeded, deterministic."""
import csv, io, json, os, sys, tarfile, zlib
import numpy as np
from PIL import Image, ImageDraw

OUT = sys.argv[1] if len(sys.argv) > 1 else "out"

TINTS = [(200, 70, 60), (60, 170, 80), (70, 90, 210), (215, 190, 60),
         (160, 80, 190), (70, 190, 200), (230, 140, 50), (120, 120, 120)]


class Maker:
    def __init__(self, name):
        self.name, self.root = name, os.path.join(OUT, name)
        self.rng = np.random.default_rng(zlib.crc32(name.encode()))
        os.makedirs(self.root, exist_ok=True)

    def arr(self, k, size=32, gray=False):
        """A picture of class k: tint and shape of its own, noise over it."""
        w, h = size if isinstance(size, tuple) else (size, size)
        base = (225, 215, 220) if not gray else (40, 40, 40)
        im = Image.new("RGB", (w, h), base)
        d = ImageDraw.Draw(im)
        t = TINTS[k % 8] if not gray else (70 + 24 * (k % 8),) * 3
        j = self.rng.integers(-3, 4, 2)
        x0, y0, x1, y1 = w * .2 + j[0], h * .2 + j[1], w * .8 + j[0], h * .8 + j[1]
        s = k % 4
        if s == 0:
            d.ellipse((x0, y0, x1, y1), fill=t)
        elif s == 1:
            d.rectangle((x0, y0, x1, y1), fill=t)
        elif s == 2:
            d.polygon([(x0, y1), (x1, y1), ((x0 + x1) / 2, y0)], fill=t)
        else:
            for i in range(4):
                y = y0 + i * (y1 - y0) / 4
                d.line((x0, y, x1, y + 3), fill=t, width=3)
        a = np.asarray(im).astype(int) + self.rng.integers(-22, 23, (h, w, 3))
        a = np.clip(a, 0, 255).astype(np.uint8)
        return a[..., 0].copy() if gray else a

    def mask(self, size=32):
        w, h = size if isinstance(size, tuple) else (size, size)
        im = Image.new("L", (w, h), 0)
        x, y = (int(v) for v in self.rng.integers(4, min(w, h) // 2, 2))
        a, b = (int(v) for v in self.rng.integers(5, min(w, h) // 2, 2))
        ImageDraw.Draw(im).ellipse((x, y, x + a, y + b), fill=255)
        return np.asarray(im)

    def p(self, rel):
        path = os.path.join(self.root, rel)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        return path

    def img(self, rel, k, size=32, gray=False):
        self.put(rel, self.arr(k, size, gray))

    def put(self, rel, a):
        kw = {"quality": 92} if rel.lower().endswith((".jpg", ".jpeg")) else {}
        Image.fromarray(a).save(self.p(rel), **kw)

    def text(self, rel, s, enc="utf-8"):
        with open(self.p(rel), "wb") as f:
            f.write(s.encode(enc))

    def csv(self, rel, rows, sep=",", enc="utf-8", end="\n"):
        b = io.StringIO()
        csv.writer(b, delimiter=sep, lineterminator=end).writerows(rows)
        self.text(rel, b.getvalue(), enc)

    def json(self, rel, o):
        self.text(rel, json.dumps(o, indent=2))

    def shuffled(self, xs):
        xs = list(xs)
        return [xs[i] for i in self.rng.permutation(len(xs))]


def d01(m):                                     # ISIC 2018 task 3
    cl = ["MEL", "NV", "BCC", "AKIEC", "BKL", "DF", "VASC"]
    n = 24306
    for part, per in (("Training", 10), ("Validation", 2)):
        rows, groups = [["image"] + cl], [["image", "lesion_id", "diagnosis_confirm_type"]]
        for k in m.shuffled([k for k in range(7) for _ in range(per)]):
            name = "ISIC_%07d" % n
            n += int(m.rng.integers(1, 5))
            m.img("ISIC2018_Task3_%s_Input/%s.jpg" % (part, name), k, (60, 45))
            rows.append([name] + ["%.1f" % (i == k) for i in range(7)])
            groups.append([name, "HAM_%07d" % m.rng.integers(0, 8000),
                           ["histopathology", "serial imaging showing no change", "single image expert consensus"][m.rng.integers(3)]])
        m.csv("ISIC2018_Task3_%s_GroundTruth/ISIC2018_Task3_%s_GroundTruth.csv" % (part, part), rows)
        if part == "Training":
            m.csv("ISIC2018_Task3_Training_LesionGroupings.csv", groups)
        m.text("ISIC2018_Task3_%s_Input/ATTRIBUTION.txt" % part, "HAM10000 Dataset: (c) the authors, for non-commercial use.\n")
        m.text("ISIC2018_Task3_%s_Input/LICENSE.txt" % part, "CC-BY-NC 4.0\n")
    for _ in range(14):
        m.img("ISIC2018_Task3_Test_Input/ISIC_%07d.jpg" % (n + 10000), int(m.rng.integers(7)), (60, 45))
        n += 1


def d02(m):                                     # Oxford flowers .mat files
    try:
        from scipy.io import savemat
    except ImportError:
        os.rmdir(m.root)
        return
    lab = m.shuffled([k for k in range(5) for _ in range(20)])
    for i, k in enumerate(lab):
        m.img("jpg/image_%05d.jpg" % (i + 1), k, (48, 40))
    ids = {"trnid": [], "valid": [], "tstid": []}
    for k in range(5):
        mine = m.shuffled([i + 1 for i, l in enumerate(lab) if l == k])
        ids["trnid"] += mine[:5]; ids["valid"] += mine[5:10]; ids["tstid"] += mine[10:]
    savemat(m.p("imagelabels.mat"), {"labels": np.array([[k + 1 for k in lab]], np.uint8)})
    savemat(m.p("setid.mat"), {k: np.array([sorted(v)], np.uint16) for k, v in ids.items()})
    for f in ("imagelabels.mat", "setid.mat"):  # no date in the header
        b = bytearray(open(m.p(f), "rb").read())
        b[:116] = b"MATLAB 5.0 MAT-file".ljust(116)
        open(m.p(f), "wb").write(b)
    m.text("README.txt", "The images are in jpg/. The labels of image k are labels(k) in imagelabels.mat.\n"
           "The splits (trnid, valid, tstid) used in the paper are in setid.mat.\n")


def d03(m):                                     # HAM10000 with one of two archives
    cl, per = ["bkl", "nv", "df", "mel", "vasc", "bcc"], 20
    rows, n = [["lesion_id", "image_id", "dx", "dx_type", "age", "sex", "localization"]], 24306
    have = {0: 14, 1: 17, 2: 6, 3: 13, 4: 0, 5: 10}
    allr = []
    for k in range(6):
        for i in range(per):
            allr.append((k, i < have[k]))
    there = [r for r in m.shuffled(allr)]
    ids = sorted(int(x) for x in m.rng.choice(4000, 120, replace=False))
    first, second = iter(ids[:60]), iter(ids[60:])   # part 1 holds the lower ids
    for k, here in there:
        name = "ISIC_%07d" % (n + next(first if here else second))
        if here:
            m.img("HAM10000_images_part_1/%s.jpg" % name, k, (60, 45))
        rows.append(["HAM_%07d" % m.rng.integers(0, 8000), name, cl[k], ["histo", "follow_up", "consensus"][m.rng.integers(3)],
                     "%.1f" % (5 * m.rng.integers(4, 17)), ["male", "female"][m.rng.integers(2)],
                     ["back", "scalp", "trunk", "face", "lower extremity"][m.rng.integers(5)]])
    rows[1:] = sorted(rows[1:], key=lambda r: (cl.index(r[2]), r[0]))
    m.csv("HAM10000_metadata.csv", rows)


def d04(m):                                     # MedMNIST
    out = {}
    for part, n in (("train", 75), ("val", 15), ("test", 25)):
        lab = np.array(m.shuffled([k % 5 for k in range(n)]), np.uint8)
        out[part + "_images"] = np.stack([m.arr(int(k), 28) for k in lab])
        out[part + "_labels"] = lab[:, None]
    np.savez_compressed(m.p("retinalcellmnist.npz"), **out)


def d05(m):                                     # BreakHis
    kinds = [("benign", "adenosis", "A"), ("benign", "fibroadenoma", "F"), ("benign", "tubular_adenoma", "TA"),
             ("malignant", "ductal_carcinoma", "DC"), ("malignant", "lobular_carcinoma", "LC"), ("malignant", "mucinous_carcinoma", "MC")]
    for k, (top, sub, code) in enumerate(kinds):
        for s in range(2):
            slide = "14-%d%s" % (m.rng.integers(2000, 30000), "ABCDEF"[m.rng.integers(6)])
            for mag in ("40", "100"):
                for i in range(4):
                    t = top[0].upper()
                    m.img("BreaKHis_v1/histology_slides/breast/%s/SOB/%s/SOB_%s_%s_%s/%sX/SOB_%s_%s-%s-%s-%03d.png"
                          % (top, sub, t, code, slide, mag, t, code, slide, mag, i + 1), k, (56, 36))
    m.text("BreaKHis_v1/README.txt", "Breast cancer histopathological images. File name: <BIOPSY>_<CLASS>_<TYPE>-<YEAR>-<SLIDE>-<MAG>-<SEQ>.png\n")


def d06(m):                                     # NEU-CLS: flat, code in the name
    for k, c in enumerate(["Cr", "In", "Pa", "PS", "RS", "Sc"]):
        for i in range(1, 16):
            m.img("NEU surface defect database/%s_%d.bmp" % (c, i), k, 40, gray=True)
    with open(m.p("NEU surface defect database/Thumbs.db"), "wb") as f:
        f.write(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504))


def d07(m):                                     # UC Merced with lists of bare names
    cl = ["agricultural", "airplane", "beach", "forest", "harbor", "runway"]
    lists = {"train": [], "val": [], "test": []}
    for k, c in enumerate(cl):
        order = m.shuffled(range(15))
        for i in range(15):
            m.img("UCMerced_LandUse/Images/%s/%s%02d.tif" % (c, c, i), k, 40)
            pos = order.index(i)
            lists["train" if pos < 9 else "val" if pos < 12 else "test"].append("%s%02d.tif" % (c, i))
    for s, names in lists.items():
        m.text("uc_merced-%s.txt" % s, "".join(n + "\n" for n in m.shuffled(names)))
    m.text("UCMerced_LandUse/readme.txt", "Land use images, 256x256 originally, one foot per pixel.\n")


def d08(m):                                     # MVTec AD, one category
    for i in range(48):
        m.img("metal_nut/train/good/%03d.png" % i, 0, 40)
    for i in range(12):
        m.img("metal_nut/test/good/%03d.png" % i, 0, 40)
    for k, c in enumerate(["bent", "color", "scratch"]):
        for i in range(10):
            m.img("metal_nut/test/%s/%03d.png" % (c, i), k + 1, 40)
            m.put("metal_nut/ground_truth/%s/%03d_mask.png" % (c, i), m.mask(40))
    m.text("metal_nut/license.txt", "CC BY-NC-SA 4.0\n")
    m.text("metal_nut/readme.txt", "train: good; test: good and defective; ground_truth: masks of the defects.\n")


def d09(m):                                     # GTSRB
    head = ["Filename", "Width", "Height", "Roi.X1", "Roi.Y1", "Roi.X2", "Roi.Y2", "ClassId"]

    def row(name, w, h, k):
        return [name, w, h, 5, 5, w - 6, h - 6, k]
    for k in range(5):
        rows = [head]
        for t in range(3):
            w = int(m.rng.integers(26, 50))
            for i in range(5):
                name = "%05d_%05d.ppm" % (t, i)
                m.img("GTSRB/Final_Training/Images/%05d/%s" % (k, name), k, (w + i, w))
                rows.append(row(name, w + i, w, k))
        m.csv("GTSRB/Final_Training/Images/%05d/GT-%05d.csv" % (k, k), rows, ";", end="\r\n")
    rows = [head]
    for i, k in enumerate(m.shuffled([k for k in range(5) for _ in range(5)])):
        w = int(m.rng.integers(26, 56))
        m.img("GTSRB/Final_Test/Images/%05d.ppm" % i, k, w)
        rows.append(row("%05d.ppm" % i, w, w, k))
    m.csv("GTSRB/GT-final_test.csv", rows, ";", end="\r\n")
    m.text("GTSRB/Final_Training/Readme-Images.txt", "One directory per class, each with its pictures and a file of annotations.\n")


def d10(m):                                     # PlantVillage unpacked with a copy in itself
    cl = ["Pepper__bell___Bacterial_spot", "Pepper__bell___healthy", "Potato___Early_blight", "Potato___Late_blight", "Tomato_healthy"]
    for k, c in enumerate(cl):
        for i in range(14):
            h = "".join("%02x" % v for v in m.rng.integers(0, 256, 16))
            name = "%s-%s-%s-%s-%s___%s %d.JPG" % (h[:8], h[8:12], h[12:16], h[16:20], h[20:], ["JR_B.Spot", "JR_HL", "RS_Early.B", "RS_LB", "GH_HL Leaf"][k], 1000 + 7 * i)
            a = m.arr(k, 48)
            m.put("PlantVillage/%s/%s" % (c, name), a)
            m.put("PlantVillage/PlantVillage/%s/%s" % (c, name), a)


def d11(m):                                     # LILA: COCO Camera Traps
    cl = ["empty", "impala", "zebra", "warthog", "lionfemale"]
    ims, ann, n = [], [], 0
    locs = ["B04", "C07", "D11", "E02", "F09"]
    for li, loc in enumerate(locs):
        for s in range(8):
            k = int((s + li) % 5)
            seq = "SER_S1#%s#1#%d" % (loc, s + 1)
            nf = 3 if s % 2 else 2
            for f in range(nf):
                n += 1
                name = "S1/%s/%s_R1/S1_%s_R1_PICT%04d.JPG" % (loc, loc, loc, n)
                m.img(name, k, (64, 48))
                ims.append({"id": name[:-4], "file_name": name, "width": 64, "height": 48, "location": loc, "season": "S1", "seq_id": seq,
                            "seq_num_frames": nf, "frame_num": f + 1, "datetime": "2010-07-%02d %02d:15:0%d" % (li + 10, s + 6, f), "corrupt": False})
                ann.append({"id": "a%06d" % n, "image_id": name[:-4], "category_id": k, "seq_id": seq, "sequence_level_annotation": True})
    m.json("SnapshotSerengetiS01.json", {"info": {"version": "2.1", "description": "Camera trap data", "year": 2019, "contributor": "University"},
           "categories": [{"id": i, "name": c} for i, c in enumerate(cl)], "images": ims, "annotations": ann})
    m.json("SnapshotSerengetiSplits_v0.json", {"info": "Recommended train/val split, by location", "splits": {"train": locs[:4], "val": locs[4:]}})


def d12(m):                                     # BUSI: masks beside the pictures
    for k, (c, n) in enumerate([("benign", 26), ("malignant", 20), ("normal", 14)]):
        for i in range(1, n + 1):
            size = (int(m.rng.integers(44, 60)), 44)
            stem = "Dataset_BUSI_with_GT/%s/%s (%d)" % (c, c, i)
            m.img(stem + ".png", k, size, gray=True)
            m.put(stem + "_mask.png", np.zeros((size[1], size[0]), np.uint8) if c == "normal" else m.mask(size))
            if c == "benign" and i in (4, 11, 20):
                m.put(stem + "_mask_1.png", m.mask(size))


def d13(m):                                     # clip-benchmark webdataset shards
    cl = ["annual crop land", "forest", "brushland or shrubland", "highway or road", "industrial buildings", "sea or lake"]
    m.text("classnames.txt", "\n".join(cl))
    m.text("zeroshot_classification_templates.txt", "a centered satellite photo of {c}.\na centered satellite photo of a {c}.\na centered satellite photo of the {c}.")
    m.text(".gitattributes", "*.tar filter=lfs diff=lfs merge=lfs -text\n")
    for part, n, shards in (("train", 72, 2), ("test", 24, 1)):
        lab = m.shuffled([i % 6 for i in range(n)])
        per = n // shards
        for s in range(shards):
            with tarfile.open(m.p("%s/%d.tar" % (part, s)), "w") as t:
                for i in range(s * per, (s + 1) * per):
                    b = io.BytesIO()
                    Image.fromarray(m.arr(lab[i], 40)).save(b, "JPEG", quality=92)
                    for ext, data in (("cls", str(lab[i]).encode()), ("jpg", b.getvalue())):
                        info = tarfile.TarInfo("s%07d.%s" % (i, ext))
                        info.size = len(data)
                        t.addfile(info, io.BytesIO(data))
        m.text("%s/nshards.txt" % part, str(shards))


def d14(m):                                     # ids numbered anew in each list
    cl = ["broken_pick", "hole", "knot", "oil_spot", "stain"]
    tr, va = [], []
    for k, c in enumerate(cl):
        for i in range(16 if c != "hole" else 12):
            m.img("images/%s/train_%s_%03d.jpg" % (c, c, i), k, 44)
            tr.append("images/%s/train_%s_%03d.jpg %d" % (c, c, i, k))
    for k, c in enumerate([c for c in cl if c != "hole"]):
        for i in range(6):
            m.img("images/%s/val_%s_%03d.jpg" % (c, c, i), cl.index(c), 44)
            va.append("images/%s/val_%s_%03d.jpg %d" % (c, c, i, k))
    m.text("meta/train.txt", "\n".join(m.shuffled(tr)) + "\n")
    m.text("meta/val.txt", "\n".join(m.shuffled(va)) + "\n")
    m.text("meta/classes.txt", "\n".join(cl) + "\n")


def d15(m):                                     # NIH ChestX-ray14
    cl = ["No Finding", "Effusion", "Mass", "Cardiomegaly"]
    head = ["Image Index", "Finding Labels", "Follow-up #", "Patient ID", "Patient Age", "Patient Gender", "View Position",
            "OriginalImage[Width", "Height]", "OriginalImagePixelSpacing[x", "y]", ""]
    rows, tr, te, bb = [head], [], [], [["Image Index", "Finding Label", "Bbox [x", "y", "w", "h]", "", "", ""]]
    lab = m.shuffled([k for k, n in enumerate([36, 20, 16, 16]) for _ in range(n)])
    pat = 0
    i = 0
    while i < 88:
        pat += 1
        for f in range(4):
            name = "%08d_%03d.png" % (pat, f)
            k = lab[i]
            m.img("images_%03d/images/%s" % (1 + i // 30, name), k, 56, gray=True)
            rows.append([name, cl[k], f, pat, int(30 + (pat * 7) % 50), "MF"[pat % 2], ["PA", "AP"][int(m.rng.integers(2))], 2500, 2048, 0.168, 0.168, ""])
            (te if pat % 4 == 0 else tr).append(name)
            if k and m.rng.random() < .15:
                bb.append([name, cl[k], 120.5, 200.25, 90.0, 66.5, "", "", ""])
            i += 1
    m.csv("Data_Entry_2017.csv", rows)
    m.csv("BBox_List_2017.csv", bb)
    m.text("train_val_list.txt", "\n".join(tr))
    m.text("test_list.txt", "\n".join(te))
    m.text("README_CHESTXRAY.txt", "Images in images_001 .. images_003; labels in Data_Entry_2017.csv.\n")


def d16(m):                                     # labelme flags
    cl = ["ok", "scratch", "dent", "stain"]
    for n, k in enumerate(m.shuffled([k for k, c in enumerate([24, 14, 12, 12]) for _ in range(c)])):
        stem = "IMG_%04d" % (2041 + n)
        m.img("castings/images/%s.jpg" % stem, k, (60, 48))
        m.json("castings/annotations/%s.json" % stem, {"version": "5.4.1", "flags": {c: i == k for i, c in enumerate(cl)}, "shapes": [],
               "imagePath": "..\\images\\%s.jpg" % stem if n % 7 == 0 else "../images/%s.jpg" % stem, "imageData": None, "imageHeight": 48, "imageWidth": 60})
    m.text("castings/flags.txt", "\n".join(cl) + "\n")


def d17(m):                                     # frames from 1, labels from 0
    cl = ["bottle", "can", "carton", "film"]
    lab = m.shuffled([k for k, n in enumerate([26, 24, 20, 20]) for _ in range(n)])
    rows = [["frame", "label"]]
    for i, k in enumerate(lab):
        m.img("frames/frame_%05d.png" % (i + 1), k, (56, 40))
        rows.append(["frame_%05d.png" % i, cl[k]])
    m.csv("labels.csv", rows)
    m.text("extract.sh", "#!/bin/sh\nffmpeg -i belt_cam2.mp4 -vf fps=2 frames/frame_%05d.png\n")


def d18(m):                                     # a plant's records from a German Excel
    cl = ["in Ordnung", "Kratzer", "Lunker", "Riss", "Ölrückstand"]
    rows = [["Nr.", "Datei", "Kamera", "Aufnahme", "Helligkeit", "Prüfergebnis", "Prüfer", "Bemerkung"]]
    n = 0
    for cam in ("Kamera 1", "Kamera 2"):
        for day in ("2023-03-14", "2023-03-15"):
            for k in m.shuffled([0] * 8 + [1] * 5 + [2] * 4 + [3] * 4 + [4] * 4):
                n += 1
                name = "IMG_%04d.JPG" % n
                m.img("Bilder/%s/%s/%s" % (cam, day, name), k, (56, 42))
                y, mo, d = day.split("-")
                rows.append([n, "Bilder\\%s\\%s\\%s" % (cam, day, name), cam, "%s.%s.%s" % (d, mo, y), ("%.2f" % (40 + 20 * m.rng.random())).replace(".", ","),
                             cl[k], ["Müller", "Schäfer"][int(m.rng.integers(2))], "nachgeprüft" if m.rng.random() < .1 else ""])
            with open(m.p("Bilder/%s/%s/Thumbs.db" % (cam, day)), "wb") as f:
                f.write(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504))
    m.csv("Prüfliste_März.csv", rows, ";", "cp1252", "\r\n")
    m.text("desktop.ini", "[.ShellClassInfo]\r\nIconResource=C:\\WINDOWS\\System32\\SHELL32.dll,4\r\n")


def d19(m):                                     # folder per patient, diagnosis in a clinical table
    cl = ["AML_NPM1", "AML_PML_RARA", "AML_CBFB_MYH11", "control"]
    rows = [["patient_id", "sex", "age", "wbc_per_nl", "site", "diagnosis", "cohort"]]
    dx = [(k, co) for k in range(4) for co in ("train", "train", "train", "test")]
    for k, co in m.shuffled(dx):
        pid = "".join("ABCDEFGHKLMNPQRSTUVW"[v] for v in m.rng.integers(0, 20, 3)) + "%03d" % len(rows)
        rows.append([pid, "mf"[int(m.rng.integers(2))], int(m.rng.integers(25, 80)), "%.1f" % (60 * m.rng.random() + 3), "MLL" if m.rng.random() < .6 else "LMU", cl[k], co])
        for i in range(6):
            m.img("single_cells/%s/image_%d.tif" % (pid, i), k, 36)
    rows[1:] = sorted(rows[1:])
    m.csv("clinical.tsv", rows, "\t")
    m.text("README.md", "# Single-cell images of peripheral blood smears\n\nOne folder per patient in `single_cells/`. The diagnosis of a patient and the cohort\n"
           "(train or test, no patient in both) are in `clinical.tsv`.\n")


def d20(m):                                     # plankton: year, then class
    cl = ["Chaetoceros", "Ciliate_mix", "Dinobryon", "detritus", "pennate"]
    for y in (2012, 2013, 2014):
        for k, c in enumerate(cl):
            for i in range(4 + (k + y) % 4):
                m.img("%d/%s/IFCB%d_%d_%03d_%06d_%05d.png" % (y, c, 1 if y < 2014 else 5, y, m.rng.integers(1, 366), m.rng.integers(0, 240000), 100 + 13 * i),
                      k, (int(m.rng.integers(30, 64)), int(m.rng.integers(28, 48))), gray=True)


NAMES = ["onehot_challenge", "mat_index", "half_downloaded", "npz_splits", "deep_histology", "coded_names", "name_lists",
         "one_sided_inspection", "ppm_semicolon", "leaves", "camera_traps", "ultrasound", "tar_shards", "fabric_lists",
         "xray_parts", "tool_flags", "belt_frames", "factory_table", "patient_folders", "by_year"]


def main():
    for i, n in enumerate(NAMES, 1):
        globals()["d%02d" % i](Maker("%02d_%s" % (i, n)))


main()
