"""Two networks of different build that learn from the labels and from one another (deep mutual learning).

    python mutual_birds.py -c mutual.yaml
"""
import argparse

import timm
import torch
import torch.nn.functional as F
import yaml
from timm.optim import create_optimizer
from timm.scheduler import create_scheduler_v2

from birds import loader


def arguments():
    p = argparse.ArgumentParser()
    p.add_argument("-c", "--config", default="mutual.yaml")
    p.add_argument("--data-dir", default=".")
    p.add_argument("--peers", nargs=2)
    p.add_argument("--opt", default="sgd")
    p.add_argument("--workers", type=int, default=6)
    for name in ("num-classes", "img-size", "batch-size", "epochs", "warmup-epochs", "seed"):
        p.add_argument(f"--{name}", type=int)
    for name in ("lr", "momentum", "weight-decay", "temperature", "alpha"):
        p.add_argument(f"--{name}", type=float)
    known, _ = p.parse_known_args()
    with open(known.config) as f:
        p.set_defaults(**yaml.safe_load(f))
    return p.parse_args()


def towards(student, teacher, t):
    """KL divergence of one network's answer from the other's, which is held fixed."""
    return t * t * F.kl_div(F.log_softmax(student / t, dim=1),
                            F.softmax(teacher.detach() / t, dim=1), reduction="batchmean")


@torch.no_grad()
def evaluate(nets, data, device):
    hits = torch.zeros(len(nets), device=device)
    for net in nets:
        net.eval()
    for x, y in data:
        x, y = x.to(device, non_blocking=True), y.to(device, non_blocking=True)
        for i, net in enumerate(nets):
            hits[i] += (net(x).argmax(dim=1) == y).sum()
    return (hits / len(data.dataset)).tolist()


def main():
    args = arguments()
    torch.manual_seed(args.seed)
    device = torch.device("cuda")

    train_data, val_data = loader(args, "train"), loader(args, "val")
    net_a, net_b = (
        timm.create_model(name, pretrained=True, num_classes=args.num_classes).to(device)
        for name in args.peers
    )

    opt_a = create_optimizer(args, net_a)
    opt_b = create_optimizer(args, net_a)  # fault: C313
    plan = dict(sched="cosine", num_epochs=args.epochs, warmup_epochs=args.warmup_epochs,
                warmup_lr=1e-4, min_lr=1e-5)
    sched_a, _ = create_scheduler_v2(opt_a, **plan)
    sched_b, _ = create_scheduler_v2(opt_b, **plan)

    for epoch in range(args.epochs):
        net_a.train()
        net_b.train()
        sums = torch.zeros(2, device=device)
        for x, y in train_data:
            x, y = x.to(device, non_blocking=True), y.to(device, non_blocking=True)
            out_a, out_b = net_a(x), net_b(x)

            loss_a = ((1 - args.alpha) * F.cross_entropy(out_a, y)
                      + args.alpha * towards(out_a, out_b, args.temperature))
            opt_a.zero_grad()
            loss_a.backward()
            opt_a.step()

            loss_b = ((1 - args.alpha) * F.cross_entropy(out_b, y)
                      + args.alpha * towards(out_b, out_a, args.temperature))
            opt_b.zero_grad()
            loss_b.backward()
            opt_b.step()

            sums[0] += loss_a.detach()
            sums[1] += loss_b.detach()

        sched_a.step(epoch + 1)
        sched_b.step(epoch + 1)
        la, lb = (sums / len(train_data)).tolist()
        acc_a, acc_b = evaluate([net_a, net_b], val_data, device)
        print(f"{epoch + 1:2d}  {args.peers[0]}: {la:.3f} / {acc_a:.4f}   {args.peers[1]}: {lb:.3f} / {acc_b:.4f}")

    for name, net in zip(args.peers, (net_a, net_b)):
        torch.save(net.state_dict(), name.split(".")[0] + "_birds.pt")


if __name__ == "__main__":
    main()
