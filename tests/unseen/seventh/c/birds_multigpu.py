# torchrun --standalone --nproc_per_node=4 birds_multigpu.py
# fine-tunes a ConvNeXt on CUB-200-2011 (already split into train/ and test/ folders)
import math
import os
import time

import torch
import torch.distributed as dist
import torch.nn as nn
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data import DataLoader
from torch.utils.data.distributed import DistributedSampler
from torchvision import datasets, models
from torchvision import transforms as T

CUB = os.environ.get("CUB_DIR", "/data/CUB_200_2011")
EPOCHS = 30
PER_GPU = 32
BASE_LR = 2e-4
WARM = 500

IMNET = dict(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225])

rank = int(os.environ["RANK"])
local = int(os.environ["LOCAL_RANK"])
world = int(os.environ["WORLD_SIZE"])

torch.cuda.set_device(local)
dist.init_process_group("nccl")
torch.manual_seed(1337 + rank)
torch.backends.cudnn.benchmark = True

tf_train = T.Compose([
    T.RandomResizedCrop(224, scale=(0.35, 1.0), interpolation=T.InterpolationMode.BICUBIC),
    T.RandomHorizontalFlip(),
    T.ColorJitter(0.2, 0.2, 0.2),
    T.ToTensor(),
    T.Normalize(**IMNET),
])
tf_test = T.Compose([
    T.Resize(236, interpolation=T.InterpolationMode.BICUBIC),
    T.CenterCrop(224),
    T.ToTensor(),
    T.Normalize(**IMNET),
])

ds_train = datasets.ImageFolder(os.path.join(CUB, "train"), tf_train)
ds_test = datasets.ImageFolder(os.path.join(CUB, "test"), tf_test)

sampler = DistributedSampler(ds_train, num_replicas=world, rank=rank, shuffle=True, drop_last=True)
dl_train = DataLoader(ds_train, batch_size=PER_GPU, sampler=sampler, num_workers=8,
                      pin_memory=True, drop_last=True, persistent_workers=True)
# the test pictures are few, rank 0 goes through them alone
dl_test = DataLoader(ds_test, batch_size=128, num_workers=8, pin_memory=True)


def build():
    m = models.convnext_tiny(weights=models.ConvNeXt_Tiny_Weights.IMAGENET1K_V1)
    m.classifier[2] = nn.Linear(m.classifier[2].in_features, 200)
    return m.cuda(local)


net = build()
with_wd, without_wd = [], []
for name, p in net.named_parameters():
    (without_wd if p.ndim == 1 or name.endswith("layer_scale") else with_wd).append(p)
opt = torch.optim.AdamW([{"params": with_wd, "weight_decay": 0.05},
                         {"params": without_wd, "weight_decay": 0.0}], lr=BASE_LR)
net = DistributedDataParallel(net, device_ids=[local])

total = EPOCHS * len(dl_train)


def factor(it):
    if it < WARM:
        return (it + 1) / WARM
    return 0.5 * (1 + math.cos(math.pi * (it - WARM) / max(1, total - WARM)))


sched = torch.optim.lr_scheduler.LambdaLR(opt, factor)
ce = nn.CrossEntropyLoss(label_smoothing=0.1)


@torch.no_grad()
def test_accuracy():
    plain = net.module
    plain.eval()
    good = n = 0
    for x, y in dl_test:
        out = plain(x.cuda(local, non_blocking=True)).argmax(1).cpu()
        good += (out == y).sum().item()
        n += y.numel()
    return good / n


for epoch in range(EPOCHS):  # fault: C341
    net.train()
    t0 = time.time()
    running = torch.zeros((), device="cuda")
    for x, y in dl_train:
        x = x.cuda(local, non_blocking=True)
        y = y.cuda(local, non_blocking=True)
        loss = ce(net(x), y)
        opt.zero_grad(set_to_none=True)
        loss.backward()
        opt.step()
        sched.step()
        running += loss.detach()
    if rank == 0:
        print(f"epoch {epoch:02d}  loss {running.item() / len(dl_train):.4f}  "
              f"acc {test_accuracy():.4f}  {time.time() - t0:.0f}s", flush=True)
    dist.barrier()

if rank == 0:
    torch.save(net.module.state_dict(), "cub_convnext_tiny.pt")
dist.destroy_process_group()
