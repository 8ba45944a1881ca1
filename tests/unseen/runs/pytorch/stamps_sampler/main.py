import logging
import time

import numpy as np
import timm
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, WeightedRandomSampler

from stamps.config import parse_args
from stamps.data import StampFolder, build_transform
from stamps.engine import evaluate, train_one_epoch

logger = logging.getLogger("stamps")


def make_sampler(labels):
    labels = np.asarray(labels)
    freq = np.bincount(labels)
    weights = 1.0 / freq[labels]
    return WeightedRandomSampler(torch.as_tensor(weights, dtype=torch.double), num_samples=len(labels), replacement=True)


def main():
    args = parse_args()
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
    torch.manual_seed(args.seed)
    device = torch.device(args.device or ("cuda" if torch.cuda.is_available() else "cpu"))

    train_set = StampFolder(args.data, "train", build_transform(args.size, True))
    val_set = StampFolder(args.data, "val", build_transform(args.size, False), classes=train_set.classes)
    train_loader = DataLoader(train_set, args.batch, sampler=make_sampler(train_set.labels), num_workers=args.workers, drop_last=True)
    val_loader = DataLoader(val_set, args.batch, num_workers=args.workers)

    # global_pool and classifier are made anew for our classes by reset_classifier
    net = timm.create_model("resnet26d", pretrained=False)
    net.load_state_dict(torch.load(args.weights, map_location="cpu"), strict=True)
    net.reset_classifier(len(train_set.classes))
    net.to(device)

    optimizer = torch.optim.SGD(net.parameters(), lr=args.lr, momentum=0.9, weight_decay=1e-4, nesterov=True)
    scheduler = torch.optim.lr_scheduler.MultiStepLR(optimizer, [args.epochs // 2, args.epochs * 3 // 4], 0.1)
    criterion = nn.CrossEntropyLoss()

    for epoch in range(args.epochs):
        t = time.time()
        loss = train_one_epoch(net, train_loader, criterion, optimizer, device, args.clip)
        acc, balanced = evaluate(net, val_loader, device, len(train_set.classes))
        scheduler.step()
        logger.info("epoch %d loss %.4f acc %.4f balanced acc %.4f (%.0f s)", epoch, loss, acc, balanced, time.time() - t)
        torch.save({"net": net.state_dict(), "classes": train_set.classes}, args.out)


if __name__ == "__main__":
    main()
