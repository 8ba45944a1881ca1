import math
import os
from contextlib import suppress

import torch
from torch.utils.data import DataLoader, Subset
from torchvision.datasets import Food101
from torchvision.models import ConvNeXt_Tiny_Weights, convnext_tiny
from torchvision.transforms import InterpolationMode, v2

DATA = os.environ.get("FOOD_ROOT", "/tmp/food")
OUT = "food_convnext.pt"

MICRO_BATCH = 32
MICRO_STEPS = 4            # 128 images per update
EPOCHS = 15
WARMUP = 1                 # epochs
PEAK_LR = 2e-4
DECAY = 0.05
CLIP = 1.0
SEED = 8


def recipes():
    bic = InterpolationMode.BICUBIC
    to_net = v2.Compose([
        v2.ToImage(),
        v2.ToDtype(torch.float32, scale=True),
        v2.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
    ])
    hot = v2.Compose([
        v2.RandomResizedCrop(224, scale=(0.35, 1), interpolation=bic, antialias=True),
        v2.RandomHorizontalFlip(),
        v2.RandAugment(2, 7),
        to_net,
        v2.RandomErasing(p=0.1),
    ])
    cold = v2.Compose([v2.Resize(236, interpolation=bic, antialias=True), v2.CenterCrop(224), to_net])
    return hot, cold


def plates():
    hot, cold = recipes()
    source = Food101(DATA, split="train", transform=hot, download=True)
    mirror = Food101(DATA, split="train", transform=cold)
    exam = Food101(DATA, split="test", transform=cold)
    shuffled = torch.randperm(len(source), generator=torch.Generator().manual_seed(SEED)).tolist()
    held = len(source) // 20
    kw = {"num_workers": 12, "pin_memory": True, "persistent_workers": True}
    return (
        DataLoader(Subset(source, shuffled[held:]), MICRO_BATCH, shuffle=True, drop_last=True, **kw),
        DataLoader(Subset(mirror, shuffled[:held]), 128, **kw),
        DataLoader(exam, 128, **kw),
    )


def make_net():
    net = convnext_tiny(weights=ConvNeXt_Tiny_Weights.IMAGENET1K_V1)
    net.classifier[2] = torch.nn.Linear(768, 101)
    return net.cuda()


def make_optimizer(net):
    strong, gentle = [], []
    for name, w in net.named_parameters():
        (gentle if w.ndim == 1 or "layer_scale" in name else strong).append(w)
    return torch.optim.AdamW([{"params": strong, "weight_decay": DECAY},
                              {"params": gentle, "weight_decay": 0.0}], lr=PEAK_LR)


def ramp_then_cosine(total, warm):
    def factor(step):
        if step < warm:
            return (step + 1) / warm
        return 0.5 * (1 + math.cos(math.pi * (step - warm) / max(1, total - warm)))
    return factor


@torch.inference_mode()
def hits(net, dl):
    net.eval()
    right = total = 0
    for x, y in dl:
        with torch.autocast("cuda", dtype=torch.float16):
            z = net(x.cuda(non_blocking=True))
        right += z.argmax(1).eq(y.cuda()).sum().item()
        total += len(y)
    return right / total


def main():
    torch.manual_seed(SEED)
    train_dl, dev_dl, exam_dl = plates()
    net = make_net()
    opt = make_optimizer(net)
    per_epoch = math.ceil(len(train_dl) / MICRO_STEPS)
    sched = torch.optim.lr_scheduler.LambdaLR(opt, ramp_then_cosine(EPOCHS * per_epoch, WARMUP * per_epoch))
    loss_fn = torch.nn.CrossEntropyLoss(label_smoothing=0.1)
    scaler = torch.amp.GradScaler("cuda")
    champion = 0.0

    for epoch in range(EPOCHS):
        net.train()
        opt.zero_grad(set_to_none=True)
        n = len(train_dl)
        for i, (x, y) in enumerate(train_dl):
            members = min(MICRO_STEPS, n - (i // MICRO_STEPS) * MICRO_STEPS)   # the last group may be smaller
            with torch.autocast("cuda", dtype=torch.float16):
                loss = loss_fn(net(x.cuda(non_blocking=True)), y.cuda(non_blocking=True)) / members
            scaler.scale(loss).backward()
            if (i + 1) % MICRO_STEPS == 0 or i + 1 == n:
                scaler.unscale_(opt)
                torch.nn.utils.clip_grad_norm_(net.parameters(), CLIP)
                scaler.step(opt)
                scaler.update()
                opt.zero_grad(set_to_none=True)
                sched.step()
            if i % 400 == 0:
                print(f"  {epoch}/{i}: {loss.item() * members:.3f}")
        dev = hits(net, dev_dl)
        print(f"epoch {epoch}: dev {dev:.4f}")
        if dev > champion:
            champion = dev
            torch.save(net.state_dict(), OUT)

    net.load_state_dict(torch.load(OUT))
    print(f"test {hits(net, exam_dl):.4f}")


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        main()
