"""Flowers-102 with EfficientNet-B0 and PyTorch-Ignite.

First run:        python flowers_ignite.py --out runs/a
Go on after stop: python flowers_ignite.py --out runs/a --resume runs/a/state_checkpoint_20.pt
"""
import argparse
import logging
from pathlib import Path

import torch
from ignite.engine import Events, create_supervised_evaluator, create_supervised_trainer
from ignite.handlers import Checkpoint, DiskSaver, TerminateOnNan, global_step_from_engine
from ignite.handlers.tqdm_logger import ProgressBar
from ignite.metrics import Accuracy, Loss, RunningAverage
from ignite.utils import manual_seed, setup_logger
from torch import nn
from torch.utils.data import DataLoader
from torchvision import transforms as T
from torchvision.datasets import Flowers102
from torchvision.models import EfficientNet_B0_Weights, efficientnet_b0

NUM_CLASSES = 102
MEAN = [0.485, 0.456, 0.406]
STD = [0.229, 0.224, 0.225]


def get_args():
    p = argparse.ArgumentParser()
    p.add_argument("--data", default="./data")
    p.add_argument("--out", type=Path, default=Path("runs/flowers"))
    p.add_argument("--epochs", type=int, default=60)
    p.add_argument("--batch-size", type=int, default=32)
    p.add_argument("--lr", type=float, default=5e-4)
    p.add_argument("--weight-decay", type=float, default=0.01)
    p.add_argument("--workers", type=int, default=8)
    p.add_argument("--seed", type=int, default=543)
    p.add_argument("--resume", type=str, default=None)
    return p.parse_args()


def get_loaders(args):
    train_tf = T.Compose([
        T.RandomResizedCrop(224, scale=(0.4, 1.0)),
        T.RandomHorizontalFlip(),
        T.RandomRotation(20),
        T.ToTensor(),
        T.Normalize(MEAN, STD),
    ])
    eval_tf = T.Compose([
        T.Resize(256),
        T.CenterCrop(224),
        T.ToTensor(),
        T.Normalize(MEAN, STD),
    ])
    common = dict(num_workers=args.workers, pin_memory=True)
    train = Flowers102(args.data, split="train", download=True, transform=train_tf)
    val = Flowers102(args.data, split="val", download=True, transform=eval_tf)
    test = Flowers102(args.data, split="test", download=True, transform=eval_tf)
    return (
        DataLoader(train, batch_size=args.batch_size, shuffle=True, drop_last=True, **common),
        DataLoader(val, batch_size=128, **common),
        DataLoader(test, batch_size=128, **common),
    )


def build_model():
    model = efficientnet_b0(weights=EfficientNet_B0_Weights.IMAGENET1K_V1)
    in_features = model.classifier[1].in_features
    model.classifier[1] = nn.Linear(in_features, NUM_CLASSES)
    return model


def main():
    args = get_args()
    manual_seed(args.seed)
    logger = setup_logger("flowers", level=logging.INFO)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")

    train_loader, val_loader, test_loader = get_loaders(args)
    model = build_model().to(device)
    optimizer = torch.optim.AdamW(model.parameters(), lr=args.lr, weight_decay=args.weight_decay)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=args.epochs)
    criterion = nn.CrossEntropyLoss()

    trainer = create_supervised_trainer(model, optimizer, criterion, device=device, non_blocking=True)
    RunningAverage(output_transform=lambda loss: loss).attach(trainer, "loss")
    ProgressBar().attach(trainer, ["loss"])
    trainer.add_event_handler(Events.ITERATION_COMPLETED, TerminateOnNan())

    evaluator = create_supervised_evaluator(
        model, metrics={"accuracy": Accuracy(), "loss": Loss(criterion)}, device=device, non_blocking=True)

    @trainer.on(Events.EPOCH_COMPLETED)
    def validate(engine):
        scheduler.step()
        evaluator.run(val_loader)
        m = evaluator.state.metrics
        logger.info("epoch %d  val loss %.4f  val acc %.4f  lr %.2e", engine.state.epoch,
                    m["loss"], m["accuracy"], optimizer.param_groups[0]["lr"])

    # state of the whole run, every other epoch
    to_save = {"model": model, "optimizer": optimizer, "scheduler": scheduler, "trainer": trainer}
    state_saver = Checkpoint(
        to_save,
        DiskSaver(str(args.out), create_dir=True, require_empty=False),
        filename_prefix="state",
        n_saved=2,
    )
    trainer.add_event_handler(Events.EPOCH_COMPLETED(every=2), state_saver)

    # best network on the validation split
    best_saver = Checkpoint(
        {"model": model},
        DiskSaver(str(args.out / "best"), create_dir=True, require_empty=False),
        filename_prefix="best",
        score_name="val_acc",
        score_function=lambda e: e.state.metrics["accuracy"],
        global_step_transform=global_step_from_engine(trainer),
        n_saved=1,
    )
    evaluator.add_event_handler(Events.COMPLETED, best_saver)

    if args.resume:
        logger.info("resume from %s", args.resume)
        state = torch.load(args.resume, map_location=device)
        Checkpoint.load_objects(to_load={"model": model}, checkpoint=state)  # fault: C333

    trainer.run(train_loader, max_epochs=args.epochs)

    best_path = args.out / "best" / Path(best_saver.last_checkpoint).name
    best = torch.load(best_path, map_location=device)
    model.load_state_dict(best)
    tester = create_supervised_evaluator(model, metrics={"accuracy": Accuracy()}, device=device)
    tester.run(test_loader)
    logger.info("test accuracy of the best network: %.4f", tester.state.metrics["accuracy"])


if __name__ == "__main__":
    main()
