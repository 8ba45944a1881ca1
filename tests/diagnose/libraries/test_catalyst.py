"""Catalyst: its runners with their own steps or the program's, in sound and faulty programs of several styles."""

import pytest
from small_programs import found, reading, said

HEAD = """
import torch
from collections import OrderedDict
from torch import nn
import torch.nn.functional as F
from torch.utils.data import DataLoader
from torchvision import datasets, models, transforms as T
from catalyst import dl, utils
norm = T.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
train_tf = T.Compose([T.RandomResizedCrop(224), T.RandomHorizontalFlip(), T.ToTensor(), norm])
valid_tf = T.Compose([T.Resize(256), T.CenterCrop(224), T.ToTensor(), norm])
def make_loaders():
    return {"train": DataLoader(datasets.ImageFolder("t", train_tf), batch_size=32, shuffle=True),
            "valid": DataLoader(datasets.ImageFolder("v", valid_tf), batch_size=32)}
def make_model():
    model = models.resnet34(weights="DEFAULT")
    model.fc = nn.Linear(512, 5)
    return model
"""
PARTS = """
loaders, model = make_loaders(), make_model()
optimizer = torch.optim.Adam(model.parameters(), lr=3e-4)
scheduler = torch.optim.lr_scheduler.MultiStepLR(optimizer, [3, 6])
"""
SUPERVISED = """
runner = dl.SupervisedRunner(input_key="features", output_key="logits", target_key="targets", loss_key="loss")
runner.train(model=model, criterion=nn.CrossEntropyLoss(), optimizer=optimizer, scheduler=scheduler, loaders=loaders,
             logdir="./logs", num_epochs=8, valid_loader="valid", valid_metric="loss", minimize_valid_metric=True)
metrics = runner.evaluate_loader(loader=loaders["valid"])
"""
CUSTOM = """
class CustomRunner(dl.Runner):
    def on_loader_start(self, runner):
        super().on_loader_start(runner)
        self.meters = {}
    def handle_batch(self, batch):
        x, y = batch
        logits = self.model(x)
        loss = F.cross_entropy(logits, y)
        self.batch_metrics.update({"loss": loss})
        if self.is_train_loader:
            self.engine.backward(loss)
            self.optimizer.step()
            self.optimizer.zero_grad()
CustomRunner().train(model=model, optimizer=optimizer, scheduler=scheduler, loaders=loaders, num_epochs=8,
                     callbacks=[dl.SchedulerCallback()])
"""
OLDER = """
class CustomRunner(dl.Runner):
    def _handle_batch(self, batch):
        x, y = batch
        loss = nn.CrossEntropyLoss()(self.model(x), y)
        if self.is_train_loader:
            loss.backward()
            self.optimizer.step()
            self.optimizer.zero_grad()
        if self.is_train_loader and False:
            self.scheduler.step()
CustomRunner().train(model=model, optimizer=optimizer, loaders=loaders, scheduler=scheduler, num_epochs=8,
                     callbacks=OrderedDict(schedule=dl.SchedulerCallback(mode="epoch")))
"""
METHODS = """
class Own(dl.IRunner):
    @property
    def num_epochs(self):
        return 8
    def get_loaders(self):
        return make_loaders()
    def get_model(self):
        return make_model()
    def get_criterion(self):
        return nn.CrossEntropyLoss()
    def get_optimizer(self, model):
        return torch.optim.Adam(model.parameters(), lr=3e-4)
    def get_scheduler(self, optimizer):
        return torch.optim.lr_scheduler.MultiStepLR(optimizer, [3, 6])
    def get_callbacks(self):
        return {"criterion": dl.CriterionCallback(input_key="out", target_key="y", metric_key="loss"),
                "backward": dl.BackwardCallback(metric_key="loss"), "optimizer": dl.OptimizerCallback(metric_key="loss"),
                "scheduler": dl.SchedulerCallback()}
    def handle_batch(self, batch):
        x, y = batch
        self.batch = {"x": x, "y": y, "out": self.model(x)}
Own().run()
"""
DERIVED = """
class Own(dl.SupervisedRunner):
    def handle_batch(self, batch):
        x, y = batch
        self.batch = {"features": x, "targets": y, "logits": self.model(x)}
Own().train(model=model, criterion=nn.CrossEntropyLoss(), optimizer=optimizer, scheduler=scheduler,
            loaders=loaders, num_epochs=8)
"""
STYLES = [PARTS + SUPERVISED, PARTS + CUSTOM, PARTS + OLDER, METHODS, PARTS + DERIVED]
FAULTS = ("C307", "C310", "C311", "C312", "C314", "C319", "C320", "C322", "N201", "N203", "N209")


@pytest.mark.parametrize("text", STYLES)
def test_a_sound_program_in_its_usual_styles(tmp_path, text):
    read = reading(tmp_path, HEAD + text)
    fields = (
        "epochs",
        "batch_size",
        "shuffle",
        "optimizer",
        "learning_rate",
        "loss",
        "schedule",
        "model",
        "head",
        "seed",
    )
    assert tuple(said(read, name) for name in fields) == (
        8, 32, True, "adam", 3e-4, "cross_entropy", "multistep", "resnet34", 5, 42)  # fmt: skip
    assert said(read, "mean") == said(read, "val_mean") == (0.485, 0.456, 0.406)
    assert (said(read, "val_augmentations"), said(read, "output_activation")) == ((), "none")
    assert read.program.validates
    assert read.program.unfollowed == ()
    assert [code for code in FAULTS if found(read, code)] == []


@pytest.mark.parametrize(
    ("text", "before", "after", "code"),
    [
        (PARTS + CUSTOM, "            self.optimizer.zero_grad()\n", "", "C310"),
        (PARTS + OLDER, "            self.optimizer.zero_grad()\n", "", "C310"),
        (PARTS + CUSTOM, "dl.SchedulerCallback()", 'dl.SchedulerCallback(mode="batch")', "C314"),
        (PARTS + CUSTOM, "dl.SchedulerCallback()", "dl.TimerCallback()", "C314"),
        (PARTS + SUPERVISED, "nn.Linear(512, 5)", "nn.Sequential(nn.Linear(512, 5), nn.Softmax(dim=1))", "C307"),
        (METHODS, "self.model(x)}", "self.model(x).softmax(1)}", "C307"),
        (PARTS + DERIVED, "self.model(x)}", "torch.softmax(self.model(x), 1)}", "C307"),
        (PARTS + SUPERVISED, "batch_size=32, shuffle=True", "batch_size=32", "C312"),
        (METHODS, 'ImageFolder("v", valid_tf)', 'ImageFolder("v", train_tf)', "N209"),
        (PARTS + SUPERVISED, "T.ToTensor(), norm]", "T.ToTensor()]", "N203"),
    ],
)
def test_a_fault_is_found(tmp_path, text, before, after, code):
    whole = HEAD + text
    assert before in whole
    assert found(reading(tmp_path, whole.replace(before, after)), code)


@pytest.mark.parametrize(
    ("callbacks", "augmentation"),
    [
        ("[dl.MixupCallback(keys=['features'], alpha=0.2)]", "mix_up"),
        ("[dl.BatchTransformCallback(transform=T.RandomErasing(), scope='on_batch_start', input_key='features')]",
         "random_erasing"),
    ],
)  # fmt: skip
def test_callbacks_change_the_training_batches_alone(tmp_path, callbacks, augmentation):
    text = PARTS + SUPERVISED.replace("num_epochs=8", f"num_epochs=8, callbacks={callbacks}")
    read = reading(tmp_path, HEAD + text)
    assert augmentation in said(read, "train_augmentations")
    assert said(read, "val_augmentations") == ()


def test_the_callback_says_where_the_schedule_is_stepped(tmp_path):
    text = PARTS + SUPERVISED.replace("num_epochs=8", "num_epochs=8, callbacks=[dl.SchedulerCallback(mode='batch')]")
    assert [one.stepped for one in reading(tmp_path, HEAD + text).program.schedulers] == ["batch"]


@pytest.mark.parametrize(
    ("given", "epochs", "seed"),
    [("num_epochs=3, seed=7", 3, 7), ("", 1, 42), ("**settings()", "?", 42)],
)
def test_defaults_of_train(tmp_path, given, epochs, seed):
    call = f"dl.SupervisedRunner(model).train(criterion=nn.CrossEntropyLoss(), optimizer=optimizer, loaders=all(), {given})"
    read = reading(tmp_path, HEAD + PARTS + "def all():\n    return make_loaders()\n" + call)
    assert (said(read, "epochs"), said(read, "seed")) == (epochs, seed)


def test_loaders_that_are_not_known_are_what_it_trains_on(tmp_path):
    call = (
        "dl.SupervisedRunner().train(model=model, criterion=nn.CrossEntropyLoss(), optimizer=optimizer, loaders=some())"
    )
    read = reading(tmp_path, HEAD + PARTS + "from elsewhere import some\nutils.set_global_seed(3)\n" + call)
    assert (said(read, "batch_size"), said(read, "loss"), said(read, "seed")) == ("?", "cross_entropy", 3)
