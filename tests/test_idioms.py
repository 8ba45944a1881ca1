"""Each fault in several ways of writing it, and its healthy twin: found at its line, and silent without it."""

import pytest
from corpus_reading import found_in

from diagnose.model import Severity

PROGRAM = """
import argparse
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.optim import lr_scheduler
from torchvision import datasets, models, transforms
torch.manual_seed(0)
EPOCHS = 30
{options}
norm = transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
train_tf = transforms.Compose([transforms.RandomResizedCrop(224), transforms.RandomHorizontalFlip(), transforms.ToTensor(), norm])
val_tf = transforms.Compose([transforms.Resize(256), transforms.CenterCrop(224), transforms.ToTensor(), norm])
{transforms}
train_loader = torch.utils.data.DataLoader(datasets.ImageFolder("t", train_tf), batch_size=32, shuffle=True)
val_loader = torch.utils.data.DataLoader(datasets.ImageFolder("v", val_tf), batch_size=32)
{loaders}
model = models.resnet50(weights="IMAGENET1K_V2")
model.fc = nn.Linear(2048, 10)
{model}
model = model.cuda()
criterion = nn.CrossEntropyLoss()
{loss}
optimizer = torch.optim.SGD(model.parameters(), lr=0.005, momentum=0.9, weight_decay=1e-4)
{optimizer}
total = 0.0
for epoch in range(EPOCHS):
    {epoch}
    model.train()
    for x, y in train_loader:
        x, y = x.cuda(), y.cuda()
        {before}
        out = model(x)
        loss = criterion(out, y)
        {middle}
        loss.backward()
        {after}
        optimizer.step()
        {last}
    {between}
    {evaluation}
    with torch.no_grad():
        for x, y in val_loader:
            model(x.cuda())
"""
HEALTHY = {
    "options": "", "transforms": "", "loaders": "", "model": "", "loss": "", "optimizer": "", "epoch": "pass",
    "before": "optimizer.zero_grad()", "middle": "pass", "after": "pass", "last": "pass", "between": "pass",
    "evaluation": "model.eval()",
}  # fmt: skip

SOFT_FORWARD = """class Soft(nn.Module):
    def __init__(self, body):
        super().__init__()
        self.body = body
    def forward(self, x):
        out = self.body(x)
        return F.softmax(out, dim=1)"""

# code: changes that plant the fault (the marked line is where it must be found), and changes that do not.
FAULTY = [
    ("C306", {"model": "model = models.resnet50()\nfor p in model.parameters():\n    p.requires_grad = False  #!\nmodel.fc = nn.Linear(2048, 10)"}),
    ("C307", {"model": "model.fc = nn.Sequential(nn.Linear(2048, 10), nn.Softmax(dim=1))  #!"}),
    ("C307", {"middle": "loss = criterion(F.softmax(out, dim=1), y)  #!"}),
    ("C307", {"middle": "loss = F.cross_entropy(torch.softmax(out, 1), y)  #!"}),
    ("C308", {"loss": "criterion = nn.NLLLoss()  #!"}),
    ("C308", {"middle": "loss = F.nll_loss(out, y)  #!"}),
    ("C308", {"middle": "loss = F.binary_cross_entropy_with_logits(torch.sigmoid(out), y)  #!"}),
    ("C310", {"before": "pass"}),
    ("C311", {"evaluation": "pass"}),
    ("C311", {"evaluation": "model.train()"}),
    ("C312", {"loaders": 'train_loader = torch.utils.data.DataLoader(datasets.ImageFolder("t", train_tf), 32, False)  #!'}),
    ("C312", {"loaders": 'ds = datasets.ImageFolder("t", train_tf)\ntrain_loader = torch.utils.data.DataLoader(ds, batch_size=32, '
              'sampler=torch.utils.data.SequentialSampler(ds))  #!'}),
    ("C313", {"optimizer": "model.fc = nn.Linear(2048, 20).cuda()"}),
    ("C314", {"optimizer": "sched = lr_scheduler.CosineAnnealingLR(optimizer, T_max=EPOCHS)", "last": "sched.step()  #!"}),
    ("C314", {"optimizer": "sched = lr_scheduler.StepLR(optimizer, 10)  #!"}),
    ("C314", {"optimizer": "sched = lr_scheduler.OneCycleLR(optimizer, 0.01, steps_per_epoch=len(train_loader), epochs=EPOCHS)",
              "between": "sched.step()  #!"}),
    ("C314", {"optimizer": "sched = lr_scheduler.StepLR(optimizer, 10)", "epoch": "sched.step()  #!"}),
    ("C314", {"optimizer": "sched = lr_scheduler.ReduceLROnPlateau(optimizer)", "between": "sched.step()  #!"}),
    ("C314", {"optimizer": "sched = lr_scheduler.OneCycleLR(optimizer, 0.01, total_steps=EPOCHS * len(train_loader))",
              "after": "sched.step()  #!"}),
    ("C314", {"optimizer": "sched = lr_scheduler.LambdaLR(optimizer, lambda s: min(1, (s + 1) / 500))", "before": "optimizer.zero_grad()\n        sched.step()  #!"}),
    ("C318", {"transforms": "train_tf = transforms.Compose([transforms.Resize((32, 32)), transforms.RandomHorizontalFlip(), "
              "transforms.ToTensor(), norm])  #!"}),
    ("C321", {"model": "model = models.resnet50(pretrained=True)  #!\nmodel.fc = nn.Linear(2048, 10)"}),
    ("C323", {"last": "total += loss  #!"}),
    ("C323", {"last": "total = total + loss  #!"}),
    ("C323", {"options": "losses = []", "last": "losses.append(loss)  #!"}),
    ("C339", {"model": 'model.load_state_dict(torch.load("w.pth"), strict=False)  #!'}),
    ("C324", {"model": "model = models.resnet50()\n# model.load_state_dict(torch.load('w.pth'))  #!\nmodel.fc = nn.Linear(2048, 10)"}),
    ("C324", {"options": 'p = argparse.ArgumentParser()\np.add_argument("--pretrained", action="store_true")  #!\nargs = p.parse_args()'}),
    ("C325", {"model": "for p in model.parameters():\n    p.requires_grad = False  #!"}),
    ("C325", {"model": "model.requires_grad_(False)  #!"}),
    ("C325", {"model": "for p in model.fc.parameters():\n    p.requires_grad_(False)  #!"}),
    ("C326", {"optimizer": "sched = lr_scheduler.MultiStepLR(optimizer, [60, 90])  #!", "between": "sched.step()"}),
    ("C326", {"optimizer": "sched = lr_scheduler.StepLR(optimizer, step_size=EPOCHS)  #!", "between": "sched.step()"}),
    ("C326", {"optimizer": "sched = lr_scheduler.CosineAnnealingLR(optimizer, T_max=200)  #!", "between": "sched.step()"}),
    ("C327", {"before": "pass", "after": "optimizer.zero_grad()  #!"}),
    ("C327", {"before": "pass", "after": "model.zero_grad()  #!"}),
    ("C327", {"last": "optimizer.step()  #!"}),
    ("C334", {"model": "for p in model.parameters():\n    p.requires_grad = False\nmodel.fc = nn.Linear(2048, 10)"}),
    ("C328", {"options": 'p = argparse.ArgumentParser()\np.add_argument("--fast", type=bool, default=False)  #!\nargs = p.parse_args()'}),
    ("C328", {"options": "EPOCHS = 20"}),
    ("C328", {"options": 'p = argparse.ArgumentParser()\np.add_argument("--plain", action="store_true")\nargs = p.parse_args()\nif ~args.plain:  #!\n    print("augmented")'}),
    ("C328", {"options": "VERBOSE = False", "last": "if epoch > 3 and ~VERBOSE:  #!\n            print(epoch)"}),
    ("C328", {"options": 'p = argparse.ArgumentParser()\np.add_argument("--cpu", action="store_true")\na = p.parse_args()\ndevice = "cuda" if ~a.cpu else "cpu"  #!'}),
    ("C307", {"options": SOFT_FORWARD, "model": "model = Soft(model)"}),
    ("N201", {"transforms": "train_tf = transforms.Compose([transforms.RandomResizedCrop(224), transforms.PILToTensor()])  #!\nval_tf = train_tf"}),
    ("N202", {"before": "optimizer.zero_grad()\n        x = x / 255.0  #!"}),
    ("N203", {"transforms": "train_tf = transforms.Compose([transforms.RandomResizedCrop(224), transforms.ToTensor()])  #!\n"
              "val_tf = transforms.Compose([transforms.Resize((224, 224)), transforms.ToTensor()])"}),
    ("N204", {"transforms": "norm = transforms.Normalize([123.7, 116.3, 103.5], [58.4, 57.1, 57.4])  #!\n"
              "train_tf = transforms.Compose([transforms.RandomResizedCrop(224), transforms.ToTensor(), norm])\n"
              "val_tf = transforms.Compose([transforms.Resize((224, 224)), transforms.ToTensor(), norm])"}),
    ("N208", {"transforms": "val_tf = transforms.Compose([transforms.Resize((224, 224)), transforms.ToTensor()])  #!"}),
    ("N209", {"transforms": "val_tf = train_tf"}),
    ("N210", {"transforms": "train_tf = transforms.Compose([transforms.RandomResizedCrop(224), transforms.RandomErasing(),  #!\n"
              "transforms.ToTensor(), norm])"}),
    ("N210", {"transforms": "val_tf = transforms.Compose([transforms.CenterCrop(224), transforms.Resize(256),  #!\n"
              "transforms.ToTensor(), norm])"}),
]  # fmt: skip
RAW = "train_tf = transforms.Compose([transforms.RandomResizedCrop(224), transforms.{to}()])\nval_tf = transforms.Compose([transforms.Resize((224, 224)), transforms.{to}()])\n"
MEAN_STD = "M = torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1).cuda()\nS = torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1).cuda()\n"


def in_both_loops(statement, to="ToTensor", top=MEAN_STD):
    """Images that both loops prepare by a statement, the held-out ones in the name of `x` too."""
    evaluation = f"model.eval()\n    for x, y in val_loader:\n        x = x.cuda()\n        {statement}\n        with torch.no_grad():\n            model(x)\n    val_loader = []"
    return {
        "transforms": top + RAW.format(to=to),
        "before": f"optimizer.zero_grad()\n        {statement}",
        "evaluation": evaluation,
    }


FINE = [
    in_both_loops("x = (x - M) / S"),
    in_both_loops("x.sub_(M).div_(S)"),
    in_both_loops("x = (x.float() / 255 - M) / S", "PILToTensor"),
    in_both_loops("x = x.float().sub_(M * 255).div_(S * 255)", "PILToTensor"),
    in_both_loops("x = F_.normalize(F_.convert_image_dtype(x), [0.485, 0.456, 0.406], [0.229, 0.224, 0.225])", "PILToTensor",
                  "import torchvision.transforms.functional as F_\n"),
    in_both_loops("x = prepare(x)", "ToTensor", MEAN_STD + "def prepare(x):\n    for c in range(3):\n        x[:, c] = (x[:, c] - M[0, c]) / S[0, c]\n    return x\n"),
    in_both_loops("x = prepare(x)", "ToTensor", "def prepare(x):\n    for c, (m, s) in enumerate(zip([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])):\n        x[:, c].sub_(m).div_(s)\n    return x\n"),
    {"transforms": "class Norm:\n    def __init__(self, m, s):\n        self.m, self.s = m, s\n    def __call__(self, t):\n        for c, m, s in zip(t, self.m, self.s):\n            c.sub_(m).div_(s)\n        return t\n"
     "own = Norm([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])\ntrain_tf = transforms.Compose([transforms.RandomResizedCrop(224), transforms.ToTensor(), own])\n"
     "val_tf = transforms.Compose([transforms.Resize((224, 224)), transforms.ToTensor(), own])"},
    {"loss": "criterion = nn.NLLLoss()", "middle": "loss = criterion(torch.log(F.softmax(out, 1)), y)"},
    {"loss": "criterion = nn.NLLLoss()", "middle": "loss = criterion(out - out.logsumexp(1, keepdim=True), y)"},
    {"options": SOFT_FORWARD.replace("        return F", "        return out if self.training else F"), "model": "model = Soft(model)"},
    {"optimizer": "sched = lr_scheduler.ChainedScheduler([lr_scheduler.ConstantLR(optimizer, 0.1, 2), lr_scheduler.ExponentialLR(optimizer, 0.95)])", "between": "sched.step()"},
    {"last": "mask = y == 0\n        x = x[~mask]"},
    {"options": "FLAGS = 6 & ~2"},
    {},
    {"before": "model.zero_grad(set_to_none=True)"},
    {"before": "for p in model.parameters():\n            p.grad = None"},
    {"before": "pass", "last": "optimizer.zero_grad()"},
    {"last": "total += loss.item()"},
    {"last": "total += float(loss)"},
    {"last": "total += loss.detach()"},
    {"last": "total += loss.data.cpu().numpy()"},
    {"evaluation": "model.train(False)"},
    {"optimizer": "sched = lr_scheduler.StepLR(optimizer, 10)", "between": "sched.step()"},
    {"optimizer": "sched = lr_scheduler.OneCycleLR(optimizer, 0.01, total_steps=EPOCHS * len(train_loader))", "last": "sched.step()"},
    {"optimizer": "sched = lr_scheduler.CosineAnnealingLR(optimizer, EPOCHS * len(train_loader))", "last": "sched.step()"},
    {"optimizer": "sched = lr_scheduler.ReduceLROnPlateau(optimizer)", "between": "sched.step(total)"},
    {"model": "for p in model.parameters():\n    p.requires_grad = False\nmodel.fc = nn.Linear(2048, 10)",
     "before": "model.eval()\n        model.fc.train()\n        optimizer.zero_grad()"},
    {"model": 'told = model.load_state_dict(torch.load("w.pth"), strict=False)\nprint(told)'},
    {"loaders": 'ds = datasets.ImageFolder("t", train_tf)\ntrain_loader = torch.utils.data.DataLoader(ds, batch_size=32, '
     "sampler=torch.utils.data.WeightedRandomSampler(weights, len(ds)))"},
    {"optimizer": "optimizer = torch.optim.AdamW([{'params': model.layer4.parameters(), 'lr': 1e-5}, {'params': model.fc.parameters()}], lr=1e-4)"},
    {"optimizer": "scaler = torch.cuda.amp.GradScaler()", "after": "scaler.unscale_(optimizer)\n        nn.utils.clip_grad_norm_(model.parameters(), 1.0)"},
    {"middle": "loss = loss + 0.0 * out.sum()"},
    {"middle": "acc = (F.softmax(out, 1).argmax(1) == y).float().mean().item()"},
    {"loss": "criterion = nn.CrossEntropyLoss(label_smoothing=0.1)"},
    {"evaluation": "model.eval()\n    torch.save(model.state_dict(), 'last.pth')"},
]  # fmt: skip


@pytest.mark.parametrize(("code", "changes"), FAULTY, ids=[f"{n}-{code}" for n, (code, _) in enumerate(FAULTY)])
def test_a_planted_fault_is_found_at_its_line(tmp_path, code, changes):
    found, marked = found_in(tmp_path, PROGRAM.format(**{**HEALTHY, **changes}))
    lines = [one.location.line for one in found if one.code == code]
    assert lines, [one.code for one in found]
    assert not marked or set(marked) & set(lines)


@pytest.mark.parametrize("changes", FINE, ids=range(len(FINE)))
def test_a_healthy_twin_is_silent(tmp_path, changes):
    found, _ = found_in(tmp_path, PROGRAM.format(**{**HEALTHY, **changes}))
    assert [(one.code, one.summary) for one in found if one.severity is not Severity.INFO] == []
