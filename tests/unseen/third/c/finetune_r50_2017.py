# PyTorch 0.3, Python 2.7
# fine-tune resnet50 on Stanford Cars (196 classes, train/ and test/ as class folders)
import os
import shutil
import time

import torch
import torch.nn as nn
import torch.backends.cudnn as cudnn
import torch.optim
import torch.utils.data
from torch.autograd import Variable
import torchvision.transforms as transforms
import torchvision.datasets as datasets
import torchvision.models as models

data_dir = '/home/lab/data/cars196'
epochs = 45
batch_size = 48
base_lr = 0.01
print_freq = 50

torch.manual_seed(2017)
cudnn.benchmark = True

normalize = transforms.Normalize(mean=[0.485, 0.456, 0.406],
                                 std=[0.229, 0.224, 0.225])

train_dataset = datasets.ImageFolder(
    os.path.join(data_dir, 'train'),
    transforms.Compose([
        transforms.RandomSizedCrop(224),
        transforms.RandomHorizontalFlip(),
        transforms.ToTensor(),
        normalize,
    ]))
test_dataset = datasets.ImageFolder(
    os.path.join(data_dir, 'test'),
    transforms.Compose([
        transforms.Scale(256),
        transforms.CenterCrop(224),
        transforms.ToTensor(),
        normalize,
    ]))

train_loader = torch.utils.data.DataLoader(
    train_dataset, batch_size=batch_size, shuffle=True,
    num_workers=8, pin_memory=True)
test_loader = torch.utils.data.DataLoader(
    test_dataset, batch_size=batch_size, shuffle=False,
    num_workers=8, pin_memory=True)

model = models.resnet50(pretrained=True)
model.fc = nn.Linear(model.fc.in_features, 196)
model = torch.nn.DataParallel(model).cuda()

criterion = nn.CrossEntropyLoss().cuda()
optimizer = torch.optim.SGD(model.parameters(), base_lr,
                            momentum=0.9, weight_decay=1e-4)


def adjust_learning_rate(epoch):
    """divide by 10 every 15 epochs"""
    lr = base_lr * (0.1 ** (epoch // 15))
    for group in optimizer.param_groups:
        group['lr'] = lr
    return lr


def train(epoch):
    model.train()
    total = torch.zeros(1).cuda()
    start = time.time()
    for i, (input, target) in enumerate(train_loader):
        input_var = Variable(input.cuda(async=True))
        target_var = Variable(target.cuda(async=True))

        output = model(input_var)
        loss = criterion(output, target_var)

        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

        total += loss.data
        if (i + 1) % print_freq == 0:
            print 'Epoch [%d][%d/%d] loss %.4f (%.1f s)' % (
                epoch, i + 1, len(train_loader), total[0] / (i + 1), time.time() - start)


def test():
    model.eval()
    correct = 0
    for input, target in test_loader:
        input_var = Variable(input.cuda(async=True), volatile=True)
        output = model(input_var)
        _, pred = output.data.max(1)
        correct += (pred.cpu() == target).sum()
    return 100. * correct / len(test_dataset)


for epoch in range(epochs):
    lr = adjust_learning_rate(epoch)
    train(epoch)
    prec1 = test()
    print ' * epoch %d lr %.5f Prec@1 %.2f' % (epoch, lr, prec1)
    torch.save({'epoch': epoch, 'state_dict': model.module.state_dict(),
                'optimizer': optimizer.state_dict()}, 'cars_checkpoint.tmp')
    shutil.move('cars_checkpoint.tmp', 'cars_checkpoint.pth.tar')
