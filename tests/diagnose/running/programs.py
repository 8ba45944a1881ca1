"""A small training program in pieces, so that a test changes one line of it."""

SOUND = """\
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
images = torch.rand(96, 3, 16, 16)
labels = torch.arange(96) % 3
train = DataLoader(TensorDataset(images[:64], labels[:64]), batch_size=8, shuffle=True)
val = DataLoader(TensorDataset(images[64:], labels[64:]), batch_size=8)
net = nn.Sequential(nn.Conv2d(3, 8, 3, stride=2), nn.BatchNorm2d(8), nn.ReLU(), nn.Flatten(), nn.Linear(392, 3))
optimizer = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9, weight_decay=1e-4)
loss_of = nn.CrossEntropyLoss()
for epoch in range(3):
    net.train()
    for x, y in train:
        optimizer.zero_grad()
        loss = loss_of(net(x), y)
        loss.backward()
        optimizer.step()
    net.eval()
    right = 0
    with torch.no_grad():
        for x, y in val:
            right += (net(x).argmax(1) == y).sum().item()
    print("val acc", right / 32)
    torch.save(net.state_dict(), "last.pt")
"""


def changed(*pairs: tuple[str, str]) -> str:
    """The program with each first text replaced by the second; each must be there."""
    text = SOUND
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new)
    return text
