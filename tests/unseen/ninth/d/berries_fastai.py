"""
Berry ripeness, fastai.

meta.csv: fname, plant, stage.  Several photos of one plant exist, so whole plants go to one side
of the split; rare stages are repeated on the training side only.
"""
import argparse

import pandas as pd
from fastai.vision.all import *
from sklearn.model_selection import GroupShuffleSplit

STAGES = ['flower', 'green', 'white', 'turning', 'ripe', 'overripe']


def read_table(root, seed):
    df = pd.read_csv(root/'meta.csv')
    gss = GroupShuffleSplit(n_splits=1, test_size=0.2, random_state=seed)
    trn, val = next(gss.split(df, df['stage'], groups=df['plant']))

    train_df = df.iloc[trn].assign(is_valid=False)
    valid_df = df.iloc[val].assign(is_valid=True)

    want = int(train_df['stage'].value_counts().median())
    more = [
        g.sample(want - len(g), replace=True, random_state=seed)
        for _, g in train_df.groupby('stage') if len(g) < want
    ]
    return pd.concat([train_df, *more, valid_df], ignore_index=True)


def get_dls(root, df, bs, size):
    block = DataBlock(
        blocks=(ImageBlock, CategoryBlock(vocab=STAGES)),
        get_x=ColReader('fname', pref=f'{root}/photos/'),
        get_y=ColReader('stage'),
        splitter=ColSplitter('is_valid'),
        item_tfms=Resize(460),
        batch_tfms=aug_transforms(size=size, min_scale=0.6, max_lighting=0.1),
    )
    return block.dataloaders(df, bs=bs, num_workers=8)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument('root', type=Path)
    ap.add_argument('--epochs', type=int, default=12)
    ap.add_argument('--bs', type=int, default=64)
    ap.add_argument('--lr', type=float, default=1e-3)
    ap.add_argument('--size', type=int, default=224)
    ap.add_argument('--seed', type=int, default=7)
    ap.add_argument('--out', default='berries.pkl')
    args = ap.parse_args()

    set_seed(args.seed, reproducible=True)
    df = read_table(args.root, args.seed)
    dls = get_dls(args.root, df, args.bs, args.size)

    learn = vision_learner(dls, resnet50, metrics=[accuracy, BalancedAccuracy()],
                           path=Path('.'), model_dir='models')
    learn.to_fp16()

    # head first, then everything with smaller rates below
    learn.fit_one_cycle(2, args.lr)
    learn.unfreeze()
    learn.fit_one_cycle(
        args.epochs,
        lr_max=slice(args.lr / 100, args.lr),
        cbs=[SaveModelCallback(monitor='balanced_accuracy_score', fname='best'), CSVLogger()],
    )
    print(learn.validate())
    learn.export(args.out)


if __name__ == '__main__':
    main()
