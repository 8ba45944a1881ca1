import torch
from torchvision import datasets, transforms


def load_data(where="./flowers"):
    train_transforms = transforms.Compose([transforms.RandomRotation(50), transforms.RandomResizedCrop(224),
                                           transforms.RandomHorizontalFlip(), transforms.ToTensor(),
                                           transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])])
    test_transforms = transforms.Compose([transforms.Resize(256), transforms.CenterCrop(224), transforms.ToTensor(),
                                          transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])])
    train_data = datasets.ImageFolder(where + '/train', transform=train_transforms)
    vali_data = datasets.ImageFolder(where + '/valid', transform=test_transforms)
    trainloader = torch.utils.data.DataLoader(train_data, batch_size=64, shuffle=True)
    vloader = torch.utils.data.DataLoader(vali_data, batch_size=32, shuffle=True)
    return trainloader, vloader, train_data
