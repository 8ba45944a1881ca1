"""Images that are kept as arrays: what is done to the whole of them is done to each."""

import pytest
from small_programs import found, reading, said, training

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def read(folder, arrays, data="torch.utils.data.TensorDataset(x, y)", **parts):
    top = f"import numpy as np\nfrom sklearn.model_selection import train_test_split\n{arrays}"
    return reading(folder, training(top=top, train_data=data, **parts))


@pytest.mark.parametrize(
    "arrays",
    [
        f"x = np.load('x.npy') / 255.0\nx = (x - np.array({MEAN})) / np.array({STD})\ny = 0",
        f"x = np.load('x.npy').astype('float32')\nx /= 255\nx = (x - {MEAN}) / {STD}\ny = 0",
        f"a = np.load('x.npy').astype('float32') / 255\na -= {MEAN}\na /= {STD}\n"
        "x, v, y, w = train_test_split(a, np.load('y.npy'), test_size=0.2)\nx = torch.from_numpy(x)",
        f"x = torch.from_numpy(np.load('x.npy')).permute(0, 3, 1, 2).float()\nx.div_(255)\n"
        f"x.sub_(torch.tensor({MEAN}).view(1, 3, 1, 1)).div_(torch.tensor({STD}).view(1, 3, 1, 1))\ny = 0",
        f"d = datasets.CIFAR10('.')\nx = torch.tensor(d.data).float() / 255\nx = (x - torch.tensor({MEAN})) / "
        f"torch.tensor({STD})\ny = torch.tensor(d.targets)",
    ],
)
def test_arithmetic_on_whole_arrays_is_read(tmp_path, arrays):
    read_ = read(tmp_path, arrays)
    assert (said(read_, "scaling"), said(read_, "mean"), said(read_, "std")) == (("1/255",), MEAN, STD)
    assert said(read_, "train_augmentations") == ()


@pytest.mark.parametrize(
    ("arrays", "scaling", "mean"),
    [
        ("x = np.load('x.npy')\ny = 0", "?", "?"),
        ("x = np.load('x.npy')\nx = (x - 0.5) / 0.5\ny = 0", "?", (0.5,) * 3),
        ("x = np.load('x.npy') / 255\nx = x - x.mean()\ny = 0", ("1/255",), "?"),
        ("import elsewhere\nx, y = elsewhere.load_all()", "?", "?"),
        ("d = datasets.MNIST('.')\nx = d.data.float()\ny = d.targets", (), ()),
    ],
)
def test_values_of_arrays_are_not_made_up(tmp_path, arrays, scaling, mean):
    read_ = read(tmp_path, arrays)
    assert (said(read_, "scaling"), said(read_, "mean")) == (scaling, mean)
    assert found(read_, "N201") == (scaling == ())
    assert not found(read_, "N204")


def test_an_own_dataset_of_arrays_with_statistics_alone_does_not_say_that_pixels_are_raw(tmp_path):
    own = ("class Data(torch.utils.data.Dataset):\n    def __init__(self):\n        self.x = np.load('x.npy')\n"
           "    def __getitem__(self, i):\n        return (torch.tensor(self.x[i]) - 0.5) / 0.5, 0")  # fmt: skip
    read_ = read(tmp_path, own, "Data()")
    assert (said(read_, "scaling"), said(read_, "mean")) == ("?", (0.5,) * 3)
    assert not found(read_, "N204")


def test_a_tensor_dataset_without_tensors_says_nothing(tmp_path):
    assert said(read(tmp_path, "", "torch.utils.data.TensorDataset()"), "scaling") == "?"


OWN_BATCHES = """
import numpy as np
{arrays}
model = models.resnet18(num_classes=10).cuda()
optimizer = torch.optim.SGD(model.parameters(), 0.1)
for epoch in range(9):
    order = np.random.permutation(len(x))
    for start in range(0, len(x), 64):
        rows = order[start:start + 64]
        batch = torch.as_tensor(x[rows]).cuda()
        loss = F.cross_entropy(model({batch}), torch.as_tensor(y[rows]).cuda())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
"""


@pytest.mark.parametrize(
    ("arrays", "batch", "scaling", "mean"),
    [
        ("x, y = np.load('x.npy') / 255, np.load('y.npy')", "batch", ("1/255",), ()),
        ("x, y = np.load('x.npy'), np.load('y.npy')\nx -= 128\nx /= 128", "batch", ("-1..1",), ()),
        ("d = datasets.CIFAR10('.')\nx, y = d.data, d.targets", "(batch.float() / 255 - 0.5) / 0.5",
         ("1/255",), (0.5,) * 3),
        ("x, y = np.load('x.npy'), np.load('y.npy')", "batch", "?", "?"),
        ("import elsewhere\nx, y = elsewhere.arrays()", "batch / 255", "?", "?"),
    ],
)  # fmt: skip
def test_images_that_a_program_batches_by_itself_are_read(tmp_path, arrays, batch, scaling, mean):
    text = training().partition("norm = ")[0] + OWN_BATCHES.format(arrays=arrays, batch=batch)
    read_ = reading(tmp_path, text)
    assert (said(read_, "scaling"), said(read_, "mean"), said(read_, "epochs")) == (scaling, mean, 9)


def test_images_that_an_own_loader_yields_are_read(tmp_path):
    own = """
class Batches:
    def __init__(self):
        data = datasets.CIFAR10('.')
        self.x, self.y = torch.tensor(data.data).permute(0, 3, 1, 2), torch.tensor(data.targets)
        self.m = torch.tensor([0.4, 0.5, 0.6]).view(1, 3, 1, 1)
    def __iter__(self):
        for rows in torch.randperm(len(self.x)).split(64):
            yield self.x[rows].float() / 255 - self.m, self.y[rows]
"""
    text = training(top=own).replace("DataLoader(train_data, batch_size=32, shuffle=True)", "Batches()")
    settings = tuple(said(reading(tmp_path, text), field) for field in ("scaling", "mean", "batch_size"))
    assert settings == (("1/255",), (0.4, 0.5, 0.6), "?")
