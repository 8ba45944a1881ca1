"""MosaicML Composer: its Trainer over classifiers and models of the program's own, sound and faulty."""

import pytest
from small_programs import found, reading, said, why

HEAD = """
import torch
import torch.nn.functional as F
import composer
from torch.utils.data import DataLoader
from torchvision import datasets, models, transforms as T
from composer import Trainer, Time, DataSpec, Evaluator
from composer.models import ComposerClassifier, ComposerModel
from composer.algorithms import LabelSmoothing, MixUp, CutMix, BlurPool, GradientClipping
from composer.optim import (DecoupledSGDW, DecoupledAdamW, CosineAnnealingWithWarmupScheduler, MultiStepScheduler,
                            LinearScheduler, StepScheduler, ConstantScheduler)
norm = T.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
train_tf = T.Compose([T.RandomResizedCrop(224), T.RandomHorizontalFlip(), T.ToTensor(), norm])
val_tf = T.Compose([T.Resize(256), T.CenterCrop(224), T.ToTensor(), norm])
train_dl = DataLoader(datasets.ImageFolder("t", train_tf), batch_size=128, shuffle=True)
val_dl = DataLoader(datasets.ImageFolder("v", val_tf), batch_size=128)
net = models.resnet50(weights="DEFAULT")
net.fc = torch.nn.Linear(2048, 20)
"""
CLASSIFIER = """
model = ComposerClassifier(module=net, num_classes=20)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9, weight_decay=1e-4)
Trainer(model=model, train_dataloader=train_dl, eval_dataloader=val_dl, max_duration="30ep", optimizers=optimizer,
        schedulers=torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 30), seed=3, device="gpu").fit()
"""
LATER = """
model = composer.models.ComposerClassifier(net, num_classes=20, loss_fn=torch.nn.CrossEntropyLoss())
optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9, weight_decay=1e-4)
trainer = composer.Trainer(model=model, optimizers=[optimizer], schedulers=[CosineAnnealingWithWarmupScheduler("2ep")],
                           seed=3)
trainer.fit(train_dataloader=DataSpec(dataloader=train_dl), duration=Time(30, "ep"),
            eval_dataloader=[Evaluator(label="held", dataloader=val_dl)])
trainer.eval(eval_dataloader=val_dl)
"""
OWN = """
class Net(ComposerModel):
    def __init__(self):
        super().__init__()
        self.net = net
    def forward(self, batch):
        images, _ = batch
        return self.net(images)
    def loss(self, outputs, batch):
        return F.cross_entropy(outputs, batch[1])
    def eval_forward(self, batch, outputs=None):
        return self.forward(batch)
composer.utils.reproducibility.seed_all(3)
model = Net()
trainer = Trainer(model=model, train_dataloader=train_dl, eval_dataloader=val_dl, max_duration=30,
                  optimizers=torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9, weight_decay=1e-4),
                  schedulers=CosineAnnealingWithWarmupScheduler(t_warmup="2ep"))
trainer.fit()
"""
DERIVED = """
class Net(ComposerClassifier):
    def __init__(self, classes):
        super().__init__(module=net, num_classes=classes)
model = Net(20)
optimizer = torch.optim.SGD(model.module.parameters(), lr=0.01, momentum=0.9, weight_decay=1e-4)
Trainer(model=model, train_dataloader=train_dl, eval_dataloader=val_dl, max_duration="30ep", optimizers=optimizer,
        schedulers=CosineAnnealingWithWarmupScheduler("2ep"), seed=3).fit()
"""
STYLES = [CLASSIFIER, LATER, OWN, DERIVED]
FAULTS = ("C307", "C310", "C311", "C312", "C313", "C314", "C319", "C320", "C322", "N201", "N203", "N209")


@pytest.mark.parametrize("text", STYLES)
def test_a_sound_program_in_its_usual_styles(tmp_path, text):
    read = reading(tmp_path, HEAD + text)
    fields = ("epochs", "batch_size", "shuffle", "optimizer", "learning_rate", "weight_decay", "loss", "schedule", "model",
              "head", "seed")  # fmt: skip
    assert tuple(said(read, name) for name in fields) == (
        30, 128, True, "sgd", 0.01, 1e-4, "cross_entropy", "cosine", "resnet50", 20, 3)  # fmt: skip
    assert said(read, "mean") == said(read, "val_mean") == (0.485, 0.456, 0.406)
    assert (said(read, "val_augmentations"), said(read, "output_activation")) == ((), "none")
    assert (read.program.managed_by, read.program.validates) == ("Composer", True)
    assert [code for code in FAULTS if found(read, code)] == []


@pytest.mark.parametrize(
    ("text", "before", "after", "code"),
    [
        (OWN, "return self.net(images)", "return self.net(images).softmax(1)", "C307"),
        (CLASSIFIER, "net.fc = torch.nn.Linear(2048, 20)",
         "net.fc = torch.nn.Sequential(torch.nn.Linear(2048, 20), torch.nn.Softmax(1))", "C307"),
        (LATER, "batch_size=128, shuffle=True", "batch_size=128", "C312"),
        (DERIVED, "T.ToTensor(), norm]", "T.ToTensor()]", "N203"),
        (CLASSIFIER, " eval_dataloader=val_dl,", "", "C319"),
        (OWN, 'ImageFolder("v", val_tf)', 'ImageFolder("v", train_tf)', "N209"),
        (CLASSIFIER, "SGD(model.parameters()", "SGD(models.resnet50().parameters()", "C313"),
    ],
)  # fmt: skip
def test_a_fault_is_found(tmp_path, text, before, after, code):
    whole = HEAD + text
    assert before in whole
    assert found(reading(tmp_path, whole.replace(before, after)), code)


def trained(tmp_path, more, head=""):
    text = f"{head}\nmodel = ComposerClassifier(net, num_classes=20)\n"
    return reading(tmp_path, f"{HEAD}{text}Trainer(model=model, train_dataloader=train_dl, {more}).fit()\n")


@pytest.mark.parametrize(
    ("duration", "epochs"),
    [
        ("'90ep'", 90), ("12", 12), ("Time(7, composer.TimeUnit.EPOCH)", 7), ("Time.from_epoch(5)", 5),
        ("'500ba'", "?"), ("Time(500, 'ba')", "?"), ("None", "?"), ("open('x').read()", "?"),
    ],
)  # fmt: skip
def test_durations(tmp_path, duration, epochs):
    assert said(trained(tmp_path, f"max_duration={duration}"), "epochs") == epochs


def test_the_default_optimizer(tmp_path):
    read = trained(tmp_path, "max_duration='1ep'")
    fields = ("optimizer", "learning_rate", "momentum", "weight_decay", "schedule", "seed")
    assert tuple(said(read, name) for name in fields) == ("sgd", 0.1, 0.0, 0.0, "constant", "?")


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        ("DecoupledSGDW(net.parameters(), 0.5, momentum=0.9)", ("sgd", 0.5, 0.9, 0.0)),
        ("DecoupledSGDW(net.parameters(), lr=2.0, weight_decay=5e-4)", ("sgd", 2.0, 0.0, "?")),
        ("DecoupledAdamW(net.parameters())", ("adamw", 1e-3, "?", "?")),
        ("DecoupledAdamW(params=net.parameters(), lr=3e-4, weight_decay=0.0)", ("adamw", 3e-4, "?", 0.0)),
    ],
)
def test_decoupled_optimizers(tmp_path, made, expected):
    read = trained(tmp_path, f"max_duration='1ep', optimizers={made}")
    fields = ("optimizer", "learning_rate", "momentum", "weight_decay")
    assert tuple(said(read, name) for name in fields) == expected
    if expected[-1] == "?":
        assert "multiply it by the learning rate" in why(read, "weight_decay")


@pytest.mark.parametrize(
    ("made", "schedule", "options"),
    [
        ("MultiStepScheduler(['30ep', '0.5dur'], gamma=0.2)", "multistep", {"milestones": (30, 40), "factor": 0.2}),
        ("StepScheduler('20ep')", "step", {"period": 20, "factor": 0.1}),
        ("LinearScheduler()", "linear", {"period": 80, "start": 1.0, "final": 0.0}),
        ("ConstantScheduler()", "constant", {}),
        ("CosineAnnealingWithWarmupScheduler('5ep', t_max='1000ba')", "cosine", {"final_rate": 0.0}),
        ("composer.optim.PolynomialScheduler(power=2.0)", "polynomial", {"period": 80, "power": 2.0}),
    ],
)
def test_schedules_in_epochs(tmp_path, made, schedule, options):
    read = trained(tmp_path, f"max_duration='80ep', schedulers=[{made}]")
    assert (said(read, "schedule"), dict(said(read, "schedule_options"))) == (schedule, options)
    assert not found(read, "C314")


def test_a_schedule_of_torch_is_stepped_for_every_batch_where_the_trainer_says_so(tmp_path):
    head = "o = torch.optim.SGD(net.parameters(), lr=0.1)\ns = torch.optim.lr_scheduler.StepLR(o, 3)"
    arguments = "max_duration='9ep', optimizers=o, schedulers=s"
    assert not found(trained(tmp_path, arguments, head), "C314")
    assert found(trained(tmp_path, f"{arguments}, step_schedulers_every_batch=True", head), "C314")


def test_algorithms(tmp_path):
    given = "[LabelSmoothing(0.2), MixUp(alpha=0.2), CutMix(), BlurPool(), GradientClipping('norm', 1.5)]"
    read = trained(tmp_path, f"max_duration='9ep', eval_dataloader=val_dl, algorithms={given}")
    assert said(read, "train_augmentations")[-2:] == ("mix_up", "cut_mix")
    assert said(read, "val_augmentations") == ()
    assert dict(said(read, "loss_options")) == {"label_smoothing": 0.2}
    assert dict(said(read, "optimizer_options")) == {"clip_norm": 1.5}


@pytest.mark.parametrize(
    ("algorithms", "own", "twice"),
    [("[LabelSmoothing(0.1)]", 0.1, True), ("[LabelSmoothing()]", 0.2, True), ("[LabelSmoothing(0.1)]", 0.0, False),
     ("[BlurPool()]", 0.1, False)],
)  # fmt: skip
def test_labels_that_the_algorithm_and_the_loss_smooth(tmp_path, algorithms, own, twice):
    loss = f"torch.nn.CrossEntropyLoss(label_smoothing={own})"
    text = f"{HEAD}\nmodel = ComposerClassifier(net, num_classes=20, loss_fn={loss})\n"
    more = f"max_duration='9ep', eval_dataloader=val_dl, algorithms={algorithms}"
    read = reading(tmp_path, f"{text}Trainer(model=model, train_dataloader=train_dl, {more}).fit()\n")
    assert found(read, "C308") is twice


def test_weights_of_a_checkpoint(tmp_path):
    assert said(trained(tmp_path, "max_duration='9ep', load_path='before.pt'"), "weights") == "before.pt"


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        ("composer.models.composer_resnet('resnet50', num_classes=10)", ("resnet50", "none", 10)),
        ("composer.models.composer_resnet(model_name='resnet18', weights='IMAGENET1K_V1')",
         ("resnet18", "IMAGENET1K_V1", 1000)),
    ],
)  # fmt: skip
def test_models_by_name(tmp_path, made, expected):
    text = f"Trainer(model={made}, train_dataloader=train_dl, max_duration='2ep').fit()"
    read = reading(tmp_path, HEAD + text)
    assert tuple(said(read, name) for name in ("model", "weights", "head")) == expected
    assert said(read, "loss") == "cross_entropy"


@pytest.mark.parametrize(("shuffle", "expected"), [(", shuffle=True", True), ("", False)])
def test_samplers(tmp_path, shuffle, expected):
    head = f"from composer.utils import dist\ns = dist.get_sampler(datasets.ImageFolder('t', train_tf){shuffle})\n"
    head += "train_dl = DataLoader(datasets.ImageFolder('t', train_tf), batch_size=8, sampler=s)"
    assert said(trained(tmp_path, "max_duration='2ep'", head), "shuffle") is expected


def test_two_trainings_with_one_optimizer_have_each_their_schedule(tmp_path):
    head = "o = torch.optim.SGD(net.parameters(), lr=0.1)\n"
    again = "Trainer(model=net, train_dataloader=train_dl, max_duration='5ep', optimizers=o, schedulers=LinearScheduler()).fit()"
    read = reading(tmp_path, HEAD + "model = ComposerClassifier(net, num_classes=20)\n" + head + again + "\n" + again)
    assert [(one.name, one.stepped) for one in read.program.schedulers] == [("linear", "epoch")]
    assert not found(read, "C314")
