# Faulty: C327: gradients are cleared at every micro-batch, so of four accumulated ones only the last reaches the step.
# 食物图片分类 Food-101, Swin-T, 梯度累积 + 混合精度
import random

import numpy as np
import torch
from torch import nn
from torch.optim.lr_scheduler import LambdaLR
from torch.utils.data import DataLoader
from torchvision import transforms as T
from torchvision.datasets import Food101
from torchvision.models import Swin_T_Weights, swin_t


class Args:
    data_dir = './food101'
    image_size = 224
    batch_size = 32
    accum_steps = 4        # 等效 batch = 128
    num_epochs = 10
    base_lr = 2e-4
    weight_decay = 0.05
    warmup_ratio = 0.05
    num_classes = 101
    seed = 3


class FoodTrainer(object):

    def __init__(self, args):
        self.args = args
        self.device = torch.device('cuda:0')
        self._set_seed()
        self.build_loader()
        self.build_model()

    def _set_seed(self):
        random.seed(self.args.seed)
        np.random.seed(self.args.seed)
        torch.manual_seed(self.args.seed)

    def build_loader(self):
        s = self.args.image_size
        normalize = T.Normalize(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225])
        train_tf = T.Compose([
            T.RandomResizedCrop(s, scale=(0.3, 1.0), interpolation=T.InterpolationMode.BICUBIC),
            T.RandomHorizontalFlip(p=0.5),
            T.ColorJitter(0.3, 0.3, 0.3),
            T.ToTensor(),
            normalize,
        ])
        test_tf = T.Compose([
            T.Resize(232, interpolation=T.InterpolationMode.BICUBIC),
            T.CenterCrop(s),
            T.ToTensor(),
            normalize,
        ])
        trainset = Food101(self.args.data_dir, split='train', transform=train_tf, download=True)
        testset = Food101(self.args.data_dir, split='test', transform=test_tf, download=True)
        self.train_loader = DataLoader(trainset, batch_size=self.args.batch_size, shuffle=True,
                                       num_workers=8, pin_memory=True, drop_last=True)
        self.test_loader = DataLoader(testset, batch_size=128, shuffle=False, num_workers=8)

    def build_model(self):
        a = self.args
        self.model = swin_t(weights=Swin_T_Weights.IMAGENET1K_V1)
        self.model.head = nn.Linear(self.model.head.in_features, a.num_classes)
        self.model.to(self.device)
        self.criterion = nn.CrossEntropyLoss(label_smoothing=0.1)
        self.optimizer = torch.optim.AdamW(self.model.parameters(), lr=a.base_lr, weight_decay=a.weight_decay)
        self.scaler = torch.amp.GradScaler('cuda')
        total = len(self.train_loader) // a.accum_steps * a.num_epochs
        warm = int(total * a.warmup_ratio)

        def ratio(it):
            # 线性预热, 然后线性下降
            if it < warm:
                return (it + 1) / warm
            return max(0.0, (total - it) / (total - warm))

        self.scheduler = LambdaLR(self.optimizer, lr_lambda=ratio)

    def train_epoch(self, epoch):
        self.model.train()
        for step, (images, labels) in enumerate(self.train_loader):
            images = images.to(self.device, non_blocking=True)
            labels = labels.to(self.device, non_blocking=True)
            self.optimizer.zero_grad()  # fault: C327
            with torch.autocast('cuda'):
                loss = self.criterion(self.model(images), labels) / self.args.accum_steps
            self.scaler.scale(loss).backward()

            if (step + 1) % self.args.accum_steps == 0:   # 每 4 个小批量更新一次
                self.scaler.step(self.optimizer)
                self.scaler.update()
                self.scheduler.step()
            if step % 200 == 0:
                print('epoch %d step %d loss %.4f' % (epoch, step, loss.item() * self.args.accum_steps))

    @torch.no_grad()
    def test(self):
        self.model.eval()
        correct, total = 0, 0
        for images, labels in self.test_loader:
            pred = self.model(images.to(self.device)).argmax(dim=1).cpu()
            correct += (pred == labels).sum().item()
            total += labels.size(0)
        return correct / total

    def run(self):
        for epoch in range(self.args.num_epochs):
            self.train_epoch(epoch)
            print('test acc: %.4f' % self.test())
        torch.save(self.model.state_dict(), 'food_swin.pth')


if __name__ == '__main__':
    FoodTrainer(Args()).run()
