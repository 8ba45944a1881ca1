"""Pack a tree of class folders into one hdf5 file (done once, on the file server).

    python pack.py wild_raw/train wild/train.h5 --size 64
"""
import argparse
from pathlib import Path

import cv2
import h5py
import numpy as np


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("src", type=Path)
    ap.add_argument("dst", type=Path)
    ap.add_argument("--size", type=int, default=64)
    args = ap.parse_args()

    classes = sorted(d.name for d in args.src.iterdir() if d.is_dir())
    images, labels = [], []
    for k, name in enumerate(classes):
        for path in sorted((args.src / name).iterdir()):
            img = cv2.imread(str(path), cv2.IMREAD_COLOR)
            if img is None:
                print("unreadable:", path)
                continue
            images.append(cv2.resize(img, (args.size, args.size), interpolation=cv2.INTER_CUBIC))
            labels.append(k)
    order = np.random.default_rng(0).permutation(len(images))
    with h5py.File(args.dst, "w") as h:
        h["images"] = np.stack(images)[order]
        h["labels"] = np.array(labels)[order]
        h.attrs["classes"] = ",".join(classes)
    print(len(images), "pictures of", len(classes), "classes")


if __name__ == "__main__":
    main()
