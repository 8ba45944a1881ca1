from argparse import ArgumentParser
from pathlib import Path

import torch
from ignite.contrib.handlers import ProgressBar
from ignite.engine import Engine, Events, create_supervised_evaluator
from ignite.handlers import Checkpoint, DiskSaver, EarlyStopping, global_step_from_engine
from ignite.metrics import Accuracy, ConfusionMatrix, Loss, RunningAverage
from ignite.utils import convert_tensor, manual_seed, setup_logger
from torch import nn, optim
from torch.utils.data import DataLoader
from torchvision import datasets, models, transforms

CATEGORIES = ("cardboard", "glass", "metal", "paper", "plastic", "trash")


def get_data(root, batch_size):
    normalize = transforms.Normalize(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225])
    train_tf = transforms.Compose([
        transforms.RandomResizedCrop(224, scale=(0.6, 1.0)),
        transforms.RandomHorizontalFlip(),
        transforms.RandomRotation(15),
        transforms.ToTensor(),
        normalize,
    ])
    eval_tf = transforms.Compose([transforms.Resize(256), transforms.CenterCrop(224), transforms.ToTensor(), normalize])
    sets = {
        "train": datasets.ImageFolder(root / "train", train_tf),
        "val": datasets.ImageFolder(root / "val", eval_tf),
        "test": datasets.ImageFolder(root / "test", eval_tf),
    }
    for name, s in sets.items():
        assert tuple(s.classes) == CATEGORIES, name
    return {
        k: DataLoader(s, batch_size=batch_size, shuffle=k == "train", drop_last=k == "train", num_workers=4)
        for k, s in sets.items()
    }


def build(device):
    net = models.densenet121(weights=models.DenseNet121_Weights.IMAGENET1K_V1)
    net.classifier = nn.Linear(net.classifier.in_features, len(CATEGORIES))
    return net.to(device)


def run(args):
    manual_seed(args.seed)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    loaders = get_data(args.root, args.batch_size)
    model = build(device)
    criterion = nn.CrossEntropyLoss()
    optimizer = optim.SGD(model.parameters(), lr=args.lr, momentum=0.9, weight_decay=5e-4)
    scheduler = optim.lr_scheduler.MultiStepLR(optimizer, milestones=[12, 17], gamma=0.1)

    def update(engine, batch):
        model.train()
        x, y = (convert_tensor(t, device=device, non_blocking=True) for t in batch)
        loss = criterion(model(x), y)
        loss.backward()  # fault: C342
        if engine.state.iteration % args.accumulate == 0:
            optimizer.step()
            optimizer.zero_grad()
        return loss.item()

    trainer = Engine(update)
    trainer.logger = setup_logger("trainer")
    RunningAverage(output_transform=lambda o: o).attach(trainer, "loss")
    ProgressBar(persist=True).attach(trainer, ["loss"])

    metrics = {"accuracy": Accuracy(), "nll": Loss(criterion)}
    evaluator = create_supervised_evaluator(model, metrics=metrics, device=device)

    @trainer.on(Events.EPOCH_COMPLETED)
    def after_epoch(engine):
        scheduler.step()
        evaluator.run(loaders["val"])
        m = evaluator.state.metrics
        trainer.logger.info("epoch %d: val acc %.4f nll %.4f", engine.state.epoch, m["accuracy"], m["nll"])

    best = Checkpoint(
        {"model": model},
        DiskSaver(str(args.out), create_dir=True, require_empty=False),
        n_saved=1,
        filename_prefix="best",
        score_function=lambda e: e.state.metrics["accuracy"],
        score_name="val_acc",
        global_step_transform=global_step_from_engine(trainer),
    )
    evaluator.add_event_handler(Events.COMPLETED, best)
    evaluator.add_event_handler(
        Events.COMPLETED,
        EarlyStopping(patience=8, score_function=lambda e: -e.state.metrics["nll"], trainer=trainer),
    )

    trainer.run(loaders["train"], max_epochs=args.epochs)

    model.load_state_dict(torch.load(args.out / best.last_checkpoint, map_location=device))
    tester = create_supervised_evaluator(
        model,
        metrics={"accuracy": Accuracy(), "cm": ConfusionMatrix(len(CATEGORIES))},
        device=device,
    )
    final = tester.run(loaders["test"]).metrics
    print("test accuracy: {:.4f}".format(final["accuracy"]))
    print(final["cm"])


if __name__ == "__main__":
    ap = ArgumentParser("TrashNet with ignite")
    ap.add_argument("root", type=Path)
    ap.add_argument("--out", type=Path, default=Path("trash_ckpt"))
    ap.add_argument("--batch_size", type=int, default=16)
    ap.add_argument("--accumulate", type=int, default=8, help="batches for one update")
    ap.add_argument("--epochs", type=int, default=20)
    ap.add_argument("--lr", type=float, default=0.01)
    ap.add_argument("--seed", type=int, default=12)
    run(ap.parse_args())
