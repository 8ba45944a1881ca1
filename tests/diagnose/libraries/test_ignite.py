"""Ignite: its engines and the handlers of their events, in sound and faulty programs of several styles."""

import pytest
from small_programs import found, reading, said

HEAD = """
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader
from torchvision import datasets, models, transforms as T
from ignite.engine import Engine, Events, create_supervised_trainer, create_supervised_evaluator
from ignite.metrics import Accuracy, Loss
torch.manual_seed(1)
norm = T.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
train_tf = T.Compose([T.RandomResizedCrop(224), T.RandomHorizontalFlip(), T.ToTensor(), norm])
val_tf = T.Compose([T.Resize(256), T.CenterCrop(224), T.ToTensor(), norm])
train_dl = DataLoader(datasets.ImageFolder("t", train_tf), batch_size=64, shuffle=True)
val_dl = DataLoader(datasets.ImageFolder("v", val_tf), batch_size=64)
net = models.resnet18(weights="DEFAULT")
net.fc = nn.Linear(512, 7)
net = net.to("cuda")
optimizer = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9, weight_decay=1e-4)
criterion = nn.CrossEntropyLoss()
"""
SUPERVISED = """
trainer = create_supervised_trainer(net, optimizer, criterion, device="cuda")
evaluator = create_supervised_evaluator(net, metrics={"acc": Accuracy(), "loss": Loss(criterion)}, device="cuda")
"""
VALIDATE = """
@trainer.on(Events.EPOCH_COMPLETED(every=2) | Events.COMPLETED)
def log_results(engine):
    evaluator.run(val_dl)
trainer.run(train_dl, max_epochs=12)
"""
OWN = """
def update(engine, batch):
    net.train()
    optimizer.zero_grad()
    x, y = batch[0].to("cuda"), batch[1].to("cuda")
    loss = F.cross_entropy(net(x), y)
    loss.backward()
    optimizer.step()
    return loss.item()

def evaluate(engine, batch):
    net.eval()
    with torch.no_grad():
        return net(batch[0].to("cuda")), batch[1].to("cuda")

trainer, evaluator = Engine(update), Engine(evaluate)
Accuracy().attach(evaluator, "acc")
"""
AS_CLASS = """
class Experiment:
    def __init__(self):
        self.trainer = Engine(self.step)
        self.evaluator = create_supervised_evaluator(net, {"acc": Accuracy()}, "cuda")
        self.trainer.add_event_handler(Events.EPOCH_COMPLETED, self.validate, val_dl)
    def step(self, engine, batch):
        net.train()
        x, y = (part.cuda() for part in batch)
        loss = criterion(net(batch[0].cuda()), batch[1].cuda())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    def validate(self, engine, loader):
        self.evaluator.run(loader)
    def fit(self, epochs):
        self.trainer.run(train_dl, epochs)
Experiment().fit(12)
"""
LAUNCHED = """
import ignite.distributed as idist
def training(rank, config):
    loader = idist.auto_dataloader(datasets.ImageFolder("t", train_tf), batch_size=64, shuffle=True)
    model = idist.auto_model(net)
    optim = idist.auto_optim(optimizer)
    trainer = create_supervised_trainer(model, optim, criterion, idist.device())
    evaluator = create_supervised_evaluator(model, {"acc": Accuracy()}, idist.device())
    trainer.on(Events.EPOCH_COMPLETED)(lambda: evaluator.run(val_dl))
    trainer.run(loader, max_epochs=config["epochs"])
with idist.Parallel(backend="nccl") as parallel:
    parallel.run(training, {"epochs": 12})
"""
FAULTS = ("C307", "C310", "C311", "C312", "C314", "C319", "C322", "N201", "N203", "N209")


@pytest.mark.parametrize("text", [SUPERVISED + VALIDATE, OWN + VALIDATE, AS_CLASS, LAUNCHED])
def test_a_sound_program_in_its_usual_styles(tmp_path, text):
    read = reading(tmp_path, HEAD + text)
    fields = ("epochs", "batch_size", "shuffle", "optimizer", "learning_rate", "loss", "model", "weights", "head")
    assert tuple(said(read, name) for name in fields) == (
        12, 64, True, "sgd", 0.01, "cross_entropy", "resnet18", "DEFAULT", 7)  # fmt: skip
    assert said(read, "mean") == (0.485, 0.456, 0.406)
    assert (said(read, "input_size"), said(read, "val_input_size")) == (224, 224)
    assert said(read, "train_augmentations") == ("random_resized_crop", "random_horizontal_flip")
    assert said(read, "val_augmentations") == ()
    assert read.program.validates
    assert [code for code in FAULTS if found(read, code)] == []


@pytest.mark.parametrize(
    ("text", "before", "after", "code"),
    [
        (OWN + VALIDATE, "    optimizer.zero_grad()\n", "", "C310"),
        (OWN + VALIDATE, "    net.eval()\n", "", "C311"),
        (OWN + VALIDATE, "net(x)", "net(x).softmax(1)", "C307"),
        (AS_CLASS, "        optimizer.zero_grad()\n", "", "C310"),
        (SUPERVISED + VALIDATE, "net.fc = nn.Linear(512, 7)",
         "net.fc = nn.Sequential(nn.Linear(512, 7), nn.Softmax(1))", "C307"),
        (SUPERVISED + VALIDATE, ", batch_size=64, shuffle=True", ", batch_size=64", "C312"),
        (SUPERVISED + VALIDATE, ', device="cuda")', ")", "C322"),
        (SUPERVISED + VALIDATE, 'ImageFolder("v", val_tf)', 'ImageFolder("v", train_tf)', "N209"),
        (SUPERVISED + VALIDATE, "T.ToTensor(), norm]", "T.ToTensor()]", "N203"),
        (SUPERVISED + VALIDATE, "    evaluator.run(val_dl)", "    pass", "C319"),
        (LAUNCHED, "    trainer.on(Events.EPOCH_COMPLETED)(lambda: evaluator.run(val_dl))\n", "", "C319"),
    ],
)  # fmt: skip
def test_a_fault_is_found(tmp_path, text, before, after, code):
    whole = HEAD + text
    assert before in whole
    assert found(reading(tmp_path, whole.replace(before, after)), code)


SCHEDULES = """
from ignite.handlers import PiecewiseLinear, CosineAnnealingScheduler, LinearCyclicalScheduler, LRScheduler
from ignite.handlers import create_lr_scheduler_with_warmup, ReduceLROnPlateauScheduler
from ignite.contrib.engines import common
torch_one = torch.optim.lr_scheduler.StepLR(optimizer, 3)
"""


@pytest.mark.parametrize(
    ("text", "schedule", "rate", "stepped"),
    [
        ("trainer.add_event_handler(Events.EPOCH_COMPLETED, lambda _: torch_one.step())", "step", 0.01, "epoch"),
        ("trainer.add_event_handler(Events.EPOCH_STARTED, LRScheduler(torch_one))", "step", 0.01, "epoch"),
        ("trainer.add_event_handler(Events.ITERATION_STARTED, create_lr_scheduler_with_warmup(torch_one, 0.0, 10))",
         "step", 0.01, "batch"),
        ("common.setup_common_training_handlers(trainer, lr_scheduler=torch_one)", "step", 0.01, "batch"),
        ("trainer.add_event_handler(Events.ITERATION_STARTED,"
         " PiecewiseLinear(optimizer, 'lr', milestones_values=[(0, 0.0), (5, 0.4), (9, 0.0)]))", "linear", 0.4, "batch"),
        ("trainer.add_event_handler(Events.ITERATION_STARTED,"
         " CosineAnnealingScheduler(optimizer, 'lr', 0.2, 0.0, 500))", "cosine", 0.2, "batch"),
        ("trainer.add_event_handler(Events.ITERATION_STARTED,"
         " LinearCyclicalScheduler(optimizer, 'lr', float(open('x').read()), 0.0, 500))", "cyclic", "?", "batch"),
        ("from ignite.handlers import ParamGroupScheduler\n"
         "one = PiecewiseLinear(optimizer, 'lr', milestones_values=[(0, 0.2), (5, 0.0)])\n"
         "trainer.add_event_handler(Events.ITERATION_COMPLETED, ParamGroupScheduler([one], ['a']))", "linear", 0.2,
         "batch"),
        ("trainer.add_event_handler(Events.EPOCH_COMPLETED,"
         " ReduceLROnPlateauScheduler(optimizer, 'loss', factor=0.5))", "plateau", 0.01, "epoch"),
    ],
)  # fmt: skip
def test_a_schedule_is_a_handler(tmp_path, text, schedule, rate, stepped):
    read = reading(tmp_path, HEAD + SUPERVISED + SCHEDULES + text + VALIDATE)
    acting = [one.stepped for one in read.program.schedulers if one.name == schedule]
    assert (said(read, "schedule"), said(read, "learning_rate"), acting) == (schedule, rate, [stepped])


@pytest.mark.parametrize(
    ("run", "epochs"),
    [
        ("trainer.run(train_dl)", 1),
        ("trainer.run(data=train_dl, max_iters=100)", "?"),
        ("trainer.run(train_dl, **settings())", "?"),
        ("trainer.run(train_dl, 3)", 3),
    ],
)
def test_the_epochs_of_a_run(tmp_path, run, epochs):
    assert said(reading(tmp_path, HEAD + SUPERVISED + run), "epochs") == epochs


def test_handlers_with_arguments_conditions_and_objects(tmp_path):
    text = """
class Validation:
    def __call__(self, engine):
        evaluator.run(val_dl)
def prepare(batch, device, non_blocking):
    return batch[0].to(device) / 255, batch[1].to(device)
trainer = create_supervised_trainer(net, optimizer, criterion, "cuda", prepare_batch=prepare)
if len(val_dl) > 3:
    trainer.add_event_handler(Events.EPOCH_COMPLETED, Validation())
else:
    trainer.add_event_handler(Events.STARTED, print)
trainer.add_event_handler("own", Validation())
trainer.run(train_dl, max_epochs=2)
"""
    read = reading(tmp_path, HEAD + SUPERVISED + text)
    assert read.program.validates
    assert said(read, "scaling") == ("1/255", "1/255")


def test_a_checkpoint_gives_the_network_its_weights(tmp_path):
    text = """
from ignite.handlers import Checkpoint
Checkpoint.load_objects(to_load={"model": net, "optimizer": optimizer}, checkpoint=torch.load("before.pt"))
"""
    assert said(reading(tmp_path, HEAD + SUPERVISED + text + VALIDATE), "weights") == "before.pt"


def test_a_launcher_by_name_runs_the_function(tmp_path):
    text = (
        LAUNCHED.partition("with idist")[0] + 'idist.spawn("nccl", training, args=({"epochs": 4},), nproc_per_node=2)'
    )
    assert said(reading(tmp_path, HEAD + text), "epochs") == 4
