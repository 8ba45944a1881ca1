"""Hugging Face's Trainer as a configuration."""

import json

import pytest

from diagnose.config.read import read_configuration

HEAD = """
import elsewhere
from transformers import AutoConfig, AutoModelForImageClassification, HfArgumentParser, Trainer, TrainingArguments
from torchvision import transforms
from datasets import load_dataset
data = load_dataset("imagefolder", data_dir="a")
way = transforms.Compose([transforms.RandomResizedCrop(224), transforms.ToTensor(), transforms.Normalize([0.5] * 3, [0.5] * 3)])
def prepare(batch):
    batch["pixel_values"] = [way(image) for image in batch["image"]]
    return batch
train, held = data["train"], data["validation"]
train.set_transform(prepare)
model = AutoModelForImageClassification.from_pretrained("microsoft/resnet-50", num_labels=5, ignore_mismatched_sizes=True)
"""
RUN = HEAD + "Trainer(model=model, args=ARGS, train_dataset=train, eval_dataset=held).train()"


@pytest.fixture
def reading(tmp_path):
    def run(text, words=""):
        path = tmp_path / "train.py"
        path.write_text(text)
        return read_configuration(f"{path} {words}".strip())

    return run


def fields(reading, *names):
    settings = [getattr(reading.config, name) for name in names]
    return tuple(setting.value if setting.known else "unknown" for setting in settings)


def test_defaults_of_its_arguments(reading):
    found = reading(RUN.replace("ARGS", "TrainingArguments('out')"))
    names = ("learning_rate", "batch_size", "epochs", "weight_decay", "schedule", "optimizer", "seed", "loss", "head")
    assert fields(found, *names) == (5e-5, 8, 3, 0.0, "linear", "adamw", 42, "cross_entropy", 5)
    assert fields(found, "model", "weights", "frozen", "train_augmentations", "mean") == (
        "resnet-50", "imagenet", (), ("random_resized_crop",), (0.5, 0.5, 0.5))  # fmt: skip
    assert not found.program.validates  # its strategy is "no"


@pytest.mark.parametrize(
    ("arguments", "names", "expected"),
    [
        ("learning_rate=1e-3, lr_scheduler_type='cosine', optim='sgd'", ("learning_rate", "schedule", "optimizer"),
         (1e-3, "cosine", "sgd")),
        ("lr_scheduler_type=elsewhere.name(), optim=elsewhere.name()", ("schedule", "optimizer"),
         ("unknown", "unknown")),
        ("max_steps=100", ("epochs",), ("unknown",)),
        ("max_steps=-1, num_train_epochs=7.0", ("epochs",), (7,)),
        ("optim='adamw_bnb_8bit', lr_scheduler_type='constant_with_warmup'", ("optimizer", "schedule"),
         ("adamw", "constant")),
    ],
)  # fmt: skip
def test_arguments_are_taken_as_given(reading, arguments, names, expected):
    assert fields(reading(RUN.replace("ARGS", f"TrainingArguments('out', {arguments})")), *names) == expected


def test_arguments_that_were_not_read_are_unknown(reading):
    found = reading(RUN.replace("ARGS", "elsewhere.arguments()"))
    assert fields(found, "learning_rate", "optimizer", "epochs") == ("unknown",) * 3
    assert found.program.validates
    found = reading(RUN.replace("ARGS", "TrainingArguments('o', seed=3, **elsewhere.more())"))
    assert fields(found, "learning_rate", "schedule", "seed") == ("unknown", "unknown", 3)


@pytest.mark.parametrize(
    ("text", "validates"),
    [
        (RUN.replace("ARGS", "TrainingArguments('o', eval_strategy='epoch')"), True),
        (RUN.replace("ARGS", "TrainingArguments('o', evaluation_strategy='steps')"), True),
        (RUN.replace("ARGS", "TrainingArguments('o', eval_strategy='no')"), False),
        (RUN.replace("ARGS", "TrainingArguments('o')").replace("eval_dataset=held", "").replace(").train()", ").evaluate()"),
         True),
        (RUN.replace("ARGS", "TrainingArguments('o', do_eval=True)").replace(", eval_dataset=held", ""), False),
    ],
)  # fmt: skip
def test_whether_it_validates(reading, text, validates):
    assert reading(text).program.validates is validates


def test_words_are_over_the_defaults(reading):
    text = RUN.replace("ARGS", "HfArgumentParser(TrainingArguments).parse_args_into_dataclasses()[0]")
    assert fields(reading(text, "--learning_rate 1e-4 --num_train_epochs 9"), "learning_rate", "epochs") == (1e-4, 9)


def test_an_own_trainer_optimizer_and_loss(reading):
    own = "class Mine(Trainer):\n    def compute_loss(self, model, inputs, return_outputs=False):\n        return elsewhere.loss(model)\n"
    text = (
        HEAD + own + "Mine(model=model, args=TrainingArguments('o', learning_rate=1e-3), train_dataset=train).train()"
    )
    assert fields(reading(text), "learning_rate", "loss") == (1e-3, "unknown")
    text = (
        HEAD
        + "Trainer(model=model, args=TrainingArguments('o'), optimizers=(elsewhere.o(), None), train_dataset=train).train()"
    )
    assert fields(reading(text), "optimizer", "learning_rate", "batch_size") == ("unknown", "unknown", 8)


def test_networks_without_weights_and_frozen_ones(reading):
    config = "model = AutoModelForImageClassification.from_config(AutoConfig.from_pretrained('microsoft/resnet-50'))\n"
    run = "Trainer(model=model, args=TrainingArguments('o'), train_dataset=train).train()"
    assert fields(reading(HEAD + config + run), "weights", "model") == ("none", "resnet-50")
    made = "def make():\n    return AutoModelForImageClassification.from_pretrained('microsoft/resnet-50')\n"
    assert fields(reading(HEAD + made + run.replace("model=model", "model_init=make")), "weights") == ("imagenet",)
    frozen = "for p in model.resnet.parameters():\n    p.requires_grad = False\n"
    assert fields(reading(HEAD + frozen + run), "frozen") == ("unknown",)


def test_arguments_that_were_saved(tmp_path):
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"per_device_train_batch_size": 4, "num_train_epochs": 2.0, "optim": "adamw_torch",
                                "lr_scheduler_type": "cosine", "learning_rate": 1e-3}))  # fmt: skip
    found = read_configuration(str(path))
    assert fields(found, "batch_size", "epochs", "optimizer", "schedule", "learning_rate") == (
        4, 2, "adamw", "cosine", 1e-3)  # fmt: skip


PROCESSED = """
from transformers import AutoImageProcessor, AutoModelForImageClassification, Trainer, TrainingArguments
from datasets import load_dataset
data = load_dataset("beans")
processor = AutoImageProcessor.from_pretrained("google/vit-base-patch16-224-in21k")
def prepare(batch):
    found = processor(batch["image"], return_tensors="pt", do_rescale=RESCALED)
    found["labels"] = batch["labels"]
    return found
USE
model = AutoModelForImageClassification.from_pretrained("google/vit-base-patch16-224-in21k", num_labels=3)
arguments = TrainingArguments("o", learning_rate=2e-4, num_train_epochs=4, eval_strategy="epoch")
Trainer(model=model, args=arguments, train_dataset=data["train"], eval_dataset=data["validation"]).train()
"""


@pytest.mark.parametrize(
    "use",
    ["data = data.with_transform(prepare)", "data.set_transform(prepare)",
     "data = data.map(prepare, batched=True, remove_columns=['image'])",
     "data = data.map(prepare, batched=True).shuffle(seed=1)"],
)  # fmt: skip
def test_a_processor_scales_and_does_not_augment(reading, use):
    found = reading(PROCESSED.replace("USE", use).replace("RESCALED", "True"))
    settings = fields(found, "scaling", "train_augmentations", "val_augmentations", "mean", "learning_rate")
    assert settings == (("1/255",), (), (), "unknown", 2e-4)
    assert fields(reading(PROCESSED.replace("USE", use).replace("RESCALED", "False")), "scaling") == ((),)


def test_several_trainers_are_read_each(reading):
    text = (
        HEAD
        + """
def run(rate, epochs):
    arguments = TrainingArguments("o", learning_rate=rate, num_train_epochs=epochs, per_device_train_batch_size=4)
    Trainer(model=model, args=arguments, train_dataset=train, eval_dataset=held).train()
run(1e-3, 2)
run(1e-5, 2)
"""
    )
    assert fields(reading(text), "learning_rate", "epochs", "batch_size") == ("unknown", 2, 4)
