"""Augmentation on numpy pictures (H x W x 3, uint8, RGB), called with keywords: t(image=img)["image"]."""
import random

import numpy as np
import torch
from PIL import Image


class Op:
    def __init__(self, p=1.0):
        self.p = p

    def __call__(self, image):
        if random.random() < self.p:
            image = self.apply(image)
        return {"image": image}


class Chain:
    def __init__(self, ops):
        self.ops = ops

    def __call__(self, image):
        for op in self.ops:
            image = op(image=image)["image"]
        return {"image": image}


class Resize(Op):
    def __init__(self, side):
        super().__init__()
        self.side = side

    def apply(self, image):
        return np.asarray(Image.fromarray(image).resize((self.side, self.side), Image.BILINEAR))


class HorizontalFlip(Op):
    def apply(self, image):
        return image[:, ::-1]


class ShiftScaleRotate(Op):
    def __init__(self, shift=0.06, scale=0.1, degrees=15, p=0.5):
        super().__init__(p)
        self.shift, self.scale, self.degrees = shift, scale, degrees

    def apply(self, image):
        h, w = image.shape[:2]
        a = np.deg2rad(random.uniform(-self.degrees, self.degrees))
        s = 1 / random.uniform(1 - self.scale, 1 + self.scale)
        tx, ty = (random.uniform(-self.shift, self.shift) * side for side in (w, h))
        cos, sin = s * np.cos(a), s * np.sin(a)
        cx, cy = w / 2, h / 2
        matrix = (cos, -sin, cx + tx - cos * cx + sin * cy, sin, cos, cy + ty - sin * cx - cos * cy)
        img = Image.fromarray(np.ascontiguousarray(image))
        return np.asarray(img.transform((w, h), Image.AFFINE, matrix, Image.BILINEAR, fillcolor=(124, 116, 104)))


class RandomGamma(Op):
    def __init__(self, low=0.75, high=1.3, p=0.5):
        super().__init__(p)
        self.low, self.high = low, high

    def apply(self, image):
        table = (np.linspace(0, 1, 256) ** random.uniform(self.low, self.high) * 255).round().astype(np.uint8)
        return table[image]


class CoarseDropout(Op):
    def __init__(self, share=0.25, p=0.3):
        super().__init__(p)
        self.share = share

    def apply(self, image):
        h, w = image.shape[:2]
        bh, bw = int(h * self.share), int(w * self.share)
        y, x = random.randint(0, h - bh), random.randint(0, w - bw)
        image = image.copy()
        image[y:y + bh, x:x + bw] = (124, 116, 104)
        return image


class Normalize(Op):
    def __init__(self, mean, std):
        super().__init__()
        self.mean, self.std = np.float32(mean), np.float32(std)

    def apply(self, image):
        return (image.astype(np.float32) / 255.0 - self.mean) / self.std


class ToTensor(Op):
    def apply(self, image):
        return torch.from_numpy(np.ascontiguousarray(image.transpose(2, 0, 1)))
