#!/usr/bin/env python3
"""Forty small image-classification datasets, each laid out differently.

    python3 make.py OUT [--expected FILE]

writes OUT/NN_name for each and FILE (default: expected.json beside this file).
Layouts that need a missing module (scipy, h5py, lmdb, pyarrow) are skipped.
"""
import argparse, csv, gzip, hashlib, io, json, os, pickle, shutil, struct, sys, tarfile, time, uuid, zipfile
import numpy as np
from PIL import Image

LAYOUTS = []


def layout(name, needs=()):
    def deco(f):
        LAYOUTS.append((name, needs, f))
        return f
    return deco


class D:
    """A folder being written, with its own random stream."""

    def __init__(self, root, seed):
        self.root, self.rng = root, np.random.default_rng(1000 + seed)
        os.makedirs(root)

    def p(self, *parts):
        path = os.path.join(self.root, *parts)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        return path

    def arr(self, k=0, size=32, ch=3):
        """uint8 picture: a tint and a bar that depend on class k, plus noise."""
        s = (size, size, ch)
        a = self.rng.integers(0, 90, s)
        tint = np.array([(k * 53 + 20) % 140, (k * 97 + 60) % 140, (k * 31 + 90) % 140, 80])[:ch] if ch > 1 else np.array([(k * 37 + 30) % 140])
        a = a + tint
        w = max(2, size // 6)
        x = (k * 5 + int(self.rng.integers(0, 3))) % (size - w)
        a[:, x:x + w] += 25
        return np.clip(a, 0, 255).astype(np.uint8)

    def im(self, k=0, size=32, mode='RGB'):
        if mode == 'L':
            return Image.fromarray(self.arr(k, size, 1)[:, :, 0])
        return Image.fromarray(self.arr(k, size, 3))

    def bytes(self, k=0, size=32, fmt='JPEG', mode='RGB'):
        b = io.BytesIO()
        self.im(k, size, mode).save(b, fmt)
        return b.getvalue()

    def save(self, rel, k=0, size=32, mode='RGB', fmt=None):
        self.im(k, size, mode).save(self.p(*rel.split('/')), fmt)

    def mask(self, rel, size=32):
        m = np.zeros((size, size), np.uint8)
        x, y = self.rng.integers(2, size // 2, 2)
        m[y:y + size // 3, x:x + size // 3] = 255
        Image.fromarray(m).save(self.p(*rel.split('/')))

    def text(self, rel, s, enc='utf-8'):
        if isinstance(s, (list, tuple)):
            s = '\n'.join(s) + '\n'
        with open(self.p(*rel.split('/')), 'wb') as f:
            f.write(s.encode(enc))

    def raw(self, rel, b):
        with open(self.p(*rel.split('/')), 'wb') as f:
            f.write(b)

    def json(self, rel, o, indent=1):
        self.text(rel, json.dumps(o, indent=indent))

    def hex(self, n=8):
        return self.rng.bytes((n + 1) // 2).hex()[:n]

    def shuffled(self, xs):
        xs = list(xs)
        return [xs[i] for i in self.rng.permutation(len(xs))]


def E(kind, source, classes, images, splits=None, finding=None, refusal_ok=False, point_at='.', **also):
    e = {'kind': kind, 'source': source, 'point_at': point_at, 'classes': list(classes), 'images': images,
         'splits': splits or {}, 'finding': finding, 'refusal_ok': refusal_ok}
    assert set(also) <= {'classes_also_ok', 'splits_also_ok', 'images_also_ok'}
    e.update(also)
    return e


# ------------------------------------------------------------------ 01
@layout('01_aircraft_lists')
def _(d):
    V = [('707-320', 'Boeing 707', 'Boeing'), ('737-200', 'Boeing 737', 'Boeing'), ('737-300', 'Boeing 737', 'Boeing'),
         ('A310', 'A310', 'Airbus'), ('Cessna 172', 'Cessna 172', 'Cessna'), ('F/A-18', 'F/A-18', 'McDonnell Douglas'),
         ('DHC-8-100', 'DHC-8', 'de Havilland')]
    base = 'fgvc-aircraft-2013b/data/'
    ids = sorted(d.rng.choice(np.arange(30000, 99999), len(V) * 12, replace=False).tolist())
    ids = ['%07d' % i for i in d.shuffled(ids)]
    rows = {'train': [], 'val': [], 'test': []}
    boxes = []
    n = 0
    for k, v in enumerate(V):
        for j in range(12):
            i = ids[n]
            n += 1
            d.save(base + 'images/%s.jpg' % i, k, 36)
            rows[['train', 'val', 'test'][j % 3]].append((i, v))
            boxes.append('%s 3 4 33 30' % i)
    rows['trainval'] = rows['train'] + rows['val']
    for s, r in rows.items():
        r = sorted(r)
        for lv, name in enumerate(['variant', 'family', 'manufacturer']):
            d.text(base + 'images_%s_%s.txt' % (name, s), ['%s %s' % (i, v[lv]) for i, v in r])
        d.text(base + 'images_%s.txt' % s, [i for i, _ in r])
    for lv, name in enumerate(['variants', 'families', 'manufacturers']):
        d.text(base + name + '.txt', sorted({v[lv] for v in V}))
    d.text(base + 'images_box.txt', sorted(boxes))
    d.text('fgvc-aircraft-2013b/README.md', 'Aircraft pictures, labelled at three levels: variant (finest), family, manufacturer.\n'
           'The lists images_LEVEL_SPLIT.txt give the image id and the name. trainval is train and val together.\n')
    return E('flat folder of ids; lists "id name with blanks" per split and per label level', 'FGVC-Aircraft',
             sorted(v[0] for v in V), 84, {'train': 28, 'val': 28, 'test': 28}, refusal_ok=True,
             classes_also_ok=[sorted({v[1] for v in V}), sorted({v[2] for v in V})],
             splits_also_ok=[{'trainval': 56, 'test': 28}, {'train': 56, 'test': 28}])


# ------------------------------------------------------------------ 02
@layout('02_leaves_npy')
def _(d):
    C = ['Apple___Apple_scab', 'Apple___healthy', 'Cherry_(including_sour)___Powdery_mildew', 'Corn_(maize)___Common_rust_',
         'Grape___Black_rot', 'Tomato___Leaf_Mold']
    y = np.array(d.shuffled(list(range(6)) * 12), dtype=np.int64)
    np.save(d.p('train-images.npy'), np.stack([d.arr(int(k), 32) for k in y]))
    np.save(d.p('train-labels.npy'), y)
    np.save(d.p('test-images.npy'), np.stack([d.arr(int(k), 32) for k in d.rng.integers(0, 6, 24)]))
    d.text('all_classes.txt', C)
    d.text('sample_submission.csv', ['label'] + [str(i % 6) for i in range(24)])
    return E('arrays train-images.npy and train-labels.npy, class names by line, test array without labels', 'AIcrowd MINILEAVES',
             C, 72, {'train': 72, 'unlabelled': 24},
             splits_also_ok=[{'train': 72}, {}, {'unlabelled': 24}, {'train': 72, 'test': 24}], images_also_ok=[96])


# ------------------------------------------------------------------ 03 troubled
@layout('03_busi_ultrasound')
def _(d):
    n = {'benign': 20, 'malignant': 14, 'normal': 10}
    for k, (c, m) in enumerate(n.items()):
        for i in range(1, m + 1):
            d.save('Dataset_BUSI_with_GT/%s/%s (%d).png' % (c, c, i), k, 40)
            d.mask('Dataset_BUSI_with_GT/%s/%s (%d)_mask.png' % (c, c, i), 40)
            if c == 'benign' and i in (4, 11):
                d.mask('Dataset_BUSI_with_GT/%s/%s (%d)_mask_1.png' % (c, c, i), 40)
    return E('class folders where every picture has its segmentation mask beside it', 'Breast Ultrasound Images (BUSI), Kaggle',
             n, 44, {}, 'Every image has a mask (… _mask.png, two images have a second one) in the same class folder: 46 masks would be counted as images.',
             images_also_ok=[90])


# ------------------------------------------------------------------ 04
@layout('04_flowers_mat', ['scipy'])
def _(d):
    from scipy.io import savemat
    names = ['pink primrose', 'hard-leaved pocket orchid', 'canterbury bells', 'sweet pea', "colt's foot", 'bird of paradise']
    y = d.shuffled([k for k in range(6) for _ in range(15)])
    seen = [0] * 6
    sets = {'trnid': [], 'valid': [], 'tstid': []}
    for i, k in enumerate(y, 1):
        d.save('jpg/image_%05d.jpg' % i, k, 40)
        sets['trnid' if seen[k] < 4 else 'valid' if seen[k] < 8 else 'tstid'].append(i)
        seen[k] += 1
    savemat(d.p('imagelabels.mat'), {'labels': np.array([k + 1 for k in y], dtype=np.uint8)[None]})
    savemat(d.p('setid.mat'), {k: np.array(v, dtype=np.uint16)[None] for k, v in sets.items()})
    d.json('cat_to_name.json', {str(i + 1): n for i, n in enumerate(names)})
    return E('numbered pictures, labels and split ids in MATLAB files, names in a JSON', 'Oxford Flowers-102 with cat_to_name.json',
             names, 90, {'train': 24, 'val': 24, 'test': 42}, refusal_ok=True,
             classes_also_ok=[[str(i) for i in range(1, 7)]])


# ------------------------------------------------------------------ 05
@layout('05_slide_blobs')
def _(d):
    C = {'BG': 'background', 'T': 'tissue, not annotated', 'N': 'healthy tissue', 'A': 'acquisition artefact', 'R3': 'Gleason grade 3', 'R4': 'Gleason grade 4'}
    parts = {'train': ['P01_01_A', 'P01_02_A', 'P02_01_B', 'P03_01_A'], 'validation': ['P04_01_A', 'P05_01_C'], 'test': ['P06_02_A', 'P07_01_A']}
    per = {'train': [3, 2, 4, 1, 3, 2], 'validation': [2, 2, 3, 1, 2, 2], 'test': [2, 2, 3, 2, 2, 1]}
    counts = {}
    for s, scans in parts.items():
        counts[s] = 0
        for scan in scans:
            dist = {}
            for k, c in enumerate(C):
                m = per[s][k]
                a = np.stack([d.arr(k, 24) for _ in range(m)])
                half = (m + 1) // 2          # two blobs for a class with more than two patches
                for b, chunk in enumerate([a[:half], a[half:]] if m > 2 else [a]):
                    np.save(d.p('blobs', 'S', '40x', scan, c, 'blob_%04d.npy' % b), chunk)
                dist[c] = m
                counts[s] += m
            d.json('distributions/S/40x/%s.json' % scan, dist)
        d.text('partitions/%s.csv' % s, ['scan_id'] + scans)
    d.text('README.txt', ['Patches cut from prostate slides, 40x, as NumPy arrays (patch, row, column, RGB).',
                          'blobs/S/40x/SCAN/LABEL/blob_NNNN.npy; the partitions name the scans.', 'Labels:'] + ['  %s  %s' % x for x in C.items()])
    return E('stacks of patches in .npy below scan and class folders; partitions list scans', 'DiagSet-A',
             C, sum(counts.values()), {'train': counts['train'], 'val': counts['validation'], 'test': counts['test']}, refusal_ok=True,
             classes_also_ok=[list(C.values())], splits_also_ok=[{'train': counts['train'], 'validation': counts['validation'], 'test': counts['test']}, {}])


# ------------------------------------------------------------------ 06 troubled
@layout('06_leaf_sheet')
def _(d):
    C = ['Bacterial Blight', 'Brown Spot', 'Healthy', 'Leaf Smut']
    rows = []
    for k, c in enumerate(C):
        for i in range(18):
            f = 'DSC_%04d.JPG' % (1000 + k * 100 + i)
            d.save('images/%s/%s' % (c, f), k, 36, fmt='JPEG')
            rows.append([f, c])
    for j in d.rng.choice(len(rows), 9, replace=False):
        rows[j][1] = C[(C.index(rows[j][1]) + 1 + int(j) % 3) % 4]
    d.text('labels.csv', ['filename,label'] + [','.join(r) for r in rows])
    d.text('README.txt', 'Rice leaves, photographed in two seasons. The images are sorted by disease; labels.csv lists them all.\n')
    return E('class folders and a sheet of file name and label', 'Mendeley Data rice leaf disease uploads', C, 72, {},
             'labels.csv gives another class than the folder for 9 of the 72 images.', refusal_ok=True)


# ------------------------------------------------------------------ 07
@layout('07_plate_screen')
def _(d):
    moa = [('cytochalasin B', 10.0, 'Actin disruptors'), ('cytochalasin D', 0.3, 'Actin disruptors'), ('AZ-A', 3.0, 'Aurora kinase inhibitors'),
           ('taxol', 0.3, 'Microtubule stabilizers'), ('DMSO', 0.0, 'DMSO')]
    comp = [x[:2] for x in moa] + [('colchicine', 0.03)]
    nf = [6, 6, 8, 8, 8, 4]
    head = ['TableNumber', 'ImageNumber']
    for ch in ['DAPI', 'Tubulin', 'Actin']:
        head += ['Image_FileName_' + ch, 'Image_PathName_' + ch]
    head += ['Image_Metadata_Plate_DAPI', 'Image_Metadata_Well_DAPI', 'Replicate', 'Image_Metadata_Compound', 'Image_Metadata_Concentration']
    rows, num = [], 0
    for k, ((c, conc), m) in enumerate(zip(comp, nf)):
        for i in range(m):
            plate = 'Week%d_2212%d' % (1 + i % 2, 1 + i % 2)
            well = '%s%02d' % ('BCDEFG'[k], 2 + i // 2)
            r = [1, num]
            for w, ch in [(1, 'DAPI'), (2, 'Tubulin'), (4, 'Actin')]:
                fn = '%s_s%d_w%d%s.tif' % (well, 1 + i % 4, w, str(uuid.UUID(bytes=d.rng.bytes(16))).upper())
                a = (d.arr(k + w, 24, 1)[:, :, 0].astype(np.uint16) * 90)
                Image.fromarray(a).save(d.p('images', plate, fn))
                r += [fn, plate]
            rows.append(r + [plate, well, 1 + i % 2, c, conc])
            num += 1
    with open(d.p('BBBC021_v1_image.csv'), 'w', newline='') as f:
        w = csv.writer(f)
        w.writerow(head)
        w.writerows(rows)
    with open(d.p('BBBC021_v1_moa.csv'), 'w', newline='') as f:
        w = csv.writer(f)
        w.writerow(['compound', 'concentration', 'moa'])
        w.writerows(moa)
    d.text('README.txt', 'Fields of view in three channels (w1 DNA, w2 tubulin, w4 actin; one 16-bit TIFF each). The first sheet gives the files, plate, well and\n'
           'compound of a field, the second the mechanism of action (the class) of a compound. Compounds not in the second sheet have no known mechanism.\n')
    return E('three grey TIFFs for each field of a plate; class by joining two sheets over compound', 'BBBC021 (Broad Bioimage Benchmark)',
             sorted({m[2] for m in moa}), 36, {'unlabelled': 4}, refusal_ok=True, classes_also_ok=[[c[0] for c in comp], [c[0] for c in moa]],
             images_also_ok=[108, 40, 120], splits_also_ok=[{}, {'unlabelled': 12}])


# ------------------------------------------------------------------ 08
@layout('08_camera_traps')
def _(d):
    cats = {0: 'empty', 1: 'opossum', 3: 'raccoon', 5: 'coyote', 9: 'bobcat', 11: 'badger', 33: 'car'}
    use = [0, 1, 3, 5, 9, 33]
    loc = {'train': ['33', '38', '46', '61'], 'val': ['100', '115']}
    images, anns = [], []
    n = {'train': 0, 'val': 0}
    for s in loc:
        for l in loc[s]:
            for j, c in enumerate(use * 2):
                if c == 33 and j > 6 and l == '38':
                    continue
                i = str(uuid.UUID(bytes=d.rng.bytes(16)))
                fn = '%s/%s.jpg' % (l, i)
                d.save('cct_images/' + fn, use.index(c), 32)
                images.append({'id': i, 'file_name': fn, 'width': 32, 'height': 32, 'location': l, 'seq_id': d.hex(12), 'seq_num_frames': 1,
                               'frame_num': 1, 'date_captured': '2013-10-%02d 23:00:12' % (1 + j), 'rights_holder': 'nobody'})
                anns.append({'id': d.hex(16), 'image_id': i, 'category_id': c, 'sequence_level_annotation': bool(j % 2)})
                if c == 3 and j == 2:     # two racoons in one picture: the same class twice
                    anns.append({'id': d.hex(16), 'image_id': i, 'category_id': c, 'bbox': [2, 2, 10, 10]})
                n[s] += 1
    d.json('trap_images_20210113.json', {'info': {'version': '2021.01.13', 'description': 'camera trap test', 'year': 2021},
                                         'categories': [{'id': k, 'name': v} for k, v in cats.items()], 'images': d.shuffled(images), 'annotations': d.shuffled(anns)})
    d.json('TrapSplits_v0.json', {'info': {'description': 'split by location'}, 'splits': loc})
    return E('COCO Camera Traps JSON, folders are locations, a second JSON splits by location', 'Caltech Camera Traps (LILA)',
             [cats[c] for c in use], sum(n.values()), n, splits_also_ok=[{}])


# ------------------------------------------------------------------ 09
@layout('09_face_codes')
def _(d):
    C = {'AN': 'anger', 'DI': 'disgust', 'FE': 'fear', 'HA': 'happiness', 'NE': 'neutral', 'SA': 'sadness', 'SU': 'surprise'}
    serial = 1
    for subj in ['KA', 'KL', 'MK', 'YM']:
        for k, c in enumerate(C):
            for i in (1, 2, 3):
                d.save('jaffe/%s.%s%d.%d.tiff' % (subj, c, i, serial), k, 40, 'L', 'TIFF')
                serial += 1
    d.text('jaffe/README_FIRST.txt', ['Grey portraits of four women, seven posed expressions, three takes each.', '',
                                      'Naming: SUBJECT.EXPRESSION+TAKE.SERIAL.tiff', ''] + ['  %s = %s' % x for x in C.items()])
    return E('flat folder, expression code inside a dotted file name, explained in a read-me', 'JAFFE', C.values(), 84, {}, refusal_ok=True,
             classes_also_ok=[list(C)])


# ------------------------------------------------------------------ 10 troubled
@layout('10_feldaufnahmen')
def _(d):
    spell = {'Rost': ['Rost', 'rost', 'Rost ', 'ROST'], 'Mehltau': ['Mehltau', 'mehltau', 'Mehltau'], 'gesund': ['gesund', 'Gesund'], 'Dürre': ['Dürre']}
    rows = []
    for k, (c, sp) in enumerate(spell.items()):
        for i in range(16):
            f = 'Parzelle_%d_Bild%03d.png' % (1 + i % 4, k * 16 + i + 1)
            d.save('Aufnahmen/' + f, k, 32)
            rows.append((f, sp[i % len(sp)], '%02d.06.2022' % (1 + i), '%d,%d' % (40 + i, k)))
    d.text('Befunde.csv', '\r\n'.join(['Dateiname;Befund;Datum;Bodenfeuchte'] + [';'.join(r) for r in sorted(rows, key=lambda r: r[0][-7:])]) + '\r\n', 'cp1252')
    return E('sheet with semicolons in Windows encoding, German names', 'a field trial kept in Excel (as on Zenodo / OpenAgrar)', spell, 64, {},
             'The same class is written in several ways (Rost / rost / "Rost " / ROST, Mehltau / mehltau, gesund / Gesund).',
             classes_also_ok=[['Rost', 'rost', 'ROST', 'Mehltau', 'mehltau', 'gesund', 'Gesund', 'Dürre']])


# ------------------------------------------------------------------ 11
@layout('11_glyph_sheets')
def _(d):
    C = ['alif', 'ba', 'jim', 'dal', 'sin']
    T, cols, meta = 20, 5, []
    tot = {'train': 0, 'test': 0}
    for s, base in [('train', 12), ('test', 6)]:
        for k, c in enumerate(C):
            n = base + (k % 2)
            rows = -(-n // cols)
            sheet = np.full((rows * T, cols * T), 255, np.uint8)
            for i in range(n):
                r, q = divmod(i, cols)
                sheet[r * T:(r + 1) * T, q * T:(q + 1) * T] = d.arr(k, T, 1)[:, :, 0]
            Image.fromarray(sheet).save(d.p('sheets', s, c + '.png'))
            meta.append({'sheet': 'sheets/%s/%s.png' % (s, c), 'glyph': c, 'tile_width': T, 'tile_height': T, 'columns': cols, 'rows': rows, 'count': n})
            tot[s] += n
    d.json('sheets.json', meta)
    d.text('README.md', '# Glyph sheets\n\nOne sheet for each letter and part. A sheet is a grid of 20 x 20 tiles, one handwritten sample in each, read row by row;\n'
           '`count` in sheets.json says how many tiles are filled (the rest is white).\n')
    return E('sprite sheets: one grid picture for each class and split, tile count in a JSON', 'handwritten letter contact sheets (as with USPS / Arabic letter sheets)',
             C, sum(tot.values()), tot, refusal_ok=True)


# ------------------------------------------------------------------ 12
@layout('12_hyperspectral_tiles')
def _(d):
    C = ['alfalfa', 'bare_soil', 'corn_notill', 'soybean', 'woods']
    split = ['tile,split']
    for k, c in enumerate(C):
        for i in range(14):
            base = d.arr(k, 16, 1).astype(np.float32) / 255
            a = base * np.linspace(0.3, 1 + k * 0.1, 12, dtype=np.float32)
            np.save(d.p('tiles', c, '%s_%03d.npy' % (c, i)), (a + d.rng.random((16, 16, 12)) * 0.05).astype(np.float32))
            split.append('%s/%s_%03d.npy,%s' % (c, c, i, 'train' if i < 9 else 'val'))
    d.text('split.csv', split)
    d.text('wavelengths.csv', ['band,nm'] + ['%d,%d' % (i, 400 + 50 * i) for i in range(12)])
    return E('class folders of 12-band float cubes in .npy with a split sheet', 'EuroSAT-MS / Indian Pines cut to tiles', C, 70, {'train': 45, 'val': 25},
             refusal_ok=True, splits_also_ok=[{}])


# ------------------------------------------------------------------ 13 troubled
@layout('13_retina_grades')
def _(d):
    names = ['No DR', 'Mild', 'Moderate', 'Severe', 'Proliferative DR']
    rows = []
    for j in range(80):
        i, k = d.hex(12), j % 5
        rows.append('%s,%d' % (i, k))
        if not 11 <= j < 29:
            d.save('train_images/%s.png' % i, k, 40)
    for _ in range(5):
        d.save('train_images/%s.png' % d.hex(12), 0, 40)
    d.text('train.csv', ['id_code,diagnosis'] + d.shuffled(rows))
    d.text('README.txt', ['Severity of diabetic retinopathy:'] + ['%d - %s' % x for x in enumerate(names)])
    return E('sheet of ids without file ending and grade numbers', 'APTOS 2019 Blindness Detection (Kaggle)', names, 62, {'unlabelled': 5},
             '18 of the 80 rows of train.csv have no file, and 5 files have no row.', classes_also_ok=[[str(i) for i in range(5)]],
             splits_also_ok=[{}, {'train': 62}, {'train': 62, 'unlabelled': 5}], images_also_ok=[67])


# ------------------------------------------------------------------ 14
@layout('14_action_frames')
def _(d):
    C = ['ApplyEyeMakeup', 'Archery', 'BabyCrawling', 'Basketball', 'YoYo']
    tr, te = [], []
    for k, c in enumerate(C):
        for g in range(1, 5):
            v = 'v_%s_g%02d_c01' % (c, g)
            for f in range(1, 6):
                d.save('frames/%s/%s/frame_%06d.jpg' % (c, v, f), k, 28)
            (tr if g < 4 else te).append('%s/%s.avi%s' % (c, v, ' %d' % (k + 1) if g < 4 else ''))
    d.text('ucfTrainTestlist/trainlist01.txt', tr)
    d.text('ucfTrainTestlist/testlist01.txt', te)
    d.text('ucfTrainTestlist/classInd.txt', ['%d %s' % (i + 1, c) for i, c in enumerate(C)])
    return E('frames below clip folders below class folders; lists name the clips (.avi)', 'UCF101 extracted to frames', C, 100, {'train': 75, 'test': 25},
             images_also_ok=[20], splits_also_ok=[{'train': 15, 'test': 5}, {}])


# ------------------------------------------------------------------ 15
@layout('15_textures_folds')
def _(d):
    C = ['banded', 'blotchy', 'bubbly', 'cracked', 'dotted', 'frilly']
    allf = []
    for k, c in enumerate(C):
        for i in range(15):
            d.save('images/%s/%s_%04d.jpg' % (c, c, i * 3 + 2), k, 40)
            allf.append(['%s/%s_%04d.jpg' % (c, c, i * 3 + 2)])
    for fold in (1, 2, 3):
        part = {'train': [], 'val': [], 'test': []}
        for k in range(6):
            fs = d.shuffled([f[0] for f in allf[k * 15:(k + 1) * 15]])
            for j, s in enumerate(part):
                part[s] += fs[j * 5:(j + 1) * 5]
        for s in part:
            d.text('labels/%s%d.txt' % (s, fold), part[s])
    d.text('labels/labels_joint_anno.txt', ['%s %s %s' % (f[0], f[0].split('/')[0], C[(i * 7) % 6]) for i, f in enumerate(allf)])
    return E('class folders with three cross-validation folds of train/val/test lists', 'Describable Textures Dataset (DTD)', C, 90,
             {'train': 30, 'val': 30, 'test': 30}, refusal_ok=True, splits_also_ok=[{}])


# ------------------------------------------------------------------ 16 troubled
@layout('16_catalogue')
def _(d):
    C = ['armchairs', 'floor lamps', 'rugs', 'sideboards']
    for k, c in enumerate(C):
        for i in range(14):
            im = d.im(k, 48)
            f = 'SKU%05d_%s.jpg' % (20110 + k * 300 + i, 'front' if i % 2 else 'side')
            im.save(d.p('catalogue', c, f))
            im.resize((16, 16)).save(d.p('catalogue', c, 'thumbs', f))
        d.raw('catalogue/%s/Thumbs.db' % c, b'\xd0\xcf\x11\xe0' + d.rng.bytes(300))
    return E('product photos in folders of categories, each with a folder of thumbnails', 'a web shop export', C, 56, {},
             'Every class folder has a folder "thumbs" with small copies of the same 14 images; counting them gives 112 images.', images_also_ok=[112])


# ------------------------------------------------------------------ 17
@layout('17_birds_ids')
def _(d):
    leaf = {295: 'American Kestrel (Female, immature)', 296: 'American Kestrel (Adult male)', 313: 'Merlin', 400: 'Snowy Owl', 401: 'Barred Owl',
            817: 'Dark-eyed Junco (Oregon)', 818: 'Dark-eyed Junco (Slate-colored)', 902: 'House Sparrow'}
    inner = {0: 'Birds', 3: 'Falcons', 7: 'Owls', 12: 'Perching Birds', 55: 'American Kestrel', 60: 'Dark-eyed Junco', 71: 'Pygmy Owl'}
    par = {3: 0, 7: 0, 12: 0, 55: 3, 60: 12, 71: 7, 295: 55, 296: 55, 313: 3, 400: 7, 401: 7, 817: 60, 818: 60, 902: 12}
    im, lab, sp, box = [], [], [], []
    for k, c in enumerate(leaf):
        for i in range(10):
            u = str(uuid.UUID(bytes=d.rng.bytes(16)))
            fn = '%04d/%s.jpg' % (c, u.replace('-', ''))
            d.save('images/' + fn, k, 40)
            im.append('%s %s' % (u, fn))
            lab.append('%s %d' % (u, c))
            sp.append('%s %d' % (u, i < 6))
            box.append('%s 4 5 20 21' % u)
    for n, x in [('images', im), ('image_class_labels', lab), ('train_test_split', sp), ('bounding_boxes', box)]:
        d.text(n + '.txt', d.shuffled(x))
    d.text('classes.txt', ['%d %s' % x for x in sorted({**leaf, **inner}.items())])
    d.text('hierarchy.txt', ['%d %d' % x for x in sorted(par.items())])
    d.text('README', 'Whitespace separated files keyed by image id. train_test_split.txt: 1 = train, 0 = test. classes.txt names inner nodes too.\n')
    return E('id-keyed text files joined (path, class, 0/1 split), tree of classes whose inner nodes have no images', 'NABirds', leaf.values(), 80,
             {'train': 48, 'test': 32}, classes_also_ok=[['%04d' % c for c in leaf], [str(c) for c in leaf]])


# ------------------------------------------------------------------ 18
@layout('18_labelme_flags')
def _(d):
    F = ['ok', 'scratch', 'dent']
    names = []
    for j in range(57):
        k = j % 3 if j < 54 else None
        f = 'cam2_%04d' % (j * 4 + 1)
        d.save('station_b/%s.jpg' % f, k or 0, 36)
        d.json('station_b/%s.json' % f, {'version': '5.2.1', 'flags': {x: i == k for i, x in enumerate(F)}, 'shapes': [], 'imagePath': f + '.jpg',
                                        'imageData': None, 'imageHeight': 36, 'imageWidth': 36})
        names.append(f)
    d.text('flags.txt', F)
    return E('a LabelMe JSON beside each picture, the class is the one flag that is true', 'LabelMe image flags', F, 54, {'unlabelled': 3},
             splits_also_ok=[{}])


# ------------------------------------------------------------------ 19 troubled
@layout('19_scenes_two_parts')
def _(d):
    C = ['buildings', 'forest', 'glacier', 'sea', 'street']
    for k, c in enumerate(C):
        for i in range(12):
            d.save('train/train/%s/%d.jpg' % (c, 100 + k * 40 + i), k, 32)
        for i in range(6):
            d.save('test/%s/%d.jpg' % (c, 20000 + k * 40 + i), k, 32)
    return E('train and test of class folders', 'Intel Image Classification (Kaggle), repacked', C, 90, {'train': 60, 'test': 30},
             'The train part has one folder level more (train/train/CLASS) than the test part (test/CLASS), so "train" could be taken for its only class.')


# ------------------------------------------------------------------ 20
@layout('20_labelstudio_export')
def _(d):
    C = ['Ripe', 'Unripe', 'Overripe']
    tasks = []
    for j in range(64):
        k = j % 3 if j < 60 else None
        f = 'IMG_%04d.jpg' % (2200 + j)
        d.save('media/' + f, k or 0, 36)
        h = d.hex(8)
        ann = {'id': 900 + j, 'completed_by': 1, 'was_cancelled': k is None, 'ground_truth': False, 'lead_time': 2.5, 'result': [] if k is None else [
            {'value': {'choices': [C[k]]}, 'id': d.hex(10), 'from_name': 'ripeness', 'to_name': 'image', 'type': 'choices', 'origin': 'manual'}]}
        tasks.append({'id': 300 + j, 'annotations': [ann] if j < 62 else [], 'file_upload': '%s-%s' % (h, f), 'drafts': [], 'predictions': [],
                      'data': {'image': '/data/upload/12/%s-%s' % (h, f)}, 'meta': {}, 'project': 12, 'total_annotations': int(k is not None)})
    d.json('project-12-at-2024-03-05-10-11-9f2c01aa.json', d.shuffled(tasks))
    return E('Label Studio JSON whose upload paths carry a hash before the name of the local file; skipped tasks', 'Label Studio export', C, 60,
             {'unlabelled': 4}, splits_also_ok=[{}])


# ------------------------------------------------------------------ 21
@layout('21_parts_manifest')
def _(d):
    C = ['bolt', 'nut', 'spring', 'washer']
    out = {'train': [], 'validation': []}
    for k, c in enumerate(C):
        for i in range(18):
            f = '%s.png' % d.hex(10)
            d.save('images/' + f, k, 32)
            out['train' if i < 13 else 'validation'].append(json.dumps({
                'source-ref': 's3://acme-vision/batch-07/images/' + f, 'part-kind': k,
                'part-kind-metadata': {'confidence': 0.93, 'class-name': c, 'human-annotated': 'yes', 'job-name': 'labeling-job/part-kind',
                                       'creation-date': '2023-02-11T10:00:00.123456', 'type': 'groundtruth/image-classification'}}))
    for s, x in out.items():
        d.text(s + '.manifest', d.shuffled(x))
    return E('JSON-lines manifests for train and validation with s3 addresses of local pictures', 'Amazon SageMaker Ground Truth augmented manifest', C, 72,
             {'train': 52, 'val': 20}, splits_also_ok=[{'train': 52, 'validation': 20}])


# ------------------------------------------------------------------ 22 troubled
@layout('22_bottle_inspection')
def _(d):
    for i in range(30):
        d.save('bottle/train/good/%03d.png' % i, 0, 40)
    for k, c in enumerate(['good', 'broken_large', 'contamination']):
        for i in range(8):
            d.save('bottle/test/%s/%03d.png' % (c, i), k, 40)
            if k:
                d.mask('bottle/ground_truth/%s/%03d_mask.png' % (c, i), 40)
    d.text('bottle/readme.txt', 'Good bottles to learn from, good and defective ones to test on, and pixel masks of the defects.\n')
    d.text('bottle/license.txt', 'For tests only.\n')
    return E('train/good only, test with defect classes, ground_truth with masks', 'MVTec AD', ['good', 'broken_large', 'contamination'], 54,
             {'train': 30, 'test': 24}, 'broken_large and contamination exist in test only (train holds good alone), and the 16 pictures in ground_truth are masks.',
             refusal_ok=True, point_at='bottle')


# ------------------------------------------------------------------ 23
@layout('23_supervisely_trees')
def _(d):
    C = ['ash', 'beech', 'maple', 'oak', 'spruce']
    for k, c in enumerate(C):
        for i in range(14):
            s = 'train' if i < 10 else 'val'
            f = 'bark_%04d.jpeg' % (i * 5 + k)
            d.save('tree_bark/%s/img/%s' % (s, f), k, 36, fmt='JPEG')
            d.json('tree_bark/%s/ann/%s.json' % (s, f), {'description': '', 'size': {'height': 36, 'width': 36}, 'objects': [], 'tags': [
                {'id': 1000 + i, 'tagId': 77, 'name': 'species', 'value': c, 'labelerLogin': 'anna', 'createdAt': '2022-05-01T08:00:00.000Z'}]})
    d.json('tree_bark/meta.json', {'classes': [], 'projectType': 'images', 'tags': [
        {'name': 'species', 'value_type': 'oneof_string', 'color': '#AA4411', 'id': 77, 'values': C + ['birch'], 'applicable_type': 'imagesOnly'}]})
    return E('img and ann folders for each dataset, the class is the value of an image tag; one allowed value is unused', 'Supervisely project export', C, 70,
             {'train': 50, 'val': 20})


# ------------------------------------------------------------------ 24
@layout('24_patches_h5', ['h5py'])
def _(d):
    import h5py
    for s, n in [('train', 64), ('valid', 24), ('test', 24)]:
        y = np.array(d.shuffled([0, 1] * (n // 2)), dtype=np.uint8)
        pre = 'camelyonpatch_level_2_split_%s' % s
        with h5py.File(d.p(pre + '_x.h5'), 'w') as f:
            f.create_dataset('x', data=np.stack([d.arr(int(k) * 3, 32) for k in y]))
        with h5py.File(d.p(pre + '_y.h5'), 'w') as f:
            f.create_dataset('y', data=y.reshape(-1, 1, 1, 1))
        if s == 'train':
            with h5py.File(d.p(pre + '_mask.h5'), 'w') as f:
                f.create_dataset('mask', data=(np.stack([d.arr(0, 32, 1) for _ in y]) > 60).astype(np.uint8))
        d.text(pre + '_meta.csv', [',coord_y,coord_x,tumor_patch,center_tumor_patch,wsi'] + ['%d,%d,%d,%s,%s,camelyon16_%s_%03d' % (
            i, 1000 + i, 2000 + i, bool(k), bool(k), s, i % 7) for i, k in enumerate(y)])
    d.text('README.md', 'Patches of lymph nodes. Label 1: the centre of the patch holds tumor tissue; label 0: it does not.\n')
    return E('pairs of HDF5 files x and y for each split (y of shape N,1,1,1), also a mask file', 'PatchCamelyon (PCam)', ['0', '1'], 112,
             {'train': 64, 'val': 24, 'test': 24}, refusal_ok=True, classes_also_ok=[['no tumor', 'tumor'], ['normal', 'tumor']],
             splits_also_ok=[{'train': 64, 'valid': 24, 'test': 24}])


# ------------------------------------------------------------------ 25 troubled
@layout('25_indoor_lists')
def _(d):
    C = ['airport_inside', 'bakery', 'bookstore', 'inside_bus', 'winecellar']
    tr, te = [], []
    for k, c in enumerate(C):
        for i in range(16):
            f = '%s/%s_%04d_google.jpg' % (c, c, i * 2 + 1)
            d.save('Images/' + f, k, 36)
            (tr if i < 10 else te).append(f)
    both = [te[i] for i in sorted(d.rng.choice(len(te), 7, replace=False))]
    tr += both
    d.text('TrainImages.txt', d.shuffled(tr))
    d.text('TestImages.txt', d.shuffled(te))
    return E('class folders and two list files', 'MIT Indoor Scene Recognition (67)', C, 80, {'train': 57, 'test': 30},
             '7 images are in both TrainImages.txt and TestImages.txt.', splits_also_ok=[{'train': 50, 'test': 30}, {'train': 57, 'test': 23}], images_also_ok=[87],
             refusal_ok=True)


# ------------------------------------------------------------------ 26
@layout('26_brain_mat73', ['h5py'])
def _(d):
    import h5py
    names = ['meningioma', 'glioma', 'pituitary tumor']
    head = b'MATLAB 7.3 MAT-file, Platform: PCWIN64, Created on: Mon Apr 03 2017 HDF5 schema 1.00 .'.ljust(124) + b'\x00\x02IM'

    def mat(path, fill):
        with h5py.File(path, 'w', userblock_size=512) as f:
            fill(f)
        with open(path, 'r+b') as f:
            f.write(head)

    y = d.shuffled([0, 1, 2] * 20)
    for i, k in enumerate(y, 1):
        def fill(f, k=k):
            g = f.create_group('cjdata')
            g.create_dataset('PID', data=np.array([[ord(c)] for c in '%06d' % (100000 + i // 3)], dtype=np.uint16))
            g.create_dataset('image', data=d.arr(k, 32, 1)[:, :, 0].astype(np.int16) * 6)
            g.create_dataset('label', data=np.array([[k + 1.0]]))
            g.create_dataset('tumorBorder', data=d.rng.random((1, 20)) * 30)
            g.create_dataset('tumorMask', data=(d.arr(0, 32, 1)[:, :, 0] > 80).astype(np.uint8))
        mat(d.p('brainTumorDataPublic_%s' % ('1-30' if i <= 30 else '31-60'), '%d.mat' % i), fill)
    mat(d.p('cvind.mat'), lambda f: f.create_dataset('cvind', data=np.array([[1 + i % 5 for i in range(60)]], dtype=np.float64)))
    d.text('README.txt', 'T1-weighted slices, one MATLAB file each, with a structure cjdata:\n  label: 1 for meningioma, 2 for glioma, 3 for pituitary tumor\n'
           '  PID: patient, image, tumorBorder, tumorMask\ncvind.mat holds the indices for five-fold cross-validation.\n')
    return E('one MATLAB v7.3 file for each picture with image, label and mask inside; folds in cvind.mat', 'figshare brain tumor dataset (Cheng)', names, 60, {},
             refusal_ok=True, classes_also_ok=[['1', '2', '3']], splits_also_ok=[{str(i): 12 for i in range(1, 6)}])


# ------------------------------------------------------------------ protobuf helpers
def varint(n):
    out = b''
    while True:
        b = n & 127
        n >>= 7
        if n:
            out += bytes([b | 128])
        else:
            return out + bytes([b])


def pb(field, v):
    if isinstance(v, int):
        return varint(field << 3) + varint(v)
    return varint(field << 3 | 2) + varint(len(v)) + v


# ------------------------------------------------------------------ 27
@layout('27_caffe_db', ['lmdb'])
def _(d):
    import lmdb
    C = ['cup', 'fork', 'knife', 'plate', 'spoon']
    for s, n in [('train_db', 60), ('val_db', 20)]:
        os.makedirs(d.p(s, 'x')[:-2], exist_ok=True)
        env = lmdb.open(os.path.join(d.root, s), map_size=4 << 20)
        with env.begin(write=True) as t:
            for i, k in enumerate(d.shuffled([i % 5 for i in range(n)])):
                a = d.arr(k, 28)[:, :, ::-1].transpose(2, 0, 1)
                datum = pb(1, 3) + pb(2, 28) + pb(3, 28) + pb(4, np.ascontiguousarray(a).tobytes()) + pb(5, k)
                t.put(b'%08d_%s/IMG_%d.png' % (i, C[k].encode(), i), datum)
        env.close()
    d.text('labels.txt', C)
    d.json('info.json', {'job id': '20180412-101500-a1b2', 'framework': 'caffe', 'mean subtraction': 'Image', 'train_db_path': 'train_db', 'val_db_path': 'val_db'})
    return E('LMDB of Caffe Datum records for train and val, names by line', 'NVIDIA DIGITS / Caffe', C, 80, {'train': 60, 'val': 20}, refusal_ok=True)


# ------------------------------------------------------------------ 28 troubled
@layout('28_woodland_crops')
def _(d):
    n = {'Badger': 18, 'Fox': 18, 'Hare': 18, 'Unsorted': 26}
    for k, (c, m) in enumerate(n.items()):
        for i in range(m):
            d.save('crops/%s/RCNX%04d_crop%d.jpg' % (c, 300 + k * 50 + i, i % 2), k if k < 3 else i % 3, 36)
    d.text('notes.txt', 'Crops from the detector. Still to do: go through Unsorted.\n')
    return E('folders of a sorting in progress', 'camera trap crops sorted by hand (MegaDetector / Timelapse)', ['Badger', 'Fox', 'Hare'], 54, {'unlabelled': 26},
             '"Unsorted" (26 images) is a pile without labels, not a class.', splits_also_ok=[{}], classes_also_ok=[['Badger', 'Fox', 'Hare', 'Unsorted']], images_also_ok=[80])


# ------------------------------------------------------------------ tar helper
def add(t, name, b):
    ti = tarfile.TarInfo(name)
    ti.size, ti.mtime = len(b), 1600000000
    t.addfile(ti, io.BytesIO(b))


# ------------------------------------------------------------------ 29
@layout('29_wds_shards')
def _(d):
    C = ['apple', 'banana', 'cherry', 'fig', 'lemon', 'plum']
    for s, per, shards in [('train', 12, 3), ('test', 4, 1)]:
        items = d.shuffled([k for k in range(6) for _ in range(per)])
        for sh in range(shards):
            with tarfile.open(d.p(s, '%d.tar' % sh), 'w') as t:
                for i, k in list(enumerate(items))[sh::shards]:
                    key = 's%07d' % i
                    add(t, key + '.jpg', d.bytes(k, 32))
                    add(t, key + '.cls', str(k).encode())
        d.text(s + '/nshards.txt', str(shards) + '\n')
    d.text('classnames.txt', C)
    return E('WebDataset shards (key.jpg, key.cls) below train and test, names by line', 'CLIP benchmark WebDatasets', C, 96, {'train': 72, 'test': 24}, refusal_ok=True,
             classes_also_ok=[[str(i) for i in range(6)]])


# ------------------------------------------------------------------ 30
_CRC = []
for _i in range(256):
    _c = _i
    for _ in range(8):
        _c = (_c >> 1) ^ 0x82F63B78 if _c & 1 else _c >> 1
    _CRC.append(_c)


def masked_crc(b):
    c = 0xFFFFFFFF
    for x in b:
        c = _CRC[(c ^ x) & 255] ^ (c >> 8)
    c ^= 0xFFFFFFFF
    return (((c >> 15) | (c << 17)) + 0xA282EAD8) & 0xFFFFFFFF


@layout('30_tfds_beans')
def _(d):
    C = ['angular_leaf_spot', 'bean_rust', 'healthy']
    base = 'leaf_beans/1.1.0/'

    def feat(name, v):
        f = pb(3, pb(1, varint(v))) if isinstance(v, int) else pb(1, pb(1, v))
        return pb(1, pb(1, name.encode()) + pb(2, f))

    info = []
    for s, n, shards in [('train', 54, 2), ('validation', 18, 1), ('test', 18, 1)]:
        y = d.shuffled([i % 3 for i in range(n)])
        lens = []
        for sh in range(shards):
            buf = b''
            mine = y[sh::shards]
            for k in mine:
                ex = pb(1, feat('image', d.bytes(k, 24)) + feat('label', k))
                ln = struct.pack('<Q', len(ex))
                buf += ln + struct.pack('<I', masked_crc(ln)) + ex + struct.pack('<I', masked_crc(ex))
            d.raw(base + 'leaf_beans-%s.tfrecord-%05d-of-%05d' % (s, sh, shards), buf)
            lens.append(str(len(mine)))
        info.append({'name': s, 'shardLengths': lens, 'numBytes': '0', 'filepathTemplate': '{DATASET}-{SPLIT}.{FILEFORMAT}-{SHARD_X_OF_Y}'})
    d.json(base + 'dataset_info.json', {'name': 'leaf_beans', 'version': '1.1.0', 'fileFormat': 'tfrecord', 'splits': info, 'supervisedKeys': {
        'tuple': {'items': [{'featureKey': 'image'}, {'featureKey': 'label'}]}}})
    d.json(base + 'features.json', {'pythonClassName': 'tensorflow_datasets.core.features.features_dict.FeaturesDict', 'featuresDict': {'features': {
        'image': {'pythonClassName': 'tensorflow_datasets.core.features.image_feature.Image', 'image': {'shape': {'dimensions': ['24', '24', '3']}, 'dtype': 'uint8', 'encodingFormat': 'jpeg'}},
        'label': {'pythonClassName': 'tensorflow_datasets.core.features.class_label_feature.ClassLabel', 'classLabel': {'numClasses': '3'}}}}})
    d.text(base + 'label.labels.txt', C)
    return E('TFRecord shards with dataset_info.json and label.labels.txt', 'TensorFlow Datasets folder', C, 90, {'train': 54, 'val': 18, 'test': 18}, refusal_ok=True,
             splits_also_ok=[{'train': 54, 'validation': 18, 'test': 18}])


# ------------------------------------------------------------------ 31 troubled
@layout('31_scraped_pets')
def _(d):
    C = ['guinea pig', 'hamster', 'parrot', 'tortoise']
    html = '<!DOCTYPE html><html><head><title>403 Forbidden</title></head><body><h1>Forbidden</h1></body></html>'
    bad = 0
    for k, c in enumerate(C):
        for i in range(18):
            f = 'pets/%s/%s.jpg' % (c, d.hex(10))
            if i in (3, 11) and (k, i) != (2, 11):
                d.text(f, html)
                bad += 1
            elif i == 7 and k < 3:
                d.raw(f, b'')
                bad += 1
            else:
                d.save(f, k, 32, fmt=['JPEG', 'JPEG', 'PNG', 'JPEG', 'GIF', 'WEBP'][i % 6])
    assert bad == 10
    return E('class folders of pictures fetched from a search engine, all called .jpg', 'image search scrape (fastai-style download)', C, 62, {},
             '10 files called .jpg are no pictures (7 are HTML error pages, 3 are empty), and others are PNG, GIF or WebP under the ending .jpg.', images_also_ok=[72])


# ------------------------------------------------------------------ 32
@layout('32_hf_parquet', ['pyarrow'])
def _(d):
    import pyarrow as pa, pyarrow.parquet as pq
    C = ['antelope_duiker', 'bird', 'blank', 'civet_genet', 'leopard']
    hf = {'info': {'features': {'image': {'_type': 'Image'}, 'label': {'names': C, '_type': 'ClassLabel'}, 'site': {'dtype': 'string', '_type': 'Value'}}}}
    for s, n, sh in [('train', 60, 2), ('validation', 20, 1)]:
        y = d.shuffled([i % 5 for i in range(n)])
        for q in range(sh):
            mine = y[q::sh]
            t = pa.table({'image': pa.array([{'bytes': d.bytes(k, 32), 'path': 'ZJ%06d.jpg' % (i + q * 500)} for i, k in enumerate(mine)],
                                            pa.struct([('bytes', pa.binary()), ('path', pa.string())])),
                          'label': pa.array(mine, pa.int64()), 'site': pa.array(['S%04d' % (i % 7) for i in range(len(mine))])})
            pq.write_table(t.replace_schema_metadata({'huggingface': json.dumps(hf)}), d.p('data', '%s-%05d-of-%05d-%s.parquet' % (s, q, sh, d.hex(16))))
    d.text('README.md', '---\ndataset_info:\n  features:\n  - name: image\n    dtype: image\n  - name: label\n    dtype:\n      class_label:\n        names:\n' +
           ''.join("          '%d': %s\n" % x for x in enumerate(C)) + '  splits:\n  - name: train\n    num_examples: 60\n  - name: validation\n    num_examples: 20\n---\n\n# Site pictures\n')
    return E('parquet shards with encoded pictures and label numbers, names in the schema and the card', 'Hugging Face Hub image dataset', C, 80, {'train': 60, 'val': 20},
             refusal_ok=True, splits_also_ok=[{'train': 60, 'validation': 20}])


# ------------------------------------------------------------------ 33
@layout('33_tar_of_tars')
def _(d):
    S = [('n01440764', 'tench'), ('n01514668', 'cock'), ('n01608432', 'kite'), ('n02123045', 'tabby'), ('n03445777', 'golf ball'), ('n04254680', 'soccer ball')]
    with tarfile.open(d.p('ILSVRC_img_train.tar'), 'w') as t:
        for k, (w, _) in enumerate(S):
            b = io.BytesIO()
            with tarfile.open(fileobj=b, mode='w') as u:
                for i in range(10):
                    add(u, '%s_%d.JPEG' % (w, 18 + i * 7), d.bytes(k, 28))
            add(t, w + '.tar', b.getvalue())
    y = d.shuffled([k for k in range(6) for _ in range(4)])
    with tarfile.open(d.p('ILSVRC_img_val.tar'), 'w') as t:
        for i, k in enumerate(y, 1):
            add(t, 'ILSVRC_val_%08d.JPEG' % i, d.bytes(k, 28))
    d.text('devkit/data/validation_ground_truth.txt', [str(k + 1) for k in y])
    d.text('devkit/data/synsets.txt', ['%d %s %s' % (i + 1, w, n) for i, (w, n) in enumerate(S)])
    d.text('devkit/readme.txt', 'Line i of validation_ground_truth.txt is the number (see synsets.txt) of ILSVRC_val_i.\n')
    return E('a tar of one tar for each class, a flat tar for validation with labels by line', 'ImageNet ILSVRC2012 as downloaded', [n for _, n in S], 84,
             {'train': 60, 'val': 24}, refusal_ok=True, classes_also_ok=[[w for w, _ in S]])


# ------------------------------------------------------------------ 34 troubled
@layout('34_flower_download')
def _(d):
    C = ['calendula', 'daisy', 'iris', 'rose', 'sunflower', 'water_lily']
    data = {}
    with zipfile.ZipFile(d.p('flowers.zip'), 'w') as z:
        for k, c in enumerate(C):
            for i in range(15):
                n = 'flowers/%s/%s_%02d.jpg' % (c, c, i)
                data[n] = d.bytes(k, 36)
                z.writestr(zipfile.ZipInfo(n, (2021, 5, 1, 10, 0, 0)), data[n])
    for c in C[:4]:
        for i in range(15 if c != 'rose' else 6):
            n = 'flowers/%s/%s_%02d.jpg' % (c, c, i)
            d.raw(n, data[n][:len(data[n]) // 3] if (c, i) == ('rose', 5) else data[n])
    d.text('README.txt', 'Flowers, 6 classes, 15 images each. Unpack flowers.zip.\n')
    return E('an archive and the folder that came out of it', 'Kaggle flower download unpacked by hand', C[:4], 50, {},
             'The archive flowers.zip is only partly extracted: of its 6 classes and 90 images the folder has 4 classes and 51 files, the last one (rose_05.jpg) cut off.',
             refusal_ok=True, classes_also_ok=[C], images_also_ok=[51, 90])


# ------------------------------------------------------------------ 35
@layout('35_letters_idx')
def _(d):
    L = 'ABCDEFGHIJ'
    for s, per in [('train', 8), ('test', 2)]:
        y = d.shuffled([k for k in range(10) for _ in range(per)])
        x = np.stack([d.arr(k, 28, 1)[:, :, 0].T for k in y])
        for kind, hdr, body in [('images-idx3', struct.pack('>IIII', 2051, len(y), 28, 28), x.tobytes()),
                                ('labels-idx1', struct.pack('>II', 2049, len(y)), bytes(k + 1 for k in y))]:
            with open(d.p('gzip', 'emnist-letters-%s-%s-ubyte.gz' % (s, kind)), 'wb') as f:
                with gzip.GzipFile(fileobj=f, mode='wb', filename='', mtime=0) as g:
                    g.write(hdr + body)
    d.text('gzip/emnist-letters-mapping.txt', ['%d %d %d' % (i + 1, ord(c), ord(c.lower())) for i, c in enumerate(L)])
    return E('gzipped idx files, labels from 1, mapping file to the codes of upper and lower case', 'EMNIST letters', list(L), 100, {'train': 80, 'test': 20},
             classes_also_ok=[list(L.lower()), [str(i) for i in range(1, 11)], [c + c.lower() for c in L], ['%s/%s' % (c, c.lower()) for c in L]])


# ------------------------------------------------------------------ 36
@layout('36_expression_pixels')
def _(d):
    C = ['Angry', 'Disgust', 'Fear', 'Happy', 'Sad', 'Surprise', 'Neutral']
    rows = ['emotion,pixels,Usage']
    for u, n in [('Training', 63), ('PublicTest', 21), ('PrivateTest', 21)]:
        for k in d.shuffled([i % 7 for i in range(n)]):
            rows.append('%d,%s,%s' % (k, ' '.join(map(str, d.arr(k, 24, 1).ravel())), u))
    d.text('fer2013.csv', rows)
    d.text('README', ['emotion: ' + ', '.join('%d=%s' % x for x in enumerate(C)), 'pixels: 24 x 24 grey values, row by row',
                      'Usage: Training, PublicTest (validation), PrivateTest (final test)'])
    return E('one sheet that holds the grey values of each picture, the label number and the usage', 'FER2013 (Kaggle)', C, 105, {'train': 63, 'val': 21, 'test': 21},
             classes_also_ok=[[str(i) for i in range(7)]], splits_also_ok=[{'Training': 63, 'PublicTest': 21, 'PrivateTest': 21}, {'train': 63, 'test': 42}])


# ------------------------------------------------------------------ 37 troubled
@layout('37_part_photos')
def _(d):
    C = ['bearing', 'gear', 'pulley', 'shaft']
    names = ['part_%04d.png' % i for i in range(1, 9)] + ['part_%04d_r2.png' % i for i in range(9, 71)]
    for i, f in enumerate(names):
        d.save('images/' + f, i % 4, 36)
    images = [{'id': i, 'file_name': 'part_%04d.png' % (i + 1), 'width': 640, 'height': 480} for i in range(64)]
    d.json('annotations/labels_v1.json', {'info': {'version': '1.0', 'year': 2019, 'description': 'release 1, 64 images'},
                                          'categories': [{'id': i + 1, 'name': c} for i, c in enumerate(C)], 'images': images,
                                          'annotations': [{'id': i, 'image_id': i, 'category_id': 1 + i % 4} for i in range(64)]})
    d.text('CHANGES.txt', 'release 2: 70 images, smaller, most of them taken anew (names end in _r2)\nrelease 1: 64 images\n')
    return E('folder of pictures and a JSON of labels', 'a university download page with two releases', C, 8, {'unlabelled': 62},
             'The annotation file is that of release 1: only 8 of its 64 file names are in images/, 62 of the 70 images have no label, and the sizes differ.',
             refusal_ok=True, splits_also_ok=[{}], images_also_ok=[0, 64, 70])


# ------------------------------------------------------------------ 38
@layout('38_pets_list')
def _(d):
    B = [('Abyssinian', 1), ('Bengal', 1), ('Siamese', 1), ('beagle', 2), ('great_pyrenees', 2), ('pug', 2)]
    lst, tv, te = [], [], []
    cnt = {1: 0, 2: 0}
    for k, (b, sp) in enumerate(B):
        cnt[sp] += 1
        for i in range(1, 13):
            f = '%s_%d' % (b, i * 3)
            d.save('images/%s.jpg' % f, k, 40)
            d.mask('annotations/trimaps/%s.png' % f, 40) if i % 3 == 0 else None
            row = '%s %d %d %d' % (f, k + 1, sp, cnt[sp])
            lst.append(row)
            (tv if i <= 6 else te).append(row)
    for b, k in [('beagle_116', 3), ('Bengal_105', 1)]:   # pictures that the lists leave out
        d.save('images/%s.jpg' % b, k, 40)
    d.raw('images/Abyssinian_100.mat', b'MATLAB 5.0 MAT-file'.ljust(128, b' '))
    d.text('annotations/list.txt', ['#Image CLASS-ID SPECIES BREED ID', '#ID: 1:6 Class ids', '#SPECIES: 1:Cat 2:Dog', '#BREED ID: 1-3:Cat 1:3:Dog'] + lst)
    d.text('annotations/trainval.txt', d.shuffled(tv))
    d.text('annotations/test.txt', d.shuffled(te))
    return E('flat folder, breed in the file name, lists with class, species and breed numbers, some trimaps', 'Oxford-IIIT Pet', [b for b, _ in B], 72,
             {'train': 36, 'test': 36}, splits_also_ok=[{'trainval': 36, 'test': 36}, {'train': 36, 'test': 36, 'unlabelled': 2}, {'trainval': 36, 'test': 36, 'unlabelled': 2}, {}],
             classes_also_ok=[['cat', 'dog'], [b.replace('_', ' ') for b, _ in B]], images_also_ok=[74])


# ------------------------------------------------------------------ 39
def xlsx(path, rows):
    def cell(r, c, v):
        ref = '%s%d' % ('ABCDEFGH'[c], r)
        if isinstance(v, str):
            return '<c r="%s" t="inlineStr"><is><t>%s</t></is></c>' % (ref, v)
        return '<c r="%s"><v>%s</v></c>' % (ref, v)
    sheet = ''.join('<row r="%d">%s</row>' % (i, ''.join(cell(i, j, v) for j, v in enumerate(r))) for i, r in enumerate(rows, 1))
    x = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    m = 'http://schemas.openxmlformats.org/'
    files = {
        '[Content_Types].xml': x + '<Types xmlns="%spackage/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>' % m,
        '_rels/.rels': x + '<Relationships xmlns="%spackage/2006/relationships"><Relationship Id="rId1" Type="%sofficeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>' % (m, m),
        'xl/workbook.xml': x + '<workbook xmlns="%sspreadsheetml/2006/main" xmlns:r="%sofficeDocument/2006/relationships"><sheets><sheet name="Feuil1" sheetId="1" r:id="rId1"/></sheets></workbook>' % (m, m),
        'xl/_rels/workbook.xml.rels': x + '<Relationships xmlns="%spackage/2006/relationships"><Relationship Id="rId1" Type="%sofficeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>' % (m, m),
        'xl/worksheets/sheet1.xml': x + '<worksheet xmlns="%sspreadsheetml/2006/main"><sheetData>%s</sheetData></worksheet>' % (m, sheet)}
    with zipfile.ZipFile(path, 'w', zipfile.ZIP_DEFLATED) as z:
        for n, s in files.items():
            z.writestr(zipfile.ZipInfo(n, (2014, 3, 1, 9, 0, 0)), s)


@layout('39_fundus_xlsx')
def _(d):
    for b, dep in [('Base11', 'Service Ophtalmologie Lariboisiere'), ('Base21', 'CHU de St Etienne'), ('Base31', 'LaTIM - CHU de BREST')]:
        rows = [['Image name', 'Ophthalmologic department', 'Retinopathy grade', 'Risk of macular edema ']]
        for i in range(20):
            k = i % 4
            f = '200510%02d_%05d_0400_PP.tif' % (10 + i, int(d.rng.integers(10000, 99999)))
            d.save('%s/%s' % (b, f), k, 48)
            rows.append([f, dep, k, (i // 4) % 3])
        xlsx(d.p(b, 'Annotation_%s.xlsx' % b), rows)
    d.text('README.txt', 'Three hospitals (Base11, Base21, Base31), each folder with its Excel sheet. Main label: retinopathy grade 0 to 3; second label: risk of macular edema 0 to 2.\n')
    return E('three hospital folders with an Excel sheet each, two label columns', 'Messidor', ['0', '1', '2', '3'], 60, {}, refusal_ok=True,
             classes_also_ok=[['0', '1', '2']], splits_also_ok=[{'Base11': 20, 'Base21': 20, 'Base31': 20}])


# ------------------------------------------------------------------ 40
@layout('40_kitchen_txt')
def _(d):
    C = ['bowl', 'mug', 'plate', 'wooden spoon']
    for s, per in [('train', 12), ('holdout', 4)]:
        for j, k in enumerate(d.shuffled([k for k in range(4) for _ in range(per)])):
            d.save('%s/%05d.webp' % (s, j), k, 40)
            d.text('%s/%05d.txt' % (s, j), C[k] + ('\n' if j % 3 else ''))
    return E('a text file with the class name beside each picture, two folders', 'caption-style sidecar files (as of kohya / RainbowNeko)', C, 64,
             {'train': 48, 'holdout': 16}, splits_also_ok=[{'train': 48, 'val': 16}, {'train': 48, 'test': 16}])


# ------------------------------------------------------------------
def main():
    ap = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ap.add_argument('out')
    ap.add_argument('--expected', default=os.path.join(os.path.dirname(os.path.abspath(__file__)), 'expected.json'))
    a = ap.parse_args()
    t0, exp = time.time(), {}
    for seed, (name, needs, f) in enumerate(LAYOUTS, 1):
        try:
            for m in needs:
                __import__(m)
        except ImportError:
            print('skipped %s: no module %s' % (name, m))
            continue
        root = os.path.join(a.out, name)
        if os.path.isdir(root):
            shutil.rmtree(root)
        exp[name] = f(D(root, seed))
    with open(a.expected, 'w') as f:
        json.dump(exp, f, indent=1, ensure_ascii=False)
        f.write('\n')
    n = sum(e['finding'] is not None for e in exp.values())
    print('%d layouts (%d healthy, %d troubled) in %.1f s' % (len(exp), len(exp) - n, n, time.time() - t0))


if __name__ == '__main__':
    main()
