"""python3 make.py OUT : writes twenty small image-classification datasets OUT/NN_name, each in another layout.
python3 make.py --expected FILE : writes what each of them is (expected.json)."""
import csv, datetime, hashlib, io, json, os, random, shutil, struct, sys, tarfile
import numpy as np
from PIL import Image, ImageDraw

LAYOUTS, EXPECT = [], {}
TINTS = [(205, 70, 60), (70, 165, 80), (65, 95, 200), (215, 185, 60), (150, 75, 180), (60, 180, 185), (225, 130, 45), (120, 120, 120)]


def layout(name, **e):
    d = dict(kind="", source="", point_at=".", classes=[], images=0, splits={}, finding=None, refusal_ok=False)
    assert not set(e) - set(d) - {"classes_also_ok", "images_also_ok", "splits_also_ok"}, e.keys()
    d.update(e)
    EXPECT[name] = d

    def deco(f):
        LAYOUTS.append((name, f))
        return f
    return deco


class Ctx:
    """Pictures and files of one dataset, all from one seed."""

    def __init__(self, root, seed):
        self.root, self.rng, self.py = root, np.random.default_rng(seed), random.Random(seed)

    def pic(self, k, size=(48, 48)):
        w, h = size
        a = np.array(TINTS[k % len(TINTS)], float) * self.rng.uniform(.75, 1.15)
        im = Image.new("RGB", size, tuple(int(min(255, v * .55 + 60)) for v in a))
        d = ImageDraw.Draw(im)
        r = min(w, h) * self.rng.uniform(.18, .34)
        cx, cy = self.rng.uniform(r, w - r), self.rng.uniform(r, h - r)
        c = tuple(int(min(255, v)) for v in a)
        s = k % 5
        if s == 0:
            d.ellipse((cx - r, cy - r, cx + r, cy + r), fill=c)
        elif s == 1:
            d.rectangle((cx - r, cy - r, cx + r, cy + r), fill=c)
        elif s == 2:
            d.polygon([(cx, cy - r), (cx + r, cy + r), (cx - r, cy + r)], fill=c)
        elif s == 3:
            d.line((cx - r, cy - r, cx + r, cy + r), fill=c, width=4)
            d.line((cx - r, cy + r, cx + r, cy - r), fill=c, width=4)
        else:
            d.arc((cx - r, cy - r, cx + r, cy + r), 20, 320, fill=c, width=4)
        x = np.asarray(im, float) + self.rng.normal(0, 14, (h, w, 3))
        return Image.fromarray(np.clip(x, 0, 255).astype(np.uint8))

    def enc(self, im, fmt="JPEG"):
        b = io.BytesIO()
        im.save(b, fmt, **({"quality": 88} if fmt == "JPEG" else {}))
        return b.getvalue()

    def raw(self, rel, data):
        p = os.path.join(self.root, rel)
        os.makedirs(os.path.dirname(p), exist_ok=True)
        with open(p, "wb") as f:
            f.write(data)

    def text(self, rel, s):
        self.raw(rel, s.encode("utf-8"))

    def js(self, rel, o, **k):
        self.text(rel, json.dumps(o, **k))

    def csv(self, rel, rows, eol="\n"):
        b = io.StringIO()
        csv.writer(b, lineterminator=eol).writerows(rows)
        self.text(rel, b.getvalue())

    def img(self, rel, k, size=(48, 48)):
        e = rel.rsplit(".", 1)[-1].lower()
        self.raw(rel, self.enc(self.pic(k, size), {"jpg": "JPEG", "jpeg": "JPEG", "png": "PNG", "tif": "TIFF", "bmp": "BMP"}[e]))

    def hexid(self, n):
        return "".join(self.py.choice("0123456789abcdef") for _ in range(n))

    def deal(self, counts):
        """class numbers, each as often as counts says, shuffled"""
        a = [k for k, n in enumerate(counts) for _ in range(n)]
        self.py.shuffle(a)
        return a


# 01 -----------------------------------------------------------------------------------------------------------------
@layout("01_leaf_labelling",
        kind="Label Studio JSON export (one Choices answer a task) beside the uploaded pictures in one flat folder; 4 tasks skipped by the annotator",
        source="Label Studio 'JSON' export of an image-classification project, upload folder copied along",
        classes=["healthy", "leaf_spot", "mildew", "rust"], images=76)
def l01(c):
    names = ["healthy", "leaf_spot", "mildew", "rust"]
    tasks = []
    ks = c.deal([24, 20, 17, 15]) + [None] * 4
    c.py.shuffle(ks)
    for i, k in enumerate(ks):
        f = "%s-DSC%05d.jpg" % (c.hexid(8), 4100 + i * 3)
        c.img("upload/" + f, k if k is not None else i % 4, (56, 42))
        res = [] if k is None else [{"value": {"choices": [names[k]]}, "id": c.hexid(10), "from_name": "condition", "to_name": "image", "type": "choices", "origin": "manual"}]
        t = "2024-05-%02dT09:%02d:11.204311Z" % (3 + i // 40, i % 60)
        tasks.append({"id": 311 + i, "annotations": [{"id": 900 + i, "completed_by": 2, "result": res, "was_cancelled": k is None, "ground_truth": False,
                      "created_at": t, "updated_at": t, "draft_created_at": None, "lead_time": round(c.py.uniform(1, 9), 3), "prediction": {}, "result_count": len(res),
                      "task": 311 + i, "parent_prediction": None, "parent_annotation": None}], "file_upload": f, "drafts": [], "predictions": [],
                      "data": {"image": "/data/upload/7/" + f}, "meta": {}, "created_at": t, "updated_at": t, "inner_id": i + 1,
                      "total_annotations": int(k is not None), "cancelled_annotations": int(k is None), "total_predictions": 0, "project": 7})
    c.js("project-7-at-2024-05-06-14-02-7be1c0d9.json", tasks)
    c.text("labeling_config.xml", '<View>\n  <Image name="image" value="$image"/>\n  <Choices name="condition" toName="image" choice="single">\n'
           + "".join('    <Choice value="%s"/>\n' % n for n in names) + "  </Choices>\n</View>\n")


# 02 -----------------------------------------------------------------------------------------------------------------
@layout("02_forest_cameras",
        kind="pictures by camera and date with a Timelapse CSV (File, RelativePath with backslashes, Species) typed by three people",
        source="Timelapse image analyser export of a wildlife-camera survey",
        classes=["Badger", "Red fox", "Roe deer"], images=90,
        classes_also_ok=[["Badger", "Red Fox", "Roe Deer"], ["badger", "red fox", "roe deer"]],
        finding="Twin class names: the Species column writes the three species in seven ways (Red fox / red fox / Red Fox, Roe deer / roe deer, Badger / badger), so a naive reader trains seven classes.")
def l02(c):
    spell = [["Badger", "badger"], ["Red fox", "red fox", "Red Fox"], ["Roe deer", "roe deer"]]
    rows = [["RootFolder", "File", "RelativePath", "DateTime", "DeleteFlag", "Species", "Count", "Temperature", "Comment"]]
    ks = c.deal([26, 34, 30])
    n = 0
    turn = [0, 0, 0]
    for cam in ("CAM01", "CAM02", "CAM07"):
        for day in ("2022-06-03", "2022-06-11", "2022-07-01"):
            for j in range(10):
                k = ks[n]
                n += 1
                c.img("%s/%s/IMG_%04d.JPG" % (cam, day, j + 1), k, (64, 48))
                s = spell[k][turn[k] % len(spell[k])]
                turn[k] += 1
                rows.append(["Forest2022", "IMG_%04d.JPG" % (j + 1), cam + "\\" + day, "%s %02d:%02d:07" % (day, 4 + j, 7 * j % 60), "false", s, c.py.choice("1112"), c.py.randint(8, 24), ""])
    c.csv("TimelapseData.csv", rows, "\r\n")
    c.text("TimelapseTemplate.txt", "Species: free text (note)\r\nCount: counter\r\nComment: note\r\n")


# 03 -----------------------------------------------------------------------------------------------------------------
@layout("03_wds_textures",
        kind="WebDataset tar shards (s0000000.jpg + s0000000.cls) in train/ and test/, classnames.txt at the root",
        source="clip-benchmark's wds_* repositories on the Hugging Face hub",
        classes=["banded", "bubbly", "cracked", "dotted", "woven"], images=100, splits={"train": 70, "test": 30})
def l03(c):
    names = ["banded", "bubbly", "cracked", "dotted", "woven"]
    c.text("classnames.txt", "\n".join(names) + "\n")
    c.text("zeroshot_classification_templates.txt", "a photo of a {c} texture.\na photo of a {c} pattern.\n")
    c.text("README.md", "# textures in WebDataset form\n\nEach sample has a `jpg` and a `cls` (index into classnames.txt).\n")
    for split, shards, per in (("train", 2, 7), ("test", 1, 6)):
        ks = c.deal([shards * per] * 5)
        c.text(split + "/nshards.txt", "%d" % shards)
        n = 0
        for s in range(shards):
            b = io.BytesIO()
            with tarfile.open(fileobj=b, mode="w") as t:
                for k in ks[s * per * 5:(s + 1) * per * 5]:
                    for ext, data in (("cls", b"%d" % k), ("jpg", c.enc(c.pic(k, (40, 40))))):
                        ti = tarfile.TarInfo("s%07d.%s" % (n, ext))
                        ti.size = len(data)
                        t.addfile(ti, io.BytesIO(data))
                    n += 1
            c.raw("%s/%d.tar" % (split, s), b.getvalue())


# 04 -----------------------------------------------------------------------------------------------------------------
PETS = ["Abyssinian", "american_bulldog", "Bengal", "boxer", "japanese_chin"]


@layout("04_pets",
        kind="Oxford-IIIT Pet's own form: images/Breed_N.jpg, annotations/list.txt, trainval.txt, test.txt, trimap masks with macOS ._ files, head-box xmls that say only cat or dog",
        source="Oxford-IIIT Pet dataset as unpacked from images.tar.gz and annotations.tar.gz",
        classes=PETS, images=85, splits={"trainval": 50, "test": 35},
        classes_also_ok=[["Abyssinian", "American Bulldog", "Bengal", "Boxer", "Japanese Chin"], ["Abyssinian", "american bulldog", "Bengal", "boxer", "japanese chin"]],
        splits_also_ok=[{"train": 50, "test": 35}])
def l04(c):
    cat = {0, 2}
    lists = {"trainval": [], "test": []}
    bid = {0: 1, 1: 1, 2: 2, 3: 2, 4: 3}
    for k, n in enumerate(PETS):
        nums = c.py.sample(range(1, 220), 17)
        for j, m in enumerate(nums):
            stem = "%s_%d" % (n, m)
            c.img("images/%s.jpg" % stem, k, (60, 45))
            line = "%s %d %d %d" % (stem, k + 1, 1 if k in cat else 2, bid[k])
            lists["trainval" if j < 10 else "test"].append(line)
            tri = np.full((45, 60), 2, np.uint8)
            x, y = c.py.randint(4, 25), c.py.randint(4, 15)
            tri[y:y + 24, x:x + 28] = 3
            tri[y + 2:y + 22, x + 2:x + 26] = 1
            c.raw("annotations/trimaps/%s.png" % stem, c.enc(Image.fromarray(tri), "PNG"))
            c.raw("annotations/trimaps/._%s.png" % stem, b"\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X        " + bytes(60))
            if j < 10:
                c.text("annotations/xmls/%s.xml" % stem, "<annotation>\n\t<folder>OXIIIT</folder>\n\t<filename>%s.jpg</filename>\n\t<size><width>60</width><height>45</height><depth>3</depth></size>\n\t<object>\n\t\t<name>%s</name>\n\t\t<pose>Frontal</pose>\n\t\t<bndbox><xmin>%d</xmin><ymin>%d</ymin><xmax>%d</xmax><ymax>%d</ymax></bndbox>\n\t</object>\n</annotation>\n"
                       % (stem, "cat" if k in cat else "dog", x, y, x + 20, y + 14))
    c.text("annotations/list.txt", "#Image CLASS-ID SPECIES BREED ID\n#ID: 1:37 Class ids\n#SPECIES: 1:Cat 2:Dog\n#BREED ID: 1-25:Cat 1:12:Dog\n#All images with 1st letter as captial are cat images\n#images with small first letter are dog images\n"
           + "".join(s + "\n" for s in sorted(lists["trainval"] + lists["test"])))
    for s, v in lists.items():
        c.text("annotations/%s.txt" % s, "".join(x + "\n" for x in sorted(v)))
    c.text("annotations/README", "The list files have one line an image: Image CLASS-ID SPECIES BREED-ID.\nTrimap annotations: 1 foreground, 2 background, 3 not classified.\n")


# 05 -----------------------------------------------------------------------------------------------------------------
BUTTER = ["admiral", "brimstone", "monarch", "peacock", "swallowtail"]


@layout("05_butterfly_scrape",
        kind="folder a class scraped from photo-sharing links, with the url lists beside",
        source="hobbyist's download script (one list of urls a class, wget)",
        classes=BUTTER, images=65, images_also_ok=[90, 100],
        finding="Dead links: 5 of each class's 20 files are one and the same 'photo unavailable' placeholder picture and 2 more are HTML pages saved as .jpg, so the same picture stands under every class and 10 files are no pictures.")
def l05(c):
    ph = Image.new("RGB", (50, 37), (243, 245, 246))
    d = ImageDraw.Draw(ph)
    d.rectangle((8, 8, 42, 29), outline=(190, 195, 200), width=2)
    d.line((8, 29, 42, 8), fill=(190, 195, 200), width=2)
    ph = c.enc(ph)
    html = "<!DOCTYPE html>\n<html><head><title>410 Gone</title></head><body><h1>This photo is no longer available</h1><!-- %s --></body></html>\n"
    for k, n in enumerate(BUTTER):
        role = ["p"] * 5 + ["h"] * 2 + ["ok"] * 13
        c.py.shuffle(role)
        urls = []
        for j, r in enumerate(role):
            pid, sec = c.py.randint(10 ** 9, 10 ** 10 - 1), c.hexid(10)
            f = "%s/%d_%s.jpg" % (n, pid, sec)
            urls.append("https://live.staticphotos.example/%d/%d_%s.jpg" % (c.py.randint(2, 65535), pid, sec))
            if r == "p":
                c.raw(f, ph)
            elif r == "h":
                c.text(f, html % sec)
            else:
                c.img(f, k, (50, 37))
        c.text("_urls/%s.txt" % n, "\n".join(urls) + "\n")


# 06 -----------------------------------------------------------------------------------------------------------------
@layout("06_bottle_line",
        kind="SageMaker Ground Truth augmented manifests (train.manifest, validation.manifest: source-ref, job attribute, class-name in the metadata) and a synced copy of the bucket's pictures",
        source="SageMaker Ground Truth labelling job, bucket copied by aws s3 sync",
        classes=["dented", "no-cap", "ok"], images=84, splits={"train": 63, "validation": 21},
        splits_also_ok=[{"train": 63, "val": 21}])
def l06(c):
    names = ["dented", "no-cap", "ok"]
    for split, counts in (("train", [15, 12, 36]), ("validation", [5, 4, 12])):
        lines = []
        for i, k in enumerate(c.deal(counts)):
            f = "raw/line%d/%s.jpg" % (c.py.randint(1, 3), c.hexid(16))
            c.img(f, k, (32, 64))
            lines.append(json.dumps({"source-ref": "s3://acme-vision-prod/bottles/" + f, "bottle-state": k, "bottle-state-metadata": {
                "class-name": names[k], "job-name": "labeling-job/bottle-state", "confidence": round(c.py.uniform(.6, .97), 2), "type": "groundtruth/image-classification",
                "human-annotated": "yes", "creation-date": "2023-02-1%dT1%d:22:41.%06d" % (i % 10, i % 10, c.py.randint(0, 999999))}}))
        c.text("manifests/%s.manifest" % split, "\n".join(lines) + "\n")
    c.js("annotation-tool/data.json", {"document-version": "2018-11-28", "labels": [{"label": n} for n in names]}, indent=1)


# 07 -----------------------------------------------------------------------------------------------------------------
@layout("07_flower_photos",
        kind="class folders (daisy, rose, tulip) with train/ and val/ made by a splitting script in the very same folder",
        source="student ran split-folders with the output set to the input folder",
        classes=["daisy", "rose", "tulip"], images=75, splits={"train": 60, "val": 15},
        finding="The split was written into the source folder: the root holds daisy, rose, tulip and also train and val with copies of the same 75 pictures, so a naive loader finds five classes (train and val among them) and every picture twice.")
def l07(c):
    for k, n in enumerate(["daisy", "rose", "tulip"]):
        files = []
        for j in range(25):
            f = "%d_%s_n.jpg" % (c.py.randint(10 ** 7, 10 ** 9), c.hexid(10))
            c.img("%s/%s" % (n, f), k, (48, 40))
            files.append(f)
        c.py.shuffle(files)
        for j, f in enumerate(files):
            with open(os.path.join(c.root, n, f), "rb") as h:
                c.raw("%s/%s/%s" % ("train" if j < 20 else "val", n, f), h.read())
    c.text("split.py", "import splitfolders\nsplitfolders.ratio('.', output='.', seed=1337, ratio=(.8, .2))\n")


# 08 -----------------------------------------------------------------------------------------------------------------
@layout("08_hub_mushrooms",
        kind="clone of a Hugging Face hub dataset: data/*.parquet with image {bytes, path} and label, names in the README's YAML and in the schema metadata",
        source="datasets pushed with push_to_hub",
        classes=["agaricus", "amanita", "boletus", "cantharellus"], images=96, splits={"train": 72, "test": 24})
def l08(c):
    import pyarrow as pa
    import pyarrow.parquet as pq
    names = ["agaricus", "amanita", "boletus", "cantharellus"]
    feats = {"image": {"_type": "Image"}, "label": {"names": names, "_type": "ClassLabel"}}
    meta = {"huggingface": json.dumps({"info": {"features": feats}})}
    sch = pa.schema([("image", pa.struct([("bytes", pa.binary()), ("path", pa.string())])), ("label", pa.int64())], metadata=meta)
    n = 0
    for split, shards, per in (("train", 2, 9), ("test", 1, 6)):
        ks = c.deal([shards * per] * 4)
        for s in range(shards):
            part = ks[s * per * 4:(s + 1) * per * 4]
            rows = []
            for k in part:
                rows.append({"bytes": c.enc(c.pic(k, (44, 44)), "PNG"), "path": "%05d.png" % n})
                n += 1
            b = io.BytesIO()
            pq.write_table(pa.Table.from_arrays([pa.array(rows, sch.field(0).type), pa.array(part, pa.int64())], schema=sch), b)
            c.raw("data/%s-%05d-of-%05d.parquet" % (split, s, shards), b.getvalue())
    y = "---\nlicense: cc-by-4.0\ntask_categories:\n- image-classification\ndataset_info:\n  features:\n  - name: image\n    dtype: image\n  - name: label\n    dtype:\n      class_label:\n        names:\n"
    y += "".join("          '%d': %s\n" % (i, x) for i, x in enumerate(names))
    y += "  splits:\n  - name: train\n    num_examples: 72\n  - name: test\n    num_examples: 24\nconfigs:\n- config_name: default\n  data_files:\n  - split: train\n    path: data/train-*\n  - split: test\n    path: data/test-*\n---\n\n# Mushrooms\n\nGenera of common mushrooms.\n"
    c.text("README.md", y)
    c.text(".gitattributes", "*.parquet filter=lfs diff=lfs merge=lfs -text\n")


# 09 -----------------------------------------------------------------------------------------------------------------
@layout("09_savanna_traps",
        kind="COCO Camera Traps json (images with location and seq_id, one category an image, 'empty' is category 0) with a split file by location; picture folders are location/date",
        source="LILA camera-trap collections (Caltech, Snapshot Safari)",
        classes=["aardvark", "empty", "impala", "zebra"], images=96, splits={"train": 64, "val": 32})
def l09(c):
    cats = [("empty", 0), ("impala", 3), ("zebra", 11), ("aardvark", 14)]
    images, anns = [], []
    seqs = {"train": c.deal([10, 8, 8, 6]), "val": c.deal([5, 4, 4, 3])}
    locs = {"train": ["B03", "C01", "D07", "E12"], "val": ["A02", "F05"]}
    for split in ("train", "val"):
        for i, k in enumerate(seqs[split]):
            loc = locs[split][i % len(locs[split])]
            day = datetime.date(2019, 3, 2) + datetime.timedelta(days=9 * (i // len(locs[split]) // 3))
            sid = c.hexid(8) + "-" + c.hexid(4)
            for fr in range(2):
                iid = c.hexid(8) + "-" + c.hexid(4) + "-11e9"
                fn = "%s/%s/IMG_%04d.JPG" % (loc, day, (i // len(locs[split])) * 2 + fr + 1)
                c.img("images/" + fn, k, (64, 48))
                images.append({"id": iid, "file_name": fn, "width": 64, "height": 48, "location": loc, "datetime": "%s 0%d:14:%02d" % (day, i % 9, fr), "seq_id": sid, "seq_num_frames": 2, "frame_num": fr + 1})
                anns.append({"id": c.hexid(12), "image_id": iid, "category_id": cats[k][1], "sequence_level_annotation": True})
    order = list(range(len(images)))
    c.py.shuffle(order)
    c.py.shuffle(anns)
    c.js("savanna_images.json", {"info": {"version": "1.02", "description": "Savanna camera traps", "year": 2019, "contributor": "Reserve"},
                                 "categories": [{"id": i, "name": n} for n, i in cats], "images": [images[i] for i in order], "annotations": anns}, indent=1)
    c.js("savanna_splits.json", {"info": "Recommended train/val split, by location", "splits": locs}, indent=1)


# 10 -----------------------------------------------------------------------------------------------------------------
MINI = ["n01532829", "n01558993", "n01704323", "n01749939", "n01855672", "n02091244", "n01930112", "n01981276"]


@layout("10_mini_images",
        kind="miniImageNet form: images/ in one heap and train.csv, val.csv, test.csv (filename,label)",
        source="miniImageNet few-shot benchmark (Ravi & Larochelle splits) taken for an ordinary classification set",
        classes=MINI, images=96, splits={"train": 48, "val": 24, "test": 24},
        finding="A few-shot split: train, val and test hold different classes (4, 2 and 2, none in common), so an ordinary classifier trained on train.csv is validated on classes it never saw.")
def l10(c):
    for split, ks in (("train", range(0, 4)), ("val", range(4, 6)), ("test", range(6, 8))):
        rows = [["filename", "label"]]
        for k in ks:
            for j in range(12):
                f = "%s%08d.jpg" % (MINI[k], j * 37 + c.py.randint(0, 30))
                c.img("images/" + f, k, (42, 42))
                rows.append([f, MINI[k]])
        c.csv(split + ".csv", rows)


# 11 -----------------------------------------------------------------------------------------------------------------
@layout("11_produce_v3",
        kind="Roboflow 'Multi-Label Classification' export: train/, valid/, test/ each with _classes.csv of 0/1 columns (header with blanks), exactly one 1 a row",
        source="Roboflow export",
        classes=["banana", "kiwi", "lemon", "pear"], images=100, splits={"train": 68, "valid": 20, "test": 12},
        splits_also_ok=[{"train": 68, "val": 20, "test": 12}])
def l11(c):
    names = ["banana", "kiwi", "lemon", "pear"]
    n = 0
    for split, per in (("train", 17), ("valid", 5), ("test", 3)):
        s = "filename, " + ", ".join(names) + "\n"
        for k in c.deal([per] * 4):
            f = "IMG_%04d_jpg.rf.%s.jpg" % (2200 + n, c.hexid(32))
            n += 1
            c.img(split + "/" + f, k, (64, 64))
            s += f + ", " + ", ".join("1" if i == k else "0" for i in range(4)) + "\n"
        c.text(split + "/_classes.csv", s)
    c.text("README.roboflow.txt", "\nproduce - v3 2023-09-02 8:14am\n==============================\n\nThis dataset was exported via roboflow.com\n\nThe dataset includes 100 images.\nProduce are annotated in Multi-Class Classification format.\n\nNo image augmentation techniques were applied.\n")
    c.text("README.dataset.txt", "# produce > 2023-09-02 8:14am\n\nProvided by a Roboflow user\nLicense: CC BY 4.0\n")


# 12 -----------------------------------------------------------------------------------------------------------------
@layout("12_landuse_tiles",
        kind="UC Merced's own form: UCMerced_LandUse/Images/class/classNN.tif, with lists of file names (no folder, no label) for train, val and test at the root",
        source="UC Merced Land Use with torchgeo's split lists",
        classes=["agricultural", "beach", "forest", "freeway", "harbor"], images=100, splits={"train": 60, "val": 20, "test": 20})
def l12(c):
    names = ["agricultural", "beach", "forest", "freeway", "harbor"]
    lists = {"train": [], "val": [], "test": []}
    for k, n in enumerate(names):
        role = ["train"] * 12 + ["val"] * 4 + ["test"] * 4
        c.py.shuffle(role)
        for j, r in enumerate(role):
            f = "%s%02d.tif" % (n, j)
            c.img("UCMerced_LandUse/Images/%s/%s" % (n, f), k, (32, 32))
            lists[r].append(f)
    for s, v in lists.items():
        c.py.shuffle(v)
        c.text("uc_merced-%s.txt" % s, "\n".join(v) + "\n")
    c.text("UCMerced_LandUse/readme.txt", "This file describes a land use dataset: twenty 32 by 32 pixel images for each class,\nextracted by hand from aerial orthoimagery. Please cite the authors.\n")


# 13 -----------------------------------------------------------------------------------------------------------------
PHASES = ["Preparation", "CalotTriangleDissection", "ClippingCutting", "GallbladderPackaging"]


@layout("13_procedure_videos",
        kind="frames extracted once a second (frames/videoNN/00001.jpg ...) beside phase tables with one row for each of the video's 25 frames a second",
        source="Cholec80-like surgical-phase data, frames dumped with ffmpeg -r 1",
        classes=PHASES, images=90, refusal_ok=True,
        finding="Frame numbers do not match: the phase tables count at 25 frames a second (750 rows a video), the 30 pictures a video were dumped at one a second, so joining picture number to row number labels every picture with the first phase.")
def l13(c):
    for v, cuts in (("video01", (5, 14, 22)), ("video02", (4, 15, 20)), ("video03", (7, 12, 24))):
        lab = [sum(s >= x for x in cuts) for s in range(30)]
        for s in range(30):
            c.img("frames/%s/%05d.jpg" % (v, s + 1), lab[s], (60, 34))
        c.text("phase_annotations/%s-phase.txt" % v, "Frame\tPhase\n" + "".join("%d\t%s\n" % (f, PHASES[lab[f // 25]]) for f in range(750)))
    c.text("extract.sh", "#!/bin/bash\n# videos are 25 fps\nfor v in videos/*.mp4; do\n  n=$(basename $v .mp4); mkdir -p frames/$n\n  ffmpeg -i $v -r 1 -s 60x34 frames/$n/%05d.jpg\ndone\n")


# 14 -----------------------------------------------------------------------------------------------------------------
@layout("14_cloud_types",
        kind="Google AutoML Vision import CSV without header (TRAIN/VALIDATION/TEST, gs:// path, label) with the bucket's pictures in img/",
        source="Google Cloud AutoML Vision / Vertex AI single-label import file",
        classes=["altocumulus", "cirrus", "cumulus", "stratus"], images=88, splits={"train": 64, "validation": 12, "test": 12},
        splits_also_ok=[{"train": 64, "val": 12, "test": 12}])
def l14(c):
    names = ["altocumulus", "cirrus", "cumulus", "stratus"]
    rows = []
    for use, per in (("TRAIN", 16), ("VALIDATION", 3), ("TEST", 3)):
        for k in c.deal([per] * 4):
            f = "%d_%s.jpg" % (c.py.randint(10 ** 8, 10 ** 9), c.hexid(10))
            c.img("img/" + f, k, (54, 36))
            rows.append([use, "gs://sky-lab-vcm/img/" + f, names[k]])
    c.py.shuffle(rows)
    c.csv("all_data.csv", rows)


# 15 -----------------------------------------------------------------------------------------------------------------
PLANES = [("737-300", "Boeing 737", "Boeing"), ("737-800", "Boeing 737", "Boeing"), ("A320", "A320", "Airbus"), ("A330-200", "A330", "Airbus"), ("F/A-18", "F/A-18", "McDonnell Douglas"), ("DC-3", "DC-3", "Douglas Aircraft Company")]


@layout("15_aircraft",
        kind="FGVC-Aircraft's own form: data/images/NNNNNNN.jpg and images_{variant,family,manufacturer}_{train,val,trainval,test}.txt with 'number label with blanks'",
        source="FGVC-Aircraft 2013b as unpacked",
        classes=[p[0] for p in PLANES], images=90, splits={"train": 30, "val": 30, "test": 30}, refusal_ok=True,
        classes_also_ok=[["Boeing 737", "A320", "A330", "F/A-18", "DC-3"], ["Boeing", "Airbus", "McDonnell Douglas", "Douglas Aircraft Company"]],
        splits_also_ok=[{"trainval": 60, "test": 30}])
def l15(c):
    root = "fgvc-aircraft-2013b/data/"
    ids = c.py.sample(range(34309, 2300000), 90)
    got = {"train": [], "val": [], "test": []}
    n = 0
    for split in got:
        for k in c.deal([5] * 6):
            c.img(root + "images/%07d.jpg" % ids[n], k, (64, 40))
            got[split].append((ids[n], k))
            n += 1
    got["trainval"] = got["train"] + got["val"]
    for s, v in got.items():
        v = sorted(v)
        for lvl, col in (("variant", 0), ("family", 1), ("manufacturer", 2)):
            c.text(root + "images_%s_%s.txt" % (lvl, s), "".join("%07d %s\n" % (i, PLANES[k][col]) for i, k in v))
        c.text(root + "images_%s.txt" % s, "".join("%07d\n" % i for i, k in v))
    for f, col in (("variants", 0), ("families", 1), ("manufacturers", 2)):
        c.text(root + f + ".txt", "".join(x + "\n" for x in sorted({p[col] for p in PLANES})))
    c.text(root + "images_box.txt", "".join("%07d 4 6 60 34\n" % i for i in sorted(ids)))
    c.text("fgvc-aircraft-2013b/README.md", "# FGVC-Aircraft\n\nImages are labelled at three levels: variant, family, manufacturer. The main task uses the variants.\n")


# 16 -----------------------------------------------------------------------------------------------------------------
@layout("16_rockset_clone",
        kind="git clone of a dataset repository with train/class and test/class folders kept in Git LFS",
        source="git clone of a Hugging Face or GitHub dataset whose git lfs pull stopped half way",
        classes=["basalt", "granite", "marble", "sandstone"], images=40, splits={"train": 32, "test": 8},
        classes_also_ok=[["basalt", "granite"]], images_also_ok=[80], splits_also_ok=[{"train": 64, "test": 16}],
        finding="All files of marble and sandstone are Git LFS pointer texts named .png (the pull stopped half way): only basalt and granite have pictures, so a loader that skips broken files trains on two of the four classes.")
def l16(c):
    for split, per in (("train", 16), ("test", 4)):
        for k, n in enumerate(["basalt", "granite", "marble", "sandstone"]):
            for j in range(per):
                data = c.enc(c.pic(k, (40, 40)), "PNG")
                if k >= 2:
                    data = b"version https://git-lfs.github.com/spec/v1\noid sha256:%s\nsize %d\n" % (hashlib.sha256(data).hexdigest().encode(), len(data))
                c.raw("%s/%s/%s_%03d.png" % (split, n, n, j + (0 if split == "train" else 16)), data)
    c.text(".gitattributes", "*.png filter=lfs diff=lfs merge=lfs -text\n*.jpg filter=lfs diff=lfs merge=lfs -text\n")
    c.text("README.md", "# rockset\n\nHand specimens, four kinds of rock. Run `git lfs pull` after cloning.\n")


# 17 -----------------------------------------------------------------------------------------------------------------
@layout("17_weld_inspection",
        kind="'CVAT for images 1.1' project export: annotations.xml with one <tag> an image and a subset attribute, pictures under images/Subset/",
        source="CVAT project export with images",
        classes=["crack", "good", "porosity"], images=78, splits={"train": 57, "validation": 21},
        splits_also_ok=[{"Train": 57, "Validation": 21}, {"train": 57, "val": 21}])
def l17(c):
    names = ["crack", "good", "porosity"]
    body, i = [], 0
    for sub, counts, task in (("Train", [15, 27, 15], 41), ("Validation", [5, 10, 6], 42)):
        for k in c.deal(counts):
            f = "cam%d/seam_%05d.png" % (i % 2, 700 + i * 7)
            c.img("images/%s/%s" % (sub, f), k, (64, 32))
            body.append('  <image id="%d" name="%s" subset="%s" task_id="%d" width="64" height="32">\n    <tag label="%s" source="manual">\n    </tag>\n  </image>\n' % (i, f, sub, task, names[k]))
            i += 1
    lab = "".join('        <label>\n          <name>%s</name>\n          <color>#%s</color>\n          <type>tag</type>\n          <attributes>\n          </attributes>\n        </label>\n' % (n, c.hexid(6)) for n in names)
    c.text("annotations.xml", '<?xml version="1.0" encoding="utf-8"?>\n<annotations>\n  <version>1.1</version>\n  <meta>\n    <project>\n      <id>12</id>\n      <name>welds</name>\n      <created>2023-11-02 08:12:51.301812+00:00</created>\n      <labels>\n'
           + lab + '      </labels>\n      <subsets>\n        Train\n        Validation\n      </subsets>\n    </project>\n    <dumped>2023-11-30 10:40:00.117203+00:00</dumped>\n  </meta>\n' + "".join(body) + "</annotations>\n")


# 18 -----------------------------------------------------------------------------------------------------------------
@layout("18_waste_sorting",
        kind="a student's Windows folder: 'Training Data' and 'Testing Data' in one heap each, labels in Windows-numbered names ('metal can (3).jpg'), Thumbs.db and desktop.ini",
        source="school project sent as a zip from a Windows computer",
        classes=["glass", "metal can", "paper", "plastic"], images=92, splits={"train": 68, "test": 24},
        splits_also_ok=[{"Training Data": 68, "Testing Data": 24}])
def l18(c):
    names = ["glass", "metal can", "paper", "plastic"]
    for folder, per, start in (("Training Data", 17, 1), ("Testing Data", 6, 18)):
        for k, n in enumerate(names):
            for j in range(per):
                c.img("Waste Sorting Project/%s/%s (%d).%s" % (folder, n, start + j, ["jpg", "JPG", "jpeg", "png"][(j * 3 + k) % 4]), k, (52, 52))
        c.raw("Waste Sorting Project/%s/Thumbs.db" % folder, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504))
    c.text("Waste Sorting Project/desktop.ini", "[.ShellClassInfo]\r\nIconResource=C:\\WINDOWS\\System32\\SHELL32.dll,4\r\n")
    c.raw("Waste Sorting Project/report FINAL v2.docx", b"PK\x03\x04" + bytes(200))


# 19 -----------------------------------------------------------------------------------------------------------------
@layout("19_tomato_ripeness",
        kind="Supervisely project: meta.json with image tags, datasets train and val, each with img/ and ann/NAME.jpg.json (one tag an image, no objects)",
        source="Supervisely project download",
        classes=["green", "ripe", "rotten", "turning"], images=80, splits={"train": 60, "val": 20})
def l19(c):
    names = ["green", "ripe", "rotten", "turning"]
    tid = {n: 28256190 + i for i, n in enumerate(names)}
    c.js("tomatoes/meta.json", {"classes": [], "tags": [{"name": n, "value_type": "none", "color": "#" + c.hexid(6).upper(), "id": tid[n], "hotkey": "", "applicable_type": "imagesOnly", "classes": []} for n in names],
                                "projectType": "images", "projectSettings": {"multiView": {"enabled": False, "tagName": None, "tagId": None, "isSynced": False}}})
    i = 0
    for ds, per in (("train", 15), ("val", 5)):
        for k in c.deal([per] * 4):
            f = "IMG_20210819_%06d.jpg" % (101500 + i * 13)
            i += 1
            c.img("tomatoes/%s/img/%s" % (ds, f), k, (48, 64))
            c.js("tomatoes/%s/ann/%s.json" % (ds, f), {"description": "", "tags": [{"id": 86334600 + i, "tagId": tid[names[k]], "name": names[k], "value": None, "labelerLogin": "grower", "createdAt": "2021-08-20T09:51:06.246Z", "updatedAt": "2021-08-20T09:51:06.246Z"}],
                                                       "size": {"height": 64, "width": 48}, "objects": []})
    c.text("tomatoes/README.md", "Project exported from the platform. Images in img, annotations in ann.\n")


# 20 -----------------------------------------------------------------------------------------------------------------
def _crc32c_table():
    t = []
    for n in range(256):
        for _ in range(8):
            n = (n >> 1) ^ (0x82F63B78 if n & 1 else 0)
        t.append(n)
    return t


_T = _crc32c_table()


def masked_crc(data):
    x = 0xFFFFFFFF
    for b in data:
        x = _T[(x ^ b) & 255] ^ (x >> 8)
    x ^= 0xFFFFFFFF
    return (((x >> 15) | (x << 17)) + 0xA282EAD8) & 0xFFFFFFFF


def varint(n):
    o = b""
    while n > 127:
        o, n = o + bytes([n & 127 | 128]), n >> 7
    return o + bytes([n])


def field(num, data):
    return varint(num << 3 | 2) + varint(len(data)) + data


def example(feats):
    m = b""
    for key in sorted(feats):
        v = feats[key]
        f = field(3, field(1, varint(v))) if isinstance(v, int) else field(1, field(1, v))
        m += field(1, field(1, key.encode()) + field(2, f))
    return field(1, m)


@layout("20_shoe_records",
        kind="TFRecord shards of tf.train.Example (image/encoded, image/class/label, image/format, sizes) with labels.txt of '0:boot' lines",
        source="TF-Slim's download_and_convert form, as used for its flowers set",
        classes=["boot", "loafer", "sandal", "sneaker"], images=84, splits={"train": 64, "validation": 20},
        splits_also_ok=[{"train": 64, "val": 20}])
def l20(c):
    names = ["boot", "loafer", "sandal", "sneaker"]
    for split, shards, per in (("train", 2, 8), ("validation", 1, 5)):
        ks = c.deal([shards * per] * 4)
        for s in range(shards):
            out = b""
            for k in ks[s * per * 4:(s + 1) * per * 4]:
                e = example({"image/encoded": c.enc(c.pic(k, (36, 36))), "image/format": b"jpg", "image/class/label": k, "image/height": 36, "image/width": 36})
                h = struct.pack("<Q", len(e))
                out += h + struct.pack("<I", masked_crc(h)) + e + struct.pack("<I", masked_crc(e))
            c.raw("shoes_%s_%05d-of-%05d.tfrecord" % (split, s, shards), out)
    c.text("labels.txt", "".join("%d:%s\n" % x for x in enumerate(names)))


def main():
    if len(sys.argv) == 3 and sys.argv[1] == "--expected":
        with open(sys.argv[2], "w") as f:
            json.dump(EXPECT, f, indent=1)
            f.write("\n")
        return
    out = sys.argv[1]
    for name, f in LAYOUTS:
        root = os.path.join(out, name)
        shutil.rmtree(root, ignore_errors=True)
        os.makedirs(root)
        try:
            f(Ctx(root, 6000 + int(name[:2])))
        except ImportError as e:
            shutil.rmtree(root)
            print("skipped", name, e)


if __name__ == "__main__":
    main()
