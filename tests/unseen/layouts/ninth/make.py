#!/usr/bin/env python3
"""make.py OUT: twenty small image-classification datasets, each laid out in another way (company disks,
cloud manifests, exports of tools, hospital dumps, Kaggle working folders, course zips). See expected.json."""
import csv, hashlib, io, json, os, shutil, sys, uuid, zipfile
from pathlib import Path
import numpy as np
from PIL import Image, ImageDraw

TINTS = [(200, 60, 50), (50, 160, 70), (60, 80, 200), (210, 180, 50), (150, 60, 170), (60, 180, 190), (120, 120, 120), (230, 130, 60)]


class Maker:
    def __init__(self, root, seed):
        self.root, self.rng = Path(root), np.random.default_rng(seed)

    def array(self, k, size=40):
        r = self.rng
        w, h = (size, size) if isinstance(size, int) else size
        base = np.array(TINTS[k % 8], float) + r.normal(0, 12, 3)
        img = Image.new("RGB", (w, h), tuple(int(min(255, max(0, v * .5 + 90))) for v in base))
        d = ImageDraw.Draw(img)
        cx, cy, s = w / 2 + r.integers(-4, 5), h / 2 + r.integers(-4, 5), min(w, h) * r.uniform(.2, .36)
        col = tuple(int(min(255, max(0, v))) for v in base)
        if k % 4 == 0: d.ellipse([cx - s, cy - s, cx + s, cy + s], fill=col)
        elif k % 4 == 1: d.rectangle([cx - s, cy - s, cx + s, cy + s], fill=col)
        elif k % 4 == 2: d.polygon([(cx, cy - s), (cx + s, cy + s), (cx - s, cy + s)], fill=col)
        else:
            d.line([cx - s, cy - s, cx + s, cy + s], fill=col, width=4)
            d.line([cx - s, cy + s, cx + s, cy - s], fill=col, width=4)
        a = np.asarray(img, float) + r.normal(0, 9, (h, w, 3))
        return a.clip(0, 255).astype(np.uint8)

    def bytes(self, k, ext="jpg", size=40):
        b = io.BytesIO()
        im = Image.fromarray(self.array(k, size))
        if ext in ("jpg", "jpeg", "JPG"): im.save(b, "JPEG", quality=90)
        else: im.save(b, {"png": "PNG", "bmp": "BMP"}[ext.lower()])
        return b.getvalue()

    def write(self, rel, data):
        p = self.root / rel
        p.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(data, str): data = data.encode()
        p.write_bytes(data)
        return p

    def pic(self, rel, k, size=40):
        data = self.bytes(k, rel.rsplit(".", 1)[1], size)
        self.write(rel, data)
        return data

    def hex(self, n):
        return "".join("0123456789abcdef"[i] for i in self.rng.integers(0, 16, n))

    def uuid(self):
        return str(uuid.UUID(self.hex(32)))

    def order(self, counts):
        """class indices, each counts[k] times, shuffled"""
        ks = np.repeat(np.arange(len(counts)), counts)
        self.rng.shuffle(ks)
        return [int(k) for k in ks]


def csv_text(rows, delim=",", eol="\n"):
    b = io.StringIO()
    csv.writer(b, delimiter=delim, lineterminator=eol).writerows(rows)
    return b.getvalue()


# 01 ------------------------------------------------------------------ SageMaker Ground Truth manifests
def d01_groundtruth_manifests(m):
    classes = ["no_defect", "scratch", "dent", "discoloration"]
    for split, counts in (("train", [20, 14, 13, 13]), ("validation", [8, 5, 5, 6])):
        lines = []
        for i, k in enumerate(m.order(counts)):
            day = int(m.rng.integers(9, 14))
            key = f"incoming/2023/05/{day:02d}/cam{int(m.rng.integers(1, 4))}-{m.hex(10)}.jpg"
            m.pic(key, k, 48)
            lines.append(json.dumps({
                "source-ref": "s3://acme-inspection-prod/" + key, "defect-type": k,
                "defect-type-metadata": {"confidence": round(float(m.rng.uniform(.55, .97)), 2), "job-name": "labeling-job/defect-type-2023-05",
                                         "class-name": classes[k], "human-annotated": "yes",
                                         "creation-date": f"2023-05-{day + 3:02d}T09:{i % 60:02d}:11.402113", "type": "groundtruth/image-classification"}}))
        m.write(f"manifests/{split}.manifest", "\n".join(lines) + "\n")
    m.write("sync.sh", "#!/bin/sh\naws s3 sync s3://acme-inspection-prod/incoming ./incoming\naws s3 cp --recursive s3://acme-inspection-prod/gt-output/manifests ./manifests\n")


# 02 ------------------------------------------------------------------ troubled: one file a class, in two lists
def d02_class_lists_overlap(m):
    classes = ["good", "crack", "chip", "smear"]
    names = {c: [] for c in classes}
    stems = []
    for i, k in enumerate(m.order([24, 20, 20, 20])):
        stem = f"frame_{1200 + 7 * i:06d}"
        m.pic(f"frames/{stem}.jpg", k, 48)
        names[classes[k]].append(stem)
        stems.append((stem, k))
    twice = [s for s, k in stems if k == 0][:6] + [s for s, k in stems if k == 2][:12]
    names["crack"] += twice
    for c in classes:
        m.write(f"lists/{c}.txt", "\n".join(sorted(names[c])) + "\n")
    m.write("lists/README.txt", "one file per class, one frame name per line (without .jpg). Lists were made by two of us, see #vision-data.\n")


# 03 ------------------------------------------------------------------ hospital export, label by accession number
def d03_hospital_accessions(m):
    dx = ["Normal", "Pneumonie", "Pleuraerguss", "Pneumothorax"]
    rows = [["PatientID", "AccessionNumber", "StudyDate", "Modality", "StationName", "KVP", "Befund", "Befunder"]]
    acc = 4471002
    for p, k in enumerate(m.order([9, 8, 7, 6])):
        pid = f"PAT{10230 + 3 * p}"
        acc += int(m.rng.integers(1, 9))
        date = f"2021{int(m.rng.integers(1, 13)):02d}{int(m.rng.integers(1, 28)):02d}"
        n = 2 + (p % 3 != 0)
        for j in range(n):
            m.pic(f"EXPORT/{pid}/{acc}/IM{j + 1:04d}.png", k, 56)
        rows.append([pid, str(acc), f"{date[6:]}.{date[4:6]}.{date[:4]}", "CR", f"RÖ{int(m.rng.integers(1, 4))}", f"{110 + m.rng.integers(0, 100) / 10:.1f}".replace(".", ","), dx[k], "Dr. Müller"])
    m.write("EXPORT/Befunde_Export.csv", csv_text(rows, ";", "\r\n").encode("latin-1"))
    m.write("EXPORT/LIESMICH.txt", "Export PACS / RIS. Ein Befund je Untersuchung (AccessionNumber = Ordner).\r\n".encode("latin-1"))


# 04 ------------------------------------------------------------------ DVC project, prepared folder, cache beside
def d04_dvc_prepared(m):
    classes = ["cardboard", "glass", "metal", "paper", "plastic"]
    listing = []
    for split, per in (("train", 14), ("val", 5)):
        for k, c in enumerate(classes):
            for i in range(per + (k == 0)):
                rel = f"{split}/{c}/{c}_{'t' if split == 'train' else 'v'}{i:03d}.png"
                data = m.pic("data/prepared/" + rel, k, 40)
                h = hashlib.md5(data).hexdigest()
                m.write(f".dvc/cache/files/md5/{h[:2]}/{h[2:]}", data)
                listing.append({"md5": h, "relpath": rel})
    dirj = json.dumps(sorted(listing, key=lambda x: x["relpath"]))
    dh = hashlib.md5(dirj.encode()).hexdigest()
    m.write(f".dvc/cache/files/md5/{dh[:2]}/{dh[2:]}.dir", dirj)
    m.write(".dvc/config", "[core]\n    remote = s3store\n['remote \"s3store\"']\n    url = s3://sortbot-dvc/store\n")
    m.write("data/raw.dvc", f"outs:\n- md5: {m.hex(32)}.dir\n  size: 91822731\n  nfiles: 2527\n  hash: md5\n  path: raw\n")
    m.write("dvc.yaml", "stages:\n  prepare:\n    cmd: python src/prepare.py\n    deps:\n    - data/raw\n    - src/prepare.py\n    params:\n    - prepare.split\n    outs:\n    - data/prepared\n")
    m.write("dvc.lock", f"schema: '2.0'\nstages:\n  prepare:\n    cmd: python src/prepare.py\n    outs:\n    - path: data/prepared\n      hash: md5\n      md5: {dh}.dir\n      nfiles: {len(listing)}\n")
    m.write("params.yaml", "prepare:\n  split: 0.25\n  seed: 20170428\ntrain:\n  epochs: 30\n  lr: 0.001\n")
    m.write("metrics.json", json.dumps({"val": {"acc": 0.873, "loss": 0.41}}))
    m.write("src/prepare.py", "# splits data/raw into data/prepared/train and data/prepared/val\n")
    m.pic("reports/confusion_matrix.png", 6, 64)
    m.pic("reports/sample_grid.png", 7, 64)


# 05 ------------------------------------------------------------------ active-learning rounds, JSON dictionaries
def d05_active_learning_rounds(m):
    classes = ["car", "truck", "bus", "motorbike"]
    n = 0
    for part, counts in (("seed", [6, 6, 5, 5]), ("round_1", [4, 5, 6, 5]), ("round_2", [3, 6, 5, 6]), ("test", [6, 6, 6, 6])):
        lab = {}
        for k in m.order(counts):
            name = f"gate_{n:05d}.jpg"; n += 1
            m.pic(f"{part}/images/{name}", k, 44)
            lab[name] = classes[k]
        m.write(f"{part}/labels.json", json.dumps(lab, indent=1))
        if part.startswith("round"):
            m.write(f"{part}/query.json", json.dumps({"strategy": "margin", "model": f"ckpt/{part}.pt", "n_queried": sum(counts)}))
    for k in m.order([7, 7, 7, 7]):
        m.pic(f"unlabeled_pool/images/gate_{n:05d}.jpg", k, 44); n += 1
    m.write("README.md", "# gate classifier\nTrain on seed + every round_*; test/ is fixed since January. Pool is what is left to query.\n")


# 06 ------------------------------------------------------------------ YAML by split and class
def d06_yaml_class_lists(m):
    classes = ["unripe", "turning", "ripe", "overripe", "rotten"]
    out = ["# written by scripts/build_labels.py, do not edit", "version: 4", "created: 2024-07-02", "root: captures", "classes:"]
    out += [f"  - {c}" for c in classes] + ["splits:"]
    for split, counts in (("train", [12, 12, 14, 12, 10]), ("val", [4, 4, 5, 4, 3]), ("test", [4, 4, 4, 4, 4])):
        got = {c: [] for c in classes}
        for k in m.order(counts):
            house = f"greenhouse_{'abc'[int(m.rng.integers(0, 3))]}"
            rel = f"{house}/2024-06-{int(m.rng.integers(1, 29)):02d}/{m.hex(8)}.jpg"
            m.pic("captures/" + rel, k, 36)
            got[classes[k]].append(rel)
        out.append(f"  {split}:")
        for c in classes:
            out.append(f"    {c}:")
            out += [f"      - {r}" for r in sorted(got[c])]
    m.write("labels.yaml", "\n".join(out) + "\n")


# 07 ------------------------------------------------------------------ troubled: azcopy broke off, COCO export of Azure labelling
def d07_azure_coco_partial_sync(m):
    classes = ["aluminium_can", "carton", "glass_bottle", "pet_bottle"]
    images, anns = [], []
    i = 0
    for k, c in enumerate(classes):
        for j in range(30):
            i += 1
            name = f"bin-uploads/{['10', '11', '12', '13'][k]}/{m.hex(12)}.jpg"
            images.append({"id": i, "width": 48, "height": 48, "file_name": name, "coco_url": f"AmlDatastore://workspaceblobstore/{name}", "absolute_url": f"https://binsort.blob.core.windows.net/azureml/{name}", "date_captured": f"2023-10-{k + 2:02d}T10:{j:02d}:00Z"})
            anns.append({"id": i, "category_id": k + 1, "image_id": i})
            data = m.bytes(k, "jpg", 48)
            if i <= 68:                                     # the copy went key by key and broke off here
                m.write(name, data)
    m.write("labeling_export_2023-10-09.json", json.dumps({"images": images, "annotations": anns, "categories": [{"id": k + 1, "name": c} for k, c in enumerate(classes)]}, indent=1))
    m.write("azcopy.log", "INFO: Scanning...\n68 Done, 0 Failed, 52 Pending, 0 Skipped, 120 Total\nERR: context canceled\n")


# 08 ------------------------------------------------------------------ Firestore dump and storage bucket of a phone app
def d08_firebase_app_uploads(m):
    classes = ["eczema", "psoriasis", "acne", "rosacea", "healthy_skin"]
    users = [m.hex(20) + "Q2" for _ in range(13)]
    docs = {}
    t = 1681300000000
    for k in m.order([18, 16, 18, 14, 16]):
        u = users[int(m.rng.integers(0, len(users)))]
        t += int(m.rng.integers(10 ** 5, 10 ** 8))
        base = f"{t}_{m.hex(6)}"
        data = m.pic(f"storage/uploads/{u}/{base}.jpg", k, 60)
        th = io.BytesIO()
        Image.open(io.BytesIO(data)).resize((24, 24)).save(th, "JPEG")
        m.write(f"storage/uploads/{u}/thumbs/{base}_200x200.jpg", th.getvalue())
        docs[m.hex(20)] = {"userId": u, "storagePath": f"uploads/{u}/{base}.jpg", "label": classes[k], "appVersion": "1.8.2", "platform": ["ios", "android"][int(m.rng.integers(0, 2))],
                           "createdAt": {"__datatype__": "timestamp", "value": {"_seconds": t // 1000, "_nanoseconds": 0}}, "__collections__": {}}
    m.write("firestore-export.json", json.dumps({"__collections__": {"scans": docs, "config": {"app": {"minVersion": "1.6.0", "__collections__": {}}}}}, indent=1))


# 09 ------------------------------------------------------------------ tables of a database, one CSV each
def d09_postgres_tables(m):
    classes = ["sedan", "hatchback", "suv", "pickup", "van", "coupe"]
    cid = [3, 4, 7, 8, 11, 12]
    im = [["id", "object_key", "width", "height", "dataset_split", "dealer_id", "uploaded_at"]]
    an = [["id", "image_id", "category_id", "annotator_id", "created_at", "deleted_at"]]
    aid = 90210
    for n, k in enumerate(m.order([16, 15, 14, 13, 13, 13])):
        iid = 5001 + n * 2
        key = f"{m.hex(2)}/{m.uuid()}.jpg"
        m.pic("media/" + key, k, (56, 42))
        split = ["train", "train", "train", "val", "test", "train", "train"][n % 7]
        im.append([iid, key, 56, 42, split, int(m.rng.integers(1, 20)), f"2022-11-{1 + n % 28:02d} 08:14:22.113+00"])
        if n % 11 == 5:                                     # corrected once: the first row is soft-deleted
            an.append([aid, iid, cid[(k + 1) % 6], 4, "2022-12-01 10:00:00+00", "2022-12-09 16:20:00+00"]); aid += 1
        an.append([aid, iid, cid[k], int(m.rng.integers(2, 6)), "2022-12-10 10:00:00+00", ""]); aid += 1
    ca = [["id", "name", "slug", "sort_order"]] + [[cid[k], c.upper() if c == "suv" else c.capitalize(), c, k] for k, c in enumerate(classes)]
    for name, rows in (("images", im), ("annotations", an), ("categories", ca)):
        m.write(f"db_dump_2023-01-15/public.{name}.csv", csv_text(rows))
    m.write("db_dump_2023-01-15/dump.sh", "for t in images annotations categories; do psql $DB -c \"\\copy $t to public.$t.csv csv header\"; done\n")


# 10 ------------------------------------------------------------------ troubled: pictures and labels of unequal length
def d10_arrays_unequal(m):
    ks = m.order([24, 24, 24, 24])
    x = np.stack([m.array(k, 32) for k in ks])
    bad = sorted(int(i) for i in m.rng.choice(np.arange(4, 90), 6, replace=False))
    y = np.array([k for i, k in enumerate(ks) if i not in bad], np.int64)
    p = m.root / "snapshot_2023-11-02"
    p.mkdir(parents=True, exist_ok=True)
    np.save(p / "images.npy", x)
    np.save(p / "labels.npy", y)
    m.write("snapshot_2023-11-02/class_names.json", json.dumps(["bolt", "nut", "washer", "screw"]))
    m.write("snapshot_2023-11-02/ingest.log", "INFO decoded 96 images -> images.npy\nWARN 6 rows of the label sheet without a value, dropped\nINFO 90 labels -> labels.npy\n")


# 11 ------------------------------------------------------------------ factory: line / date / shift / verdict
def d11_factory_shifts(m):
    classes = ["OK", "NG_scratch", "NG_dent", "NG_stain"]
    n = 0
    for line in ("LINE_A", "LINE_B"):
        for date in ("20240211", "20240212", "20240213"):
            for shift in ("DAY", "NIGHT"):
                for k, c in enumerate(classes):
                    here = [4, 2, 2, 1][k]
                    if k == 3 and shift == "NIGHT" and line == "LINE_B": here = 0     # no stain that shift: no folder
                    for _ in range(here):
                        n += 1
                        m.pic(f"{line}/{date}/{shift}/{c}/{date}_{n:05d}_{int(m.rng.integers(100000, 999999))}.bmp", k, 32)
                m.write(f"{line}/{date}/{shift}/OK/Thumbs.db", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504))
            m.write(f"{line}/{date}/report.csv", csv_text([["shift", "inspected", "ng"], ["DAY", 812, 5], ["NIGHT", 790, 4]], eol="\r\n"))
    m.write("desktop.ini", "[.ShellClassInfo]\r\nIconResource=C:\\WINDOWS\\System32\\SHELL32.dll,4\r\n")


# 12 ------------------------------------------------------------------ Kaggle input and working folders
def d12_kaggle_working(m):
    names = ["Cassava Bacterial Blight (CBB)", "Cassava Brown Streak Disease (CBSD)", "Cassava Green Mottle (CGM)", "Cassava Mosaic Disease (CMD)", "Healthy"]
    comp = "input/cassava-leaf-mini"
    rows, folds, oof = [["image_id", "label"]], [["image_id", "label", "fold"]], [["image_id", "p0", "p1", "p2", "p3", "p4"]]
    used = set()

    def new():
        while True:
            i = int(m.rng.integers(10 ** 6, 4 * 10 ** 9))
            if i not in used:
                used.add(i)
                return f"{i}.jpg"
    for n, k in enumerate(m.order([12, 13, 14, 24, 15])):
        f = new()
        m.pic(f"{comp}/train_images/{f}", k, (48, 36))
        rows.append([f, k]); folds.append([f, k, n % 5])
        p = m.rng.dirichlet(np.ones(5)); oof.append([f] + [f"{v:.4f}" for v in p])
    sub, pred = [["image_id", "label"]], [["image_id", "label"]]
    for k in m.order([3, 3, 4, 8, 4]):
        f = new()
        m.pic(f"{comp}/test_images/{f}", k, (48, 36))
        sub.append([f, 4]); pred.append([f, int(m.rng.integers(0, 5))])
    m.write(f"{comp}/train.csv", csv_text(rows))
    m.write(f"{comp}/sample_submission.csv", csv_text(sub))
    m.write(f"{comp}/label_num_to_disease_map.json", json.dumps({str(i): n for i, n in enumerate(names)}))
    m.write("working/folds.csv", csv_text(folds))
    m.write("working/oof_effnet_b0.csv", csv_text(oof))
    m.write("working/submission.csv", csv_text(pred))
    m.write("working/notebook.ipynb", json.dumps({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}))
    m.write("working/effnet_b0_fold0_best.pth", bytes(range(256)) * 4)


# 13 ------------------------------------------------------------------ troubled: valid copied out of train instead of moved
def d13_valid_copied_from_train(m):
    classes = ["daisy", "rose", "tulip", "sunflower"]
    for k, c in enumerate(classes):
        datas = []
        for i in range(20):
            name = f"{c}_{i + 1:04d}.png"
            datas.append((name, m.pic(f"flowers_v2/train/{name}", k, 36)))
        for j in sorted(int(v) for v in m.rng.choice(20, 5, replace=False)):
            m.write(f"flowers_v2/valid/{datas[j][0]}", datas[j][1])
    m.write("flowers_v2/split.sh", "# 25% for validation\nfor c in daisy rose tulip sunflower; do ls train/${c}_* | shuf -n 5 | xargs -I{} cp {} valid/; done\n")


# 14 ------------------------------------------------------------------ Coursera-like HDF5
def d14_course_h5(m):
    import h5py
    classes = ["fist", "palm", "peace", "thumbs_up", "point"]
    (m.root / "datasets").mkdir(parents=True, exist_ok=True)
    for split, counts in (("train", [18, 18, 17, 16, 15]), ("test", [6, 6, 6, 5, 5])):
        ks = m.order(counts)
        with h5py.File(m.root / f"datasets/{split}_signs.h5", "w", track_order=False) as f:
            f.create_dataset("list_classes", data=np.array([c.encode() for c in classes], "S16"), track_times=False)
            f.create_dataset(f"{split}_set_x", data=np.stack([m.array(k, 48) for k in ks]), track_times=False)
            f.create_dataset(f"{split}_set_y", data=np.array(ks, np.int64), track_times=False)
    m.write("signs_utils.py", 'import h5py, numpy as np\n\ndef load_dataset():\n    tr = h5py.File("datasets/train_signs.h5", "r")\n    te = h5py.File("datasets/test_signs.h5", "r")\n'
            '    return (np.array(tr["train_set_x"]), np.array(tr["train_set_y"]), np.array(te["test_set_x"]), np.array(te["test_set_y"]), np.array(te["list_classes"]))\n')
    m.pic("images/hand_example.png", 6, 64)
    m.write("Assignment_week3.ipynb", json.dumps({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}))


# 15 ------------------------------------------------------------------ troubled: tags typed freely in an app, sidecar a picture
def d15_sidecars_free_text(m):
    spell = {"apple": ["apple"] * 5 + ["Apple", "Apple", "apples"], "banana": ["banana"] * 5 + ["Banana", "banana ", "bannana"],
             "carrot": ["carrot"] * 6 + ["Carrots", "carrots"], "tomato": ["tomato"] * 4 + ["Tomato", "tomatoes", "tomatoe", "Tomato"]}
    n = 0
    for k in m.order([22, 22, 20, 24]):
        c = list(spell)[k]
        n += 1
        day = 1 + n // 12
        stem = f"uploads/2024-05-{day:02d}/IMG_{2000 + n}"
        m.pic(stem + ".jpg", k, 50)
        m.write(stem + ".json", json.dumps({"uploader": f"user{int(m.rng.integers(1, 30))}", "device": ["Pixel 7", "iPhone 13", "SM-A536B"][int(m.rng.integers(0, 3))],
                                           "taken_at": f"2024-05-{day:02d}T12:{n % 60:02d}:00", "tag": spell[c][int(m.rng.integers(0, 8))]}))


# 16 ------------------------------------------------------------------ Vertex AI import file and the mirrored bucket
def d16_vertex_import_csv(m):
    classes = ["healthy", "leaf_rust", "mildew", "aphids"]
    out = []
    for use, counts in (("training", [16, 15, 14, 13]), ("validation", [5, 4, 4, 4]), ("test", [4, 4, 4, 4])):
        for k in m.order(counts):
            key = f"field-app/{int(m.rng.integers(2021, 2024))}/{m.uuid()}.jpeg"
            m.pic("leafscan-train-eu/" + key, k, 44)
            out.append([use, "gs://leafscan-train-eu/" + key, classes[k]])
    order = m.rng.permutation(len(out))
    m.write("vertex_import_2024-03-05.csv", csv_text([out[i] for i in order]))
    m.write("rsync.sh", "gsutil -m rsync -r gs://leafscan-train-eu ./leafscan-train-eu\n")


# 17 ------------------------------------------------------------------ course zip, made on a Mac
def d17_assignment_zip(m):
    classes = ["circle", "square", "triangle", "cross"]
    p = m.root / "hw3" / "hw3_data.zip"
    p.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(p, "w", zipfile.ZIP_DEFLATED) as z:
        def put(name, data):
            z.writestr(zipfile.ZipInfo(name, (2023, 2, 14, 12, 0, 0)), data)
        put("hw3_data/.DS_Store", b"\0\0\0\1Bud1" + bytes(60))
        for split, per in (("train", 15), ("test", 6)):
            for k, c in enumerate(classes):
                for i in range(per):
                    put(f"hw3_data/{split}/{c}/{i:03d}.png", m.bytes(k, "png", 28))
                    put(f"__MACOSX/hw3_data/{split}/{c}/._{i:03d}.png", b"\0\5\x16\7\0\2\0\0Mac OS X        " + bytes(40))
    m.write("hw3/hw3.py", "# CS 4476, homework 3. Unzip hw3_data.zip here, then fill in train() below.\ndef train():\n    raise NotImplementedError\n")
    m.write("hw3/requirements.txt", "torch\ntorchvision\nmatplotlib\n")


# 18 ------------------------------------------------------------------ Label Studio exports made over time
def d18_label_studio_exports(m):
    classes = ["Intact box", "Crushed box", "Wet box", "Open box"]
    tasks = []
    for n, k in enumerate(m.order([24, 22, 20, 18])):
        up = f"{m.hex(8)}-dock{int(m.rng.integers(1, 5))}_{n:04d}.jpg"
        m.pic(f"media/upload/12/{up}", k, (60, 45))
        skip = n % 14 == 9
        res = [] if skip else [{"value": {"choices": [classes[k]]}, "id": m.hex(10), "from_name": "choice", "to_name": "image", "type": "choices", "origin": "manual"}]
        tasks.append({"id": 3300 + n, "annotations": [{"id": 800 + n, "completed_by": 2, "result": res, "was_cancelled": skip, "ground_truth": False, "created_at": f"2023-0{3 + n // 30}-02T08:{n % 60:02d}:10.1Z", "lead_time": 3.2, "task": 3300 + n}],
                      "file_upload": up, "drafts": [], "predictions": [], "data": {"image": f"/data/upload/12/{up}"}, "meta": {}, "project": 12, "total_annotations": 0 if skip else 1, "cancelled_annotations": int(skip)})
    for stamp, upto in (("2023-03-03-09-12-1f2a33bc", 30), ("2023-04-04-16-40-77c0d1e9", 60), ("2023-05-11-11-05-0be45a12", len(tasks))):
        m.write(f"exports/project-12-at-{stamp}.json", json.dumps(tasks[:upto], indent=1))
    m.write("labeling_config.xml", '<View>\n  <Image name="image" value="$image"/>\n  <Choices name="choice" toName="image">\n' + "".join(f'    <Choice value="{c}"/>\n' for c in classes) + "  </Choices>\n</View>\n")


# 19 ------------------------------------------------------------------ troubled: CVAT tags, names changed between the tasks
def d19_cvat_taxonomy_changed(m):
    old, new = ["ok", "dent", "scratch", "rust"], ["good", "deformation", "surface_mark", "rust"]
    for split, names, counts in (("train", old, [16, 16, 16, 16]), ("val", new, [6, 6, 6, 6])):
        xml = ['<?xml version="1.0" encoding="utf-8"?>', "<annotations>", "  <version>1.1</version>", "  <meta>", "    <task>",
               f"      <name>panels {split}</name>", "      <mode>annotation</mode>", "      <labels>"]
        for c in names:
            xml += ["        <label>", f"          <name>{c}</name>", "          <type>tag</type>", "          <attributes></attributes>", "        </label>"]
        xml += ["      </labels>", "    </task>", "  </meta>"]
        for i, k in enumerate(m.order(counts)):
            name = f"{'p22' if split == 'train' else 'p24'}_{m.hex(6)}.jpg"
            m.pic(f"{split}/images/{name}", k, 48)
            xml += [f'  <image id="{i}" name="{name}" width="48" height="48">', f'    <tag label="{names[k]}" source="manual">', "    </tag>", "  </image>"]
        m.write(f"{split}/annotations.xml", "\n".join(xml + ["</annotations>"]) + "\n")


# 20 ------------------------------------------------------------------ dashboard CSV with CDN addresses
def d20_dashboard_csv_cdn(m):
    classes = ["shelf_full", "shelf_low", "shelf_empty", "wrong_product"]
    rows = [["ID", "Created At", "Image URL", "Store", "Assigned Label", "Reviewer", "Status"]]
    for n, k in enumerate(m.order([22, 20, 20, 18])):
        u = m.uuid()
        rel = f"media/2024/0{1 + n // 30}/{u}.jpg"
        m.pic(rel, k, (56, 40))
        pend = n % 10 == 7
        rows.append([70000 + n, f"January {1 + n % 28}, 2024, 9:{n % 60:02d} AM", f"https://cdn.shelfwatch.io/{rel}?Expires=1712000000&Signature={m.hex(16)}&Key-Pair-Id=K2",
                     f"Store #{int(m.rng.integers(1, 40))}", "" if pend else classes[k], "" if pend else ["Ana", "Luis", "Mei"][n % 3], "pending" if pend else "approved"])
    m.write("query_result_2024-04-02T10_22_33.csv", ("\ufeff" + csv_text(rows, eol="\r\n")).encode("utf-8"))


def main():
    out = Path(sys.argv[1])
    for name, f in sorted((n, f) for n, f in globals().items() if n[0] == "d" and n[1:3].isdigit()):
        root = out / name[1:]
        if root.exists(): shutil.rmtree(root)
        root.mkdir(parents=True)
        try:
            f(Maker(root, 7000 + int(name[1:3])))
        except ImportError as e:
            print("skipped", name, e)
            shutil.rmtree(root)


if __name__ == "__main__":
    main()
