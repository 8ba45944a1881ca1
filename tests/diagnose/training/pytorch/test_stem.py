"""The stem of a library's network on small images: as it is, or replaced in each of the usual ways."""

import pytest
from small_programs import judged, reading, training

CIFAR = {
    "train_tf": "T.Compose([T.RandomCrop(32, padding=4), T.RandomHorizontalFlip(), T.ToTensor(), norm])",
    "train_data": "datasets.CIFAR10('d', transform=train_tf)",
    "model": "model = models.resnet18(weights=None, num_classes=10)",
}
CONV = "model.conv1 = nn.Conv2d(3, 64, kernel_size=3, stride=1, padding=1, bias=False)"
POOL = "model.maxpool = nn.Identity()"


def found(tmp_path, **parts):
    return judged(reading(tmp_path, training(**{**CIFAR, **parts})), "C335")[1]


@pytest.mark.parametrize(
    "parts",
    [
        {},
        {"model": "model = models.resnet50()\nmodel.fc = nn.Linear(2048, 10)"},
        {"model": "model = models.densenet121(num_classes=10)"},
        {"model": "import timm\nmodel = timm.create_model('resnet34', num_classes=10)"},
        {"model": "model = torch.hub.load('pytorch/vision', 'resnet18', weights=None)"},
        {"train_data": "datasets.ImageFolder('t', train_tf)",
         "train_tf": "T.Compose([T.Resize((64, 64)), T.ToTensor(), norm])"},
        {"train_data": "datasets.CIFAR100('d', transform=train_tf)", "train_tf": "T.Compose([T.ToTensor(), norm])"},
        {"model": "model = models.resnet18()\nmodel.conv1 = nn.Conv2d(1, 64, 7, 2, 3, bias=False)"},
        {"model": "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
                  "        self.body = models.resnet18(num_classes=10)\n    def forward(self, x):\n"
                  "        return self.body(x)\nmodel = Net()"},
        {"model": "base = models.resnet18()\n"
                  "model = nn.Sequential(*list(base.children())[:-1], nn.Flatten(), nn.Linear(512, 10))"},
    ],
)  # fmt: skip
def test_an_imagenet_stem_on_small_images(tmp_path, parts):
    (one,) = found(tmp_path, **parts)
    assert (one.severity.value, one.subject) == ("warning", "stem")


def test_digits_are_no_more_than_worth_knowing(tmp_path):
    mnist = {"train_data": "datasets.MNIST('d', transform=train_tf)", "train_tf": "T.Compose([T.ToTensor()])"}
    (one,) = found(tmp_path, **mnist)
    assert one.severity.value == "info"


@pytest.mark.parametrize(
    "parts",
    [
        {"model": f"{CIFAR['model']}\n{CONV}\n{POOL}"},
        {"model": f"{CIFAR['model']}\n{POOL}"},
        {"model": f"{CIFAR['model']}\n{CONV}"},
        {"model": f"{CIFAR['model']}\nmodel.maxpool = nn.Sequential()\nmodel.conv1.stride = (1, 1)"},
        {"model": "def small():\n    net = models.resnet18(num_classes=10)\n    net.conv1 = nn.Conv2d(3, 64, 3)\n"
                  "    net.maxpool = nn.MaxPool2d(1)\n    return net\nmodel = small()"},
        {"model": "model = models.resnet18()\nfor name, m in model.named_children():\n    if name == 'maxpool':\n"
                  f"        setattr(model, name, nn.Identity())\n{CONV}"},
        {"train_tf": "T.Compose([T.Resize(224), T.ToTensor(), norm])"},
        {"train_tf": "T.Compose([T.Resize((96, 96)), T.ToTensor(), norm])"},
        {"batch": "x = F.interpolate(x, size=224)"},
        {"model": "model = nn.Sequential(nn.Upsample(scale_factor=7), models.resnet18(num_classes=10))"},
        {"model": "model = models.resnet18(weights='DEFAULT')"},
        {"model": "model = models.vgg16_bn(num_classes=10)"},
        {"model": "model = models.mobilenet_v2(num_classes=10)"},
        {"model": "import elsewhere\nmodel = elsewhere.resnet18()"},
        {"model": "base = models.resnet18()\nmodel = nn.Sequential(nn.Conv2d(3, 64, 3, padding=1), nn.BatchNorm2d(64), "
                  "nn.ReLU(), *list(base.children())[4:-1], nn.Flatten(), nn.Linear(512, 10))"},
        {"model": "model = models.densenet121(num_classes=10)\nmodel.features.conv0 = nn.Conv2d(3, 64, 3, 1, 1)\n"
                  "model.features.pool0 = nn.Identity()"},
    ],
)  # fmt: skip
def test_a_sound_stem_is_silent(tmp_path, parts):
    assert found(tmp_path, **parts) == ()
