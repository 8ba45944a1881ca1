import os
import pickle

import numpy as np
from PIL import Image
from torch.utils.data import Dataset
from torchvision import transforms as T

MEAN = (0.4914, 0.4822, 0.4465)
STD = (0.2470, 0.2435, 0.2616)


class CifarBatches(Dataset):
    def __init__(self, root, train):
        names = ['data_batch_%d' % i for i in range(1, 6)] if train else ['test_batch']
        data, self.targets = [], []
        for n in names:
            with open(os.path.join(root, n), 'rb') as f:
                d = pickle.load(f, encoding='bytes')
            data.append(d[b'data'])
            self.targets += list(d[b'labels'])
        self.data = np.concatenate(data).reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
        ops = [T.RandomCrop(32, padding=4), T.RandomHorizontalFlip()] if train else []
        self.transform = T.Compose(ops + [T.ToTensor(), T.Normalize(MEAN, STD)])

    def __len__(self):
        return len(self.data)

    def __getitem__(self, i):
        return self.transform(Image.fromarray(self.data[i])), self.targets[i]
