"""Layers with nothing nonlinear between them, in both frameworks, and layers that follow each other on purpose."""

import pytest
from small_programs import found, reading, training

from diagnose.model import NoActivation

NET = """class Net(nn.Module):
    def __init__(self):
        super().__init__()
        {layers}
    def forward(self, x):
        {forward}
model = Net()"""


def net(layers, forward):
    return NET.format(layers=layers.replace("\n", "\n        "), forward=forward.replace("\n", "\n        "))


MLP = (
    "self.fc1 = nn.Linear(3072, 512)\nself.fc2 = nn.Linear(512, 10)\n"
    "self.drop = nn.Dropout(0.2)\nself.bn = nn.BatchNorm1d(512)"
)
CONVS = (
    "self.conv1 = nn.Conv2d(3, 16, 3)\nself.conv2 = nn.Conv2d(16, 32, 3)\nself.pool = nn.MaxPool2d(2)\n"
    "self.fc = nn.Linear(32, 10)"
)
SEQUENTIAL = "model = nn.Sequential(nn.Flatten(), nn.Linear(3072, 512),{between} nn.Linear(512, 10))"


def kinds(tmp_path, model):
    read = reading(tmp_path, training(model=model))
    seen = read.program.facts(NoActivation)
    assert bool(seen) == found(read, "C338")
    return [one.kind for one in seen]


@pytest.mark.parametrize(
    ("model", "kind"),
    [
        (SEQUENTIAL.format(between=""), "linear"),
        (SEQUENTIAL.format(between=" nn.Dropout(0.5),"), "linear"),
        (SEQUENTIAL.format(between=" nn.BatchNorm1d(512),"), "linear"),
        (net(MLP, "x = torch.flatten(x, 1)\nx = self.fc1(x)\nreturn self.fc2(x)"), "linear"),
        (net(MLP, "return self.fc2(self.drop(self.bn(self.fc1(x.view(x.size(0), -1)))))"), "linear"),
        ("model = models.resnet50(weights='DEFAULT')\n"
         "model.fc = nn.Sequential(nn.Linear(2048, 512), nn.Dropout(0.3), nn.Linear(512, 10))", "linear"),
        (net("self.body = nn.Sequential(nn.Linear(3072, 512), nn.Linear(512, 256), nn.ReLU())\n"
             "self.fc = nn.Linear(256, 10)", "return self.fc(self.body(x.flatten(1)))"), "linear"),
        (net(CONVS, "x = self.pool(self.conv1(x))\nx = self.pool(self.conv2(x))\nreturn self.fc(x.mean((2, 3)))"),
         "conv"),
        (net("self.features = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.Conv2d(8, 16, 3))\n"
             "self.fc = nn.Linear(16, 10)", "return self.fc(self.features(x).mean((2, 3)))"), "conv"),
    ],
)  # fmt: skip
def test_one_layer_could_do_the_work_of_two(tmp_path, model, kind):
    assert kinds(tmp_path, model) == [kind]


@pytest.mark.parametrize(
    "model",
    [
        SEQUENTIAL.format(between=" nn.ReLU(),"),
        SEQUENTIAL.format(between=" nn.Tanh(), nn.Dropout(),"),
        "model = nn.Sequential(nn.Flatten(), nn.Linear(3072, 10))",
        net(MLP, "x = F.relu(self.fc1(torch.flatten(x, 1)))\nreturn self.fc2(x)"),
        net(MLP, "x = self.fc1(torch.flatten(x, 1)).relu()\nreturn self.fc2(x)"),
        net(MLP, "x = self.fc1(torch.flatten(x, 1))\nF.relu_(x)\nreturn self.fc2(x)"),
        net(MLP, "features = self.fc1(torch.flatten(x, 1))\nreturn self.fc2(features), features"),
        net(MLP, "h = self.fc1(x.flatten(1))\nreturn self.fc2(h + h.relu())"),
        net(MLP.replace("512", "64").replace("10)", "1000)"), "return self.fc2(self.fc1(x.flatten(1)))"),
        net(MLP.replace("fc1", "embedding"), "return self.fc2(self.embedding(x.flatten(1)))"),
        net(CONVS, "x = self.pool(F.relu(self.conv1(x)))\n"
            "x = self.pool(self.conv2(x))\nreturn self.fc(x.mean((2, 3)))"),
        net(CONVS, "x = F.relu(self.pool(self.conv1(x)))\nx = F.relu(self.conv2(x))\nreturn self.fc(x.mean((2, 3)))"),
        net("self.deep = nn.Conv2d(3, 3, 3, groups=3)\nself.point = nn.Conv2d(3, 16, 1)\nself.fc = nn.Linear(16, 10)",
            "return self.fc(self.point(self.deep(x)).mean((2, 3)))"),
        "model = nn.Sequential(models.resnet18(weights='DEFAULT'), nn.Linear(1000, 10))",
        "class Act(nn.Module):\n    def forward(self, x):\n        return x.clamp(min=0)\n"
        + SEQUENTIAL.format(between=" Act(),"),
    ],
)  # fmt: skip
def test_layers_that_belong_behind_each_other(tmp_path, model):
    assert kinds(tmp_path, model) == []


KERAS = """import keras
from keras import layers
(x, y), (a, b) = keras.datasets.cifar10.load_data()
x, a = x / 255.0, a / 255.0
{model}
model.compile('adam', 'sparse_categorical_crossentropy', metrics=['accuracy'])
model.fit(x, y, epochs=20, validation_data=(a, b))
"""
LISTED = (
    "model = keras.Sequential([layers.Flatten(), layers.Dense(256{one}), "
    "{between}layers.Dense(10, activation='softmax')])"
)
FUNCTIONAL = (
    "i = keras.Input((32, 32, 3))\nh = layers.Flatten()(i)\nh = layers.Dense(256{one})(h)\nh = layers.Dropout(0.3)(h)\n"
    "model = keras.Model(i, layers.Dense(10, 'softmax')(h))"
)
ADDED = (
    "model = keras.Sequential()\nmodel.add(layers.Conv2D(16, 3{one}))\nmodel.add(layers.MaxPooling2D())\n"
    "model.add(layers.Conv2D(32, 3))\nmodel.add(layers.Flatten())\nmodel.add(layers.Dense(10, activation='softmax'))"
)


@pytest.mark.parametrize(
    ("model", "kind"),
    [
        (LISTED.format(one="", between=""), ["linear"]),
        (LISTED.format(one=", activation='linear'", between="layers.BatchNormalization(), "), ["linear"]),
        (FUNCTIONAL.format(one=""), ["linear"]),
        (ADDED.format(one=""), ["conv"]),
        (LISTED.format(one=", activation='relu'", between=""), []),
        (LISTED.format(one=", 'relu'", between=""), []),
        (LISTED.format(one="", between="layers.ReLU(), "), []),
        (LISTED.format(one="", between="layers.BatchNormalization(), layers.Activation('relu'), "), []),
        (LISTED.format(one=", activation=keras.activations.gelu", between=""), []),
        (FUNCTIONAL.format(one=", activation='relu'"), []),
        (ADDED.format(one=", activation='relu'"), []),
    ],
)
def test_keras_layers(tmp_path, model, kind):
    read = reading(tmp_path, KERAS.format(model=model))
    assert [one.kind for one in read.program.facts(NoActivation)] == kind
    assert found(read, "C338") is bool(kind)
