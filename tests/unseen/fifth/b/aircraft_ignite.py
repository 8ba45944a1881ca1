"""FGVC-Aircraft variants with PyTorch-Ignite."""
import argparse
from pathlib import Path

import torch
from ignite.engine import Events, create_supervised_evaluator, create_supervised_trainer
from ignite.handlers import Checkpoint, DiskSaver, global_step_from_engine
from ignite.metrics import Accuracy, Loss
from ignite.utils import manual_seed
from torch import nn
from torch.utils.data import DataLoader
from torchvision import datasets, models, transforms

MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)


def get_loaders(root, batch_size, workers):
    train_tf = transforms.Compose(
        [
            transforms.RandomResizedCrop(224, scale=(0.3, 1.0)),
            transforms.RandomHorizontalFlip(),
            transforms.ToTensor(),
            transforms.Normalize(MEAN, STD),
        ]
    )
    eval_tf = transforms.Compose(
        [
            transforms.Resize(256),
            transforms.CenterCrop(224),
            transforms.ToTensor(),
            transforms.Normalize(MEAN, STD),
        ]
    )
    sets = {
        "train": datasets.FGVCAircraft(root, split="train", transform=train_tf, download=True),
        "val": datasets.FGVCAircraft(root, split="val", transform=eval_tf),
        "test": datasets.FGVCAircraft(root, split="test", transform=eval_tf),
    }
    return {
        name: DataLoader(
            dataset,
            batch_size=batch_size,
            shuffle=name == "train",
            drop_last=name == "train",
            num_workers=workers,
            pin_memory=True,
        )
        for name, dataset in sets.items()
    }


def get_model():
    model = models.resnet50(weights=models.ResNet50_Weights.IMAGENET1K_V2)
    model.fc = nn.Linear(model.fc.in_features, 100)
    return model


def run(args):
    manual_seed(args.seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    loaders = get_loaders(args.root, args.batch_size, args.workers)
    model = get_model().to(device)
    optimizer = torch.optim.SGD(
        model.parameters(), lr=args.lr, momentum=0.9, weight_decay=args.weight_decay, nesterov=True
    )
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=args.epochs)
    criterion = nn.CrossEntropyLoss()

    trainer = create_supervised_trainer(model, optimizer, criterion, device=device, non_blocking=True)
    metrics = {"accuracy": Accuracy(), "loss": Loss(criterion)}
    evaluator = create_supervised_evaluator(model, metrics=metrics, device=device, non_blocking=True)

    @trainer.on(Events.EPOCH_COMPLETED)
    def validate(engine):
        scheduler.step()
        evaluator.run(loaders["val"])
        m = evaluator.state.metrics
        print(f"epoch {engine.state.epoch}: accuracy {m['accuracy']:.4f}, loss {m['loss']:.4f}")

    best = Checkpoint(
        {"model": model},
        DiskSaver(str(args.out), create_dir=True, require_empty=False),
        n_saved=1,
        filename_prefix="best",
        score_name="accuracy",
        score_function=lambda engine: engine.state.metrics["accuracy"],
        global_step_transform=global_step_from_engine(trainer),
    )
    saver = evaluator.add_event_handler(Events.COMPLETED, best)

    trainer.run(loaders["train"], max_epochs=args.epochs)

    saver.remove()
    state = torch.load(args.out / Path(best.last_checkpoint).name, map_location=device)
    model.load_state_dict(state)
    evaluator.run(loaders["test"])
    print(f"test accuracy {evaluator.state.metrics['accuracy']:.4f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", default="data")
    parser.add_argument("--out", type=Path, default=Path("runs/aircraft"))
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--workers", type=int, default=8)
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--lr", type=float, default=0.01)
    parser.add_argument("--weight-decay", type=float, default=5e-4)
    parser.add_argument("--seed", type=int, default=5)
    run(parser.parse_args())
