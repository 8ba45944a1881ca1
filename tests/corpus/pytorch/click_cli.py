import click
import torch
from torch import nn
from torch.utils.data import DataLoader
from torchvision import datasets, models, transforms


def accuracy(net, loader):
    was = net.training
    net.eval()
    n = ok = 0
    with torch.inference_mode():
        for x, y in loader:
            ok += int((net(x.cuda()).argmax(1).cpu() == y).sum())
            n += len(y)
    net.train(was)
    return ok / n


@click.command()
@click.option("--data", type=click.Path(), default="eurosat")
@click.option("--lr", default=0.0005, show_default=True)
@click.option("--batch-size", default=96)
@click.option("--epochs", "-e", default=25, type=int)
@click.option("--freeze/--no-freeze", default=False)
def main(data, lr, batch_size, epochs, freeze):
    torch.manual_seed(11)
    aug = transforms.Compose([transforms.RandomHorizontalFlip(), transforms.RandomVerticalFlip(), transforms.Resize(224),
                              transforms.ToTensor(), transforms.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))])
    noaug = transforms.Compose([transforms.Resize(224), transforms.ToTensor(),
                                transforms.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))])
    train = DataLoader(datasets.ImageFolder(f"{data}/train", aug), batch_size=batch_size, shuffle=True)
    test = DataLoader(datasets.ImageFolder(f"{data}/test", noaug), batch_size=256)
    net = models.efficientnet_b0(weights=models.EfficientNet_B0_Weights.DEFAULT)
    if freeze:
        for p in net.features.parameters():
            p.requires_grad = False
    net.classifier[1] = nn.Linear(1280, 10)
    net.cuda()
    opt = torch.optim.Adam(net.parameters(), lr=lr)
    sched = torch.optim.lr_scheduler.ExponentialLR(opt, gamma=0.9)
    for _ in range(epochs):
        net.train()
        for x, y in train:
            opt.zero_grad()
            nn.functional.cross_entropy(net(x.cuda()), y.cuda()).backward()
            opt.step()
        sched.step()
        click.echo(accuracy(net, test))


if __name__ == "__main__":
    main()
