#!/usr/bin/env python3
"""make.py OUT [--expected FILE]: write 40 small image-classification datasets, each laid out differently.

Needs numpy + Pillow; pyarrow / h5py / scipy layouts are skipped where the module is missing.
"""
import argparse, csv, gzip, io, json, os, random, shutil, sys, tarfile, zipfile, zlib
from pathlib import Path
import numpy as np
from PIL import Image, ImageDraw, ImageFilter

try:
    import pyarrow as pa, pyarrow.parquet as pq
except Exception:
    pa = None
try:
    import h5py
except Exception:
    h5py = None
try:
    import scipy.io as sio
except Exception:
    sio = None

LAYOUTS = []          # (name, function)
EXPECTED = {}


def layout(name):
    def deco(f):
        LAYOUTS.append((name, f))
        return f
    return deco


class D:
    """One dataset folder with its own random stream."""
    def __init__(self, root, name):
        self.root = Path(root) / name
        shutil.rmtree(self.root, ignore_errors=True)
        self.root.mkdir(parents=True)
        seed = zlib.crc32(name.encode())
        self.r = random.Random(seed)
        self.n = np.random.default_rng(seed)

    def p(self, rel):
        q = self.root / rel
        q.parent.mkdir(parents=True, exist_ok=True)
        return q

    def text(self, rel, s, enc="utf-8", nl=None):
        if nl:
            s = s.replace("\n", nl)
        self.p(rel).write_bytes(s.encode(enc))

    def table(self, rel, rows, sep=",", enc="utf-8", nl="\n"):
        b = io.StringIO()
        csv.writer(b, delimiter=sep, lineterminator=nl).writerows(rows)
        self.p(rel).write_bytes(b.getvalue().encode(enc))

    def js(self, rel, o, indent=None):
        self.p(rel).write_text(json.dumps(o, ensure_ascii=False, indent=indent), encoding="utf-8")

    def img(self, c, size=None, mode="RGB"):
        """A noisy picture whose shape and hue depend on class number c."""
        w, h = size or (self.r.choice([40, 48, 56]),) * 2
        base = self.n.integers(20, 110, 3)
        base[c % 3] += 90
        small = self.n.normal(0, 28, (8, 8, 3))
        a = np.kron(small, np.ones((-(-h // 8), -(-w // 8), 1)))[:h, :w]
        a = a + base + self.n.normal(0, 12, (h, w, 3))
        im = Image.fromarray(a.clip(0, 255).astype("uint8"))
        d = ImageDraw.Draw(im)
        x, y = self.r.uniform(.15, .4) * w, self.r.uniform(.15, .4) * h
        s = self.r.uniform(.3, .5) * w
        col = tuple(int(v) for v in self.n.integers(120, 255, 3))
        k = c % 6
        if k == 0:
            d.ellipse([x, y, x + s, y + s], fill=col)
        elif k == 1:
            d.rectangle([x, y, x + s, y + s], fill=col)
        elif k == 2:
            d.polygon([(x, y + s), (x + s, y + s), (x + s / 2, y)], fill=col)
        elif k == 3:
            for i in range(4):
                d.line([x, y + i * s / 4, x + s, y + i * s / 4], fill=col, width=2)
        elif k == 4:
            d.line([x, y, x + s, y + s], fill=col, width=4)
            d.line([x + s, y, x, y + s], fill=col, width=4)
        else:
            d.ellipse([x, y, x + s, y + s], outline=col, width=4)
        return im if mode == "RGB" else im.convert(mode)

    def enc(self, c, fmt="JPEG", size=None, mode="RGB"):
        b = io.BytesIO()
        kw = {"quality": 88} if fmt in ("JPEG", "WEBP") else {}
        self.img(c, size, mode).save(b, fmt, **kw)
        return b.getvalue()

    def pic(self, rel, c, fmt=None, size=None, mode="RGB"):
        ext = os.path.splitext(rel)[1].lower()
        fmt = fmt or {".jpg": "JPEG", ".jpeg": "JPEG", ".png": "PNG", ".bmp": "BMP", ".webp": "WEBP",
                      ".gif": "GIF", ".tif": "TIFF", ".ppm": "PPM"}[ext]
        self.p(rel).write_bytes(self.enc(c, fmt, size, mode))


def E(kind, source, classes, images, splits=None, finding=None, refusal_ok=False, point_at=".", **more):
    e = dict(kind=kind, source=source, point_at=point_at, classes=classes, images=images,
             splits=splits or {}, finding=finding, refusal_ok=refusal_ok)
    e.update(more)
    return e


# ---------------------------------------------------------------- healthy layouts

@layout("01_bark_code_in_filename")
def _(d):
    sp = {"BOJ": "Betula alleghaniensis", "CHR": "Quercus rubra", "EPB": "Picea glauca",
          "PIB": "Pinus strobus", "SAB": "Abies balsamea"}
    n, tree = 0, 1
    for c, code in enumerate(sp):
        for t in range(4):
            circ, phone = d.r.randint(40, 160), d.r.choice(["GalaxyS5", "Nexus5", "iPhone6S"])
            day = f"201706{d.r.randint(1, 28):02d}"
            for crop in range(1, 5):
                d.pic(f"barknet_crops/{tree}_{code}_{circ}_{phone}_{day}_{d.r.randint(90000, 175959):06d}_{crop}.jpg", c)
                n += 1
            tree += 1
    d.text("README.md", "# File\n\nEach file in the dataset contains the following information separated by \\_:\n\n"
           "1. Unique number identifying a tree\n2. Class name\n3. Tree circumference at breast height (cm)\n4. Phone\n"
           "5. Date (yyyymmdd)\n6. Time (hhmmss)\n7. Number of the crop\n\n# Class\n\n"
           + "".join(f"{i}. {k}: _{v}_\n" for i, (k, v) in enumerate(sp.items(), 1)))
    return E("class code is the second part of a flat folder's file names, legend in the README",
             "BarkNet 1.0 README (GitHub)", list(sp), n, refusal_ok=True, classes_also_ok=[list(sp.values())])


@layout("02_camera_trap_cct_json")
def _(d):
    cats = ["empty", "opossum", "raccoon", "coyote"]
    images, anns, cnt = [], [], {"train": 0, "val": 0}
    locs = {"12": "train", "33": "train", "40": "train", "7": "val", "51": "val"}
    for loc, s in locs.items():
        for q in range(4):
            c = d.r.randrange(4) if q else (list(locs).index(loc)) % 4
            seq = "%08x" % d.r.getrandbits(32)
            for f in range(4):
                iid = f"{seq}_{f}"
                fn = f"{loc}/{seq}_{f}.jpg"
                d.pic("cct_images/" + fn, c, size=(64, 48))
                images.append(dict(id=iid, file_name=fn, width=64, height=48, location=loc, seq_id=seq,
                                   seq_num_frames=4, frame_num=f + 1, date_captured=f"2012-05-{q + 3:02d} 02:1{f}:00",
                                   rights_holder="Test"))
                anns.append(dict(id="%08x-%d" % (d.r.getrandbits(32), len(anns)), image_id=iid, category_id=[30, 1, 3, 9][c]))
                cnt[s] += 1
    d.r.shuffle(anns)
    used = sorted({a["category_id"] for a in anns})
    assert len(used) == 4
    d.js("camera_traps_bboxless_20200316.json",
         dict(info=dict(version=20200316, description="Camera traps, sequence-level labels"), images=images, annotations=anns,
              categories=[dict(id=i, name=nm) for i, nm in zip([30, 1, 3, 9], cats)]), 1)
    d.js("recommended_splits.json", {"info": {"description": "Train/val split by camera location"},
         "splits": {s: [k for k, v in locs.items() if v == s] for s in ("train", "val")}}, 1)
    return E("COCO Camera Traps JSON without boxes, non-contiguous category ids, folders are locations, splits by location",
             "LILA.science COCO Camera Traps", cats, len(images), cnt, splits_also_ok=[{}])


@layout("03_one_xml_per_picture")
def _(d):
    sp = [("1234", "Acer campestre L.", "Sapindaceae", "Acer"), ("30269", "Hedera helix L.", "Araliaceae", "Hedera"),
          ("30080", "Acer negundo L.", "Sapindaceae", "Acer"), ("1478", "Quercus ilex L.", "Fagaceae", "Quercus")]
    n = 0
    mid = 4000
    for c, (cid, s, fam, gen) in enumerate(sp):
        for i in range(13):
            mid += d.r.randint(1, 60)
            d.pic(f"train/{mid}.jpg", c)
            d.text(f"train/{mid}.xml", f'<?xml version="1.0" encoding="UTF-8"?>\n<Image>\n  <ObservationId>{mid // 3}</ObservationId>\n'
                   f'  <MediaId>{mid}</MediaId>\n  <Vote>{d.r.randint(0, 5)}</Vote>\n  <Content>{d.r.choice(["Leaf", "Flower", "Stem"])}</Content>\n'
                   f'  <ClassId>{cid}</ClassId>\n  <Family>{fam}</Family>\n  <Genus>{gen}</Genus>\n  <Species>{s}</Species>\n'
                   f'  <Author>author {i % 3}</Author>\n  <Date>2013-6-{i + 1}</Date>\n  <LearnTag>Train</LearnTag>\n</Image>\n')
            n += 1
    for i in range(10):
        mid += 7
        d.pic(f"test/{mid}.jpg", i % 4)
        d.text(f"test/{mid}.xml", f'<?xml version="1.0" encoding="UTF-8"?>\n<Image>\n  <ObservationId>{mid // 3}</ObservationId>\n'
               f'  <MediaId>{mid}</MediaId>\n  <Content>Leaf</Content>\n  <LearnTag>Test</LearnTag>\n</Image>\n')
    return E("one XML side file per picture (ClassId, Species), test pictures without a class",
             "PlantCLEF / LifeCLEF challenge", [s[1] for s in sp], n, {"train": n, "unlabelled": 10}, refusal_ok=True,
             classes_also_ok=[[s[0] for s in sp]])


@layout("04_label_studio_json")
def _(d):
    cl = ["Unripe", "Ripe", "Overripe"]
    tasks, n, un = [], 0, 0

    def res(c):
        return [{"id": "%010x" % d.r.getrandbits(40), "from_name": "choice", "to_name": "image", "type": "choices",
                 "origin": "manual", "value": {"choices": [c]}}]
    for i in range(54):
        c = i % 3
        fn = f"{d.r.getrandbits(32):08x}-IMG_20240501_{100000 + i * 37}.jpg"
        d.pic("upload/7/" + fn, c)
        cancelled = i % 11 == 10
        an = [{"id": 900 + i, "completed_by": 1 + i % 2, "was_cancelled": cancelled, "ground_truth": False,
               "result": [] if cancelled else res(cl[c]), "lead_time": 3.2, "created_at": "2024-05-14T09:10:11Z"}]
        if i in (5, 17):   # first annotator skipped, second decided
            an.insert(0, {"id": 800 + i, "completed_by": 3, "was_cancelled": True, "ground_truth": False, "result": []})
        tasks.append({"id": 100 + i, "annotations": an, "file_upload": fn, "drafts": [],
                      "predictions": [{"id": i, "model_version": "v0", "score": .4, "result": res(cl[(c + 1) % 3])}] if i % 4 == 0 else [],
                      "data": {"image": "/data/upload/7/" + fn}, "meta": {}, "created_at": "2024-05-13T08:00:00Z",
                      "inner_id": i + 1, "total_annotations": len(an), "cancelled_annotations": int(cancelled), "project": 7})
        n += not cancelled
        un += cancelled
    d.js("project-7-at-2024-05-14-09-31-a1b2c3d4.json", tasks)
    d.text("label_config.xml", '<View>\n  <Image name="image" value="$image"/>\n  <Choices name="choice" toName="image">\n'
           + "".join(f'    <Choice value="{c}"/>\n' for c in cl) + "  </Choices>\n</View>\n")
    return E("Label Studio full JSON export (server paths, skipped tasks, wrong model predictions inside)",
             "Label Studio export", cl, n, {"unlabelled": un})


@layout("05_webdataset_shards")
def _(d):
    cl = ["annual crop", "forest", "river", "sea or lake"]
    cnt = {}
    for s, shards, per in (("train", 3, 16), ("test", 2, 10)):
        k = 0
        for t in range(shards):
            with tarfile.open(d.p(f"{s}/{t}.tar"), "w") as tf:
                for _i in range(per):
                    c = d.r.randrange(4) if k >= 4 else k
                    for ext, b in (("cls", str(c).encode()), ("webp" if k % 3 else "jpg", d.enc(c, "WEBP" if k % 3 else "JPEG"))):
                        ti = tarfile.TarInfo(f"s{k:07d}.{ext}")
                        ti.size = len(b)
                        tf.addfile(ti, io.BytesIO(b))
                    k += 1
        d.text(f"{s}/nshards.txt", f"{shards}\n")
        cnt[s] = k
    d.text("classnames.txt", "\n".join(cl) + "\n")
    d.text("dataset_type.txt", "multiclass\n")
    d.text("zeroshot_classification_templates.txt", "a centered satellite photo of {c}.\na satellite photo of {c}.\n")
    return E("WebDataset tar shards (.cls + jpg/webp) in split folders, names in classnames.txt",
             "clip-benchmark wds_* on Hugging Face", cl, sum(cnt.values()), cnt)


@layout("06_hf_metadata_csv_per_split")
def _(d):
    cl = ["Odocoileus virginianus", "Sus scrofa", "Procyon lotor"]
    cnt = {}
    for s, per in (("train", 36), ("validation", 9), ("test", 12)):
        rows = [["file_name", "width", "height", "original_label", "label"]]
        for i in range(per):
            c = i % 3
            src = d.r.choice(["ENA24", "Idaho", "Orinoquia"])
            fn = f"{src}/{d.r.getrandbits(48):012x}.jpg"
            d.pic(f"data/{s}/{fn}", c)
            rows.append([fn, 48, 48, ["white_tailed_deer", "wild boar", "northern raccoon"][c], cl[c]])
        d.table(f"data/{s}/metadata.csv", rows)
        cnt[{"validation": "val"}.get(s, s)] = per
    d.text("README.md", "---\nlicense: cc0-1.0\ntask_categories:\n- image-classification\nconfigs:\n- config_name: default\n  data_files:\n"
           "  - split: train\n    path: data/train/**\n  - split: validation\n    path: data/validation/**\n  - split: test\n    path: data/test/**\n---\n\n# IDLE camera traps\n")
    d.text(".gitattributes", "*.jpg filter=lfs diff=lfs merge=lfs -text\n")
    return E("Hugging Face image folder, metadata.csv with label per split, subfolders are sources and not classes",
             "imageomics/IDLE-OO-Camera-Traps card", cl, sum(cnt.values()), cnt,
             classes_also_ok=[["white_tailed_deer", "wild boar", "northern raccoon"]])


@layout("07_hf_parquet_shards")
def _(d):
    if pa is None:
        return None
    cl = ["cordana", "healthy", "pestalotiopsis", "sigatoka"]
    cnt = {"train": 0, "test": 0}
    for s, shards, per in (("train", 2, 24), ("test", 1, 16)):
        for t in range(shards):
            rows = []
            for i in range(per):
                c = i % 4
                rows.append({"image": {"bytes": d.enc(c, "JPEG"), "path": f"{cl[c]}_{t}_{i}.jpg"}, "label": c})
            d.r.shuffle(rows)
            hf = {"info": {"features": {"image": {"_type": "Image"}, "label": {"names": cl, "_type": "ClassLabel"}}}}
            tab = pa.Table.from_pylist(rows, schema=pa.schema(
                [("image", pa.struct([("bytes", pa.binary()), ("path", pa.string())])), ("label", pa.int64())],
                metadata={b"huggingface": json.dumps(hf).encode()}))
            pq.write_table(tab, d.p(f"data/{s}-{t:05d}-of-{shards:05d}.parquet"))
            cnt[s] += per
    d.text("README.md", "---\ndataset_info:\n  features:\n  - name: image\n    dtype: image\n  - name: label\n    dtype:\n      class_label:\n        names:\n"
           + "".join(f"          '{i}': {c}\n" for i, c in enumerate(cl)) +
           "  splits:\n  - name: train\n    num_examples: 48\n  - name: test\n    num_examples: 16\nconfigs:\n- config_name: default\n  data_files:\n"
           "  - split: train\n    path: data/train-*\n  - split: test\n    path: data/test-*\n---\n")
    return E("Hugging Face parquet shards with image bytes and ClassLabel", "Hugging Face dataset repository", cl, 64, cnt)


@layout("08_onehot_truth_beside_superpixels")
def _(d):
    cl = ["MEL", "NV", "BCC", "BKL"]
    cnt, iid = {}, 24300
    for s, long, per in (("train", "Training", 44), ("val", "Validation", 12)):
        rows = [["image"] + cl]
        for i in range(per):
            c = i % 4
            iid += d.r.randint(1, 9)
            d.pic(f"ISIC_Task3_{long}_Input/ISIC_{iid:07d}.jpg", c)
            if s == "train":
                Image.fromarray(d.n.integers(0, 255, (40, 40, 3)).astype("uint8")).save(
                    d.p(f"ISIC_Task3_{long}_Input/ISIC_{iid:07d}_superpixels.png"))
            rows.append([f"ISIC_{iid:07d}"] + [f"{float(k == c):.1f}" for k in range(4)])
        d.table(f"ISIC_Task3_{long}_GroundTruth/ISIC_Task3_{long}_GroundTruth.csv", rows)
        d.text(f"ISIC_Task3_{long}_Input/LICENSE.txt", "CC-BY-NC\n")
        d.text(f"ISIC_Task3_{long}_Input/ATTRIBUTION.txt", "HAM10000\n")
        cnt[s] = per
    for i in range(9):
        iid += 3
        d.pic(f"ISIC_Task3_Test_Input/ISIC_{iid:07d}.jpg", i % 4)
    return E("one-hot truth tables (1.0/0.0, no file ending) in folders of their own, superpixel pictures between the photos, test without truth",
             "ISIC 2017/2018 challenge download", cl, 56, dict(cnt, unlabelled=9))


@layout("09_matlab_labels_and_ids")
def _(d):
    if sio is None:
        return None
    lab = []
    for i in range(1, 73):
        c = 1 + (i - 1) // 18
        d.pic(f"jpg/image_{i:05d}.jpg", c)
        lab.append(c)
    ids = list(range(1, 73))
    d.r.shuffle(ids)
    tr, va, te = ids[:28], ids[28:44], ids[44:]
    sio.savemat(d.p("imagelabels.mat"), {"labels": np.array([lab], "uint8")})
    sio.savemat(d.p("setid.mat"), {"trnid": np.array([sorted(tr)], "uint16"), "valid": np.array([sorted(va)], "uint16"),
                                   "tstid": np.array([sorted(te)], "uint16")})
    d.text("README.txt", "The image labels are in imagelabels.mat, the data splits in setid.mat (trnid, valid, tstid).\n")
    return E("labels and split ids in two MATLAB files, pictures in one folder, order gives the match",
             "Oxford Flowers 102", ["1", "2", "3", "4"], 72, {"train": 28, "val": 16, "test": 28})


@layout("10_npy_onehot_pair")
def _(d):
    X = np.stack([np.asarray(d.img(i % 6, (48, 48), "L"), "float32") / 255 for i in range(90)])
    Y = np.eye(6)[[i % 6 for i in range(90)]]
    o = d.n.permutation(90)
    np.save(d.p("Sign-language-digits-dataset/X.npy"), X[o])
    np.save(d.p("Sign-language-digits-dataset/Y.npy"), Y[o])
    return E("X.npy (float 0..1, grey) beside one-hot Y.npy", "Kaggle Sign Language Digits", [str(i) for i in range(6)], 90)


@layout("11_h5_pairs_per_split")
def _(d):
    if h5py is None:
        return None
    cnt = {}
    for s, long, per in (("train", "train", 50), ("val", "valid", 16), ("test", "test", 20)):
        y = np.array([i % 2 for i in range(per)], "uint8")
        x = np.stack([np.asarray(d.img(int(v), (32, 32))) for v in y])
        with h5py.File(d.p(f"pcam/camelyonpatch_level_2_split_{long}_x.h5"), "w") as f:
            f.create_dataset("x", data=x)
        with h5py.File(d.p(f"pcam/camelyonpatch_level_2_split_{long}_y.h5"), "w") as f:
            f.create_dataset("y", data=y.reshape(-1, 1, 1, 1))
        d.table(f"pcam/camelyonpatch_level_2_split_{long}_meta.csv",
                [["", "coord_y", "coord_x", "tumor_patch", "center_tumor_patch", "wsi"]]
                + [[i, d.r.randint(0, 9999), d.r.randint(0, 9999), bool(v), bool(v), f"camelyon16_{long}_00{i % 3}"] for i, v in enumerate(y)])
        cnt[s] = per
    return E("HDF5 x and y in separate files per split, y of shape (N,1,1,1)", "PatchCamelyon", ["0", "1"], 86, cnt)


@layout("12_relational_tables")
def _(d):
    sp = [("SP07", "Bombus terrestris", "Dunkle Erdhummel"), ("SP11", "Bombus lapidarius", "Steinhummel"),
          ("SP12", "Apis mellifera", "Honigbiene"), ("SP31", "Osmia bicornis", "Rote Mauerbiene")]
    im, spl, cnt = [["image_id", "file", "species_id", "site_id", "observer"]], [["image_id", "subset"]], {"train": 0, "test": 0}
    for i in range(76):
        c = i % 4
        fn = f"photos/{['north', 'south', 'ridge'][i % 3]}/P{1000 + i}.JPG"
        d.pic(fn, c, "JPEG")
        im.append([i + 1, fn, sp[c][0], "ST%d" % (i % 3), d.r.choice(["jk", "mh"])])
        s = "test" if d.r.random() < .25 else "train"
        spl.append([i + 1, s])
        cnt[s] += 1
    d.table("images.csv", im)
    d.table("species.csv", [["species_id", "scientific_name", "german_name"]] + [list(s) for s in sp])
    d.table("sites.csv", [["site_id", "lat", "lon"], ["ST0", 51.1, 9.2], ["ST1", 51.0, 9.3], ["ST2", 51.2, 9.1]])
    d.table("subsets.csv", spl)
    return E("database dump: image table with foreign key into a species table, subsets in a third table",
             "Dryad / Zenodo ecology deposits", [s[1] for s in sp], 76, cnt, refusal_ok=True,
             classes_also_ok=[[s[0] for s in sp], [s[2] for s in sp]])


@layout("13_korean_parallel_json_tree")
def _(d):
    cl = ["정상", "탄저병", "갈색무늬병"]
    cnt, k = {}, 70000
    for s, long, a, b, per in (("train", "1.Training", "TS", "TL", 42), ("val", "2.Validation", "VS", "VL", 15)):
        for i in range(per):
            c, k = i % 3, k + 11
            nm = f"V006_79_0_00_06_03_13_0_c{d.r.randint(1, 9)}_2020{d.r.randint(601, 930):04d}_{k:06d}_S01"
            d.pic(f"01.데이터/{long}/원천데이터/{a}_사과/{nm}.jpg", c)
            d.js(f"01.데이터/{long}/라벨링데이터/{b}_사과/{nm}.json",
                 {"description": {"image": nm + ".jpg", "date": "2020/09/14", "width": 48, "height": 48, "task": 79},
                  "annotations": {"crop": "사과", "disease": cl[c], "area": 3, "grow": 13, "points": [{"xtl": 4, "ytl": 5, "xbr": 40, "ybr": 41}]}})
        cnt[s] = per
    d.text("02.설명서/읽어주세요.txt", "라벨: annotations.disease\n")
    return E("one JSON per picture in a parallel label tree, Korean folder and class names", "AI Hub (Korea) plant disease",
             cl, 57, cnt, refusal_ok=True)


@layout("14_gbk_table_chinese_headers")
def _(d):
    cl = ["正常", "碰凹", "擦花", "漏底"]
    rows = [["图片名称", "缺陷类别"]]
    for i in range(56):
        fn = f"{20180900000 + i * 7}对照样本.jpg" if i % 9 == 0 else f"{20180900000 + i * 7}.jpg"
        d.pic("train/" + fn, i % 4)
        rows.append([fn, cl[i % 4]])
    d.table("train_label.csv", rows, enc="gbk", nl="\r\n")
    for i in range(12):
        d.pic(f"testA/{i}.jpg", i % 4)
    d.table("sample_submit.csv", [["图片名称", "缺陷类别"]] + [[f"{i}.jpg", "正常"] for i in range(12)], enc="gbk", nl="\r\n")
    d.text("数据说明.txt", "训练集标签见 train_label.csv，testA 无标签。\n", enc="gbk")
    return E("GBK-coded table with Chinese headings and classes, unlabelled testA with a dummy submission", "Tianchi aluminium-profile contest",
             cl, 56, {"train": 56, "unlabelled": 12})


@layout("15_german_batches_semicolon_bmp")
def _(d):
    cl = ["i.O.", "Kratzer", "Lunker", "Ausbruch"]
    n = 0
    for b, per in (("Charge_0412", 24), ("Charge_0419", 20), ("Charge_0502", 16)):
        s = "Bildname;Zeit;Helligkeit;Bediener;Ergebnis\n"
        for i in range(per):
            c = 0 if i % 2 else 1 + (i // 2) % 3
            fn = f"Teil_{i + 1:04d}.bmp"
            d.pic(f"{b}/Bilder/{fn}", c, size=(32, 32), mode="L")
            s += f"{fn};12.04.2023 07:{i:02d};{d.r.uniform(80, 160):.2f};Müller;{cl[c]}\n"
            n += 1
        s = "\n".join(l if k == 0 else ";".join(p.replace(".", ",") if j == 2 else p for j, p in enumerate(l.split(";")))
                      for k, l in enumerate(s.split("\n")))
        d.p(f"{b}/Pruefprotokoll.csv").write_bytes(("\ufeff" + s).replace("\n", "\r\n").encode("utf-8"))
    d.text("Hinweis.txt", "Charge 0426 fehlt (Kamera defekt).\n")
    return E("inspection batches, each with its own semicolon table (BOM, CRLF, decimal comma), BMP files of the same name in every batch",
             "industrial inspection camera export", cl, n)


@layout("16_number_map_and_fold_column")
def _(d):
    m = {"0": "Cassava Bacterial Blight (CBB)", "1": "Cassava Brown Streak Disease (CBSD)", "2": "Cassava Green Mottle (CGM)", "3": "Healthy"}
    rows = [["image_id", "label", "fold"]]
    for i in range(60):
        fn = f"{d.r.getrandbits(31)}.jpg"
        d.pic("train_images/" + fn, i % 4)
        rows.append([fn, i % 4, (i // 4) % 5])
    for i in range(8):
        d.pic(f"test_images/{d.r.getrandbits(31)}.jpg", i % 4)
    d.table("train_folds.csv", rows)
    d.table("sample_submission.csv", [["image_id", "label"]] + [[p.name, 3] for p in sorted((d.root / "test_images").iterdir())])
    d.js("label_num_to_disease_map.json", m)
    return E("number labels with a JSON name map, an extra fold column, unlabelled test folder with dummy submission",
             "Kaggle Cassava with a notebook's folds", list(m.values()), 60, {"train": 60, "unlabelled": 8})


@layout("17_one_zip_per_class")
def _(d):
    cl = ["Bacterial leaf blight", "Brown spot", "Leaf smut", "Healthy Leaf"]
    n = 0
    for c, nm in enumerate(cl):
        with zipfile.ZipFile(d.p(nm + ".zip"), "w") as z:
            for i in range(14 + c):
                z.writestr(f"{nm}/DSC_{100 + i:04d}.{'JPG' if i % 2 else 'jpg'}", d.enc(c))
                z.writestr(f"__MACOSX/{nm}/._DSC_{100 + i:04d}.{'JPG' if i % 2 else 'jpg'}", b"\0\5\x16\7" + bytes(60))
                n += 1
            z.writestr(f"{nm}/.DS_Store", b"\0\0\0\1Bud1")
    d.text("Data description.txt", "Each class is provided as a separate archive.\n")
    return E("one zip per class with __MACOSX and .DS_Store inside", "Mendeley Data leaf disease deposit", cl, n)


@layout("18_spanish_split_folders")
def _(d):
    cl = ["Roya común", "Tizón norteño", "Mancha gris", "Sana"]
    cnt = {}
    for s, nm, per in (("train", "entrenamiento", 12), ("val", "validación", 4), ("test", "prueba", 5)):
        for c, k in enumerate(cl):
            for i in range(per):
                d.pic(f"Maíz/{nm}/{k}/hoja ({i + 1}){d.r.choice(['.jpg', '.png', '.jpeg'])}", c)
        cnt[s] = per * 4
    return E("Spanish split folders (entrenamiento / validación / prueba), accents and blanks in class names, mixed endings",
             "university maize disease download", cl, 84, cnt)


@layout("19_robot_sequences_lst")
def _(d):
    names = {"1PO-A": "1-person office", "CR-A": "corridor", "PA-A": "printer area", "ST-A": "stairs"}
    codes = list(names)
    n = 0
    for seq in ("seq1_cloudy1", "seq1_night1", "seq2_sunny1"):
        t, lst = 1152895000.1 + d.r.random() * 1e5, ""
        for block in range(4):
            c = block
            for i in range(6):
                t += d.r.uniform(.2, .4)
                fn = f"t{t:.6f}_x{d.r.uniform(-9, 9):.6f}_y{d.r.uniform(-9, 9):.6f}_a{d.r.uniform(-3, 3):.6f}.jpeg"
                d.pic(f"{seq}/std_cam/{fn}", c, size=(64, 48))
                lst += f"{fn} {codes[c]}\n"
                n += 1
        d.text(f"{seq}/localization/places.lst", lst)
        d.text(f"{seq}/odom_scans/odom.tdf", "#t x y a\n0 0 0 0\n")
    d.text("README", "Place labels: " + ", ".join(f"{k} = {v}" for k, v in names.items()) + "\n")
    return E("robot sequences, label list (file code) in a sibling folder of each sequence, names with many dots",
             "COLD place recognition database", codes, n, classes_also_ok=[list(names.values())], refusal_ok=True)


def xlsx(path, sheets):
    """A minimal workbook with inline strings."""
    from xml.sax.saxutils import escape
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as z:
        ns = "http://schemas.openxmlformats.org"
        z.writestr("[Content_Types].xml", f'<?xml version="1.0" encoding="UTF-8"?><Types xmlns="{ns}/package/2006/content-types">'
                   '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
                   '<Default Extension="xml" ContentType="application/xml"/>'
                   '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
                   + "".join(f'<Override PartName="/xl/worksheets/sheet{i}.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
                             for i in range(1, len(sheets) + 1)) + "</Types>")
        z.writestr("_rels/.rels", f'<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="{ns}/package/2006/relationships">'
                   f'<Relationship Id="rId1" Type="{ns}/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>')
        z.writestr("xl/workbook.xml", f'<?xml version="1.0" encoding="UTF-8"?><workbook xmlns="{ns}/spreadsheetml/2006/main" xmlns:r="{ns}/officeDocument/2006/relationships"><sheets>'
                   + "".join(f'<sheet name="{escape(k)}" sheetId="{i}" r:id="rId{i}"/>' for i, k in enumerate(sheets, 1)) + "</sheets></workbook>")
        z.writestr("xl/_rels/workbook.xml.rels", f'<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="{ns}/package/2006/relationships">'
                   + "".join(f'<Relationship Id="rId{i}" Type="{ns}/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet{i}.xml"/>'
                             for i in range(1, len(sheets) + 1)) + "</Relationships>")
        for i, rows in enumerate(sheets.values(), 1):
            x = ""
            for r, row in enumerate(rows, 1):
                x += f'<row r="{r}">' + "".join(
                    f'<c r="{chr(65 + k)}{r}"><v>{v}</v></c>' if isinstance(v, (int, float)) else
                    f'<c r="{chr(65 + k)}{r}" t="inlineStr"><is><t>{escape(v)}</t></is></c>' for k, v in enumerate(row)) + "</row>"
            z.writestr(f"xl/worksheets/sheet{i}.xml", f'<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="{ns}/spreadsheetml/2006/main"><sheetData>{x}</sheetData></worksheet>')


@layout("20_excel_second_sheet_french")
def _(d):
    cl = ["Chêne", "Hêtre", "Frêne"]
    rows = [["N°", "Photo", "Essence", "Parcelle", "Remarque"]]
    for i in range(48):
        fn = f"DSCN{2100 + i}.JPG"
        d.pic("Photos été 2022/" + fn, i % 3)
        rows.append([i + 1, fn, cl[i % 3], "P%d" % (i % 5), "flou" if i % 13 == 0 else ""])
    xlsx(d.p("Inventaire_final_v3.xlsx"), {"Lisez-moi": [["Inventaire forestier 2022"], ["Feuille « Photos » : une ligne par photo"]], "Photos": rows})
    d.p("~$Inventaire_final_v3.xlsx").write_bytes(b"\x06Marie " + bytes(158))
    return E("labels on the second sheet of an Excel workbook, with Excel's lock file left beside", "field team's own spreadsheet (Zenodo)",
             cl, 48, refusal_ok=True)


@layout("21_tif16_with_split_tables")
def _(d):
    cl = ["AnnualCrop", "Forest", "River", "SeaLake"]
    rows = {"train": [], "validation": [], "test": []}
    for c, nm in enumerate(cl):
        for i in range(1, 21):
            g = np.asarray(d.img(c, (32, 32), "L"), "uint16") * 11 + d.n.integers(0, 9, (32, 32)).astype("uint16")
            Image.fromarray(g).save(d.p(f"{nm}/{nm}_{i}.tif"))
            if i % 3 == 0:
                d.text(f"{nm}/{nm}_{i}.tif.aux.xml", "<PAMDataset>\n  <PAMRasterBand band=\"1\"/>\n</PAMDataset>\n")
            rows["train" if i <= 14 else "validation" if i <= 16 else "test"].append([f"{nm}/{nm}_{i}.tif", c, nm])
    for s, r in rows.items():
        d.r.shuffle(r)
        d.table(s + ".csv", [["", "Filename", "Label", "ClassName"]] + [[k] + v for k, v in enumerate(r)])
    d.js("label_map.json", {nm: c for c, nm in enumerate(cl)})
    return E("class folders of 16-bit TIFF with GIS side files, split by three tables with an unnamed index column", "Kaggle EuroSAT (all bands)",
             cl, 80, {"train": 56, "val": 8, "test": 16})


@layout("22_ilsvrc_val_solution")
def _(d):
    w = {"n01440764": "tench, Tinca tinca", "n02102040": "English springer, English springer spaniel",
         "n03000684": "chain saw, chainsaw", "n03888257": "parachute, chute"}
    ids = list(w)
    tl = ""
    for c, k in enumerate(ids):
        for i in range(12):
            st = f"{k}_{d.r.randint(10, 29999)}"
            d.pic(f"ILSVRC/Data/CLS-LOC/train/{k}/{st}.JPEG", c, "JPEG")
            tl += f"{k}/{st} {c * 12 + i + 1}\n"
    n = len(list((d.root / "ILSVRC/Data/CLS-LOC/train").rglob("*.JPEG")))
    rows, vl = [], ""
    for i in range(20):
        c = d.r.randrange(4)
        st = f"ILSVRC2012_val_{i + 1:08d}"
        d.pic(f"ILSVRC/Data/CLS-LOC/val/{st}.JPEG", c, "JPEG")
        rows.append([st, " ".join(f"{ids[c]} {d.r.randint(0, 9)} 4 3{k} 33" for k in range(1 + (i % 5 == 0))) + " "])
        vl += f"{st} {i + 1}\n"
    for i in range(8):
        d.pic(f"ILSVRC/Data/CLS-LOC/test/ILSVRC2012_test_{i + 1:08d}.JPEG", i % 4, "JPEG")
    d.text("ILSVRC/ImageSets/CLS-LOC/train_cls.txt", tl)
    d.text("ILSVRC/ImageSets/CLS-LOC/val.txt", vl)
    d.r.shuffle(rows)
    d.table("LOC_val_solution.csv", [["ImageId", "PredictionString"]] + rows)
    d.text("LOC_synset_mapping.txt", "".join(f"{k} {v}\n" for k, v in w.items()))
    d.table("LOC_sample_submission.csv", [["ImageId", "PredictionString"]] + [[f"ILSVRC2012_test_{i + 1:08d}", "n01440764 0 0 10 10"] for i in range(8)])
    return E("train in wnid folders, flat val whose class is the first word of a prediction string in a table, flat unlabelled test",
             "Kaggle ImageNet object localization", ids, n + 20, {"train": n, "val": 20, "unlabelled": 8}, classes_also_ok=[list(w.values())],
             refusal_ok=True)


@layout("23_masks_between_pictures")
def _(d):
    n = 0
    for c, (k, per) in enumerate((("benign", 20), ("malignant", 14), ("normal", 10))):
        for i in range(1, per + 1):
            d.pic(f"Dataset_BUSI_with_GT/{k}/{k} ({i}).png", c, mode="L")
            n += 1
            for j in range(1 + (c == 0 and i % 8 == 0)):
                m = Image.new("1", (48, 48))
                if c < 2:
                    x, y = d.r.randint(2, 20), d.r.randint(2, 20)
                    ImageDraw.Draw(m).ellipse([x, y, x + d.r.randint(8, 25), y + d.r.randint(8, 25)], fill=1)
                m.save(d.p(f"Dataset_BUSI_with_GT/{k}/{k} ({i})_mask{'_1' if j else ''}.png"))
    return E("class folders in which every picture has one or two _mask pictures beside it", "BUSI breast ultrasound", ["benign", "malignant", "normal"], n)


@layout("24_nas_share_mess")
def _(d):
    cl = ["zdrowe", "parch", "zgnilizna"]
    n = 0
    for c, k in enumerate(cl):
        for i in range(15):
            fn = f"IMG-202109{d.r.randint(1, 28):02d}-WA{i:04d}" + [".jpg", ".JPG", ".jpeg", ".png"][i % 4]
            d.pic(f"{k}/{fn}", c)
            n += 1
            d.p(f"{k}/@eaDir/{fn}/SYNOFILE_THUMB_M.jpg").write_bytes(d.enc(c, size=(24, 24)))
        d.p(f"{k}/Thumbs.db").write_bytes(b"\xd0\xcf\x11\xe0" + bytes(100))
        d.p(f"{k}/.picasa.ini").write_bytes(b"[Picasa]\nname=x\n")
    first = sorted((d.root / "parch").glob("*.jpg"))[0]
    d.p("parch/.ipynb_checkpoints/" + first.stem + "-checkpoint.jpg").write_bytes(first.read_bytes())
    for nm in ("confusion_matrix.png", "roc.png", "train_loss.png"):
        d.pic("results/run3/" + nm, 5, size=(64, 48))
    d.text("results/run3/history.csv", "epoch,loss,acc\n1,1.0,0.4\n2,0.7,0.6\n")
    d.text("train.py", "# python train.py\n")
    d.p("model_best.h5").write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(200))
    d.text("notatki.txt", "jabłka z sadu B, telefon\n")
    return E("Polish class folders on a NAS: thumbnails in @eaDir, Thumbs.db, notebook checkpoints, result plots, code and a model file",
             "shared folder of a student project (forum complaints on wrong class counts)", cl, n)


@layout("25_catalogue_jsonl_image_lists")
def _(d):
    cl = ["chair", "lamp", "mug", "rug"]
    n, out = 0, ""
    for i in range(36):
        c = i % 4
        sku = f"B07{d.r.getrandbits(32):08X}"
        fns = [f"{sku[-2:].lower()}/{sku}_{k}.jpg" for k in range(1 + i % 3)]
        for f in fns:
            d.pic("images/small/" + f, c)
            n += 1
        out += json.dumps({"item_id": sku, "brand": d.r.choice(["Rivet", "Stone & Beam", "Basics"]), "color": d.r.choice(["red", "blue", "oak"]),
                           "price": round(d.r.uniform(4, 200), 2), "product_type": cl[c], "images": fns}) + "\n"
    d.text("listings.jsonl", out)
    return E("product catalogue JSON Lines: a record holds a list of pictures and a product type among other fields", "Amazon Berkeley Objects style retail catalogue",
             cl, n, refusal_ok=True)


@layout("26_cloud_import_csv_gs_paths")
def _(d):
    cl = ["daisy", "dandelion", "roses"]
    rows, cnt = [], {}
    for i in range(60):
        c = i % 3
        ml = "TRAIN" if i < 42 else "VALIDATION" if i < 51 else "TEST"
        fn = f"{d.r.getrandbits(34)}_{d.r.getrandbits(40):010x}_n.jpg"
        d.pic("flower_photos/" + fn, c)
        rows.append([ml, "gs://my-vcm-bucket/img/flower_photos/" + fn, cl[c]])
        s = {"TRAIN": "train", "VALIDATION": "val", "TEST": "test"}[ml]
        cnt[s] = cnt.get(s, 0) + 1
    d.r.shuffle(rows)
    d.table("all_data_vertex.csv", rows)
    return E("headerless cloud import table (ML_USE, gs:// address, label) beside the downloaded pictures", "Google AutoML Vision / Vertex AI import file", cl, 60, cnt)


@layout("27_yaml_annotations")
def _(d):
    cl = ["bad", "good", "ok"]
    ann, n = "", 0
    for i in range(45):
        d.pic(f"images/{i:03d}.png", i % 3)
        ann += f"{i:03d}.png: {cl[i % 3]}\n"
        n += 1
    d.text("annotations.yaml", "# written by label.py\n" + ann)
    d.text("metadata.yaml", "task: multiclass classification\nannotations: annotations.yaml\ncategories: [bad, ok, good]\n")
    return E("YAML map file: class, with a metadata YAML beside", "sihl documentation", cl, n)


@layout("28_tar_with_gzipped_tsv")
def _(d):
    tax = [("Copepoda", "Copepoda<Maxillopoda", "living>Eukaryota>Copepoda"), ("detritus", "detritus", "not-living>detritus"),
           ("Chaetognatha", "Chaetognatha", "living>Eukaryota>Chaetognatha"), ("bubble", "bubble", "not-living>artefact>bubble")]
    cnt, files = {"train": 0, "val": 0, "test": 0}, []
    s = "objid\ttaxon\tlineage\tplankton\tset\timg_path\n"
    for c, (t, long, lin) in enumerate(tax):
        for i in range(18):
            oid = 30000000 + d.r.getrandbits(22)
            st = "train" if i < 12 else "val" if i < 15 else "test"
            pth = f"imgs/{t}/{oid}.png"
            files.append((pth, d.enc(c, "PNG", mode="L")))
            s += f"{oid}\t{t}\t{lin}\t{str(lin.startswith('living')).upper()}\t{st}\t{pth}\n"
            cnt[st] += 1
    feat = "objid\tarea\tmean\n" + "".join(f"{p[0].split('/')[-1][:-4]}\t{d.r.randint(90, 900)}\t{d.r.uniform(90, 200):.1f}\n" for p in files)
    with tarfile.open(d.p("ZooScanNet_data.tar"), "w") as tf:
        for nm, b in [("taxa.csv.gz", gzip.compress(s.encode())), ("features_native.csv.gz", gzip.compress(feat.encode()))] + files:
            ti = tarfile.TarInfo("ZooScanNet/" + nm)
            ti.size = len(b)
            tf.addfile(ti, io.BytesIO(b))
    return E("tar archive holding a gzipped tab table (named .csv.gz) with taxon, set and path, and a feature table", "ZooScanNet on SEANOE",
             [t[0] for t in tax], 72, cnt, point_at="ZooScanNet_data.tar")


# ---------------------------------------------------------------- trouble cases

@layout("29_two_label_levels")
def _(d):
    n = 0
    for g, sub in (("benign", (("adenosis", "A"), ("fibroadenoma", "F"))), ("malignant", (("ductal_carcinoma", "DC"), ("papillary_carcinoma", "PC")))):
        for t, code in sub:
            for pt in range(2):
                sl = f"14-{d.r.randint(1000, 29999)}"
                for mag in ("40X", "100X"):
                    for i in range(5):
                        d.pic(f"BreaKHis_v1/histology_slides/breast/{g}/SOB/{t}/SOB_{g[0].upper()}_{code}_{sl}/{mag}/"
                              f"SOB_{g[0].upper()}_{code}-{sl}-{mag[:-1]}-{i + 1:03d}.png", {"A": 0, "F": 1, "DC": 2, "PC": 3}[code])
                        n += 1
    return E("nesting tumour group / SOB / tumour type / patient slide / magnification", "BreakHis", ["benign", "malignant"], n,
             finding="The folders hold two label levels (benign/malignant and the tumour type) plus patient and magnification; say which level is used or ask.",
             refusal_ok=True, classes_also_ok=[["adenosis", "ductal_carcinoma", "fibroadenoma", "papillary_carcinoma"]])


@layout("30_multi_label_table")
def _(d):
    cl = ["Bruise", "Laceration", "Burn", "Normal skin"]
    rows = {"train": [], "val": []}
    single = 0
    for i in range(60):
        d.pic(f"data/images/{i:03d}.jpg", i % 4)
        labs = [cl[i % 4]]
        if i % 4 < 3 and d.r.random() < .5:
            labs.append(cl[(i + 1) % 3])
        labs = list(dict.fromkeys(labs))
        single += len(labs) == 1
        rows["train" if i < 45 else "val"].append([f"images/{i:03d}.jpg", ";".join(labs)])
    for s, r in rows.items():
        d.table(f"data/{s}.csv", [["image_path", "labels"]] + r)
    return E("tables with several labels in one cell (Bruise;Laceration)", "wound photo project README", cl, single, {},
             finding="Many pictures carry several labels in one cell; this is a multi-label set and the joined strings are no classes of their own.",
             refusal_ok=True, images_also_ok=[60], note=f"images counts the {single} pictures with exactly one label; refusing outright is as good")


@layout("31_yolo_boxes_only")
def _(d):
    names = ["helmet", "vest", "person"]
    for s, per in (("train", 30), ("val", 10)):
        for i in range(per):
            d.pic(f"images/{s}/site_{i:03d}.jpg", i % 3)
            d.text(f"labels/{s}/site_{i:03d}.txt", "".join(
                f"{d.r.randrange(3)} {d.r.uniform(.3, .7):.4f} {d.r.uniform(.3, .7):.4f} {d.r.uniform(.1, .3):.4f} {d.r.uniform(.1, .3):.4f}\n" for _k in range(1 + (i % 4))))
    d.text("data.yaml", "path: .\ntrain: images/train\nval: images/val\nnc: 3\nnames: ['helmet', 'vest', 'person']\n")
    d.text("classes.txt", "\n".join(names) + "\n")
    return E("YOLO detection set: label files hold boxes", "Roboflow / Ultralytics detection export", None, 0, {"unlabelled": 40},
             finding="The label files hold several object boxes per picture; this is a detection set without one class per picture, and images/labels or train/val are no classes.",
             refusal_ok=True)


@layout("32_original_and_augmented_set")
def _(d):
    cl = ["cordana", "healthy", "pestalotiopsis", "sigatoka"]
    for c, k in enumerate(cl):
        for i in range(10):
            im = d.img(c)
            im.save(d.p(f"BananaLSD/OriginalSet/{k}/{i}.jpeg"), quality=88)
            for j in range(2):
                a = im.transpose(Image.FLIP_LEFT_RIGHT) if j == 0 else im.rotate(d.r.randint(8, 20)).filter(ImageFilter.GaussianBlur(.8))
                a.save(d.p(f"BananaLSD/AugmentedSet/{k}/{i}_aug_{j}.jpeg"), quality=88)
    return E("OriginalSet and AugmentedSet side by side, each with the same class folders", "BananaLSD (Mendeley Data)", cl, 40, {},
             finding="AugmentedSet holds altered copies of OriginalSet's pictures; the two must not be mixed or split at random, nor be read as two classes.",
             refusal_ok=True, images_also_ok=[120])


@layout("33_dataset_unpacked_into_itself")
def _(d):
    cnt = {"train": 0, "val": 0, "test": 0}
    for s, per in (("train", 14), ("val", 3), ("test", 6)):
        for c, k in enumerate(("NORMAL", "PNEUMONIA")):
            for i in range(per):
                fn = f"IM-{d.r.getrandbits(14):04d}-{i:04d}.jpeg" if c == 0 else f"person{i + 1}_{'bacteria' if i % 2 else 'virus'}_{d.r.getrandbits(12)}.jpeg"
                b = d.enc(c, mode="L")
                for pre in ("chest_xray", "chest_xray/chest_xray"):
                    d.p(f"{pre}/{s}/{k}/{fn}").write_bytes(b)
                d.p(f"chest_xray/__MACOSX/chest_xray/{s}/{k}/._{fn}").write_bytes(b"\0\5\x16\7" + bytes(60))
                cnt[s] += 1
    return E("the whole dataset lies a second time inside itself, with __MACOSX", "Kaggle chest-xray-pneumonia", ["NORMAL", "PNEUMONIA"], sum(cnt.values()), cnt,
             finding="chest_xray/chest_xray is a byte-identical second copy of the same pictures; count each picture once and say so.", refusal_ok=True)


@layout("34_raters_disagree")
def _(d):
    cl = ["No DR", "Mild", "Severe"]
    rows, unan = [["image", "rater", "grade", "date"]], 0
    for i in range(50):
        c = i % 3
        d.pic(f"fundus/eye_{i:03d}.png", c)
        v = [c, c, c]
        if i % 5 == 4:
            v[d.r.randrange(3)] = (c + 1) % 3
        unan += len(set(v)) == 1
        for r, g in zip(("anna", "ben", "chris"), v):
            rows.append([f"eye_{i:03d}.png", r, cl[g], "2021-03-0%d" % (1 + i % 9)])
    body = rows[1:]
    d.r.shuffle(body)
    d.table("gradings.csv", rows[:1] + body)
    return E("long table with three raters' rows per picture, who sometimes disagree", "medical grading practice / duplicate-id complaints", cl, unan, {},
             finding="Every picture has three rows and for ten pictures the raters disagree; say how they are settled (leave out or majority), never take the last row silently nor count rows as pictures.",
             refusal_ok=True, images_also_ok=[50])


@layout("35_table_and_folder_differ")
def _(d):
    cl = ["cat", "dog"]
    rows, n = [["id_code", "diagnosis"]], 0
    for i in range(64):
        k = f"{d.r.getrandbits(48):012x}"
        if i % 8 != 7:
            d.pic(f"train_images/{k}.png", i % 2)
            n += 1
        rows.append([k, cl[i % 2]])
    for i in range(6):
        d.pic(f"train_images/{d.r.getrandbits(48):012x}.png", i % 2)
    d.table("train.csv", rows)
    return E("table rows without a picture and pictures without a row", "Kaggle forum: missing images", cl, n, {"train": n, "unlabelled": 6},
             finding="8 of 64 table rows have no picture and 6 pictures have no row; say both numbers.")


@layout("36_class_spelling_differs_between_splits")
def _(d):
    cnt = {}
    for s, names, per in (("train", ["Early_Blight", "Healthy", "Late_Blight"], 14), ("val", ["Early_Blight", "healthy", "Late Blight"], 5),
                          ("test", ["Early_Blight", "Healthy", "Late_Blght"], 5)):
        for c, k in enumerate(names):
            for i in range(per):
                d.pic(f"{s}/{k}/{s}_{c}_{i}.jpg", c)
        cnt[s] = per * 3
    return E("train, val and test folders spell the same classes differently (case, blank, typing error)", "Ultralytics issue 'requires 2 classes, not 4'",
             ["Early_Blight", "Healthy", "Late_Blight"], 72, cnt,
             finding="val has 'healthy' and 'Late Blight' and test has 'Late_Blght' where train has 'Healthy' and 'Late_Blight': likely the same three classes, so say it instead of training six.",
             refusal_ok=True)


@layout("37_web_scrape_broken_files")
def _(d):
    q = ["grizzly bear", "black bear", "teddy bear"]
    n = 0
    for c, k in enumerate(q):
        for i in range(1, 19):
            fmt, ext = [("JPEG", ".jpg"), ("WEBP", ".jpg"), ("PNG", ".png"), ("GIF", ".gif"), ("JPEG", ".jpeg"), ("WEBP", ".webp")][i % 6]
            d.pic(f"downloads/{k}/{i}. {k.replace(' ', '-')}-{d.r.getrandbits(20)}{ext}", c, fmt)
            n += 1
        d.text(f"downloads/{k}/19. file.jpg", "<!DOCTYPE html><html><head><title>403 Forbidden</title></head></html>\n")
        d.p(f"downloads/{k}/20. bear.jpg").write_bytes(b"")
        b = d.enc(c, size=(56, 56))
        d.p(f"downloads/{k}/21. cut.jpg").write_bytes(b[:300])
        d.text(f"downloads/{k}/22. logo.svg", '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>\n')
    d.p("downloads/polar bear").mkdir()
    return E("image-search scrape with wrong endings, HTML pages and empty files named .jpg, cut files, an empty class folder", "google-images-download / fast.ai bears",
             q, n, {}, finding="9 of the .jpg files (3 HTML pages, 3 empty, 3 cut off) cannot be read as pictures and the folder 'polar bear' is empty; say so and leave them out.")


@layout("38_git_lfs_pointers")
def _(d):
    for c, k in enumerate(("buildings", "forest", "glacier")):
        for s, per in (("train", 12), ("test", 4)):
            for i in range(per):
                d.text(f"data/{s}/{k}/{i}.jpg", f"version https://git-lfs.github.com/spec/v1\noid sha256:{d.r.getrandbits(256):064x}\nsize {d.r.randint(9000, 20000)}\n")
    d.text(".gitattributes", "*.jpg filter=lfs diff=lfs merge=lfs -text\n")
    d.text("README.md", "# scenes\n\nClone with git lfs.\n")
    return E("cloned without Git LFS: every .jpg is a pointer text", "Hugging Face / GitHub LFS complaints", None, 0, {},
             finding="All 48 .jpg files are Git LFS pointer texts, the pictures were never downloaded; say 'git lfs pull'.", refusal_ok=True,
             classes_also_ok=[["buildings", "forest", "glacier"]])


@layout("39_camera_card_no_labels")
def _(d):
    k = 100
    for f in ("100CANON", "101CANON", "102___09"):
        for i in range(14):
            d.pic(f"DCIM/{f}/IMG_{k:04d}.JPG", d.r.randrange(4), "JPEG", (64, 48))
            k += 1
    d.text("MISC/AUTPRINT.MRK", "[HDR]\n")
    d.p("DCIM/CANONMSC/M0100.CTG").write_bytes(bytes(64))
    return E("camera card: DCIM with counter folders, no labels anywhere", "phone and camera exports", None, 0, {"unlabelled": 42},
             finding="100CANON, 101CANON and 102___09 are the camera's counter folders, not classes; there are no labels.", refusal_ok=True)


@layout("40_five_fold_lists")
def _(d):
    cl = ["crack", "no_crack", "patch"]
    items = []
    for i in range(60):
        d.pic(f"images/road_{i:03d}.png", i % 3)
        items.append((f"images/road_{i:03d}.png", i % 3, (i // 3) % 5))
    for f in range(5):
        for s in ("train", "test"):
            r = [it for it in items if (it[2] == f) == (s == "test")]
            d.r.shuffle(r)
            d.text(f"splits/fold{f + 1}/{s}.txt", "".join(f"{p} {c}\n" for p, c, _f in r))
    d.text("classes.txt", "\n".join(cl) + "\n")
    return E("five folders of train/test lists for cross-validation", "Adience-style test_fold_is_k lists", cl, 60, {},
             finding="The lists are five cross-validation folds over the same 60 pictures; one fold must be chosen, and joining them would put every test picture into training.",
             refusal_ok=True, splits_also_ok=[{"train": 48, "test": 12}])


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("out")
    ap.add_argument("--expected", default=None, metavar="FILE")
    a = ap.parse_args()
    for name, f in LAYOUTS:
        d = D(a.out, name)
        e = f(d)
        if e is None:
            shutil.rmtree(d.root)
            print("skipped (module missing):", name, file=sys.stderr)
            continue
        EXPECTED[name] = e
    if a.expected:
        Path(a.expected).write_text(json.dumps(EXPECTED, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(len(EXPECTED), "layouts written to", a.out)


if __name__ == "__main__":
    main()
