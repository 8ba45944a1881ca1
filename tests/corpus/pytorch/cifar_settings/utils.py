from torch.optim.lr_scheduler import _LRScheduler
import torchvision
import torchvision.transforms as transforms
from torch.utils.data import DataLoader


def get_network(args):
    """ return given network """
    if args.net == 'vgg16':
        from torchvision.models import vgg16
        net = vgg16(num_classes=100)
    elif args.net == 'resnet50':
        from torchvision.models import resnet50
        net = resnet50(num_classes=100)
    else:
        raise ValueError('the network name you have entered is not supported yet')
    if args.gpu:
        net = net.cuda()
    return net


def get_training_dataloader(mean, std, batch_size=16, num_workers=2, shuffle=True):
    transform_train = transforms.Compose([
        transforms.RandomCrop(32, padding=4),
        transforms.RandomHorizontalFlip(),
        transforms.RandomRotation(15),
        transforms.ToTensor(),
        transforms.Normalize(mean, std),
    ])
    cifar100_training = torchvision.datasets.CIFAR100(root='./data', train=True, download=True, transform=transform_train)
    return DataLoader(cifar100_training, shuffle=shuffle, num_workers=num_workers, batch_size=batch_size)


def get_test_dataloader(mean, std, batch_size=16, num_workers=2, shuffle=True):
    transform_test = transforms.Compose([transforms.ToTensor(), transforms.Normalize(mean, std)])
    cifar100_test = torchvision.datasets.CIFAR100(root='./data', train=False, download=True, transform=transform_test)
    return DataLoader(cifar100_test, shuffle=shuffle, num_workers=num_workers, batch_size=batch_size)


class WarmUpLR(_LRScheduler):
    def __init__(self, optimizer, total_iters, last_epoch=-1):
        self.total_iters = total_iters
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        return [base_lr * self.last_epoch / (self.total_iters + 1e-8) for base_lr in self.base_lrs]
