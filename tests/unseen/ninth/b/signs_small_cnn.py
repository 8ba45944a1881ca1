# Traffic signs (43 classes), 64x64, own convnet. One csv: Path,ClassId,Track - the split goes by track,
# because the pictures of one track show the very same sign.
import os
import numpy as np
import pandas as pd
import torch
import torch.nn as nn
import torch.nn.functional as F
from PIL import Image
from torch.optim.lr_scheduler import MultiStepLR
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms
from sklearn.model_selection import GroupShuffleSplit

root = 'gtsrb'
num_classes = 43
batch_size = 128
epochs = 40
lr = 0.05

torch.manual_seed(99)
np.random.seed(99)
device = torch.device('cuda' if torch.cuda.is_available() else 'cpu')


class SignNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 32, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(32)
        self.conv2 = nn.Conv2d(32, 64, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(64)
        self.conv3 = nn.Conv2d(64, 128, 3, padding=1, bias=False)
        self.bn3 = nn.BatchNorm2d(128)
        self.conv4 = nn.Conv2d(128, 256, 3, padding=1, bias=False)
        self.bn4 = nn.BatchNorm2d(256)
        self.drop = nn.Dropout(0.4)
        self.fc = nn.Linear(256, num_classes)

    def forward(self, x):
        x = x * 2.0 - 1.0            # 0..1 -> -1..1
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 2)
        x = F.max_pool2d(F.relu(self.bn2(self.conv2(x))), 2)
        x = F.max_pool2d(F.relu(self.bn3(self.conv3(x))), 2)
        x = F.relu(self.bn4(self.conv4(x)))
        x = x.mean(dim=(2, 3))
        return F.log_softmax(self.fc(self.drop(x)), dim=1)


class Signs(Dataset):
    def __init__(self, frame, tf):
        self.paths = frame['Path'].values
        self.ids = frame['ClassId'].values.astype(np.int64)
        self.tf = tf

    def __getitem__(self, i):
        return self.tf(Image.open(os.path.join(root, self.paths[i])).convert('RGB')), self.ids[i]

    def __len__(self):
        return len(self.paths)


@torch.no_grad()
def test(net, loader):
    mode = net.training
    net.eval()
    loss, right, n = torch.zeros(1, device=device), torch.zeros(1, device=device), 0
    for data, target in loader:
        data, target = data.to(device, non_blocking=True), target.to(device, non_blocking=True)
        out = net(data)
        loss += F.nll_loss(out, target, reduction='sum')
        right += (out.argmax(1) == target).sum()
        n += target.shape[0]
    net.train(mode)
    return loss.item() / n, right.item() / n


df = pd.read_csv(os.path.join(root, 'signs.csv'))
tr, va = next(GroupShuffleSplit(n_splits=1, test_size=0.2, random_state=99).split(df, groups=df['ClassId'].astype(str) + '_' + df['Track'].astype(str)))
# no mirroring: left and right arrows are different classes
tf_train = transforms.Compose([
    transforms.Resize((64, 64)),
    transforms.RandomAffine(12, translate=(0.08, 0.08), scale=(0.9, 1.1)),
    transforms.ColorJitter(brightness=0.3, contrast=0.3),
    transforms.ToTensor(),
])
tf_test = transforms.Compose([transforms.Resize((64, 64)), transforms.ToTensor()])
train_loader = DataLoader(Signs(df.iloc[tr], tf_train), batch_size=batch_size, shuffle=True, num_workers=4,
                          pin_memory=True, drop_last=True)
test_loader = DataLoader(Signs(df.iloc[va], tf_test), batch_size=batch_size, num_workers=4, pin_memory=True)

net = SignNet().to(device)
optimizer = torch.optim.SGD(net.parameters(), lr=lr, momentum=0.9, weight_decay=5e-4, nesterov=True)
scheduler = MultiStepLR(optimizer, milestones=[20, 32], gamma=0.1)

net.train()
for epoch in range(1, epochs + 1):
    for step, (data, target) in enumerate(train_loader):
        data, target = data.to(device, non_blocking=True), target.to(device, non_blocking=True)
        optimizer.zero_grad()
        loss = F.nll_loss(net(data), target)
        loss.backward()
        optimizer.step()
        if step % 200 == 0:
            print('  %d/%d loss %.4f' % (step, len(train_loader), loss.item()))
    scheduler.step()
    l, a = test(net, test_loader)
    print('epoch %d: held-out loss %.4f, accuracy %.4f' % (epoch, l, a))

torch.save(net.state_dict(), 'signnet.pt')
