"""Train a torchvision network on Food-101 from nothing, then report top-1 on its test part."""
import argparse

import torch
from torch import nn, optim
from torchvision import models

import options
import pictures


def get_options():
    parser = argparse.ArgumentParser(
        description=__doc__,
        parents=[options.data_options(), options.net_options(), options.run_options()],
    )
    parser.add_argument("--no-amp", dest="amp", action="store_false")
    return parser.parse_args()


def build(o):
    return models.get_model(o.arch, weights=None, num_classes=o.num_classes)


def one_epoch(net, loader, loss_fn, opt, device, amp):
    net.train()
    loss_sum = torch.zeros(1, device=device)
    count = 0
    for x, y in loader:
        x = x.to(device, non_blocking=True)
        y = y.to(device, non_blocking=True)
        opt.zero_grad(set_to_none=True)
        with torch.autocast("cuda", dtype=torch.bfloat16, enabled=amp):
            loss = loss_fn(net(x), y)
        loss.backward()
        opt.step()
        loss_sum += loss.detach() * x.shape[0]
        count += x.shape[0]
    return loss_sum.item() / count


@torch.inference_mode()
def top1(net, loader, device):
    net.eval()
    good = torch.zeros(1, device=device)
    for x, y in loader:
        good += (net(x.to(device)).argmax(dim=1) == y.to(device)).sum()
    return 100 * good.item() / len(loader.dataset)


def main():
    o = get_options()
    torch.manual_seed(o.seed)
    torch.backends.cudnn.benchmark = True
    device = torch.device("cuda")

    net = build(o).to(device)
    loss_fn = nn.CrossEntropyLoss(label_smoothing=0.1)
    opt = optim.SGD(net.parameters(), lr=o.lr, momentum=o.momentum, weight_decay=o.weight_decay)  # fault: C344
    sched = optim.lr_scheduler.StepLR(opt, step_size=o.step_size, gamma=o.gamma)

    loader = pictures.train_loader(o)
    for epoch in range(o.epochs):
        loss = one_epoch(net, loader, loss_fn, opt, device, o.amp)
        print(f"[{epoch + 1}/{o.epochs}] loss={loss:.4f} lr={sched.get_last_lr()[0]:.2g}", flush=True)
        sched.step()
        torch.save({"net": net.state_dict(), "options": vars(o), "epoch": epoch}, o.save)

    print("test top-1: %.2f" % top1(net, pictures.test_loader(o), device))


if __name__ == "__main__":
    main()
