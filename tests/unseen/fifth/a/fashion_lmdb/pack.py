"""python pack.py train.csv images/ train.lmdb   (csv: path,category_id; the category ids run from 0)"""
import csv
import os
import pickle
import sys

import lmdb


def main(table, root, target):
    with open(table, newline="") as f:
        rows = list(csv.DictReader(f))
    env = lmdb.open(target, map_size=1 << 40)
    keys, highest = [], 0
    with env.begin(write=True) as txn:
        for i, r in enumerate(rows):
            key = f"{i:08d}".encode()
            with open(os.path.join(root, r["path"]), "rb") as f:
                txn.put(key, pickle.dumps((f.read(), int(r["category_id"]))))
            keys.append(key)
            highest = max(highest, int(r["category_id"]))
        txn.put(b"__keys__", pickle.dumps(keys))
        txn.put(b"__n_classes__", str(highest + 1).encode())
    env.close()


if __name__ == "__main__":
    main(*sys.argv[1:4])
