"""What makes the loop wait: images decoded in its own process, calls for each batch; and what costs nothing."""

import pytest
from small_programs import judged, reading, training

OWN = """
from PIL import Image
class Photos(torch.utils.data.Dataset):
    def __init__(self, files):
        self.files = files
        self.kept = [Image.open(file) for file in files]
    def __len__(self):
        return len(self.files)
    def __getitem__(self, i):
        return train_tf({image}), 0
"""
WORKERS = "DataLoader(train_data, batch_size=32, shuffle=True, num_workers=8)"


def found(tmp_path, **parts):
    read = reading(tmp_path, training(**{"train_loader": WORKERS, **parts}))
    findings = judged(read, "C340")[1]
    assert all(one.severity.value == "info" for one in findings)
    return [one.subject for one in findings]


@pytest.mark.parametrize(
    "parts",
    [
        {"train_loader": "DataLoader(train_data, batch_size=32, shuffle=True)"},
        {"train_loader": "DataLoader(train_data, batch_size=32, shuffle=True, num_workers=0)"},
        {"train_loader": "DataLoader(train_data, 32, True)", "top": OWN.format(image="Image.open(self.files[i])"),
         "train_data": "Photos(input().split())"},
    ],
)  # fmt: skip
def test_files_that_the_training_process_decodes(tmp_path, parts):
    assert found(tmp_path, **parts) == ["one_process"]


PLAIN = "DataLoader(train_data, batch_size=32, shuffle=True)"


@pytest.mark.parametrize(
    "parts",
    [
        {},
        {"train_loader": PLAIN, "train_data": "datasets.CIFAR10('d', transform=train_tf)"},
        {"train_loader": PLAIN, "train_data": "torch.utils.data.TensorDataset(torch.load('x'), torch.load('y'))"},
        {"train_loader": PLAIN, "top": OWN.format(image="self.kept[i]"), "train_data": "Photos(input().split())"},
        {"train_loader": "DataLoader(train_data, batch_size=32, num_workers=int(input()))"},
        {"train_loader": "DataLoader(train_data, **dict(input()))"},
        {"after": "running += loss.item()\nprint(loss.item())", "before": "running = 0.0"},
        {"after": "if epoch % 10 == 0:\n    torch.save(model.state_dict(), 'w.pt')"},
        {"end": "torch.save(model.state_dict(), 'w.pt')\ntorch.cuda.empty_cache()"},
        {"batch": "x = x.to('cuda')\nx = x.to('cuda')"},
        {"after": "if bool(input()):\n    torch.cuda.synchronize()"},
    ],
)
def test_what_costs_little_or_nothing_is_silent(tmp_path, parts):
    assert found(tmp_path, **parts) == []


def test_without_a_gpu_nothing_waits(tmp_path):
    text = training(train_loader=PLAIN, validate="").replace(".cuda()", ".to('cpu')")
    assert judged(reading(tmp_path, text), "C340")[1] == ()


@pytest.mark.parametrize(
    ("after", "subject"),
    [
        ("torch.cuda.empty_cache()", "waits torch.cuda.empty_cache"),
        ("torch.save(model.state_dict(), 'last.pt')", "waits torch.save"),
        ("import gc\ngc.collect()", "waits gc.collect"),
        ("norms = {}\nfor n, p in model.named_parameters():\n    norms[n] = p.grad.norm().item()",
         "for_each_parameter item"),
    ],
)  # fmt: skip
def test_calls_that_each_batch_waits_for(tmp_path, after, subject):
    assert found(tmp_path, after=after) == [subject]


def test_a_batch_that_is_moved_twice(tmp_path):
    text = training(train_loader=WORKERS, loss="loss = criterion(model(x.cuda()), y.cuda())\nhits = y.cuda().sum()")
    read = reading(tmp_path, text.replace("x, y = x.cuda(), y.cuda()\n", "pass\n"))
    assert [one.subject for one in judged(read, "C340")[1]] == ["twice y"]
