"""The catalogue's list of what is never reported, line by line."""

import pytest
from corpus_reading import findings

from diagnose.config.read import read_configuration
from diagnose.model import Severity

TORCH = """
import torch
from torch import nn
import torch.nn.functional as F
from torchvision import datasets, models, transforms as T
torch.manual_seed(0)
norm = T.Normalize({mean}, {std})
aug = T.Compose([T.RandomResizedCrop(224), T.RandomHorizontalFlip(), T.ToTensor(), norm])
plain = T.Compose([T.Resize(256), T.CenterCrop(224), T.ToTensor(), norm])
train = torch.utils.data.DataLoader(datasets.ImageFolder("t", aug), batch_size={batch}, shuffle=True)
val = torch.utils.data.DataLoader(datasets.ImageFolder("v", plain), batch_size={batch})
{model}
model = model.cuda()
criterion = {loss}
optimizer = torch.optim.{optimizer}
for epoch in range(90):
    model.train()
    for x, y in train:
        x, y = x.cuda(), y.cuda()
        {before}
        loss = criterion({outputs}, y)
        loss.backward()
        optimizer.step()
        {after}
    model.eval()
    with torch.no_grad():
        for x, y in val:
            model(x.cuda())
"""
USUAL = {
    "mean": "[0.485, 0.456, 0.406]",
    "std": "[0.229, 0.224, 0.225]",
    "batch": "64",
    "model": "model = models.resnet50(weights='DEFAULT')\nmodel.fc = nn.Linear(2048, 5)",
    "loss": "nn.CrossEntropyLoss()",
    "optimizer": "AdamW(model.parameters(), lr=1e-4)",
    "before": "optimizer.zero_grad()",
    "after": "pass",
    "outputs": "model(x)",
}
KERAS = """
import keras
from keras import layers
keras.utils.set_random_seed(0)
train = keras.utils.image_dataset_from_directory("t", image_size=(160, 160), label_mode="int")
val = keras.utils.image_dataset_from_directory("v", image_size=(160, 160), label_mode="int")
base = keras.applications.MobileNetV2(include_top=False, input_shape=(160, 160, 3), pooling="avg")
base.trainable = False
inputs = keras.Input((160, 160, 3))
x = base(layers.Rescaling(1 / 127.5, offset=-1)(inputs), training=False)
model = keras.Model(inputs, layers.Dense(5)(x))
model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
model.fit(train, validation_data=val, epochs=5)
"""

CASES = {
    "zero_grad after step": {"before": "pass", "after": "optimizer.zero_grad()"},
    "zero_grad before backward": {},
    "log_softmax with NLLLoss": {"loss": "nn.NLLLoss()", "outputs": "F.log_softmax(model(x), dim=1)"},
    "LogSoftmax as the last layer": {
        "loss": "nn.NLLLoss()",
        "model": "model = models.resnet50(weights='DEFAULT')\n"
        "model.fc = nn.Sequential(nn.Linear(2048, 5), nn.LogSoftmax(dim=1))",
    },
    "BCEWithLogits on one logit": {
        "loss": "nn.BCEWithLogitsLoss()",
        "model": "model = models.resnet50(weights='DEFAULT')\nmodel.fc = nn.Linear(2048, 1)",
        "outputs": "model(x).squeeze(1)",
    },
    "0.1 for SGD at batch 256": {
        "optimizer": "SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-4)",
        "batch": "256",
        "model": "model = models.resnet50(num_classes=5)",
    },
    "normalised inputs outside of -1..1": {},
    ".5/.5 where the weights were trained so": {
        "mean": "[0.5, 0.5, 0.5]",
        "std": "[0.5, 0.5, 0.5]",
        "model": "import timm\nmodel = timm.create_model('vit_base_patch16_224', pretrained=True, num_classes=5)",
    },
}


def reported(tmp_path, text):
    path = tmp_path / "program.py"
    path.write_text(text)
    return [
        f"{one.code}: {one.summary}"
        for one in findings(read_configuration(str(path)))
        if one.severity is not Severity.INFO
    ]


@pytest.mark.parametrize("case", CASES)
def test_it_is_no_fault_in_pytorch(tmp_path, case):
    assert reported(tmp_path, TORCH.format(**{**USUAL, **CASES[case]})) == []


def test_from_logits_without_softmax_is_no_fault(tmp_path):
    assert reported(tmp_path, KERAS) == []


def test_the_same_program_with_a_fault_is_reported(tmp_path):
    """The cases above can fail: what makes each right is what counts."""
    wrong = {**USUAL, "before": "pass", "loss": "nn.NLLLoss()", "outputs": "torch.sigmoid(model(x))"}
    assert {line[:4] for line in reported(tmp_path, TORCH.format(**wrong))} == {"C308", "C310"}
