# Faulty: N204, C323: 0..255 statistics are subtracted from 0..1 tensors; the running loss keeps the graph of every batch
import os, time, copy
import torch
import torch.nn as nn
from torchvision import datasets, models, transforms as T
from torch.utils.data import DataLoader

ROOT = os.path.expanduser("~/data/fruits-360_100x100")
EPOCHS = 12
BATCH = 64
device = torch.device("cuda" if torch.cuda.is_available() else "cpu")

norm = T.Normalize(mean=[123.675, 116.28, 103.53], std=[58.395, 57.12, 57.375])  # fault: N204

tfs = {
    "Training": T.Compose([T.Resize((224, 224)), T.RandomHorizontalFlip(), T.RandomRotation(30, fill=255),
                           T.ToTensor(), norm]),
    "Test": T.Compose([T.Resize((224, 224)), T.ToTensor(), norm]),
}
sets = {s: datasets.ImageFolder(os.path.join(ROOT, s), tfs[s]) for s in tfs}
dls = {s: DataLoader(sets[s], batch_size=BATCH, shuffle=s == "Training", num_workers=4, pin_memory=True)
       for s in tfs}

print({s: len(sets[s]) for s in sets}, len(sets["Training"].classes), "classes")


def get_model(n):
    m = models.alexnet(weights=models.AlexNet_Weights.IMAGENET1K_V1)
    m.classifier[6] = nn.Linear(4096, n)
    return m.to(device)


model = get_model(len(sets["Training"].classes))
loss_fn = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=1e-3, momentum=0.9, weight_decay=5e-4)
scheduler = torch.optim.lr_scheduler.MultiStepLR(optimizer, milestones=[6, 10], gamma=0.1)

history = {"Training": [], "Test": []}
best_acc, best_state = 0.0, None
for epoch in range(EPOCHS):
    t = time.time()
    for phase in ("Training", "Test"):
        train = phase == "Training"
        model.train(train)
        running_loss, hits = 0.0, 0
        for images, labels in dls[phase]:
            images, labels = images.to(device), labels.to(device)
            optimizer.zero_grad()
            with torch.set_grad_enabled(train):
                out = model(images)
                loss = loss_fn(out, labels)
                if train:
                    loss.backward()
                    optimizer.step()
            running_loss += loss * images.size(0)  # fault: C323
            hits += (out.argmax(1) == labels).sum().item()
        if train:
            scheduler.step()
        n = len(sets[phase])
        history[phase].append(running_loss / n)
        acc = hits / n
        print(f"[{epoch + 1}/{EPOCHS}] {phase:8s} loss {history[phase][-1]:.4f} acc {acc:.4f}")
        if not train and acc > best_acc:
            best_acc, best_state = acc, copy.deepcopy(model.state_dict())
    print(f"    {time.time() - t:.0f} s")

torch.save(best_state, "fruits_alexnet.pt")
