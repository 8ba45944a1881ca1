# Faulty: C325: every parameter outside layer4 is frozen, and with them the new, random classifier.
import click
import torch
import torch.nn as nn
import torchvision
from torchvision import transforms as tf

CLASSES = 102


def batches(split, transform, size, shuffle):
    ds = torchvision.datasets.Flowers102("flowers", split=split, transform=transform, download=True)
    return torch.utils.data.DataLoader(ds, batch_size=size, shuffle=shuffle, num_workers=4)


def prepare_net():
    net = torchvision.models.resnet50(weights=torchvision.models.ResNet50_Weights.IMAGENET1K_V1)
    net.fc = nn.Linear(net.fc.in_features, CLASSES)
    # only the end of the network is adapted, the early filters are good as they are
    for name, param in net.named_parameters():
        param.requires_grad = name.startswith("layer4")  # fault: C325
    return net


def top1(net, loader, device):
    was = net.training
    net.train(False)
    good = 0
    with torch.no_grad():
        for img, lab in loader:
            out = net(img.to(device))
            good += out.argmax(1).eq(lab.to(device)).sum().item()
    net.train(was)
    return 100.0 * good / len(loader.dataset)


@click.command()
@click.option("--epochs", default=50, show_default=True)
@click.option("--bs", default=34, show_default=True)
@click.option("--lr", default=1e-4, show_default=True)
@click.option("--step", default=20, show_default=True, help="epochs between two drops of the rate")
@click.option("--seed", default=8, show_default=True)
def cli(epochs, bs, lr, step, seed):
    """Oxford flowers with ResNet-50."""
    torch.manual_seed(seed)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    norm = tf.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
    learn = tf.Compose([
        tf.RandomResizedCrop(224, scale=(0.5, 1.0)),
        tf.RandomHorizontalFlip(),
        tf.RandomRotation(20),
        tf.ToTensor(),
        norm,
    ])
    look = tf.Compose([tf.Resize(256), tf.CenterCrop(224), tf.ToTensor(), norm])
    dl = batches("train", learn, bs, True)
    dl_val = batches("val", look, 128, False)

    net = prepare_net().to(device)
    trainable = filter(lambda p: p.requires_grad, net.parameters())
    adam = torch.optim.Adam(trainable, lr=lr)
    drops = torch.optim.lr_scheduler.StepLR(adam, step_size=step, gamma=0.2)
    ce = nn.CrossEntropyLoss()

    top = 0.0
    for epoch in range(epochs):
        net.train()
        for img, lab in dl:
            adam.zero_grad()
            loss = ce(net(img.to(device)), lab.to(device))
            loss.backward()
            adam.step()
        drops.step()
        acc = top1(net, dl_val, device)
        click.echo(f"{epoch:02d}: loss {loss.item():.3f} val {acc:.2f}%")
        if acc > top:
            top = acc
            torch.save(net.state_dict(), "flowers.pth")


if __name__ == "__main__":
    cli()
