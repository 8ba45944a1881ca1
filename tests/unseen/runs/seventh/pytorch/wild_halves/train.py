# %% settings
import os
import sys
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, random_split
from torchvision import datasets, transforms as tr

root = os.environ.get("WILD", "wild")
n_epochs = int(sys.argv[1]) if len(sys.argv) > 1 else 45
generator = torch.Generator().manual_seed(2024)
torch.manual_seed(2024)

# %% pictures
to_tensor = tr.Compose([tr.Resize((36, 36)), tr.ToTensor(), tr.Normalize((0.5,) * 3, (0.25,) * 3)])
augmented = tr.Compose([tr.RandomHorizontalFlip(), tr.RandomAffine(8, translate=(0.06, 0.06)), to_tensor])


def parts(transform, share=0.8):
    """the folders cut in two; the generator makes the cut the same each time"""
    return random_split(datasets.ImageFolder(root, transform), [share, 1 - share], generator=generator)


train_set, _ = parts(augmented)      # with augmentation
_, valid_set = parts(to_tensor)      # without
classes = train_set.dataset.classes
print(len(train_set), "for training,", len(valid_set), "for validation:", ", ".join(classes))

train_loader = DataLoader(train_set, batch_size=48, shuffle=True, drop_last=True)
valid_loader = DataLoader(valid_set, batch_size=88)

# %% network
def down(i, o):
    return nn.Sequential(nn.Conv2d(i, o, 3, 1, 1), nn.BatchNorm2d(o), nn.GELU(),
                         nn.Conv2d(o, o, 3, 1, 1), nn.BatchNorm2d(o), nn.GELU(), nn.AvgPool2d(2))

net = nn.Sequential(down(3, 24), down(24, 48), down(48, 96), nn.Flatten(), nn.Linear(96 * 4 * 4, len(classes)))
loss_function = nn.CrossEntropyLoss()
optimizer = torch.optim.NAdam(net.parameters(), lr=1e-3, weight_decay=1e-4)
plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, mode="max", factor=0.3, patience=6)


# %% one pass over the validation pictures
def validate():
    net.eval()
    correct, loss_sum = 0, 0.0
    with torch.no_grad():
        for x, t in valid_loader:
            z = net(x)
            loss_sum += nn.functional.cross_entropy(z, t, reduction="sum").item()
            correct += z.max(1).indices.eq(t).sum().item()
    return loss_sum / len(valid_set), correct / len(valid_set)


# %% training
history = []
for epoch in range(n_epochs):
    net.train()
    seen = total = 0
    for x, t in train_loader:
        optimizer.zero_grad()
        loss = loss_function(net(x), t)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(t)
        seen += len(t)
    valid_loss, valid_acc = validate()
    plateau.step(valid_acc)
    history.append((total / seen, valid_loss, valid_acc))
    print("{:3d} train loss {:.3f} valid loss {:.3f} valid accuracy {:.3f}".format(epoch, *history[-1]), flush=True)

# %%
print("best epoch", max(range(len(history)), key=lambda i: history[i][2]))
