#!/usr/bin/env python3
# Kitchen objects on the sorting belt, six classes, Ignite.
import argparse
import logging

import torch
from ignite.engine import Engine, Events, create_supervised_evaluator
from ignite.handlers import Checkpoint, DiskSaver, TerminateOnNan, global_step_from_engine
from ignite.metrics import Accuracy, Loss, RunningAverage
from ignite.utils import convert_tensor, manual_seed, setup_logger
from torch import nn, optim
from torch.utils.data import DataLoader
from torchvision import datasets, models, transforms

NUM_CLASSES = 6
MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]


def get_loaders(root, batch_size, workers):
    train_tf = transforms.Compose([
        transforms.RandomResizedCrop(224, scale=(0.5, 1.0)),
        transforms.RandomHorizontalFlip(p=0.5),
        transforms.RandomRotation(15),
        transforms.ToTensor(),
        transforms.Normalize(MEAN, STD),
    ])
    val_tf = transforms.Compose([
        transforms.Resize(256),
        transforms.CenterCrop(224),
        transforms.ToTensor(),
        transforms.Normalize(MEAN, STD),
    ])
    train_set = datasets.ImageFolder(f"{root}/train", train_tf)
    val_set = datasets.ImageFolder(f"{root}/val", val_tf)
    train_loader = DataLoader(train_set, batch_size=batch_size, shuffle=True, num_workers=workers,
                              pin_memory=True, drop_last=True)
    val_loader = DataLoader(val_set, batch_size=batch_size, shuffle=False, num_workers=workers,
                            pin_memory=True)
    return train_loader, val_loader


def build_model():
    net = models.mobilenet_v3_large(weights=models.MobileNet_V3_Large_Weights.IMAGENET1K_V2)
    net.classifier[3] = nn.Linear(net.classifier[3].in_features, NUM_CLASSES)
    return net


def run(args):
    manual_seed(args.seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    train_loader, val_loader = get_loaders(args.data, args.batch_size, args.workers)

    model = build_model().to(device)
    optimizer = optim.SGD(model.parameters(), lr=args.lr, momentum=0.9, weight_decay=1e-4,
                          nesterov=True)
    lr_scheduler = optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=args.epochs)
    criterion = nn.CrossEntropyLoss()

    def update(engine, batch):
        model.train()
        x, y = convert_tensor(batch, device=device, non_blocking=True)
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
        return loss.detach()

    trainer = Engine(update)
    trainer.logger = setup_logger("trainer", level=logging.INFO)
    RunningAverage(output_transform=lambda out: out).attach(trainer, "loss")
    trainer.add_event_handler(Events.ITERATION_COMPLETED(every=200), TerminateOnNan())

    evaluator = create_supervised_evaluator(
        model, metrics={"accuracy": Accuracy(), "nll": Loss(criterion)}, device=device,
        non_blocking=True)

    @trainer.on(Events.EPOCH_COMPLETED)
    def after_epoch(engine):
        lr_scheduler.step()
        evaluator.run(val_loader)
        m = evaluator.state.metrics
        engine.logger.info("epoch %d  loss %.4f  val acc %.4f  val nll %.4f", engine.state.epoch,
                           engine.state.metrics["loss"], m["accuracy"], m["nll"])

    to_save = {"model": model, "optimizer": optimizer, "lr_scheduler": lr_scheduler,
               "trainer": trainer}
    last = Checkpoint(to_save, DiskSaver(args.out, require_empty=False), n_saved=2,
                      filename_prefix="last")
    trainer.add_event_handler(Events.EPOCH_COMPLETED, last)

    best = Checkpoint({"model": model}, DiskSaver(args.out, require_empty=False), n_saved=1,
                      filename_prefix="best", score_name="accuracy",
                      score_function=Checkpoint.get_default_score_fn("accuracy"),
                      global_step_transform=global_step_from_engine(trainer))
    evaluator.add_event_handler(Events.COMPLETED, best)

    if args.resume:
        # the machines of the night queue are taken away at six, go on with the last file
        checkpoint = torch.load(args.resume, map_location=device)
        Checkpoint.load_objects(to_load=to_save, checkpoint=checkpoint)

    trainer.run(train_loader, max_epochs=args.epochs)


if __name__ == "__main__":
    p = argparse.ArgumentParser()
    p.add_argument("--data", default="./belt")
    p.add_argument("--out", default="./runs/belt")
    p.add_argument("--resume", default=None)
    p.add_argument("--batch-size", type=int, default=64)
    p.add_argument("--epochs", type=int, default=25)
    p.add_argument("--lr", type=float, default=0.01)
    p.add_argument("--workers", type=int, default=6)
    p.add_argument("--seed", type=int, default=543)
    run(p.parse_args())
