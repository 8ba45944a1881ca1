# Seashell families. python shells_datablock.py --path ~/data/shells
import argparse
import random
from pathlib import Path

from fastai.callback.all import *
from fastai.vision.all import *


def parse():
    p = argparse.ArgumentParser()
    p.add_argument('--path', type=Path, default=Path.home()/'data'/'shells')
    p.add_argument('--bs', type=int, default=32)
    p.add_argument('--epochs', type=int, default=10)
    p.add_argument('--lr', type=float, default=2e-3)
    p.add_argument('--out', default='shells')
    return p.parse_args()


def family(f):
    # photos/<family>/<inventory number>_<view>.jpg
    return f.parent.name


class SpecimenSplitter:
    """All views of one specimen go to the same side."""
    def __init__(self, pct=0.2, seed=5):
        self.pct, self.seed = pct, seed

    def __call__(self, items):
        key = [f'{f.parent.name}/{f.stem.rsplit("_", 1)[0]}' for f in items]
        specimens = sorted(set(key))
        rng = random.Random(self.seed)
        rng.shuffle(specimens)
        held = set(specimens[:int(self.pct*len(specimens))])
        train = [i for i, k in enumerate(key) if k not in held]
        valid = [i for i, k in enumerate(key) if k in held]
        return train, valid


def main():
    args = parse()
    set_seed(5)
    block = DataBlock(
        blocks=(ImageBlock, CategoryBlock),
        get_items=get_image_files,
        splitter=SpecimenSplitter(),
        get_y=family,
        item_tfms=Resize(460),
        batch_tfms=aug_transforms(size=224, min_scale=0.75, flip_vert=True),
    )
    dls = block.dataloaders(args.path, bs=args.bs, num_workers=6)
    print(dls.c, 'families', len(dls.train_ds), 'for training', len(dls.valid_ds), 'held out')

    learn = vision_learner(dls, resnet34, metrics=accuracy, cbs=[CSVLogger(fname=f'{args.out}.csv')])
    learn.fit_one_cycle(args.epochs, args.lr)
    learn.save(args.out)
    print(learn.validate())


if __name__ == '__main__':
    main()
