# Sound.
# SVHN. The loader hands over bytes; the network itself turns them into floats and standardises them,
# so that it can be fed with camera frames directly.
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, Dataset
from torchvision.datasets import SVHN
from torchvision.transforms import RandomCrop

BATCH, EPOCHS, LR = 100, 25, 2e-3


class Bytes(Dataset):
    def __init__(self, part, jitter=None):
        base = SVHN("svhn", split=part, download=True)
        self.px = torch.from_numpy(base.data)          # N x 3 x 32 x 32, uint8
        self.digit = torch.from_numpy(base.labels).long()
        self.jitter = jitter

    def __len__(self):
        return self.px.shape[0]

    def __getitem__(self, i):
        x = self.px[i]
        if self.jitter is not None:
            x = self.jitter(x)
        return x, self.digit[i]


class DigitReader(nn.Module):
    def __init__(self, n_out=10):
        super().__init__()
        self.register_buffer("mu", torch.tensor([0.4377, 0.4438, 0.4728]).view(1, 3, 1, 1))
        self.register_buffer("sigma", torch.tensor([0.1980, 0.2010, 0.1970]).view(1, 3, 1, 1))
        widths = [3, 48, 96, 192, 192]
        self.convs = nn.ModuleList(nn.Conv2d(a, b, 3, padding=1) for a, b in zip(widths, widths[1:]))
        self.norms = nn.ModuleList(nn.BatchNorm2d(b) for b in widths[1:])
        self.fc = nn.Linear(192 * 2 * 2, n_out)

    def forward(self, frame):
        x = frame.float() / 255
        x = (x - self.mu) / self.sigma
        for conv, norm in zip(self.convs, self.norms):
            x = F.max_pool2d(F.relu(norm(conv(x))), 2)
        x = F.dropout(x.flatten(1), 0.4, self.training)
        return F.log_softmax(self.fc(x), dim=1)


torch.manual_seed(1)
dev = torch.device("cuda" if torch.cuda.is_available() else "cpu")
train_data = Bytes("train", RandomCrop(32, padding=3))
test_data = Bytes("test")
batches = DataLoader(train_data, batch_size=BATCH, shuffle=True)
checks = DataLoader(test_data, batch_size=500)

reader = DigitReader().to(dev)
opt = torch.optim.NAdam(reader.parameters(), lr=LR)
decay = torch.optim.lr_scheduler.ExponentialLR(opt, 0.9)

for epoch in range(EPOCHS):
    reader.train()
    for frame, digit in batches:
        log_p = reader(frame.to(dev))
        F.nll_loss(log_p, digit.to(dev)).backward()
        opt.step()
        opt.zero_grad()
    decay.step()

    reader.eval()
    with torch.inference_mode():
        ok = sum((reader(f.to(dev)).argmax(1).cpu() == d).sum().item() for f, d in checks)
    print(epoch, f"{ok / len(test_data):.2%}", flush=True)

torch.save(reader.cpu().state_dict(), "digit_reader.pt")
