"""accelerate launch orchard.py config.yaml"""
import sys

import timm
import torch
import yaml
from accelerate import Accelerator
from accelerate.utils import set_seed
from torch.utils.data import DataLoader

from leaves import Leaves, train_transform, val_transform


def parameter_groups(model, weight_decay):
    """Norms, biases and layer scales (all one-dimensional) are left without decay."""
    decay, plain = [], []
    for name, p in model.named_parameters():
        if not p.requires_grad:
            continue
        (plain if p.ndim <= 1 or name.endswith(".gamma") else decay).append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": plain, "weight_decay": 0.0}]


def main(path):
    with open(path) as fh:
        cfg = yaml.safe_load(fh)
    accelerator = Accelerator(gradient_accumulation_steps=cfg["accumulate"], mixed_precision=cfg["precision"])
    set_seed(cfg["seed"])

    size, diseases = cfg["image_size"], cfg["diseases"]
    train_set = Leaves(cfg["table_train"], cfg["images"], diseases, train_transform(size))
    val_set = Leaves(cfg["table_val"], cfg["images"], diseases, val_transform(size))
    train_dl = DataLoader(train_set, batch_size=cfg["batch_size"], shuffle=True, drop_last=True,
                          num_workers=cfg["workers"], pin_memory=True)
    val_dl = DataLoader(val_set, batch_size=cfg["batch_size"] * 2, num_workers=cfg["workers"], pin_memory=True)

    model = timm.create_model(cfg["model"], pretrained=True, num_classes=len(diseases), drop_path_rate=cfg["drop_path"])
    optimizer = torch.optim.AdamW(parameter_groups(model, cfg["weight_decay"]), lr=cfg["lr"])
    # stepped once an epoch by every process, therefore not handed to prepare()
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=cfg["epochs"])
    criterion = torch.nn.CrossEntropyLoss(label_smoothing=0.1)

    model, optimizer, train_dl, val_dl = accelerator.prepare(model, optimizer, train_dl, val_dl)

    best = 0.0
    for epoch in range(cfg["epochs"]):
        model.train()
        running = torch.zeros((), device=accelerator.device)
        for x, y in train_dl:
            with accelerator.accumulate(model):
                loss = criterion(model(x), y)
                accelerator.backward(loss)
                if accelerator.sync_gradients:
                    accelerator.clip_grad_norm_(model.parameters(), cfg["clip"])
                optimizer.step()
                optimizer.zero_grad()
            running += loss.detach()
        scheduler.step()

        model.eval()
        hits = torch.zeros((), device=accelerator.device)
        seen = 0
        with torch.no_grad():
            for x, y in val_dl:
                pred, y = accelerator.gather_for_metrics((model(x).argmax(dim=1), y))
                hits += (pred == y).sum()
                seen += y.numel()
        acc = hits.item() / seen
        train_loss = accelerator.gather(running).mean().item() / len(train_dl)
        accelerator.print(f"epoch {epoch:2d}  loss {train_loss:.4f}  val {acc:.4f}")

        if acc > best:
            best = acc
            accelerator.wait_for_everyone()
            if accelerator.is_main_process:
                torch.save(accelerator.unwrap_model(model).state_dict(), cfg["output"])


if __name__ == "__main__":
    main(sys.argv[1])
