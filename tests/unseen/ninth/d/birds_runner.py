"""Fine-tune a torchvision network with mmengine's Runner.

    python birds_runner.py --data /data/birds40 --work-dir runs/birds
"""
import argparse
import os.path as osp

import mmcv
import torch
import torch.nn.functional as F
import torchvision
from mmengine.config import Config
from mmengine.evaluator import BaseMetric
from mmengine.model import BaseModel
from mmengine.registry import DATASETS, METRICS, MODELS
from mmengine.runner import Runner
from torch.utils.data import Dataset
from torchvision import transforms as T

NUM_CLASSES = 40

CFG = dict(
    model=dict(type='BirdNet', arch='resnet34', num_classes=NUM_CLASSES),
    train_dataloader=dict(
        batch_size=48,
        num_workers=8,
        persistent_workers=True,
        dataset=dict(type='ListDataset', ann_file='train.txt', training=True),
        sampler=dict(type='DefaultSampler', shuffle=True),
        collate_fn=dict(type='default_collate'),
    ),
    val_dataloader=dict(
        batch_size=96,
        num_workers=8,
        persistent_workers=True,
        dataset=dict(type='ListDataset', ann_file='val.txt', training=False),
        sampler=dict(type='DefaultSampler', shuffle=False),
        collate_fn=dict(type='default_collate'),
    ),
    optim_wrapper=dict(
        type='AmpOptimWrapper',
        optimizer=dict(type='SGD', lr=0.01, momentum=0.9, weight_decay=1e-4, nesterov=True),
    ),
    param_scheduler=[
        dict(type='LinearLR', start_factor=0.05, by_epoch=True, begin=0, end=2,
             convert_to_iter_based=True),
        dict(type='MultiStepLR', milestones=[18, 26], gamma=0.1, by_epoch=True),
    ],
    train_cfg=dict(by_epoch=True, max_epochs=30, val_interval=1),
    val_cfg=dict(),
    val_evaluator=dict(type='Top1'),
    default_hooks=dict(
        logger=dict(type='LoggerHook', interval=20),
        checkpoint=dict(type='CheckpointHook', interval=1, max_keep_ckpts=2,
                        save_best='top1', rule='greater'),
    ),
    randomness=dict(seed=2023),
    env_cfg=dict(cudnn_benchmark=True),
)


@DATASETS.register_module()
class ListDataset(Dataset):
    """Each line of the list: relative/path.jpg<TAB>label (0..39)."""

    def __init__(self, data_root, ann_file, training):
        self.data_root = data_root
        with open(osp.join(data_root, ann_file)) as f:
            rows = [line.rstrip('\n').split('\t') for line in f if line.strip()]
        self.samples = [(name, int(label)) for name, label in rows]

        normalize = T.Normalize(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225])
        if training:
            self.tf = T.Compose([
                T.ToPILImage(),
                T.RandomResizedCrop(224, scale=(0.35, 1.0)),
                T.RandomHorizontalFlip(),
                T.ColorJitter(0.2, 0.2, 0.2),
                T.ToTensor(),
                normalize,
            ])
        else:
            self.tf = T.Compose([
                T.ToPILImage(),
                T.Resize(256),
                T.CenterCrop(224),
                T.ToTensor(),
                normalize,
            ])

    def __len__(self):
        return len(self.samples)

    def __getitem__(self, i):
        name, label = self.samples[i]
        img = mmcv.imread(osp.join(self.data_root, name), channel_order='rgb')
        return self.tf(img), label


@MODELS.register_module()
class BirdNet(BaseModel):

    def __init__(self, arch, num_classes):
        super().__init__()
        self.net = torchvision.models.get_model(arch, weights='IMAGENET1K_V1')
        self.net.fc = torch.nn.Linear(self.net.fc.in_features, num_classes)

    def forward(self, imgs, labels=None, mode='tensor'):
        logits = self.net(imgs)
        if mode == 'loss':
            return {'loss': F.cross_entropy(logits, labels)}
        if mode == 'predict':
            return [dict(pred=p, gt=g) for p, g in zip(logits.argmax(1), labels)]
        return logits


@METRICS.register_module()
class Top1(BaseMetric):

    def process(self, data_batch, data_samples):
        for s in data_samples:
            self.results.append(int(s['pred'] == s['gt']))

    def compute_metrics(self, results):
        return {'top1': 100.0 * sum(results) / len(results)}


def parse_args():
    p = argparse.ArgumentParser()
    p.add_argument('--data', required=True)
    p.add_argument('--work-dir', default='runs/birds')
    p.add_argument('--resume', action='store_true', help='go on from the last checkpoint in work-dir')
    return p.parse_args()


def main():
    args = parse_args()
    cfg = Config(CFG)
    cfg.work_dir = args.work_dir
    cfg.resume = args.resume
    for key in ('train_dataloader', 'val_dataloader'):
        cfg[key].dataset.data_root = args.data

    runner = Runner.from_cfg(cfg)
    runner.train()


if __name__ == '__main__':
    main()
