import pytest

from diagnose.autopsy.written import written
from diagnose.config.read import read_configuration
from diagnose.model import InputError
from diagnose.model.checkpoint import CHANNELS, GEOMETRY, MODE, NORMALISATION, RANGE

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
EVALUATED = """\
import torch
from torch.utils.data import DataLoader
from torchvision import datasets, models, transforms

steps = transforms.Compose([
    transforms.Resize(72),
    transforms.CenterCrop(64),
    transforms.ToTensor(),
    transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
])
loader = DataLoader(datasets.ImageFolder("data/test", steps), batch_size=64)
model = models.resnet18(num_classes=10)
model.load_state_dict(torch.load("best.pth"))
model.eval()
right = 0
with torch.no_grad():
    for images, labels in loader:
        right += (model(images).argmax(1) == labels).sum().item()
print(right / len(loader.dataset))
"""
PREDICTED = """\
import sys

import cv2
import timm
import torch
from torchvision import transforms

steps = transforms.Compose([transforms.ToTensor(), transforms.Resize((96, 96)), transforms.Normalize([0.5], [0.5])])


def predict(model, path):
    image = steps(cv2.imread(path)).unsqueeze(0)
    with torch.no_grad():
        return model(image).softmax(1).argmax().item()


if __name__ == "__main__":
    model = timm.create_model("mobilenetv3_small_100", num_classes=4)
    model.load_state_dict(torch.load("best.pth")["state_dict"])
    model.eval()
    print(predict(model, sys.argv[1]))
"""
KERAS = """\
import keras

model = keras.models.load_model("best.keras")
data = keras.utils.image_dataset_from_directory("data/test", image_size=(96, 96), batch_size=32)
data = data.map(lambda images, labels: (images / 255.0, labels))
print(model.evaluate(data))
"""


def read(tmp_path, text):
    file = tmp_path / "evaluate.py"
    file.write_text(text)
    reading = read_configuration(str(file), evaluates=True)
    return reading, *written(reading.config, reading.program)


def parts(known):
    return {one.part for one in known}


def test_a_loop_over_test_images_is_read_as_validation(tmp_path):
    reading, feed, known, _ = read(tmp_path, EVALUATED)
    assert (feed.size, feed.shape, feed.side, feed.unit) == (64, "crop", 72, "0..1")
    assert (feed.mean, feed.std) == (MEAN, STD)
    assert reading.config.model.value == "resnet18"
    assert {GEOMETRY, RANGE, NORMALISATION, CHANNELS} <= parts(known)


def test_one_picture_that_is_predicted_is_read_as_validation(tmp_path):
    reading, feed, _, _ = read(tmp_path, PREDICTED)
    assert (feed.size, feed.shape, feed.order, feed.unit) == (96, "squash", "BGR", "0..1")
    assert reading.config.model.value == "mobilenetv3_small_100"
    assert set(feed.mean) == {0.5}


def test_without_eval_it_evaluates_in_train_mode(tmp_path):
    _, feed, known, _ = read(tmp_path, EVALUATED.replace("model.eval()\n", ""))
    assert feed.mode == "train"
    assert MODE in parts(known)


def test_a_model_of_keras_is_read_as_validation(tmp_path):
    reading, feed, _, _ = read(tmp_path, KERAS)
    assert reading.program.framework == "keras"
    assert (feed.size, feed.unit) == (96, "0..1")


def test_it_is_refused_where_a_training_is_asked_for(tmp_path):
    (tmp_path / "evaluate.py").write_text(EVALUATED)
    with pytest.raises(InputError, match="no training was found"):
        read_configuration(str(tmp_path / "evaluate.py"))


def test_a_file_that_calls_no_network_is_refused(tmp_path):
    (tmp_path / "evaluate.py").write_text("print(1)\n")
    with pytest.raises(InputError, match="no training was found"):
        read_configuration(str(tmp_path / "evaluate.py"), evaluates=True)


def test_a_copy_of_the_network_is_read_too(tmp_path):
    file = tmp_path / "eval.py"
    copied = EVALUATED.replace("model.eval()\n", "import copy\naverage = copy.deepcopy(model)\naverage.eval()\n")
    file.write_text(copied.replace("model(images)", "average(images)"))
    read = read_configuration(str(file), (), evaluates=True)
    assert read.program.framework == "pytorch"
    assert [step.name for step in read.program.val_steps][:2] == ["resize", "center_crop"]


def test_a_keras_model_that_is_called_itself_is_read(tmp_path):
    file = tmp_path / "eval.py"
    file.write_text(KERAS.replace("print(model.evaluate(data))", "for images, labels in data:\n    model(images)"))
    assert read_configuration(str(file), (), evaluates=True).program.framework == "keras"
