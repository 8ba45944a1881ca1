import argparse
import logging
from pathlib import Path

import ignite
import torch
from ignite.contrib.handlers import ProgressBar
from ignite.engine import Events, create_supervised_evaluator, create_supervised_trainer
from ignite.handlers import Checkpoint, DiskSaver, TerminateOnNan, global_step_from_engine
from ignite.metrics import Accuracy, Loss, RunningAverage
from torch import nn, optim
from torch.utils.data import DataLoader
from torchvision import transforms
from torchvision.datasets import ImageFolder
from torchvision.models import MobileNet_V3_Large_Weights, mobilenet_v3_large

logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
ignite.utils.manual_seed(3)


def arguments():
    p = argparse.ArgumentParser("waste sorting, 12 fractions")
    p.add_argument("--train-dir", type=Path, required=True)
    p.add_argument("--val-dir", type=Path, required=True)
    p.add_argument("--out", type=Path, default=Path("runs/waste"))
    p.add_argument("--max-epochs", type=int, default=60)
    p.add_argument("--resume", type=Path, help="checkpoint_*.pt of a run that was cut off by the queue")
    return p.parse_args()


def loaders(train_dir, val_dir):
    to_input = [transforms.ToTensor(),
                transforms.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))]
    train = ImageFolder(str(train_dir), transforms.Compose(
        [transforms.RandomResizedCrop(224, scale=(0.3, 1.0)), transforms.RandomHorizontalFlip(),
         transforms.RandomRotation(15)] + to_input))
    val = ImageFolder(str(val_dir), transforms.Compose(
        [transforms.Resize(232), transforms.CenterCrop(224)] + to_input))
    return (DataLoader(train, 96, shuffle=True, num_workers=6, pin_memory=True, drop_last=True),
            DataLoader(val, 192, num_workers=6, pin_memory=True))


def run(args):
    device = "cuda" if torch.cuda.is_available() else "cpu"
    train_loader, val_loader = loaders(args.train_dir, args.val_dir)

    model = mobilenet_v3_large(weights=MobileNet_V3_Large_Weights.IMAGENET1K_V2)
    model.classifier[-1] = nn.Linear(model.classifier[-1].in_features, 12)
    model.to(device)

    criterion = nn.CrossEntropyLoss()
    optimizer = optim.SGD(model.parameters(), lr=0.02, momentum=0.9, nesterov=True, weight_decay=4e-5)
    scheduler = optim.lr_scheduler.CosineAnnealingLR(optimizer, args.max_epochs)

    trainer = create_supervised_trainer(model, optimizer, criterion, device=device, non_blocking=True)
    evaluator = create_supervised_evaluator(
        model, {"acc": Accuracy(), "nll": Loss(criterion)}, device=device, non_blocking=True)

    RunningAverage(output_transform=lambda out: out).attach(trainer, "loss")
    ProgressBar(persist=True).attach(trainer, ["loss"])
    trainer.add_event_handler(Events.ITERATION_COMPLETED, TerminateOnNan())

    @trainer.on(Events.EPOCH_COMPLETED)
    def step_schedule(engine):
        scheduler.step()

    @trainer.on(Events.EPOCH_COMPLETED)
    def validate(engine):
        evaluator.run(val_loader)
        m = evaluator.state.metrics
        logging.info("epoch %d: val acc %.4f nll %.4f", engine.state.epoch, m["acc"], m["nll"])

    state = {"trainer": trainer, "model": model, "optimizer": optimizer, "scheduler": scheduler}
    trainer.add_event_handler(
        Events.EPOCH_COMPLETED,
        Checkpoint(state, DiskSaver(str(args.out), create_dir=True, require_empty=False), n_saved=2,
                   global_step_transform=global_step_from_engine(trainer)))

    if args.resume:
        logging.info("going on from %s", args.resume)
        saved = torch.load(args.resume, map_location="cpu")
        Checkpoint.load_objects(to_load={"model": model}, checkpoint=saved)  # fault: C333

    trainer.run(train_loader, max_epochs=args.max_epochs)


if __name__ == "__main__":
    run(arguments())
