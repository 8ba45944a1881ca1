# Endoscopy findings (Kvasir v2, 8 classes) with the mmengine Runner, no mm* model zoo needed.
import os.path as osp

import torch
import torch.nn as nn
import torch.nn.functional as F
from mmengine.evaluator import BaseMetric
from mmengine.model import BaseModel
from mmengine.runner import Runner
from torchvision import models
from torchvision import transforms as tfs
from torchvision.datasets import ImageFolder

DATA = '/datasets/kvasir-v2-split'
NUM_CLASSES = 8
MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]


class Endoscopy(BaseModel):

    def __init__(self, num_classes):
        super().__init__()
        net = models.mobilenet_v3_large(weights='IMAGENET1K_V2')
        net.classifier[3] = nn.Linear(net.classifier[3].in_features, num_classes)
        self.net = net

    def forward(self, imgs, labels, mode='tensor'):
        scores = self.net(imgs)
        if mode == 'loss':
            return dict(loss=F.cross_entropy(scores, labels))
        if mode == 'predict':
            return scores, labels
        return scores


class TopOne(BaseMetric):
    default_prefix = 'kvasir'

    def process(self, data_batch, data_samples):
        scores, labels = data_samples
        self.results.append(dict(n=len(labels), ok=(scores.argmax(1) == labels).sum().item()))

    def compute_metrics(self, results):
        return dict(top1=100 * sum(r['ok'] for r in results) / sum(r['n'] for r in results))


def folder(split):
    if split == 'train':
        head = [
            tfs.RandomResizedCrop(224, scale=(0.5, 1.0)),
            tfs.RandomHorizontalFlip(),
            tfs.RandomVerticalFlip(),
        ]
    else:
        head = [tfs.Resize(256), tfs.CenterCrop(224)]
    return ImageFolder(osp.join(DATA, split), tfs.Compose(head + [tfs.ToTensor(), tfs.Normalize(MEAN, STD)]))


def loader(split, batch_size=48):
    return dict(
        batch_size=batch_size,
        num_workers=6,
        persistent_workers=True,
        dataset=folder(split),
        sampler=dict(type='DefaultSampler', shuffle=(split == 'train')),
        collate_fn=dict(type='default_collate'))


if __name__ == '__main__':
    runner = Runner(
        model=Endoscopy(NUM_CLASSES),
        work_dir='work_dirs/kvasir',
        train_dataloader=loader('train'),
        train_cfg=dict(by_epoch=True, max_epochs=30, val_interval=1),
        optim_wrapper=dict(
            type='AmpOptimWrapper',
            loss_scale='dynamic',
            optimizer=dict(type='SGD', lr=0.02, momentum=0.9, weight_decay=4e-5),
            clip_grad=dict(max_norm=5.0)),
        param_scheduler=[
            dict(type='LinearLR', start_factor=0.05, by_epoch=False, begin=0, end=200),
            dict(type='MultiStepLR', by_epoch=True, milestones=[18, 26], gamma=0.1),
        ],
        val_dataloader=loader('val'),
        val_cfg=dict(),
        val_evaluator=dict(type=TopOne),
        test_dataloader=loader('test'),
        test_cfg=dict(),
        test_evaluator=dict(type=TopOne),
        default_hooks=dict(
            checkpoint=dict(type='CheckpointHook', interval=1, max_keep_ckpts=1, save_best='kvasir/top1', rule='greater'),
            logger=dict(type='LoggerHook', interval=20)),
        randomness=dict(seed=31),
        cfg=dict(work='kvasir'),
    )
    runner.train()

    best = runner.message_hub.get_info('best_ckpt')
    runner.model.load_state_dict(torch.load(best, map_location='cpu')['state_dict'])
    print(runner.test())
