import argparse
import logging
import os

import torch
import torch.nn.functional as F

from defaults import get_cfg
from leafdata import build_loader
from modeling import build_model
from solver import build_lr_scheduler, build_optimizer

logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
logger = logging.getLogger("leafnet")


def do_train(cfg):
    dev = "cuda" if torch.cuda.is_available() else "cpu"
    net = build_model(cfg).to(dev)
    optimizer = build_optimizer(cfg, net)
    scheduler = build_lr_scheduler(cfg, optimizer)
    train_loader, val_loader = build_loader(cfg, True), build_loader(cfg, False)

    for epoch in range(cfg.SOLVER.MAX_EPOCHS):
        net.train()
        for it, (images, labels) in enumerate(train_loader):
            images, labels = images.to(dev), labels.to(dev)
            loss = F.cross_entropy(net(images), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            if it % 50 == 0:
                logger.info("epoch %d it %d/%d loss %.4f", epoch, it, len(train_loader), loss.item())
        scheduler.step()
        logger.info("epoch %d val top-1 %.3f", epoch, do_val(net, val_loader, dev))
        torch.save({"model": net.state_dict(), "epoch": epoch},
                   os.path.join(cfg.OUTPUT_DIR, "model_last.pth"))


def do_val(net, loader, dev):
    net.eval()
    good = 0
    with torch.no_grad():
        for images, labels in loader:
            good += (net(images.to(dev)).argmax(1).cpu() == labels).sum().item()
    return good / len(loader.dataset)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--config-file", default="configs/leaf15.yaml")
    ap.add_argument("opts", nargs=argparse.REMAINDER, help="KEY VALUE pairs")
    a = ap.parse_args()
    cfg = get_cfg()
    cfg.merge_from_file(a.config_file)
    cfg.merge_from_list(a.opts)
    cfg.freeze()
    os.makedirs(cfg.OUTPUT_DIR, exist_ok=True)
    torch.manual_seed(cfg.RNG_SEED)
    logger.info("\n%s", cfg.dump())
    do_train(cfg)


if __name__ == "__main__":
    main()
