"""python3 make.py OUT : writes 20 small image-classification datasets, OUT/01_... to OUT/20_..., each in another layout.
numpy, Pillow, standard library; h5py for one (06), which is skipped where it is not importable."""
import csv, datetime, io, json, os, shutil, sqlite3, sys, uuid
import numpy as np
from PIL import Image, ImageDraw

OUT = None


def rng_of(k):
    return np.random.default_rng(9000 + k)


HUES = [(200, 60, 50), (60, 160, 70), (60, 90, 200), (210, 180, 50), (150, 70, 180), (60, 180, 190), (220, 130, 60), (130, 130, 130)]


def draw(rng, c, w=40, h=None, rot=0, noise=18):
    """a picture of class c: a tint and a shape of its own, jitter and noise; no two alike"""
    h = h or w
    base = np.array(HUES[c % 8], float)
    bg = tuple(int(v) for v in np.clip(base * 0.45 + 60 + rng.integers(-15, 16, 3), 0, 255))
    fg = tuple(int(v) for v in np.clip(base + rng.integers(-20, 21, 3), 0, 255))
    im = Image.new('RGB', (w, h), bg)
    d = ImageDraw.Draw(im)
    cx, cy = w / 2 + rng.integers(-w // 10, w // 10 + 1), h / 2 + rng.integers(-h // 10, h // 10 + 1)
    r = min(w, h) * (0.22 + 0.1 * rng.random())
    k = c % 8
    if k == 0: d.ellipse([cx - r, cy - r, cx + r, cy + r], fill=fg)
    elif k == 1: d.rectangle([cx - r, cy - r, cx + r, cy + r], fill=fg)
    elif k == 2: d.polygon([(cx, cy - r), (cx + r, cy + r), (cx - r, cy + r)], fill=fg)
    elif k == 3: d.rectangle([cx - r, cy - r / 3, cx + r, cy + r / 3], fill=fg); d.rectangle([cx - r / 3, cy - r, cx + r / 3, cy + r], fill=fg)
    elif k == 4: d.ellipse([cx - r, cy - r, cx + r, cy + r], outline=fg, width=4)
    elif k == 5:
        for i in range(-2, 3): d.line([(0, cy + i * r / 1.6), (w, cy + i * r / 1.6 + 3)], fill=fg, width=3)
    elif k == 6: d.polygon([(cx, cy - r), (cx + r, cy), (cx, cy + r), (cx - r, cy)], fill=fg)
    else:
        for i in range(6):
            x, y = rng.integers(0, w), rng.integers(0, h); d.ellipse([x - 3, y - 3, x + 3, y + 3], fill=fg)
    if rot: im = im.rotate(rot)
    a = np.asarray(im, float) + rng.normal(0, noise, (h, w, 3))
    return Image.fromarray(np.clip(a, 0, 255).astype(np.uint8))


def save(im, *parts):
    p = os.path.join(OUT, *parts)
    os.makedirs(os.path.dirname(p), exist_ok=True)
    ext = p.rsplit('.', 1)[1].lower()
    if ext in ('jpg', 'jpeg'): im.save(p, 'JPEG', quality=90)
    elif ext in ('tif', 'tiff'): im.save(p, 'TIFF')
    else: im.save(p)
    return p


def text(s, *parts, enc='utf-8'):
    p = os.path.join(OUT, *parts)
    os.makedirs(os.path.dirname(p), exist_ok=True)
    with open(p, 'wb') as f: f.write(s.encode(enc))


def js(o, *parts, indent=None):
    text(json.dumps(o, indent=indent), *parts)


def uid(rng):
    return str(uuid.UUID(bytes=rng.bytes(16), version=4))


def csvtext(rows, delim=',', nl='\n'):
    b = io.StringIO()
    csv.writer(b, delimiter=delim, lineterminator=nl).writerows(rows)
    return b.getvalue()


# ---------------------------------------------------------------- healthy
def d01():
    """TrashNet: folders by class, split lists with bare names and labels from 1 in an order of their own"""
    D, rng = '01_trashnet_lists', rng_of(1)
    ids = {'glass': 1, 'paper': 2, 'cardboard': 3, 'plastic': 4, 'metal': 5}
    n = {'glass': 20, 'paper': 22, 'cardboard': 16, 'plastic': 18, 'metal': 14}
    L = {'train': [], 'val': [], 'test': []}
    for c, i in ids.items():
        for k in range(1, n[c] + 1):
            save(draw(rng, i, 48, 36), D, 'dataset-resized', c, f'{c}{k}.jpg')
        o = rng.permutation(n[c]) + 1
        for j, k in enumerate(o):
            L['val' if j < 3 else 'test' if j < 7 else 'train'].append((f'{c}{k}.jpg', i))
    for s, v in L.items():
        v = [v[j] for j in rng.permutation(len(v))]
        text(''.join(f'{a} {b}\n' for a, b in v), D, f'one-indexed-files-notrash_{s}.txt')
    allr = sorted(sum(L.values(), []))
    text(''.join(f'{a} {b - 1}\n' for a, b in allr), D, 'zero-indexed-files.txt')
    text('# trashnet\n\nImages are in `dataset-resized/`. Split lists: `one-indexed-files-notrash_{train,val,test}.txt` (name, label).\n'
         'Labels: glass 1, paper 2, cardboard 3, plastic 4, metal 5 (for Torch, counted from one).\n', D, 'README.md')


def d02():
    """AffectNet as released: one .npy of each kind an image"""
    D, rng = '02_affectnet_npy_per_image', rng_of(2)
    for s, per in (('train_set', 9), ('val_set', 3)):
        ks = np.repeat(np.arange(8), per)
        rng.shuffle(ks)
        start = 100 if s == 'train_set' else 5000
        for j, c in enumerate(ks):
            i = start + j * 3
            save(draw(rng, int(c), 44), D, s, 'images', f'{i}.jpg')
            a = os.path.join(OUT, D, s, 'annotations')
            os.makedirs(a, exist_ok=True)
            np.save(os.path.join(a, f'{i}_exp.npy'), np.array(str(c)))
            np.save(os.path.join(a, f'{i}_val.npy'), np.array(str(round(float(rng.uniform(-1, 1)), 4))))
            np.save(os.path.join(a, f'{i}_aro.npy'), np.array(str(round(float(rng.uniform(-1, 1)), 4))))
            np.save(os.path.join(a, f'{i}_lnd.npy'), rng.uniform(4, 40, 136).round(2))


def d03():
    """iWildCam as WILDS packs it: all pictures in train/, split in a metadata column, names in categories.csv"""
    D, rng = '03_iwildcam_wilds_metadata', rng_of(3)
    cats = [(0, 0, 'empty'), (1, 2, 'tayassu pecari'), (2, 10, 'meleagris ocellata'), (3, 71, 'cuniculus paca'), (4, 96, 'leopardus pardalis'), (5, 372, 'panthera onca')]
    text(csvtext([['y', 'category_id', 'name']] + [list(c) for c in cats] + [[99999, 115, 'unidentifiable']]), D, 'categories.csv')
    rows = [['', 'split', 'location_remapped', 'location', 'sequence_remapped', 'seq_id', 'y', 'category_id', 'datetime', 'filename', 'image_id']]
    n = 0
    for split, per, locs in (('train', 8, [3, 7, 11, 20]), ('id_val', 2, [3, 7, 11, 20]), ('id_test', 2, [3, 7, 11, 20]), ('val', 2, [31, 32]), ('test', 3, [40, 41])):
        for y, cid, name in cats:
            for k in range(per):
                u = uid(rng)
                loc = locs[int(rng.integers(len(locs)))]
                t = datetime.datetime(2013, 5, 1) + datetime.timedelta(minutes=int(rng.integers(200000)))
                save(draw(rng, y, 56, 42), D, 'train', u[:8] + '-21bc-11ea-a13a-137349068a90.jpg')
                rows.append([n, split, loc, loc + 100, n // 3, uid(rng)[:13], y, cid, str(t), u[:8] + '-21bc-11ea-a13a-137349068a90.jpg', u[:8] + '-21bc-11ea-a13a-137349068a90'])
                n += 1
    body = [rows[1 + j] for j in rng.permutation(n)]
    for i, r in enumerate(body): r[0] = i
    text(csvtext(rows[:1] + body), D, 'metadata.csv')
    text('v2.0\n', D, 'RELEASE_v2.0.txt')


def d04():
    """a private project: list of names and list of labels, two parallel files a split"""
    D, rng = '04_parallel_name_and_label_lists', rng_of(4)
    names = ['bolt', 'nut', 'washer', 'screw']
    for s, per in (('train', 17), ('test', 7)):
        c = np.repeat(np.arange(4), per)
        rng.shuffle(c)
        nums = rng.choice(np.arange(1000, 9999), len(c), replace=False)
        for i, k in zip(nums, c): save(draw(rng, int(k), 40), D, 'data', f'{s}_img', f'P{i}.jpg')
        text(''.join(f'P{i}.jpg\n' for i in nums), D, 'data', f'{s}_img.txt')
        text(''.join(f'{k}\n' for k in c), D, 'data', f'{s}_label.txt')
    text('# Fastener classifier\n\n## Data structure\n```\ndata/\n  train_img/*.jpg\n  train_img.txt     file names, one a line\n  train_label.txt   labels, line by line for train_img.txt\n'
         '  test_img/*.jpg\n  test_img.txt\n  test_label.txt\n```\nLabels: ' + ', '.join(f'{i} = {x}' for i, x in enumerate(names)) + '\n\nRun `python main.py --data data`.\n', D, 'README.md')
    text('import torch\n# see README\n', D, 'main.py')


def d05():
    """SageMaker Ground Truth image classification job: output.manifest of JSON lines, s3 addresses, pictures copied down"""
    D, rng = '05_ground_truth_manifest', rng_of(5)
    names = ['good', 'scratch', 'missing_solder', 'short_circuit']
    n = [30, 18, 14, 16]
    c = np.repeat(np.arange(4), n)
    rng.shuffle(c)
    lines = []
    for i, k in enumerate(c):
        fn = f'board_{i + 1:04d}.png'
        save(draw(rng, int(k), 48), D, 'images', fn)
        t = (datetime.datetime(2021, 3, 2, 9) + datetime.timedelta(seconds=37 * i)).isoformat() + '.412310'
        lines.append(json.dumps({'source-ref': f's3://acme-pcb-inspection/images/{fn}', 'defect': int(k), 'defect-metadata': {
            'confidence': round(float(rng.uniform(.6, .99)), 2), 'job-name': 'labeling-job/pcb-defects-march', 'class-name': names[k], 'human-annotated': 'yes',
            'creation-date': t, 'type': 'groundtruth/image-classification'}}))
        if i < 20:
            js({'answers': [{'acceptanceTime': t, 'answerContent': {'crowd-image-classifier': {'label': names[k]}}, 'submissionTime': t, 'workerId': 'private.eu-west-1.8d2f'}]},
               D, 'pcb-defects-march', 'annotations', 'worker-response', 'iteration-1', str(i), '2021-03-02_09.json')
    text('\n'.join(lines) + '\n', D, 'pcb-defects-march', 'manifests', 'output', 'output.manifest')
    text(''.join(json.dumps({'source-ref': f's3://acme-pcb-inspection/images/board_{i + 1:04d}.png'}) + '\n' for i in range(len(c))), D, 'pcb-defects-march', 'manifests', 'input', 'dataset.manifest')
    js({'document-version': '2018-11-28', 'labels': [{'label': x} for x in names]}, D, 'pcb-defects-march', 'annotation-tool', 'data.json')


def d06():
    """figshare brain tumour: a MATLAB v7.3 file an image (cjdata/label, image, PID, tumorBorder, tumorMask)"""
    try: import h5py
    except ImportError: return print('06 skipped: no h5py')
    D, rng = '06_figshare_brain_mat73', rng_of(6)

    def matfile(name, fill):
        p = os.path.join(OUT, D, name)
        os.makedirs(os.path.dirname(p), exist_ok=True)
        with h5py.File(p, 'w', userblock_size=512, track_order=False) as f: fill(f)
        head = b'MATLAB 7.3 MAT-file, Platform: PCWIN64, Created on: Sat Nov 12 16:02:11 2016 HDF5 schema 1.00 .'.ljust(116) + b' ' * 8 + b'\x00\x02IM'
        with open(p, 'r+b') as f: f.write(head)
    n = [22, 32, 24]
    labs = np.repeat([1, 2, 3], n)
    for i, l in enumerate(labs):
        def fill(f, l=int(l), i=i):
            g = f.create_group('cjdata')
            im = np.asarray(draw(rng, l, 48).convert('L')).astype(np.int16) * 9 + rng.integers(0, 9, (48, 48), dtype=np.int16)
            yy, xx = np.mgrid[:48, :48]
            m = ((yy - 24) ** 2 + (xx - 24) ** 2 < 90).astype(np.uint8)
            ang = np.linspace(0, 6.28, 20)
            g.create_dataset('PID', data=np.array([[ord(ch)] for ch in f'{100360 + i // 3}'], np.uint16))
            g.create_dataset('image', data=im)
            g.create_dataset('label', data=np.array([[float(l)]]))
            g.create_dataset('tumorBorder', data=np.stack([24 + 9.5 * np.cos(ang), 24 + 9.5 * np.sin(ang)], 1).reshape(1, -1))
            g.create_dataset('tumorMask', data=m)
        matfile(f'brainTumorDataPublic/{i + 1}.mat', fill)
    matfile('cvind.mat', lambda f: f.create_dataset('cvind', data=(np.arange(len(labs)) // 3 % 5 + 1).astype(float)[None]))
    text('This brain tumor dataset contains T1-weighted contrast-enhanced images with three kinds of brain tumor.\n\nThe data is organized in matlab data format (.mat file). '
         'Each file stores a struct containing the following fields for an image:\n\ncjdata.label: 1 for meningioma, 2 for glioma, 3 for pituitary tumor\ncjdata.PID: patient ID\n'
         'cjdata.image: image data\ncjdata.tumorBorder: a vector storing the coordinates of discrete points on tumor border.\ncjdata.tumorMask: a binary image with 1s indicating tumor region\n\n'
         'cvind.mat: 5-fold cross-validation indices\n', D, 'README.txt')


def d07():
    """WEKA imageFilters: pictures in one folder, names and nominal classes in ARFF"""
    D, rng = '07_weka_arff', rng_of(7)
    names = ['BEAGLE', 'PUG', 'SAMOYED', 'GERMAN_SHORTHAIRED']
    for s, per, off in (('train', 15, 0), ('test', 6, 15)):
        rows = []
        for i, c in enumerate(names):
            for k in range(per):
                fn = f'img{off * 4 + i * per + k:03d}.jpg'
                save(draw(rng, i, 50), D, 'images', fn)
                rows.append(f'{fn},{c}')
        rows = [rows[j] for j in rng.permutation(len(rows))]
        text(f'% use with weka.filters.unsupervised.instance.imagefilter, imageDirectory = images\n@relation pets_{s}\n\n@attribute filename string\n@attribute class {{{",".join(names)}}}\n\n@data\n'
             + '\n'.join(rows) + '\n', D, f'pets_{s}.arff')


def d08():
    """SUN397: a letter, then one or two levels of scene; partition lists"""
    D, rng = '08_sun397_letters', rng_of(8)
    cl = ['/a/abbey', '/a/apartment_building/outdoor', '/b/bakery/kitchen', '/b/bakery/shop', '/b/beach', '/c/corridor']
    tr, te = [], []
    for i, c in enumerate(cl):
        for k in range(16):
            fn = 'sun_' + ''.join(rng.choice(list('abcdefghijklmnopqrstuvwxyz'), 16)) + '.jpg'
            save(draw(rng, i, 56, 40), D, 'SUN397', *c[1:].split('/'), fn)
            (tr if k < 10 else te).append(f'{c}/{fn}')
    text(''.join(x + '\n' for x in cl), D, 'Partitions', 'ClassName.txt')
    text(''.join(x + '\n' for x in tr), D, 'Partitions', 'Training_01.txt')
    text(''.join(x + '\n' for x in te), D, 'Partitions', 'Testing_01.txt')


def d09():
    """STL-10 binary: raw bytes, column-major planes of 96x96, labels from 1, names beside, an unlabelled part (96 px is the format)"""
    D, rng = '09_stl10_binary', rng_of(9)
    names = ['airplane', 'bird', 'car', 'cat', 'deer', 'dog', 'horse', 'monkey']
    b = lambda c: np.asarray(draw(rng, c, 96)).transpose(2, 1, 0).tobytes()
    os.makedirs(os.path.join(OUT, D, 'stl10_binary'), exist_ok=True)
    for s, per in (('train', 8), ('test', 5)):
        c = np.repeat(np.arange(8), per)
        rng.shuffle(c)
        with open(os.path.join(OUT, D, 'stl10_binary', f'{s}_X.bin'), 'wb') as f:
            for k in c: f.write(b(int(k)))
        (c + 1).astype(np.uint8).tofile(os.path.join(OUT, D, 'stl10_binary', f'{s}_y.bin'))
    with open(os.path.join(OUT, D, 'stl10_binary', 'unlabeled_X.bin'), 'wb') as f:
        for k in range(20): f.write(b(int(rng.integers(8))))
    text('\n'.join(names) + '\n', D, 'stl10_binary', 'class_names.txt')
    text(''.join(' '.join(str(x) for x in sorted(rng.choice(64, 20, replace=False))) + '\n' for _ in range(10)), D, 'stl10_binary', 'fold_indices.txt')


def d10():
    """JAFFE: subject, expression code with a running number, picture number, all in the name"""
    D, rng = '10_jaffe_codes_in_names', rng_of(10)
    n = 1
    for s in ['KA', 'KL', 'KM', 'MK', 'NA', 'TM']:
        for i, e in enumerate(['AN', 'DI', 'FE', 'HA', 'NE', 'SA', 'SU']):
            for k in (1, 2):
                save(draw(rng, i, 48).convert('L'), D, 'jaffe', f'{s}.{e}{k}.{n + 38}.tiff')
                n += 1
    text('The Japanese Female Facial Expression database\n\nFile names: subject initials . expression and number . picture number .tiff\n'
         'NE neutral, HA happy, SA sad, SU surprise, AN angry, DI disgust, FE fear\n', D, 'jaffe', 'README')


def d11():
    """DomainNet: domain/class folders, a train and a test list for each domain"""
    D, rng = '11_domainnet_lists', rng_of(11)
    cl = ['airplane', 'bicycle', 'clock', 'teapot']
    for d, dom in enumerate(['clipart', 'real', 'sketch']):
        tr, te = [], []
        for i, c in enumerate(cl):
            for k in range(1, 11):
                im = draw(rng, i, 44, noise=8 + 10 * d)
                if dom == 'sketch': im = im.convert('L').convert('RGB')
                p = f'{dom}/{c}/{dom}_{[2, 30, 68, 304][i]:03d}_{k:06d}.jpg'
                save(im, D, *p.split('/'))
                (tr if k <= 7 else te).append(f'{p} {i}')
        text('\n'.join(tr) + '\n', D, f'{dom}_train.txt')
        text('\n'.join(te) + '\n', D, f'{dom}_test.txt')


def d12():
    """Supervisely project: dataset folders with img/ and ann/, the class the value of an image tag"""
    D, rng = '12_supervisely_tags', rng_of(12)
    vals = ['unripe', 'half_ripe', 'ripe', 'overripe', 'rotten']
    js({'classes': [], 'tags': [{'name': 'ripeness', 'value_type': 'oneof_string', 'color': '#5B0F8A', 'values': vals, 'id': 31021, 'hotkey': '', 'applicable_type': 'imagesOnly', 'classes': []}],
        'projectType': 'images', 'projectSettings': {'multiView': {'enabled': False}}}, D, 'mango', 'meta.json', indent=4)
    n = 0
    for s, per in (('train', 12), ('val', 4)):
        c = np.repeat(np.arange(5), per)
        rng.shuffle(c)
        for k in c:
            n += 1
            fn = f'mango_{n:03d}.jpeg'
            save(draw(rng, int(k), 48, 40), D, 'mango', s, 'img', fn)
            js({'description': '', 'tags': [{'id': 8000 + n, 'tagId': 31021, 'name': 'ripeness', 'value': vals[k], 'labelerLogin': 'anna', 'createdAt': '2022-08-23T09:51:06.246Z', 'updatedAt': '2022-08-23T09:51:06.246Z'}],
                'size': {'height': 40, 'width': 48}, 'objects': []}, D, 'mango', s, 'ann', fn + '.json', indent=4)


def d13():
    """camera traps: folders by station and date, the same file names in each, a Timelapse export with Windows paths"""
    D, rng = '13_timelapse_camera_traps', rng_of(13)
    sp = ['Red fox', 'Roe deer', 'Badger', 'Wild boar', 'Empty']
    rows = [['RootFolder', 'File', 'RelativePath', 'DateTime', 'DeleteFlag', 'Species', 'Count', 'Notes']]
    c = np.repeat(np.arange(5), [20, 24, 14, 12, 20])
    rng.shuffle(c)
    j = 0
    for st in ('Station01', 'Station02', 'Station03'):
        for day in ('2023-05-04', '2023-05-19', '2023-06-02'):
            for k in range(1, 11):
                s = int(c[j]); j += 1
                save(draw(rng, s, 60, 44), D, st, day, f'IMG_{k:04d}.JPG')
                rows.append(['CameraTraps2023', f'IMG_{k:04d}.JPG', f'{st}\\{day}', f'{day} {int(rng.integers(0, 24)):02d}:{int(rng.integers(0, 60)):02d}:{int(rng.integers(0, 60)):02d}', 'false', sp[s], 0 if s == 4 else int(rng.integers(1, 4)), ''])
    text('\ufeff' + csvtext(rows, nl='\r\n'), D, 'TimelapseData.csv')
    p = os.path.join(OUT, D, 'TimelapseTemplate.tdb')
    if os.path.exists(p): os.remove(p)
    db = sqlite3.connect(p)
    db.execute('create table TemplateTable (Id integer primary key, ControlOrder int, Type text, DefaultValue text, Label text, List text)')
    db.execute('insert into TemplateTable values (1, 1, "FixedChoice", "", "Species", ?)', ('|'.join(sp),))
    db.commit(); db.close()
    os.makedirs(os.path.join(OUT, D, 'Backups'), exist_ok=True)
    text('\ufeff' + csvtext(rows[:1], nl='\r\n'), D, 'Backups', 'TimelapseData.2023-06-03.csv')


def d14():
    """HyperKvasir: tract / kind of finding / finding, a CSV beside, a large unlabelled part"""
    D, rng = '14_hyperkvasir_tree', rng_of(14)
    cl = [('lower-gi-tract', 'anatomical-landmarks', 'cecum', 20), ('lower-gi-tract', 'anatomical-landmarks', 'retroflex-rectum', 14), ('lower-gi-tract', 'pathological-findings', 'polyps', 22),
          ('lower-gi-tract', 'quality-of-mucosal-views', 'impacted-stool', 10), ('upper-gi-tract', 'anatomical-landmarks', 'pylorus', 18), ('upper-gi-tract', 'pathological-findings', 'esophagitis-a', 12)]
    rows = []
    for i, (t, g, c, n) in enumerate(cl):
        for k in range(n):
            u = uid(rng)
            save(draw(rng, i, 52, 44), D, 'labeled-images', t, g, c, u + '.jpg')
            rows.append([u, 'Lower GI' if t[0] == 'l' else 'Upper GI', c, g])
    text(csvtext([['Video file', 'Organ', 'Finding', 'Classification']] + sorted(rows)), D, 'labeled-images', 'image-labels.csv')
    for k in range(18): save(draw(rng, int(rng.integers(6)), 52, 44), D, 'unlabeled-images', 'images', uid(rng) + '.jpg')


# ---------------------------------------------------------------- troubled
def d15():
    """rotation classes as folders; test has no folder for one of them, so every index behind it moves"""
    D, rng = '15_rotation_class_missing_in_test', rng_of(15)
    n = 0
    for s, per, cl in (('train', 18, ['0', '90', '180', '270']), ('test', 6, ['0', '90', '270'])):
        for c in cl:
            for k in range(per):
                n += 1
                save(draw(rng, 2, 48, rot=-int(c)), D, 'dataset', s, c, f'scan_{n:04d}.jpg')


def d16():
    """train list numbered from 1, val list numbered from 0"""
    D, rng = '16_train_from_one_val_from_zero', rng_of(16)
    cl = ['aphid', 'beetle', 'mite', 'weevil']
    L = {'train': [], 'val': []}
    for i, c in enumerate(cl):
        for k in range(21):
            save(draw(rng, i, 44), D, 'images', c, f'{c}_{k:03d}.png')
            L['train' if k < 15 else 'val'].append((f'images/{c}/{c}_{k:03d}.png', i))
    for s, v in L.items():
        v = [v[j] for j in rng.permutation(len(v))]
        text(''.join(f'{p} {i + (s == "train")}\n' for p, i in v), D, f'{s}_list.txt')
    text(''.join(f'{i} {c}\n' for i, c in enumerate(cl)), D, 'label_list.txt')


def d17():
    """PlantVillage's raw/: the same leaves in colour, grey and cut out, one folder each"""
    D, rng = '17_plantvillage_three_renderings', rng_of(17)
    cl = ['Apple___Apple_scab', 'Apple___healthy', 'Tomato___Late_blight', 'Tomato___healthy']
    for i, c in enumerate(cl):
        for k in range(12):
            im = draw(rng, i, 40)
            stem = f'{uid(rng)}___RS_{["Scab", "HL", "Late.B", "GH_HL"][i]} {3300 + k}'
            save(im, D, 'raw', 'color', c, stem + '.JPG')
            save(im.convert('L'), D, 'raw', 'grayscale', c, stem + '.JPG')
            a = np.asarray(im).copy()
            yy, xx = np.mgrid[:40, :40]
            a[(yy - 20) ** 2 + (xx - 20) ** 2 > 260] = 0
            save(Image.fromarray(a), D, 'raw', 'segmented', c, stem + '_final_masked.jpg')


def d18():
    """Kaggle's flowers: the whole set lies a second time inside itself"""
    D, rng = '18_flowers_inside_flowers', rng_of(18)
    cl = ['daisy', 'dandelion', 'rose', 'sunflower', 'tulip']
    for i, c in enumerate(cl):
        for k in range(12):
            fn = f'{int(rng.integers(10 ** 7, 10 ** 9))}_{rng.bytes(5).hex()}.jpg'
            p = save(draw(rng, i, 46, 40), D, 'flowers', c, fn)
            q = os.path.join(OUT, D, 'flowers', 'flowers', c, fn)
            os.makedirs(os.path.dirname(q), exist_ok=True)
            shutil.copyfile(p, q)
    for sub in ((), ('flowers',)):
        text('import urllib.request  # downloads from flickr\n', D, 'flowers', *sub, 'dandelion', 'flickr.py')


def d19():
    """label table saved again from a German Excel: ids that look like numbers became numbers"""
    D, rng = '19_excel_eats_ids', rng_of(19)
    cl = ['Gut', 'Kratzer', 'Lunker', 'Riss']
    n = 88
    c = np.repeat(np.arange(4), n // 4)
    rng.shuffle(c)
    ids, seen = [], set()
    bad = set(rng.choice(n, 22, replace=False).tolist())
    while len(ids) < n:
        i = len(ids)
        if i in bad:
            x = f'{int(rng.integers(10000, 99999))}e{int(rng.integers(10, 99))}' if len(ids) % 2 else '00' + str(int(rng.integers(100000, 999999)))
        else:
            x = rng.bytes(4).hex()
            if sum(ch in 'abcdf' for ch in x) < 2 or not x[0].isalpha(): continue
        if x in seen: continue
        seen.add(x); ids.append(x)
    rows = [['Bild_ID', 'Klasse', 'Pruefer', 'Datum']]
    for i, (x, k) in enumerate(zip(ids, c)):
        save(draw(rng, int(k), 48).convert('L'), D, 'Bilder', f'{x}.bmp')
        y = x
        if i in bad:
            y = (lambda v: f'{v:.2E}'.replace('.', ','))(float(x)) if 'e' in x else str(int(x))
        rows.append([y, cl[k], ['MK', 'TS'][i % 2], f'{3 + i // 12:02d}.11.2022'])
    text('\ufeff' + csvtext(rows, ';', '\r\n'), D, 'Labels.csv')


def d20():
    """ship competition: train.csv with classes; test.csv was filled from the sample submission, category 1 everywhere"""
    D, rng = '20_test_filled_with_placeholder', rng_of(20)
    n = 110
    c = np.array([1 + j % 5 for j in range(n)])
    rng.shuffle(c)
    nums = rng.choice(np.arange(2700000, 2900000), n, replace=False)
    for x, k in zip(nums, c): save(draw(rng, int(k), 56, 36), D, 'images', f'{x}.jpg')
    # 16 of each class to train
    left = {k: 16 for k in range(1, 6)}
    tr, te = [], []
    for x, k in zip(nums, c):
        if left[int(k)]: left[int(k)] -= 1; tr.append([f'{x}.jpg', int(k)])
        else: te.append([f'{x}.jpg', 1])
    text(csvtext([['image', 'category']] + tr), D, 'train.csv')
    text(csvtext([['image', 'category']] + te), D, 'test.csv')
    text("Predict the category of the ship in each image of the test set.\n\nCategory codes: {'Cargo': 1, 'Military': 2, 'Carrier': 3, 'Cruise': 4, 'Tankers': 5}\n", D, 'data_dictionary.txt')


if __name__ == '__main__':
    OUT = sys.argv[1]
    for k in range(1, 21): globals()[f'd{k:02d}']()
