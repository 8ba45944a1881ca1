#!/usr/bin/env python3
"""python3 make.py OUT: writes OUT/01_... to OUT/20_..., small image-classification datasets, each in another layout."""
import csv, hashlib, io, json, os, random, shutil, sys, zipfile
from datetime import datetime, timedelta
import numpy as np
from PIL import Image, ImageDraw

TINTS = [(205, 60, 55), (60, 150, 70), (60, 85, 200), (215, 190, 60), (150, 70, 170), (70, 185, 190), (230, 130, 50), (120, 120, 120)]


class Maker:
    """Pictures of one dataset: seeded by its name, so that every run gives the same."""
    def __init__(self, out, name):
        self.root = os.path.join(out, name)
        shutil.rmtree(self.root, ignore_errors=True)
        os.makedirs(self.root)
        seed = int(hashlib.md5(name.encode()).hexdigest()[:8], 16)
        self.np, self.r = np.random.default_rng(seed), random.Random(seed)

    def pic(self, k, w=40, h=None, grey=False):
        h = h or w
        base = np.array(TINTS[k % 8], float) * 0.45 + 60 + self.np.normal(0, 8, 3)
        im = Image.fromarray(np.clip(np.ones((h, w, 3)) * base, 0, 255).astype('uint8'))
        d = ImageDraw.Draw(im)
        s = min(w, h) * self.np.uniform(0.25, 0.38)
        x, y = self.np.uniform(s, w - s), self.np.uniform(s, h - s)
        c = TINTS[(k + 3) % 8]
        if k % 4 == 0:
            d.ellipse([x - s, y - s, x + s, y + s], fill=c)
        elif k % 4 == 1:
            d.rectangle([x - s, y - s, x + s, y + s], fill=c)
        elif k % 4 == 2:
            d.polygon([(x, y - s), (x - s, y + s), (x + s, y + s)], fill=c)
        else:
            d.rectangle([x - s, y - s / 3, x + s, y + s / 3], fill=c)
            d.rectangle([x - s / 3, y - s, x + s / 3, y + s], fill=c)
        a = np.asarray(im, float) + self.np.normal(0, 14, (h, w, 3))
        im = Image.fromarray(np.clip(a, 0, 255).astype('uint8'))
        return im.convert('L') if grey else im

    def path(self, *p):
        q = os.path.join(self.root, *p)
        os.makedirs(os.path.dirname(q), exist_ok=True)
        return q

    def save(self, im, *p):
        q = self.path(*p)
        if q.lower().endswith(('jpg', 'jpeg')):
            im.save(q, 'JPEG', quality=90)
        else:
            im.save(q, 'PNG')

    def text(self, s, *p, enc='utf-8'):
        with open(self.path(*p), 'w', encoding=enc, newline='') as f:
            f.write(s)

    def raw(self, b, *p):
        with open(self.path(*p), 'wb') as f:
            f.write(b)

    def rows(self, rows, *p, enc='utf-8', end='\n', **kw):
        with open(self.path(*p), 'w', encoding=enc, newline='') as f:
            csv.writer(f, lineterminator=end, **kw).writerows(rows)

    def hex(self, n):
        return ''.join(self.r.choice('0123456789abcdef') for _ in range(n))

    def shuffled(self, counts):
        """[class index, ...] with counts[k] of each, in random order."""
        ks = [k for k, n in enumerate(counts) for _ in range(n)]
        self.r.shuffle(ks)
        return ks


def d01(m):  # doubled folders, a third part without labels
    cl = ['buildings', 'forest', 'glacier', 'mountain', 'sea', 'street']
    n = 0
    for part, per in (('seg_train', 10), ('seg_test', 5)):
        for k, c in enumerate(cl):
            for _ in range(per):
                n += m.r.randint(1, 9)
                m.save(m.pic(k, 48), part, part, c, f'{n}.jpg')
    for i in range(20):
        n += m.r.randint(1, 9)
        m.save(m.pic(m.r.randrange(6), 48), 'seg_pred', 'seg_pred', f'{n}.jpg')


def d02(m):  # playground competition with id,breed
    cl = ['affenpinscher', 'basenji', 'border_collie', 'german_short-haired_pointer', 'pug', 'whippet']
    rows = [['id', 'breed']]
    for k in m.shuffled([14] * 6):
        i = m.hex(32)
        m.save(m.pic(k, m.r.randint(36, 60), m.r.randint(36, 60)), 'train', i + '.jpg')
        rows.append([i, cl[k]])
    rows[1:] = sorted(rows[1:])
    m.rows(rows, 'labels.csv')
    ids = sorted(m.hex(32) for _ in range(30))
    for i in ids:
        m.save(m.pic(m.r.randrange(6), m.r.randint(36, 60), m.r.randint(36, 60)), 'test', i + '.jpg')
    m.rows([['id'] + cl] + [[i] + ['0.16666666666666666'] * 6 for i in ids], 'sample_submission.csv')


def d03(m):  # the letter of the hand sign in the middle of the name
    for k, c in enumerate('abcdg'):
        for hand in (1, 2, 3):
            for light in ('bot', 'dif', 'left'):
                for seq in (1, 2):
                    m.save(m.pic(k, m.r.randint(30, 60), m.r.randint(40, 64)), f'hand{hand}_{c}_{light}_seg_{seq}_cropped.png')
    m.text('The file name says who signed (hand), the gesture, the side the light came from, and the take.\r\n', 'readme.txt')


def d04(m):  # Roboflow, Multi-Class Classification CSV: one-hot beside the pictures of each split
    cl = ['Cardboard', 'Glass', 'Metal', 'Plastic']
    n = 0
    for part, per in (('train', 16), ('valid', 5), ('test', 3)):
        out = ['filename, ' + ', '.join(cl)]
        for k in m.shuffled([per] * 4):
            n += 1
            f = f'IMG_{2000 + n}_JPG.rf.{m.hex(32)}.jpg'
            m.save(m.pic(k, 64), part, f)
            out.append(f + ', ' + ', '.join('1' if j == k else '0' for j in range(4)))
        m.text('\n'.join(out) + '\n', part, '_classes.csv')
    m.text('\nrecycling-desk - v2 2023-02-19 8:14pm\n==============================\n\nThis dataset was exported via roboflow.com on February 19, 2023 at 7:15 PM GMT\n\n'
           'The dataset includes 96 images.\nItems are annotated in Multi Class Classification format.\n\nThe following pre-processing was applied to each image:\n'
           '* Auto-orientation of pixel data (with EXIF-orientation stripping)\n* Resize to 64x64 (Stretch)\n', 'README.roboflow.txt')
    m.text('# recycling desk > 2023-02-19 8:14pm\nProvided by a Roboflow user\nLicense: CC BY 4.0\n', 'README.dataset.txt')


def d05(m):  # Label Studio JSON-MIN
    cl = ['Unripe', 'Turning', 'Ripe', 'Overripe']
    out, t = [], datetime(2023, 9, 12, 9, 0)
    for i, k in enumerate(m.shuffled([21, 24, 25, 14])):
        f = f'{m.hex(8)}-IMG_{4100 + i}.jpg'
        m.save(m.pic(k, 48, 60), 'media', 'upload', '7', f)
        t += timedelta(seconds=m.r.randint(4, 30))
        s = t.isoformat() + '.%06dZ' % m.r.randrange(10 ** 6)
        out.append({'image': '/data/upload/7/' + f, 'id': 1301 + i, 'choice': cl[k], 'annotator': 1 + (i % 3 == 0), 'annotation_id': 880 + i,
                    'created_at': s, 'updated_at': s, 'lead_time': round(m.r.uniform(1, 9), 3)})
    m.r.shuffle(out)
    m.text(json.dumps(out, indent=2), 'project-7-at-2023-09-14-10-22-5ad1c2f0.json')


def d06(m):  # skin lesions: two picture folders, metadata beside, a table of pixels as well
    cl, loc = ['akiec', 'bcc', 'bkl', 'mel', 'nv'], ['back', 'face', 'trunk', 'lower extremity']
    rows, px = [['lesion_id', 'image_id', 'dx', 'dx_type', 'age', 'sex', 'localization']], [[f'pixel{j:04d}' for j in range(784)] + ['label']]
    for i, k in enumerate(m.shuffled([10, 14, 20, 18, 38])):
        f = f'ISIC_{24306 + i:07d}'
        im = m.pic(k, 60, 45)
        m.save(im, f'HAM10000_images_part_{1 + (i >= 50)}', f + '.jpg')
        rows.append([f'HAM_{m.r.randint(0, 7469):07d}', f, cl[k], m.r.choice(['histo', 'follow_up', 'consensus']), float(m.r.randrange(25, 85, 5)),
                     m.r.choice(['male', 'female']), m.r.choice(loc)])
        px.append(list(np.asarray(im.convert('L').resize((28, 28))).ravel()) + [k])
    rows[1:] = sorted(rows[1:])
    m.rows(rows, 'HAM10000_metadata.csv')
    m.rows(px, 'hmnist_28_28_L.csv')


def d07(m):  # phone photographs: day, then class
    cl = ['healthy', 'powdery_mildew', 'rust']
    for day in ('2023-06-11', '2023-06-18', '2023-07-02', '2023-07-16'):
        t = datetime.fromisoformat(day + 'T09:12:00')
        for k, c in enumerate(cl):
            for i in range(8):
                t += timedelta(seconds=m.r.randint(5, 90))
                f = {0: t.strftime('IMG_%Y%m%d_%H%M%S.jpg'), 1: t.strftime('PXL_%Y%m%d_%H%M%S') + '%03d.jpg' % m.r.randrange(1000),
                     2: t.strftime('IMG-%Y%m%d-WA') + '%04d.jpg' % (i + 8 * k), 3: 'DSC_%04d.JPG' % (m.r.randrange(100) + 100 * (i + 8 * k))}[(i + int(day[-1])) % 4]
                m.save(m.pic(k, 48, 64), 'roses', day, c, f)
        m.raw(b'\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1' + bytes(500), 'roses', day, 'rust', 'Thumbs.db')
    m.text('[.ShellClassInfo]\r\nIconResource=C:\\WINDOWS\\System32\\SHELL32.dll,3\r\n', 'roses', 'desktop.ini')
    m.raw(b'\0\0\0\x18ftypmp42\0\0\0\0mp42isom' + bytes(300), 'roses', '2023-07-02', 'VID_20230702_095501.mp4')


def d08(m):  # tables of pixels, label first; a drawing of the signs beside them
    for part, per in (('train', 12), ('test', 6)):
        rows = [['label'] + [f'pixel{j}' for j in range(1, 785)]]
        for k in m.shuffled([per] * 8):
            rows.append([k] + list(np.asarray(m.pic(k, 28, grey=True)).ravel()))
        m.rows(rows, f'sign_mnist_{part}.csv')
    m.save(m.pic(5, 64), 'amer_sign2.png')
    m.save(m.pic(6, 64, 40), 'american_sign_language.PNG')


def d09(m):  # fruit turntable: Training and Test two levels down, strays of a Mac's zip
    cl = ['Apple Braeburn', 'Banana', 'Cherry Rainier', 'Kiwi', 'Pomelo Sweetie']
    top = ('fruits-360_dataset', 'fruits-360')
    for part, per in (('Training', 14), ('Test', 6)):
        for k, c in enumerate(cl):
            for i in sorted(m.r.sample(range(3, 320), per)):
                m.save(m.pic(k, 50), *top, part, c, m.r.choice(['', 'r_']) + f'{i}_100.jpg')
    for i, f in enumerate(['apple_kiwi.jpg', 'apples1.jpg', 'bananas1.jpg', 'bananas_kiwi.jpg', 'cherries1.jpg', 'cherries_apple.jpg', 'kiwis2.jpg', 'mix.jpg']):
        m.save(Image.fromarray(np.hstack([np.asarray(m.pic(i % 5, 30, 40)), np.asarray(m.pic((i + 2) % 5, 30, 40))])), *top, 'test-multiple_fruits', f)
    m.text('# Fruits-360\n\nTraining and Test hold one fruit or vegetable per image. test-multiple_fruits: images with more than one fruit.\n', *top, 'readme.md')
    m.text('MIT License\n', *top, 'LICENSE')
    for f in ('._readme.md', '._Training', '._Test'):
        m.raw(b'\0\x05\x16\x07\0\x02\0\0Mac OS X        ' + bytes(80), '__MACOSX', 'fruits-360', f)


def d10(m):  # HDF5 of a well-known course
    import h5py
    for part, per in (('train', 14), ('test', 6)):
        ks = m.shuffled([per] * 6)
        with h5py.File(m.path(f'{part}_signs.h5'), 'w') as f:
            f['list_classes'] = np.arange(6)
            f[f'{part}_set_x'] = np.stack([np.asarray(m.pic(k, 64)) for k in ks])
            f[f'{part}_set_y'] = np.array(ks, 'int64')


def d11(m):  # LabelImg XML beside each picture, one object each
    for part, lo, hi in (('train', 1, 22), ('test', 77, 85)):
        for k, c in enumerate(['apple', 'banana', 'orange']):
            for i in range(lo, hi + 1):
                w, h = m.r.randint(40, 64), m.r.randint(40, 64)
                f = f'{c}_{i}'
                m.save(m.pic(k, w, h), part + '_zip', part, f + '.jpg')
                m.text(f'<annotation>\n\t<folder>{part}</folder>\n\t<filename>{f}.jpg</filename>\n\t<path>C:\\tensorflow1\\models\\research\\object_detection\\images\\{part}\\{f}.jpg</path>\n'
                       f'\t<source>\n\t\t<database>Unknown</database>\n\t</source>\n\t<size>\n\t\t<width>{w}</width>\n\t\t<height>{h}</height>\n\t\t<depth>3</depth>\n\t</size>\n\t<segmented>0</segmented>\n'
                       f'\t<object>\n\t\t<name>{c}</name>\n\t\t<pose>Unspecified</pose>\n\t\t<truncated>0</truncated>\n\t\t<difficult>0</difficult>\n\t\t<bndbox>\n\t\t\t<xmin>4</xmin>\n\t\t\t<ymin>3</ymin>\n'
                       f'\t\t\t<xmax>{w - 4}</xmax>\n\t\t\t<ymax>{h - 5}</ymax>\n\t\t</bndbox>\n\t</object>\n</annotation>\n', part + '_zip', part, f + '.xml')


def d12(m):  # AutoML import file: set,gs://...,label with no header
    cl, rows = ['bridge', 'missing_part', 'ok', 'tombstone'], []
    for i, k in enumerate(m.shuffled([20, 18, 40, 12])):
        f = f'b_{i + 1:05d}.png'
        m.save(m.pic(k, 56, 40), 'boards', f)
        j = sum(r[2] == cl[k] for r in rows)
        rows.append([{0: 'VALIDATION', 5: 'TEST'}.get(j % 10, 'TRAIN'), 'gs://acme-qc-vcm/boards/' + f, cl[k]])
    m.rows(rows, 'all_data.csv')


def d13(m):  # Excel of a German workshop: semicolons, cp1252, Windows paths
    cl = ['in Ordnung', 'Kratzer', 'Delle', 'Ölfleck']
    rows = [['lfd. Nr.', 'Datei', 'Fehlerart', 'Prüfer', 'Datum', 'Bemerkung']]
    n = 11
    for i, k in enumerate(m.shuffled([36, 20, 18, 16])):
        n += m.r.randint(1, 3)
        f = f'DSCN{n:04d}.JPG'
        m.save(m.pic(k, 64, 48), 'Bilder', f)
        rows.append([i + 1, 'D:\\Prüfstand\\Aufnahmen 2021\\Bilder\\' + f, cl[k], m.r.choice(['Müller', 'Schäfer', 'Koch']), f'{1 + i // 4:02d}.03.2021',
                     m.r.choice(['', '', '', 'Beleuchtung schwach', 'Teil nachgeprüft'])])
    m.rows(rows, 'Auswertung März.csv', enc='cp1252', end='\r\n', delimiter=';')
    m.raw(b'\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1' + bytes(500), 'Bilder', 'Thumbs.db')


def d14(m):  # Teachable Machine: one zip of samples a class, the exported model beside
    for k, c in enumerate(['Rock', 'Paper', 'Scissors']):
        with zipfile.ZipFile(m.path(f'{c}-samples.zip'), 'w') as z:
            for i in range(30):
                b = io.BytesIO()
                m.pic(k, 56).save(b, 'JPEG', quality=90)
                z.writestr(zipfile.ZipInfo(f'{i}.jpg', (2022, 11, 4, 15, 20, 0)), b.getvalue())
    m.text('0 Rock\n1 Paper\n2 Scissors\n', 'converted_tflite', 'labels.txt')
    m.raw(b'\x1c\0\0\0TFL3' + bytes(400), 'converted_tflite', 'model_unquant.tflite')


def d15(m):  # TROUBLE: Google Takeout; folders of years hold the albums' pictures again
    top = ('Takeout', 'Google Photos')
    n = 0

    def put(im, f, t, *folders):
        for d in folders:
            m.save(im, *top, d, f)
            m.text(json.dumps({'title': f, 'description': '', 'imageViews': '0', 'creationTime': {'timestamp': str(t)}, 'photoTakenTime': {'timestamp': str(t - 4000)},
                               'geoData': {'latitude': 0.0, 'longitude': 0.0, 'altitude': 0.0}}, indent=2), *top, d, f + '.supplemental-metadata.json')
    for k, c in enumerate(['Chanterelle', 'Fly agaric', 'Parasol', 'Porcini']):
        m.text(json.dumps({'title': c, 'description': '', 'access': 'protected'}, indent=2), *top, c, 'metadata.json')
        for i in range(14):
            n += m.r.randint(1, 4)
            y = 2022 + i % 2
            put(m.pic(k, 48, 64), f'IMG_{n:04d}.jpg', 1662000000 + 31536000 * (y - 2022) + n * 60, c, f'Photos from {y}')
    for i in range(8):
        n += m.r.randint(1, 4)
        y = 2022 + i % 2
        put(m.pic(4 + i % 3, 64, 48), f'IMG_{n:04d}.jpg', 1662000000 + 31536000 * (y - 2022) + n * 60, f'Photos from {y}')
    m.text('<!DOCTYPE html><html><head><title>Google Takeout</title></head><body></body></html>\n', 'Takeout', 'archive_browser.html')


def d16(m):  # TROUBLE: two classes of valid are spelt otherwise than in train
    top = ('New Plant Diseases Dataset(Augmented)',) * 2
    tr = ['Tomato___Bacterial_spot', 'Tomato___Early_blight', 'Tomato___Late_blight', 'Tomato___Leaf_Mold', 'Tomato___healthy']
    va = ['Tomato___Bacterial_spot', 'Tomato___Early_blight', 'Tomato_Late_blight', 'Tomato___Leaf_Mold', 'Tomato_healthy']
    for part, cl, per in (('train', tr, 14), ('valid', va, 5)):
        for k, c in enumerate(cl):
            for _ in range(per):
                u = m.hex(32)
                m.save(m.pic(k, 48), *top, part, c, f'{u[:8]}-{u[8:12]}-{u[12:16]}-{u[16:20]}-{u[20:]}___RS_{m.r.choice(["HL", "Late.B", "Erly.B"])} {m.r.randint(1000, 9999)}.JPG')


def d17(m):  # TROUBLE: Excel ate the leading zeros of the names; two classes' rows lose their pictures
    cl = ['Acer campestre', 'Betula pendula', 'Quercus robur', 'Tilia cordata']
    rows = []
    for k, c in enumerate(cl):
        lo, hi = ((1200, 9999), (10000, 99999), (100000, 480000), (480000, 999999))[k]
        for i in sorted(m.r.sample(range(lo, hi), 24)):
            m.save(m.pic(k, 48, 60), 'leaves', f'{i:06d}.jpg')
            rows.append([i, c, m.r.choice(['scan', 'phone'])])
    m.r.shuffle(rows)
    m.rows([['image', 'species', 'device']] + rows, 'leaves.csv', enc='utf-8-sig', end='\r\n')


def d18(m):  # TROUBLE: a label a line, no names; one picture is gone from the middle
    cl = ['circle_sign', 'stop_sign', 'triangle_sign', 'yield_sign']
    ks = m.shuffled([25, 25, 24, 23])
    for i, k in enumerate(ks, 1):
        im = m.pic(k, 32)
        if i != 41:
            m.save(im, 'pictures', f'{i:06d}.png')
    m.text('\n'.join(cl[k] for k in ks) + '\n', 'labels.txt')


def d19(m):  # TROUBLE: Mechanical Turk results: three rows a picture, contradicting one another
    cl = ['blackbird', 'great tit', 'robin', 'sparrow']
    rows, n = [], 0
    for k in m.shuffled([13, 13, 12, 12]):
        n += 1
        m.save(m.pic(k, 56, 48), 'img', f'feeder_{n:04d}.jpg')
        votes = [k, k, m.r.choice([j for j in range(4) if j != k]) if n % 3 == 0 else k]
        m.r.shuffle(votes)
        hit, url = '3' + m.hex(29).upper(), f'https://s3.amazonaws.com/feeder-cam/img/feeder_{n:04d}.jpg'
        for v in votes:
            rows.append([hit, '3QJPP9R2JXNLPBVLXB57AZLXHI1XUB', 'Which bird is it?', 'Tue Mar 08 02:11:09 PST 2022', '3', '0.03', '3' + m.hex(29).upper(),
                         'A' + m.hex(13).upper(), 'Approved', m.r.randint(3, 60), url, cl[v], '', ''])
    m.rows([['HITId', 'HITTypeId', 'Title', 'CreationTime', 'MaxAssignments', 'Reward', 'AssignmentId', 'WorkerId', 'AssignmentStatus', 'WorkTimeInSeconds',
             'Input.image_url', 'Answer.category.label', 'Approve', 'Reject']] + rows, 'Batch_4670112_batch_results.csv', quoting=csv.QUOTE_ALL)


def xlsx(path, rows):
    def cell(v):
        return f'<c t="inlineStr"><is><t>{v}</t></is></c>'
    ct = 'application/vnd.openxmlformats-officedocument.spreadsheetml.'
    rel = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
    pk = 'http://schemas.openxmlformats.org/package/2006/'
    ml = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
    files = {
        '[Content_Types].xml': f'<Types xmlns="{pk}content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>'
                               f'<Override PartName="/xl/workbook.xml" ContentType="{ct}sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="{ct}worksheet+xml"/></Types>',
        '_rels/.rels': f'<Relationships xmlns="{pk}relationships"><Relationship Id="rId1" Type="{rel}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        'xl/workbook.xml': f'<workbook xmlns="{ml}" xmlns:r="{rel}"><sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>',
        'xl/_rels/workbook.xml.rels': f'<Relationships xmlns="{pk}relationships"><Relationship Id="rId1" Type="{rel}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        'xl/worksheets/sheet1.xml': f'<worksheet xmlns="{ml}"><sheetData>' + ''.join('<row>' + ''.join(map(cell, r)) + '</row>' for r in rows) + '</sheetData></worksheet>'}
    with zipfile.ZipFile(path, 'w', zipfile.ZIP_DEFLATED) as z:
        for f, s in files.items():
            z.writestr(zipfile.ZipInfo(f, (2021, 3, 1, 0, 0, 0)), '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n' + s)


def d20(m):  # TROUBLE: every class folder holds images and masks
    top = 'COVID-19_Radiography_Dataset'
    for k, c in enumerate(['COVID', 'Lung_Opacity', 'Normal', 'Viral Pneumonia']):
        meta = [['FILE NAME', 'FORMAT', 'SIZE', 'URL']]
        for i in range(1, 16):
            f = f'{c}-{i}'
            m.save(m.pic(k, 60, grey=True), top, c, 'images', f + '.png')
            mask = Image.new('L', (52, 52))
            d = ImageDraw.Draw(mask)
            for x in (8, 29):
                dx, dy = m.r.randint(-4, 4), m.r.randint(-5, 5)
                d.ellipse([x + dx, 10 + dy, x + dx + m.r.randint(11, 18), 38 + dy + m.r.randint(0, 6)], fill=255)
            m.save(mask.convert('RGB'), top, c, 'masks', f + '.png')
            meta.append([f, 'PNG', '60*60', 'https://example.org/xray'])
        xlsx(m.path(top, f'{c}.metadata.xlsx'), meta)
    m.text('COVID-19 CHEST X-RAY DATABASE\n\nEach folder holds the chest X-ray images and the lung masks belonging to them.\n', top, 'README.md.txt')


SETS = {'01_scene_doubled': d01, '02_breed_contest': d02, '03_hand_names': d03, '04_onehot_export': d04, '05_ls_json': d05, '06_lesion_metadata': d06,
        '07_phone_days': d07, '08_pixel_tables': d08, '09_fruit_turntable': d09, '10_course_h5': d10, '11_xml_beside': d11, '12_cloud_import': d12,
        '13_workshop_excel': d13, '14_sample_zips': d14, '15_photo_takeout': d15, '16_plant_splits': d16, '17_leaf_numbers': d17, '18_label_lines': d18,
        '19_crowd_batch': d19, '20_xray_download': d20}

if __name__ == '__main__':
    for name, make in SETS.items():
        if make is d10:
            try:
                import h5py  # noqa: F401
            except ImportError:
                print('no h5py:', name, 'left out')
                continue
        make(Maker(sys.argv[1], name))
