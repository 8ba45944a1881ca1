from itertools import islice

import timm
import torch
import torch.nn as nn
from torch.utils.data import DataLoader

import config as C
from dataset import Plankton, read_tables, transforms_for
from utils import seed_all, split_decay, warm_cosine


def main():
    seed_all(C.SEED)
    tr_df, va_df, names = read_tables(C.DATA)
    net = timm.create_model(C.MODEL, pretrained=True, num_classes=len(names), drop_path_rate=0.1).cuda()
    dc = timm.data.resolve_model_data_config(net)
    t_train, t_test = transforms_for(C.IMG, dc["mean"], dc["std"])

    train = DataLoader(Plankton(tr_df, C.DATA, names, t_train), batch_size=C.BATCH, shuffle=True,
                       num_workers=C.WORKERS, pin_memory=True, drop_last=True)
    val = DataLoader(Plankton(va_df, C.DATA, names, t_test), batch_size=2 * C.BATCH, shuffle=False,
                     num_workers=C.WORKERS, pin_memory=True)

    updates = len(train) // C.ACCUM
    opt = torch.optim.AdamW(split_decay(net, C.WD), lr=C.LR)
    sched = torch.optim.lr_scheduler.LambdaLR(opt, warm_cosine(C.WARMUP, updates * C.EPOCHS))
    ce = nn.CrossEntropyLoss()

    best = 0.
    for ep in range(C.EPOCHS):
        net.train()
        run = torch.zeros((), device="cuda")
        opt.zero_grad()
        # only full groups, so every update sees BATCH * ACCUM pictures
        for i, (x, y) in enumerate(islice(train, updates * C.ACCUM)):
            x, y = x.cuda(non_blocking=True), y.cuda(non_blocking=True)
            with torch.autocast("cuda", dtype=torch.bfloat16):
                loss = ce(net(x), y)
            (loss / C.ACCUM).backward()
            run += loss.detach()
            if (i + 1) % C.ACCUM == 0:
                nn.utils.clip_grad_norm_(net.parameters(), 1.0)
                opt.step()
                opt.zero_grad()
                sched.step()

        net.eval()
        ok = torch.zeros((), device="cuda")
        n = 0
        with torch.no_grad():
            for x, y in val:
                ok += (net(x.cuda(non_blocking=True)).argmax(1) == y.cuda(non_blocking=True)).sum()
                n += y.numel()
        acc = (ok / n).item()
        print(f"{ep}\t{(run / (updates * C.ACCUM)).item():.4f}\t{acc:.4f}")
        if acc > best:
            best = acc
            torch.save(dict(net=net.state_dict(), names=names), "plankton.pt")


if __name__ == "__main__":
    main()
