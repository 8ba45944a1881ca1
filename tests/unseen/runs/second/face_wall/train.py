# -*- coding: utf-8 -*-
# 人脸分类训练脚本
import torch
import torch.nn as nn
from torch.utils.data import DataLoader
from torchvision.models import resnet34

from dataset import FaceFolder

config = {
    'train_dir': 'faces_run/faces/train',
    'val_dir': 'faces_run/faces/val',
    'weights': 'weights/resnet34.pth',
    'size': 112,
    'batch_size': 64,
    'epochs': 50,
    'lr': 0.01,
    'momentum': 0.9,
    'weight_decay': 5e-4,
    'milestones': [25, 40],
    'num_workers': 2,
}


class Trainer:
    def __init__(self, cfg):
        self.cfg = cfg
        self.device = torch.device('cuda:0' if torch.cuda.is_available() else 'cpu')
        self._init_data()
        self._init_model()

    def _init_data(self):
        c = self.cfg
        self.train_set = FaceFolder(c['train_dir'], c['size'], augment=True)
        self.val_set = FaceFolder(c['val_dir'], c['size'], augment=False)
        assert self.train_set.names == self.val_set.names
        self.train_loader = DataLoader(self.train_set, batch_size=c['batch_size'], shuffle=True,
                                       num_workers=c['num_workers'], drop_last=True)
        self.val_loader = DataLoader(self.val_set, batch_size=c['batch_size'], shuffle=False,
                                     num_workers=c['num_workers'])

    def _init_model(self):
        c = self.cfg
        model = resnet34()
        model.load_state_dict(torch.load(c['weights'], map_location='cpu'))
        model.fc = nn.Linear(model.fc.in_features, len(self.train_set.names))
        self.model = model.to(self.device)
        self.criterion = nn.CrossEntropyLoss()
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=c['lr'], momentum=c['momentum'],
                                         weight_decay=c['weight_decay'], nesterov=True)
        self.scheduler = torch.optim.lr_scheduler.MultiStepLR(self.optimizer, c['milestones'], gamma=0.1)

    def train_one_epoch(self, epoch):
        self.model.train()
        total, correct, loss_sum = 0, 0, 0.0
        for step, (img, target) in enumerate(self.train_loader):
            img = img.to(self.device)
            target = target.to(self.device)
            logits = self.model(img)
            loss = self.criterion(logits, target)
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()
            loss_sum += loss.item() * len(target)
            correct += (logits.argmax(dim=1) == target).sum().item()
            total += len(target)
        print('训练 epoch %d  loss %.4f  acc %.4f  lr %g' % (
            epoch, loss_sum / total, correct / total, self.optimizer.param_groups[0]['lr']))

    @torch.no_grad()
    def validate(self, epoch):
        self.model.eval()
        total, correct = 0, 0
        for img, target in self.val_loader:
            pred = self.model(img.to(self.device)).argmax(dim=1).cpu()
            correct += (pred == target).sum().item()
            total += len(target)
        acc = correct / total
        print('验证 epoch %d  acc %.4f' % (epoch, acc))
        return acc

    def run(self):
        best = 0
        for epoch in range(self.cfg['epochs']):
            self.train_one_epoch(epoch)
            acc = self.validate(epoch)
            self.scheduler.step()
            if acc > best:
                best = acc
                torch.save(self.model.state_dict(), 'face_best.pth')
        print('最佳准确率', best)


if __name__ == '__main__':
    Trainer(config).run()
