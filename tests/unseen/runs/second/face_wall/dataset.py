# -*- coding: utf-8 -*-
import os
import random

import numpy as np
import torch
from PIL import Image, ImageEnhance
from torch.utils.data import Dataset

MEAN = np.array([0.485, 0.456, 0.406], dtype=np.float32)
STD = np.array([0.229, 0.224, 0.225], dtype=np.float32)


class FaceFolder(Dataset):
    """每个人一个文件夹"""

    def __init__(self, root, size, augment, seed=1234):
        self.size = size
        self.augment = augment
        self.seed = seed
        self.names = sorted(os.listdir(root))
        self.samples = []
        for label, name in enumerate(self.names):
            folder = os.path.join(root, name)
            for f in sorted(os.listdir(folder)):
                self.samples.append((os.path.join(folder, f), label))

    def __len__(self):
        return len(self.samples)

    def _augment(self, img, rng):
        # 随机裁剪
        w, h = img.size
        s = rng.uniform(0.75, 1.0)
        cw, ch = int(w * s), int(h * s)
        x0, y0 = rng.randint(0, w - cw), rng.randint(0, h - ch)
        img = img.crop((x0, y0, x0 + cw, y0 + ch))
        # 随机翻转
        if rng.random() < 0.5:
            img = img.transpose(Image.FLIP_LEFT_RIGHT)
        # 亮度、对比度
        img = ImageEnhance.Brightness(img).enhance(rng.uniform(0.8, 1.2))
        img = ImageEnhance.Contrast(img).enhance(rng.uniform(0.8, 1.2))
        return img

    def __getitem__(self, index):
        path, label = self.samples[index]
        img = Image.open(path).convert('RGB')
        if self.augment:
            # 固定随机种子，保证实验可复现
            rng = random.Random(self.seed + index)
            img = self._augment(img, rng)
        img = img.resize((self.size, self.size), Image.BILINEAR)
        x = (np.asarray(img, dtype=np.float32) / 255.0 - MEAN) / STD
        return torch.from_numpy(x.transpose(2, 0, 1).copy()), label
