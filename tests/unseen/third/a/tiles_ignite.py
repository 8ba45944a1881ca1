import argparse
import logging
from pathlib import Path

import torch
from ignite.contrib.handlers import ProgressBar
from ignite.engine import Engine, Events, create_supervised_evaluator
from ignite.handlers import Checkpoint, DiskSaver, EarlyStopping
from ignite.metrics import Accuracy, Loss, RunningAverage
from ignite.utils import convert_tensor, manual_seed, setup_logger
from torch import nn, optim
from torch.utils.data import DataLoader
from torchvision import transforms as T
from torchvision.datasets import ImageFolder
from torchvision.models import ResNet50_Weights, resnet50

IMAGENET = dict(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225])


def get_loaders(root, batch_size, workers):
    train_tf = T.Compose([
        T.RandomResizedCrop(224, scale=(0.5, 1.0)),
        T.RandomHorizontalFlip(),
        T.RandomVerticalFlip(),
        T.ToTensor(),
        T.Normalize(**IMAGENET),
    ])
    val_tf = T.Compose([
        T.Resize(256),
        T.CenterCrop(224),
        T.ToTensor(),
        T.Normalize(**IMAGENET),
    ])
    train = ImageFolder(Path(root) / "train", train_tf)
    val = ImageFolder(Path(root) / "val", val_tf)
    assert train.classes == val.classes
    kw = dict(num_workers=workers, pin_memory=True)
    return (
        DataLoader(train, batch_size=batch_size, shuffle=True, drop_last=True, **kw),
        DataLoader(val, batch_size=batch_size * 2, shuffle=False, **kw),
        len(train.classes),
    )


def build_trainer(model, optimizer, criterion, device):
    def update(engine, batch):
        model.train()
        x, y = (convert_tensor(t, device=device, non_blocking=True) for t in batch)
        logits = model(x)
        loss = criterion(logits, y)
        loss.backward()  # fault: C310
        optimizer.step()
        return loss.detach()

    trainer = Engine(update)
    RunningAverage(output_transform=lambda out: out).attach(trainer, "loss")
    return trainer


def run(args):
    manual_seed(args.seed)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    train_loader, val_loader, n_classes = get_loaders(args.data, args.batch_size, args.workers)

    model = resnet50(weights=ResNet50_Weights.IMAGENET1K_V2)
    model.fc = nn.Linear(model.fc.in_features, n_classes)
    model.to(device)

    optimizer = optim.SGD(model.parameters(), lr=args.lr, momentum=0.9, weight_decay=1e-4)
    scheduler = optim.lr_scheduler.StepLR(optimizer, step_size=8, gamma=0.1)
    criterion = nn.CrossEntropyLoss()

    trainer = build_trainer(model, optimizer, criterion, device)
    trainer.logger = setup_logger("trainer", level=logging.INFO)
    evaluator = create_supervised_evaluator(
        model, metrics={"acc": Accuracy(), "nll": Loss(criterion)}, device=device, non_blocking=True
    )
    ProgressBar().attach(trainer, ["loss"])

    @trainer.on(Events.EPOCH_COMPLETED)
    def after_epoch(engine):
        scheduler.step()
        evaluator.run(val_loader)
        m = evaluator.state.metrics
        engine.logger.info("epoch %d: acc %.4f nll %.4f", engine.state.epoch, m["acc"], m["nll"])

    def score(engine):
        return engine.state.metrics["acc"]

    evaluator.add_event_handler(
        Events.COMPLETED,
        Checkpoint(
            {"model": model},
            DiskSaver(args.out, create_dir=True, require_empty=False),
            n_saved=1,
            score_function=score,
            score_name="acc",
            global_step_transform=lambda *_: trainer.state.epoch,
        ),
    )
    evaluator.add_event_handler(Events.COMPLETED, EarlyStopping(patience=6, score_function=score, trainer=trainer))
    trainer.run(train_loader, max_epochs=args.epochs)


if __name__ == "__main__":
    p = argparse.ArgumentParser()
    p.add_argument("data")
    p.add_argument("--out", default="runs/tiles")
    p.add_argument("--epochs", type=int, default=20)
    p.add_argument("--batch-size", type=int, default=64)
    p.add_argument("--lr", type=float, default=0.01)
    p.add_argument("--workers", type=int, default=8)
    p.add_argument("--seed", type=int, default=11)
    run(p.parse_args())
