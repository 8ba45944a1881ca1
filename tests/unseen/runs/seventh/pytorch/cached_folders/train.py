import sys
import getopt

import torch
import torchvision.transforms.v2 as v2
from torch.utils.data import DataLoader
from torchvision.models import shufflenet_v2_x0_5

from pictures import folder

options = dict(root="transport", epochs="50", batch="44", lr="0.002")
for key, value in getopt.getopt(sys.argv[1:], "", [k + "=" for k in options])[0]:
    options[key[2:]] = value
EPOCHS, BATCH, LR = int(options["epochs"]), int(options["batch"]), float(options["lr"])

torch.manual_seed(3)
last = [v2.ToImage(), v2.ToDtype(torch.float32, scale=True), v2.Normalize([0.48, 0.48, 0.47], [0.25, 0.25, 0.27])]
augment = v2.Compose([v2.RandomHorizontalFlip(), v2.RandomCrop(40, padding=4, padding_mode="reflect"), v2.ColorJitter(0.15, 0.15)] + last)
plain = v2.Compose(last)

train_set, val_set = folder(options["root"], "train", augment), folder(options["root"], "val", plain)
assert train_set.class_to_idx == val_set.class_to_idx
train = DataLoader(train_set, BATCH, shuffle=True, drop_last=True)
val = DataLoader(val_set, 60)

model = shufflenet_v2_x0_5(weights=None, num_classes=len(train_set.classes))
# little pictures: no pooling in the stem
model.maxpool = torch.nn.Identity()

loss_fn = torch.nn.CrossEntropyLoss(label_smoothing=0.05)
optimizer = torch.optim.AdamW(model.parameters(), lr=LR, weight_decay=0.02)
warm = torch.optim.lr_scheduler.LinearLR(optimizer, 0.1, 1.0, total_iters=3)
rest = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, max(1, EPOCHS - 3))
schedule = torch.optim.lr_scheduler.SequentialLR(optimizer, [warm, rest], milestones=[3])

best = 0.0
for epoch in range(1, EPOCHS + 1):
    model.train()
    mean = 0.0
    for step, (images, labels) in enumerate(train, 1):
        optimizer.zero_grad()
        loss = loss_fn(model(images), labels)
        loss.backward()
        optimizer.step()
        mean += (loss.item() - mean) / step
    schedule.step()

    model.eval()
    with torch.inference_mode():
        good = sum((model(images).argmax(1) == labels).sum().item() for images, labels in val)
    accuracy = good / len(val_set)
    best = max(best, accuracy)
    print("epoch %d: loss %.4f, validation accuracy %.4f (best %.4f)" % (epoch, mean, accuracy, best), flush=True)
