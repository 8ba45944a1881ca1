#!/usr/bin/env python3
"""make.py OUT: twenty small image-classification datasets in the layouts that labs, papers' supplements and old
benchmarks use. numpy + Pillow + standard library; scipy for layout 02 and h5py for layout 11 (skipped where missing)."""
import colorsys
import csv
import gzip
import io
import json
import os
import random
import sys
import zlib

import numpy as np
from PIL import Image

OUT = None


# ------------------------------------------------------------------ pictures
def pic(tag, cls, idx, size=32, grey=False, hue0=0.0, n=8):
    """One class = one tint and one shape; the noise and the place come from (tag, cls, idx)."""
    w, h = (size, size) if isinstance(size, int) else size
    rng = np.random.default_rng(zlib.crc32(f"{tag}/{cls}/{idx}".encode()))
    y, x = np.mgrid[0:h, 0:w].astype(float)
    cx, cy = w / 2 + rng.uniform(-w / 8, w / 8), h / 2 + rng.uniform(-h / 8, h / 8)
    r = min(w, h) * rng.uniform(0.24, 0.34)
    dx, dy = x - cx, y - cy
    d = np.hypot(dx, dy)
    k = cls % 8
    mask = [d < r, np.maximum(abs(dx), abs(dy)) < r * .85, (dy < r * .7) & (dy > 2 * abs(dx) - r), (abs(d - r) < r * .28),
            ((abs(dx) < r * .3) | (abs(dy) < r * .3)) & (d < r * 1.4), (np.sin(x * 1.1 + rng.uniform(0, 6)) > .2) & (d < r * 1.5),
            (abs(dx) + abs(dy) < r * 1.1), (np.sin((x + y) * .9 + rng.uniform(0, 6)) > .3)][k]
    fg = np.array(colorsys.hsv_to_rgb((hue0 + cls / n) % 1, .75, .85)) * 255
    bg = np.array(colorsys.hsv_to_rgb((hue0 + cls / n + .08) % 1, .25, .45)) * 255
    a = np.where(mask[..., None], fg, bg) + rng.normal(0, 14, (h, w, 3))
    a = np.clip(a, 0, 255).astype(np.uint8)
    if grey:
        g = a.astype(float).mean(2) * .6 + 14 * cls
        return np.clip(g, 0, 255).astype(np.uint8)
    return a


def put(path, a):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    im = Image.fromarray(a)
    if path.lower().endswith((".jpg", ".jpeg")):
        im.save(path, "JPEG", quality=92)
    else:
        im.save(path)


def text(path, s, enc="utf-8", newline="\n"):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding=enc, newline=newline) as f:
        f.write(s)


def rows(path, head, body, delim=",", enc="utf-8", eol="\n"):
    b = io.StringIO()
    w = csv.writer(b, delimiter=delim, lineterminator=eol)
    if head:
        w.writerow(head)
    w.writerows(body)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    data = b.getvalue().encode(enc)
    if path.endswith(".gz"):
        with open(path, "wb") as raw, gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as f:
            f.write(data)
    else:
        with open(path, "wb") as f:
            f.write(data)


def J(*p):
    return os.path.join(OUT, *p)


# ------------------------------------------------------------------ healthy
def d01():
    """ZooScanNet: taxa.csv.gz (two taxon levels, lineage, set, img_path) and features beside imgs/<taxon>/<objid>.jpg."""
    N, R = "01_zooscan_taxa", random.Random(1)
    taxa = [("Calanidae", "living>Eukaryota>Metazoa>Crustacea>Copepoda>Calanoida>Calanidae", "Copepoda", True),
            ("Oithonidae", "living>Eukaryota>Metazoa>Crustacea>Copepoda>Cyclopoida>Oithonidae", "Copepoda", True),
            ("Chaetognatha", "living>Eukaryota>Metazoa>Chaetognatha", "Chaetognatha", True),
            ("Ostracoda", "living>Eukaryota>Metazoa>Crustacea>Ostracoda", "Ostracoda", True),
            ("detritus", "not-living>detritus", "detritus", False),
            ("fiber<detritus", "not-living>detritus>fiber", "detritus", False)]
    t, f, oid = [], [], 35700100
    for c, (name, lin, l2, pl) in enumerate(taxa):
        for i in range(20):
            oid += R.randint(1, 40)
            s = "train" if i < 14 else "val" if i < 17 else "test"
            p = f"imgs/{name.replace('<', '_')}/{oid}.jpg"
            a = pic(N, c, i, (R.randint(28, 56), R.randint(28, 56)), grey=True)
            put(J(N, p), a)
            t.append([oid, name, lin, l2, pl, s, p])
            f.append([oid, int((a > 120).sum()), round(float(a.mean()), 3), round(float(a.std()), 3), int(a.min()), int(a.max())])
    R.shuffle(t)
    rows(J(N, "taxa.csv.gz"), ["objid", "taxon_level1", "lineage_level1", "taxon_level2", "plankton", "set", "img_path"], t)
    rows(J(N, "features_native.csv.gz"), ["objid", "area", "mean", "stddev", "min", "max"], f)
    inv = [[n, l, sum(r[1] == n for r in t)] for n, l, _, _ in taxa]
    rows(J(N, "inventory.tsv"), ["taxon_level1", "lineage_level1", "number of images"], inv, "\t")


def d02():
    """Stanford Cars, the one-file form: cars_annos.mat (struct array with class and test flag, class_names) and car_ims/."""
    try:
        from scipy.io import savemat
    except ImportError:
        return
    N, R = "02_cars_annos_mat", random.Random(2)
    names = ["Acura RL Sedan 2012", "BMW M3 Coupe 2012", "Dodge Caravan Minivan 1997", "FIAT 500 Abarth 2012", "Jeep Wrangler SUV 2012"]
    n, k = 100, 0
    dt = [(x, object) for x in ("relative_im_path", "bbox_x1", "bbox_y1", "bbox_x2", "bbox_y2", "class", "test")]
    ann = np.empty((1, n), dtype=dt)
    for c in range(5):
        for i in range(20):
            p = f"car_ims/{k + 1:06d}.jpg"
            put(J(N, p), pic(N, c, i, (48, 36)))
            box = [np.uint8([[v]]) for v in (R.randint(1, 8), R.randint(1, 8), R.randint(36, 47), R.randint(26, 35))]
            ann[0, k] = (p, *box, np.uint8([[c + 1]]), np.uint8([[int(i >= 11)]]))
            k += 1
    cn = np.empty((1, 5), dtype=object)
    cn[0, :] = names
    savemat(J(N, "cars_annos.mat"), {"annotations": ann, "class_names": cn})
    with open(J(N, "cars_annos.mat"), "r+b") as f:      # the header holds the date: make it always the same
        f.write(b"MATLAB 5.0 MAT-file, Platform: GLNXA64, Created on: Wed Jan  1 12:00:00 2014".ljust(116))


def d03():
    """QUT fish: final_all_index.txt with '='-separated fields; each picture as crop (png) and as raw photograph (jpg)."""
    N, R = "03_qut_fish_index", random.Random(3)
    sp = ["anampses_caeruleopunctatus", "bodianus_diana", "cephalopholis_sexmaculata", "lutjanus_kasmira", "pseudocheilinus_hexataenia",
          "zebrasoma_scopas"]
    out, idx = [], 0
    for c, s in enumerate(sp):
        for i in range(1, 12):
            idx += 1
            a = pic(N, c, i, (40, 28))
            put(J(N, "images", "cropped", f"{s}_{i}.png"), a)
            b = np.random.default_rng(3000 + idx).integers(60, 110, (56, 64, 3)).astype(np.uint8)
            b[12:40, 10:50] = a
            put(J(N, "images", "raw_images", f"{s}_{i}.jpg"), b)
            out.append(f"{c + 1}={s}={R.choice(['controlled', 'insitu', 'out-of-the-water'])}={s}_{i}={idx}")
    text(J(N, "final_all_index.txt"), "\n".join(out) + "\n")
    text(J(N, "README.txt"), "Fish image set\n\nfinal_all_index.txt, one line a picture:\n"
         "  speciesID=speciesName=imageType=imageName=index\n\nimages/raw_images  the photographs as taken\n"
         "images/cropped     the same photographs cut to the fish\n")


def d04():
    """ELPV solar cells: labels.csv without header, columns parted by blanks: path, probability of defect, mono/poly."""
    N, R = "04_elpv_cells", random.Random(4)
    probs, cnt = ["0.0", "0.3333333333333333", "0.6666666666666666", "1.0"], [40, 16, 12, 28]
    items = [c for c in range(4) for _ in range(cnt[c])]
    R.shuffle(items)
    out = []
    for k, c in enumerate(items, 1):
        put(J(N, "images", f"cell{k:04d}.png"), pic(N, c + 1, k, 48, grey=True))
        out.append(f"images/cell{k:04d}.png  {probs[c]:<18}  {R.choice(['mono', 'poly'])}")
    text(J(N, "labels.csv"), "\n".join(out) + "\n")
    text(J(N, "README.md"), "# Solar cells in electroluminescence images\n\nEvery cell carries a defect probability (a floating point "
         "value between 0 and 1) and the type of the solar module (mono- or polycrystalline).\n")


def d05():
    """Thin sections of rocks: mineral / sample / light (PPL, XPL) / picture, under the archive's own folder."""
    N, R = "05_thin_sections", random.Random(5)
    mins = ["Biotite", "Hornblende", "Olivine", "Plagioclase", "Quartz"]
    loc, s = [], 100
    for c, m in enumerate(mins):
        for smp in range(3):
            s += R.randint(1, 9)
            name = f"TS-{s}"
            loc.append([name, R.choice(["Etna", "Harz", "Oslo Rift"]), round(R.uniform(37, 60), 4), round(R.uniform(8, 16), 4)])
            for light in ("PPL", "XPL"):
                for i in range(3):
                    put(J(N, "ThinSections_v1.1", m, name, light, f"{name}_{light.lower()}_{i + 1:02d}.jpg"),
                        pic(N, c, f"{smp}{light}{i}", 44, hue0=.05 if light == "PPL" else .1))
    R.shuffle(loc)
    rows(J(N, "ThinSections_v1.1", "sample_locations.csv"), ["sample", "locality", "lat", "lon"], loc)
    text(J(N, "ThinSections_v1.1", "CITATION.cff"), "cff-version: 1.2.0\ntitle: Mineral thin sections\nversion: 1.1\n")


def d06():
    """EuroSAT as it is given with its CSVs: train/validation/test.csv (nameless index, Filename, Label, ClassName), label_map.json."""
    N, R = "06_eurosat_csv", random.Random(6)
    cl = ["AnnualCrop", "Forest", "Highway", "Industrial", "Pasture", "River", "SeaLake"]
    parts = {"train": [], "validation": [], "test": []}
    n = 0
    for c, k in enumerate(cl):
        for i in range(1, 16):
            put(J(N, "EuroSAT", k, f"{k}_{i}.jpg"), pic(N, c, i, 64))
            parts["train" if i <= 10 else "validation" if i <= 13 else "test"].append([n, f"{k}/{k}_{i}.jpg", c, k])
            n += 1
    for p, body in parts.items():
        R.shuffle(body)
        rows(J(N, "EuroSAT", p + ".csv"), ["", "Filename", "Label", "ClassName"], body)
    text(J(N, "EuroSAT", "label_map.json"), json.dumps({k: c for c, k in enumerate(cl)}))


def d07():
    """PlantCLEF: one XML beside each picture (ClassId, Family, Genus, Species, Content); the test's XML without the taxon."""
    N, R = "07_plantclef_xml", random.Random(7)
    sp = [("1402", "Sapindaceae", "Acer", "Acer campestre L."), ("1417", "Sapindaceae", "Acer", "Acer monspessulanum L."),
          ("3044", "Betulaceae", "Corylus", "Corylus avellana L."), ("5210", "Fagaceae", "Quercus", "Quercus ilex L."),
          ("5233", "Fagaceae", "Quercus", "Quercus pubescens Willd.")]
    items = [(c, i) for c in range(5) for i in range(18)]
    R.shuffle(items)
    for k, (c, i) in enumerate(items):
        mid = 20000 + 7 * k
        test = i >= 13
        d = J(N, "PlantCLEF", "test" if test else "train")
        put(os.path.join(d, f"{mid}.jpg"), pic(N, c, i, (40, 48), hue0=.2))
        cid, fam, gen, spe = sp[c]
        tax = "" if test else f"  <ClassId>{cid}</ClassId>\n  <Family>{fam}</Family>\n  <Genus>{gen}</Genus>\n  <Species>{spe}</Species>\n"
        text(os.path.join(d, f"{mid}.xml"),
             f'<?xml version="1.0" encoding="UTF-8"?>\n<Image>\n  <ObservationId>{9000 + k // 2}</ObservationId>\n  <MediaId>{mid}</MediaId>\n'
             f"  <Vote>{R.randint(1, 5)}</Vote>\n  <Content>{R.choice(['Leaf', 'Flower', 'Fruit', 'Stem'])}</Content>\n{tax}"
             f"  <Author>{R.choice(['j. martin', 'l. roux', 'a. weber'])}</Author>\n"
             f"  <Date>2013-{R.randint(3, 9):02d}-{R.randint(1, 28):02d}</Date>\n  <FileName>{mid}.jpg</FileName>\n</Image>\n")


def d08():
    """A German institute's table out of Excel: semicolons, cp1252, decimal comma, CRLF; pictures of a camera in Bilder."""
    N, R = "08_gesteine_excel", random.Random(8)
    art = ["Gneis", "Grünschiefer", "Kalkstein", "Sandstein", "Süßwasserkalk"]
    items = [(c, i) for c in range(5) for i in range(14 + c)]
    R.shuffle(items)
    body, n = [], 411
    for k, (c, i) in enumerate(items, 1):
        n += R.choice([1, 1, 1, 2, 3])
        put(J(N, "Bilder", f"IMG_{n:04d}.JPG"), pic(N, c, i, (48, 36)))
        body.append([k, f"IMG_{n:04d}.JPG", art[c], R.choice(["Göttingen", "Jena", "Solnhofen", "Würzburg"]),
                     f"{R.uniform(.1, 4):.2f}".replace(".", ","), f"{R.randint(1, 28):02d}.{R.randint(4, 9):02d}.2019"])
    rows(J(N, "Übersicht Handstücke.csv"), ["Nr.", "Dateiname", "Gesteinsart", "Fundort", "Korngröße (mm)", "Aufnahmedatum"], body, ";",
         "cp1252", "\r\n")
    with open(J(N, "Bilder", "Thumbs.db"), "wb") as f:
        f.write(b"\xd0\xcf\x11\xe0" + bytes(508))


def d09():
    """Describable Textures: images/<class>/ and labels/train1.txt, val1.txt, test1.txt ... for several random divisions."""
    N, R = "09_dtd_divisions", random.Random(9)
    cl = ["banded", "bubbly", "cracked", "dotted", "honeycombed", "woven"]
    files = {}
    for c, k in enumerate(cl):
        files[k] = []
        for i in range(18):
            f = f"{k}/{k}_{R.randint(1, 3) + 5 * i:04d}.jpg"
            put(J(N, "dtd", "images", f), pic(N, c + 2, i, (R.randint(40, 60), R.randint(40, 60))))
            files[k].append(f)
    for d in (1, 2, 3):
        part = {"train": [], "val": [], "test": []}
        for k in cl:
            o = files[k][:]
            R.shuffle(o)
            for p, q in zip(part, (o[:6], o[6:12], o[12:])):
                part[p] += sorted(q)
        for p in part:
            text(J(N, "dtd", "labels", f"{p}{d}.txt"), "\n".join(part[p]) + "\n")
    joint = [f"{f} {k}{' ' + R.choice([x for x in cl if x != k]) if R.random() < .2 else ''} " for k in cl for f in files[k]]
    text(J(N, "dtd", "labels", "labels_joint_anno.txt"), "\n".join(joint) + "\n")


def d10():
    """CIFAR-100, the binary version: <coarse><fine><3072 bytes> records, names of both levels in text files."""
    N, R = "10_cifar100_binary", random.Random(10)
    fine = ["aquarium_fish", "beetle", "butterfly", "flatfish", "maple_tree", "oak_tree", "ray"]
    coarse, of = ["fish", "insects", "trees"], [0, 1, 1, 0, 2, 2, 0]
    for part, a, b in (("train", 0, 13), ("test", 13, 18)):
        items = [(c, i) for c in range(7) for i in range(a, b)]
        R.shuffle(items)
        os.makedirs(J(N, "cifar-100-binary"), exist_ok=True)
        with open(J(N, "cifar-100-binary", part + ".bin"), "wb") as f:
            for c, i in items:
                f.write(bytes([of[c], c]) + pic(N, c, i, 32).transpose(2, 0, 1).tobytes())
    text(J(N, "cifar-100-binary", "fine_label_names.txt"), "\n".join(fine) + "\n")
    text(J(N, "cifar-100-binary", "coarse_label_names.txt"), "\n".join(coarse) + "\n")


def d11():
    """One HDF5 of a palynology lab: a group a genus, in it a data set a grain."""
    try:
        import h5py
    except ImportError:
        return
    N, R = "11_pollen_hdf5_groups", random.Random(11)
    os.makedirs(J(N), exist_ok=True)
    gen = [("Alnus", 17), ("Betula", 21), ("Corylus", 19), ("Fraxinus", 15)]
    with h5py.File(J(N, "pollen_grains_v1.h5"), "w", libver="earliest") as f:
        f.attrs["title"] = "Pollen grains, bright field, 40x"
        f.attrs["pixel_size_um"] = 0.65
        for c, (g, n) in enumerate(gen):
            grp = f.create_group(g)
            for i in range(n):
                d = grp.create_dataset(f"grain_{i:04d}", data=pic(N, c, i, 40, hue0=.1), compression="gzip")
                d.attrs["slide"] = f"S{R.randint(1, 6)}"
                d.attrs["focus_um"] = round(R.uniform(-3, 3), 2)
    text(J(N, "README.txt"), "pollen_grains_v1.h5 : /<genus>/grain_<nnnn>, uint8, height x width x 3\n")


def d12():
    """Grocery Store: folders of uneven depth, lists 'path, fine, coarse', classes.csv, iconic pictures beside."""
    N, R = "12_grocery_store", random.Random(12)
    cl = [("Golden-Delicious", "Fruit/Apple/Golden-Delicious", "Apple", 0), ("Granny-Smith", "Fruit/Apple/Granny-Smith", "Apple", 0),
          ("Banana", "Fruit/Banana", "Banana", 1), ("Arla-Standard-Milk", "Packages/Milk/Arla-Standard-Milk", "Milk", 2),
          ("Garant-Ecological-Standard-Milk", "Packages/Milk/Garant-Ecological-Standard-Milk", "Milk", 2),
          ("Carrots", "Vegetables/Carrots", "Carrots", 3), ("Vine-Tomato", "Vegetables/Tomato/Vine-Tomato", "Tomato", 4)]
    lists, tab = {"train": [], "val": [], "test": []}, []
    for c, (name, p, co, ci) in enumerate(cl):
        for part, n in (("train", 8), ("val", 2), ("test", 5)):
            for i in range(1, n + 1):
                f = f"{part}/{p}/{name}_{i:03d}.jpg"
                put(J(N, "dataset", f), pic(N, c, f"{part}{i}", 44))
                lists[part].append(f"{f}, {c}, {ci}")
        b = f"iconic-images-and-descriptions/{p}/{name}"
        put(J(N, "dataset", b + "_Iconic.jpg"), pic(N, c, "iconic", 56))
        text(J(N, "dataset", b + "_Description.txt"), f"{name.replace('-', ' ')}, sold in our store.\n")
        tab.append([name, c, co, ci, f"/{b}_Iconic.jpg", f"/{b}_Description.txt"])
    for part in lists:
        text(J(N, "dataset", part + ".txt"), "\n".join(lists[part]) + "\n")
    rows(J(N, "dataset", "classes.csv"), ["Class Name (str)", "Class ID (int)", "Coarse Class Name (str)", "Coarse Class ID (int)",
                                          "Iconic Image Path (str)", "Product Description Path (str)"], tab)


def d13():
    """UVP5/MorphoCluster at SEANOE: training.csv, validation.csv, unlabeled.csv (object_id, image_fn, label), images sharded."""
    N, R = "13_uvp5_morphocluster", random.Random(13)
    cl = ["Acantharia", "Copepoda", "Rhizaria X", "Trichodesmium", "detritus"]
    cnt = [(10, 5), (20, 10), (6, 3), (8, 4), (24, 12)]
    body, k = {"training": [], "validation": [], "unlabeled": []}, 0
    items = [(p, c, i) for c in range(5) for p, n in zip(("training", "validation"), cnt[c]) for i in range(n)]
    items += [("unlabeled", R.randrange(5), i) for i in range(30)]
    R.shuffle(items)
    for p, c, i in items:
        k += 1
        oid = f"{zlib.crc32(f'uvp{k}'.encode()):08x}"
        fn = f"images/{oid[:1]}/{oid}.png"
        put(J(N, fn), pic(N, c, f"{p}{i}", (R.randint(26, 50), R.randint(26, 50)), grey=True))
        body[p].append([oid, fn, "" if p == "unlabeled" else cl[c]])
    for p in body:
        rows(J(N, p + ".csv"), ["object_id", "image_fn", "label"], body[p])


def d14():
    """Camera traps for insects: folders by date and trap, the species the last part of the file's name."""
    N, R = "14_insect_trap_nights", random.Random(14)
    sp = ["Apis-mellifera", "Bombus-terrestris", "Episyrphus-balteatus", "Eristalis-tenax", "Vespula-vulgaris"]
    n = 0
    for day in ("2023-06-14", "2023-06-15", "2023-07-02"):
        for trap in ("T01", "T03", "T07"):
            for c, s in enumerate(sp):
                for i in range(R.randint(1, 4) if day != "2023-06-15" else 2):
                    n += 1
                    put(J(N, day, trap, f"{day.replace('-', '')}_{trap}_{R.randint(1, 9)}{n:03d}_{s}.jpg"), pic(N, c, n, 48, hue0=.12))
    rows(J(N, "deployments.csv"), ["trap", "lat", "lon", "mounted", "remarks"],
         [["T01", 51.5412, 9.9158, "2023-06-13", ""], ["T03", 51.5433, 9.9181, "2023-06-13", "shade after 16 h"],
          ["T07", 51.5390, 9.9240, "2023-06-30", "replaced battery"]])


# ------------------------------------------------------------------ troubled
def d15():
    """UC-Merced-like tifs and two lists: training's labels count from 1 (MATLAB), the test's from 0 (Python)."""
    N, R = "15_landuse_two_lists", random.Random(15)
    cl = ["agricultural", "beach", "forest", "harbor", "runway"]
    tr, te = [], []
    for c, k in enumerate(cl):
        o = list(range(20))
        R.shuffle(o)
        for i in range(20):
            f = f"{k}{i:02d}.tif"
            put(J(N, "Images", f), pic(N, c, i, 40))
            (tr if i in o[:14] else te).append((f, c))
    R.shuffle(tr)
    R.shuffle(te)
    text(J(N, "train_list.txt"), "".join(f"Images/{f} {c + 1}\n" for f, c in tr))
    text(J(N, "test_list.txt"), "".join(f"Images/{f} {c}\n" for f, c in te))
    text(J(N, "classes.txt"), "\n".join(cl) + "\n")


def d16():
    """EcoTaxa's export: TSV with a second line of types; a good part of the categories are only predicted or dubious."""
    N, R = "16_ecotaxa_export", random.Random(16)
    cl = ["Appendicularia", "Calanoida", "Cladocera", "Harosa", "bubble"]
    st = ["validated"] * 11 + ["predicted"] * 6 + ["dubious"]
    items = [(c, i, st[i]) for c in range(5) for i in range(18)]
    R.shuffle(items)
    body = []
    for k, (c, i, s) in enumerate(items, 1):
        oid = f"tara_station{R.randint(20, 24)}_{k}"
        put(J(N, "images", f"{oid}.jpg"), pic(N, c, i, (R.randint(30, 56), R.randint(30, 56)), grey=True))
        lab = c if s == "validated" else (c + R.choice([0, 0, 1, 2, 3])) % 5
        body.append([oid, round(R.uniform(-40, 40), 3), round(R.uniform(-60, 60), 3), f"201106{R.randint(1, 28):02d}", s, cl[lab],
                     "" if s == "predicted" else "M. Picot", R.randint(200, 900), f"images/{oid}.jpg", 0])
    head = ["object_id", "object_lat", "object_lon", "object_date", "object_annotation_status", "object_annotation_category",
            "object_annotation_person_name", "object_area", "img_file_name", "img_rank"]
    rows(J(N, "ecotaxa_export_1187_20230611_0932.tsv"), head, [["[t]", "[f]", "[f]", "[t]", "[t]", "[t]", "[t]", "[f]", "[t]", "[f]"]] + body, "\t")


def d17():
    """Mendeley Data: 'Original Images' and 'Augmented Images' side by side, the classes in each; augmented = turned originals."""
    N = "17_leaves_original_augmented"
    cl = ["Azadirachta indica", "Centella asiatica", "Hibiscus rosa-sinensis", "Ocimum tenuiflorum"]
    R0 = "Medicinal Leaf Dataset"
    for c, k in enumerate(cl):
        for i in range(1, 11):
            a = pic(N, c, i, 48, hue0=.22, n=14)
            put(J(N, R0, "Original Images", k, f"{k.split()[0]} ({i}).jpg"), a)
            put(J(N, R0, "Augmented Images", k, f"aug_{2 * i - 1:04d}.jpg"), np.ascontiguousarray(a[:, ::-1]))
            put(J(N, R0, "Augmented Images", k, f"aug_{2 * i:04d}.jpg"), np.ascontiguousarray(np.rot90(a)))


def d18():
    """Coffee cherries of a Colombian lab: lists with numbers, and in the test's list a 0 for every picture as placeholder."""
    N, R = "18_cafe_listas", random.Random(18)
    cl = ["inmaduro", "pintón", "maduro", "sobremaduro"]
    items = [(c, i) for c in range(4) for i in range(24)]
    R.shuffle(items)
    tr, te = [], []
    for k, (c, i) in enumerate(items, 1):
        f = f"imagenes/cereza_{k:04d}.png"
        put(J(N, f), pic(N, c, i, 36))
        if i < 18:
            tr.append(f"{f} {c}")
        else:
            te.append(f"{f} 0")
    text(J(N, "entrenamiento.txt"), "\n".join(tr) + "\n")
    text(J(N, "prueba.txt"), "\n".join(te) + "\n")
    text(J(N, "clases.txt"), "".join(f"{c} {k}\n" for c, k in enumerate(cl)))


def d19():
    """Sperm heads judged by three experts: a row for each picture and expert, the experts do not always agree."""
    N, R = "19_three_experts", random.Random(19)
    cl = ["Amorphous", "Normal", "Pyriform", "Tapered"]
    items = [(c, i) for c in range(4) for i in range(16)]
    R.shuffle(items)
    body = []
    for k, (c, i) in enumerate(items, 1):
        f = f"ch{k:03d}.png"
        put(J(N, "heads", f), pic(N, c, i, 35, grey=True))
        dissent = R.randrange(3) if k % 3 == 0 else None
        for e in range(3):
            lab = c if e != dissent else (c + R.randint(1, 3)) % 4
            body.append([f, f"expert_{e + 1}", cl[lab], f"2016-0{R.randint(3, 6)}-{R.randint(10, 28)}"])
    body.sort(key=lambda r: (r[1], r[0]))
    rows(J(N, "annotations.csv"), ["image", "annotator", "label", "date"], body)


def d20():
    """High-content screen: a folder for each fluorescence channel, file = well and site, the label in the plate map by well."""
    N, R = "20_screen_channels", random.Random(20)
    comp = [("DMSO", 0, "DMSO"), ("cytochalasin D", .3, "Actin disruptors"), ("latrunculin B", 1, "Actin disruptors"),
            ("chlorambucil", 10, "DNA damage"), ("mitomycin C", 3, "DNA damage"), ("docetaxel", .1, "Microtubule stabilizers"),
            ("taxol", .3, "Microtubule stabilizers")]
    moa = ["DMSO", "Actin disruptors", "DNA damage", "Microtubule stabilizers"]
    wells = [f"{r}{c:02d}" for r in "BCD" for c in range(2, 6)]
    use = [0, 0, 0, 1, 1, 2, 3, 4, 4, 5, 6, 6]
    R.shuffle(use)
    body = []
    for w, u in zip(wells, use):
        body.append([w, comp[u][0], comp[u][1], comp[u][2]])
        m = moa.index(comp[u][2])
        for s in range(1, 5):
            for ch, name in enumerate(("w1_DAPI", "w2_Tubulin", "w4_Actin")):
                a = pic(N, m, f"{w}{s}{ch}", 48, grey=True).astype(float) * (.7 + .15 * ch)
                put(J(N, "Week1_22123", name, f"{w}_s{s}.tif"), np.clip(a, 0, 255).astype(np.uint8))
    rows(J(N, "Week1_22123", "platemap_22123.csv"), ["Well", "Compound", "Concentration_uM", "MOA"], body)


def main():
    global OUT
    OUT = sys.argv[1]
    os.makedirs(OUT, exist_ok=True)
    for i in range(1, 21):
        globals()[f"d{i:02d}"]()


if __name__ == "__main__":
    main()
