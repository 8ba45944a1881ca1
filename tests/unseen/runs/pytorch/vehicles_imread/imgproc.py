"""Замена cv2 (на сервере нет OpenCV): тот же порядок каналов, что и у cv2.imread."""
import random

import numpy as np
import torch
from PIL import Image

MEAN = np.array([0.485, 0.456, 0.406], dtype=np.float32)
STD = np.array([0.229, 0.224, 0.225], dtype=np.float32)


def imread(path):
    return np.asarray(Image.open(path).convert("RGB"))[:, :, ::-1]


def bgr2rgb(img):
    return img[:, :, ::-1]


def resize(img, size):
    return np.asarray(Image.fromarray(np.ascontiguousarray(img)).resize((size, size), Image.BILINEAR))


def random_crop(img, scale):
    h, w = img.shape[:2]
    ch, cw = int(h * scale), int(w * scale)
    top, left = random.randint(0, h - ch), random.randint(0, w - cw)
    return img[top:top + ch, left:left + cw]


def random_brightness(img, limit):
    f = 1 + random.uniform(-limit, limit)
    return np.clip(img.astype(np.float32) * f, 0, 255).astype(np.uint8)


def to_tensor(img):
    x = (img.astype(np.float32) / 255.0 - MEAN) / STD
    return torch.from_numpy(np.ascontiguousarray(x.transpose(2, 0, 1)))
