# Rock samples, 7 kinds. mmengine's Runner with our own model and data set.
import argparse

import torch
import torch.nn.functional as F
import torchvision
from mmengine.config import Config
from mmengine.evaluator import BaseMetric
from mmengine.model import BaseModel
from mmengine.registry import DATASETS, METRICS, MODELS
from mmengine.runner import Runner
from torchvision import transforms as T


@MODELS.register_module()
class RockClassifier(BaseModel):
    def __init__(self, arch, weights, num_classes):
        super().__init__()
        self.net = getattr(torchvision.models, arch)(weights=weights)
        self.net.fc = torch.nn.Linear(self.net.fc.in_features, num_classes)

    def forward(self, imgs, labels, mode='tensor'):
        logits = self.net(imgs)
        if mode == 'loss':
            return dict(loss=F.cross_entropy(logits, labels))
        if mode == 'predict':
            return logits, labels
        return logits


@DATASETS.register_module()
class RockFolder(torchvision.datasets.ImageFolder):
    """An ImageFolder whose transforms are described in the config."""

    def __init__(self, root, steps):
        tf = [getattr(T, s.pop('type'))(**s) for s in [dict(s) for s in steps]]
        super().__init__(root, transform=T.Compose(tf))


@METRICS.register_module()
class Top1(BaseMetric):
    default_prefix = 'acc'

    def process(self, data_batch, data_samples):
        logits, labels = data_samples
        self.results.append(((logits.argmax(1) == labels).sum(), len(labels)))

    def compute_metrics(self, results):
        right = sum(int(r) for r, _ in results)
        total = sum(n for _, n in results)
        return dict(top1=100.0 * right / total)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('config', nargs='?', default='configs/resnet34_rocks.py')
    parser.add_argument('--resume', action='store_true')
    args = parser.parse_args()

    cfg = Config.fromfile(args.config)
    cfg.resume = args.resume        # the runner then takes up weights, optimizer, schedule and epoch
    Runner.from_cfg(cfg).train()


if __name__ == '__main__':
    main()
