import math
import sys
from pathlib import Path

import torch
import torch.nn.functional as F
from omegaconf import OmegaConf

from net import finetune_net
from scenes import both_loaders

HERE = Path(__file__).resolve().parent


def settings(argv):
    base = OmegaConf.load(HERE / "settings.yaml")
    conf = OmegaConf.merge(base, OmegaConf.from_dotlist(argv))
    OmegaConf.resolve(conf)
    return conf


def lr_factor(step, warm, total):
    if step < warm:
        return (step + 1) / warm
    return 0.5 * (1 + math.cos(math.pi * (step - warm) / max(1, total - warm)))


def run(conf):
    t = conf.train
    torch.manual_seed(t.seed)
    gpu = torch.device("cuda")
    train, val = both_loaders(conf.data)
    model = finetune_net(conf.data.categories, str(HERE / conf.start_from)).to(gpu)

    optimizer = torch.optim.AdamW(model.parameters(), lr=t.peak_lr, weight_decay=t.decay)
    per_epoch = len(train)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda s: lr_factor(s, t.warmup_epochs * per_epoch, t.epochs * per_epoch))
    scaler = torch.cuda.amp.GradScaler(enabled=t.amp)
    out = HERE / conf.out
    out.mkdir(parents=True, exist_ok=True)

    for epoch in range(t.epochs):
        model.train()
        mean_loss = 0.0
        for i, (x, y) in enumerate(train):
            x, y = x.to(gpu, non_blocking=True), y.to(gpu, non_blocking=True)
            with torch.cuda.amp.autocast(enabled=t.amp):
                loss = F.cross_entropy(model(x), y)
            optimizer.zero_grad(set_to_none=True)
            scaler.scale(loss).backward()
            scaler.unscale_(optimizer)
            torch.nn.utils.clip_grad_norm_(model.parameters(), t.clip)
            scaler.step(optimizer)
            scaler.update()
            schedule.step()
            mean_loss += (loss.item() - mean_loss) / (i + 1)

        model.eval()
        correct = 0
        with torch.no_grad():
            for x, y in val:
                correct += (model(x.to(gpu)).argmax(1) == y.to(gpu)).sum().item()
        print(f"{epoch:2d}: loss {mean_loss:.4f}, val {correct / len(val.dataset):.4f}")

    torch.save(model.state_dict(), out / "last.pth")
    OmegaConf.save(conf, out / "settings.yaml")


if __name__ == "__main__":
    run(settings(sys.argv[1:]))
