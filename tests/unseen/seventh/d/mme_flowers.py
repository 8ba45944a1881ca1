"""102 kinds of flowers with MMEngine's Runner (no mmpretrain needed)."""
import torch
import torch.nn.functional as F
from mmengine.evaluator import BaseMetric
from mmengine.model import BaseModel
from mmengine.registry import METRICS, MODELS
from mmengine.runner import Runner
from torch import nn
from torch.utils.data import Dataset
from torchvision import models
from torchvision import transforms as T
from torchvision.datasets import Flowers102

FLOWERS = 102


class FlowerDicts(Dataset):
    """gives uint8 pictures; float and normalisation are the data preprocessor's business"""

    def __init__(self, split, augment):
        first = ([T.RandomResizedCrop(224, scale=(0.5, 1.0)), T.RandomHorizontalFlip(), T.RandomRotation(15)]
                 if augment else [T.Resize(256), T.CenterCrop(224)])
        self.base = Flowers102("data", split=split, download=True,
                               transform=T.Compose(first + [T.PILToTensor()]))

    def __len__(self):
        return len(self.base)

    def __getitem__(self, idx):
        picture, label = self.base[idx]
        return dict(inputs=picture, data_samples=label)


@MODELS.register_module()
class FlowerNet(BaseModel):
    def __init__(self, num_classes, data_preprocessor=None):
        super().__init__(data_preprocessor=data_preprocessor)
        self.body = models.mobilenet_v3_large(weights="IMAGENET1K_V2")
        self.body.classifier[3] = nn.Linear(self.body.classifier[3].in_features, num_classes)

    def forward(self, inputs, data_samples=None, mode="tensor"):
        scores = self.body(inputs)
        if mode == "tensor":
            return scores
        labels = torch.tensor(data_samples, device=scores.device)
        if mode == "loss":
            return dict(loss=F.cross_entropy(scores, labels))
        return [dict(pred=p, gt=g) for p, g in zip(scores.argmax(1).tolist(), labels.tolist())]


@METRICS.register_module()
class ShareRight(BaseMetric):
    def process(self, data_batch, data_samples):
        self.results.extend(s["pred"] == s["gt"] for s in data_samples)

    def compute_metrics(self, results):
        return dict(top1=100.0 * sum(results) / len(results))


def loader(split, train):
    return dict(
        batch_size=32,
        num_workers=4,
        dataset=FlowerDicts(split, augment=train),
        sampler=dict(type="DefaultSampler", shuffle=train),
    )


runner = Runner(
    work_dir="work/flowers",
    model=dict(
        type="FlowerNet",
        num_classes=FLOWERS,
        data_preprocessor=dict(
            type="ImgDataPreprocessor",
            mean=[123.675, 116.28, 103.53],
            std=[58.395, 57.12, 57.375],
        ),
    ),
    train_dataloader=loader("train", True),
    val_dataloader=loader("val", False),
    test_dataloader=loader("test", False),
    train_cfg=dict(by_epoch=True, max_epochs=40, val_interval=2),
    val_cfg=dict(),
    test_cfg=dict(),
    optim_wrapper=dict(optimizer=dict(type="AdamW", lr=5e-4, weight_decay=0.01)),
    param_scheduler=dict(type="CosineAnnealingLR", by_epoch=True, T_max=40),
    val_evaluator=dict(type="ShareRight"),
    test_evaluator=dict(type="ShareRight"),
    default_hooks=dict(
        checkpoint=dict(type="CheckpointHook", interval=2, max_keep_ckpts=1),
        logger=dict(type="LoggerHook", interval=10),
    ),
    randomness=dict(seed=606),
    default_scope="mmengine",
)

if __name__ == "__main__":
    runner.train()
    runner.test()
