"""Resumes that restore the network alone, in the ways that people write them, and those that restore all."""

import pytest
from small_programs import reading, training

from diagnose.model import ResumeIncomplete

OPTION = (
    "import argparse, os\nparser = argparse.ArgumentParser()\n"
    "parser.add_argument('--resume', default='', type=str)\nargs = parser.parse_args()"
)
SAVE = "torch.save({'epoch': epoch, 'model': model.state_dict(), 'optimizer': optimizer.state_dict()}, 'last.pth')"
LOAD = "ckpt = torch.load(args.resume, map_location='cpu')\n    model.load_state_dict(ckpt['model'])"
RANGE = "for epoch in range(start_epoch, 30):"


def program(before, after="", top=OPTION, loop=RANGE, **parts):
    text = training(top=top, before=f"start_epoch = 0\n{before}", validate=after or SAVE, **parts)
    return text.replace("for epoch in range(30):", loop)


def missing(tmp_path, text, **files):
    return [one.missing for one in reading(tmp_path, text, **files).program.facts(ResumeIncomplete)]


BRANCH = f"if args.resume:\n    {LOAD}\n    start_epoch = ckpt['epoch'] + 1"
HELPER = (
    "def load_checkpoint(path, net):\n    state = torch.load(path)\n    net.load_state_dict(state['model'])\n"
    "    return state['epoch']\nif os.path.exists('last.pth'):\n"
    "    start_epoch = load_checkpoint('last.pth', model) + 1"
)
OPTIONAL = (
    "def load_checkpoint(path, net, optimizer=None):\n    state = torch.load(path)\n"
    "    net.load_state_dict(state['model'])\n    if optimizer is not None:\n"
    "        optimizer.load_state_dict(state['optimizer'])\n    return state['epoch']\n"
    "if args.resume:\n    start_epoch = load_checkpoint(args.resume, model{})"
)
NAMED = f"if args.resume:\n    {LOAD}"
CONSTANT = (
    "RESUME = False\nif RESUME:\n    checkpoint = torch.load('last.pth')\n"
    "    model.load_state_dict(checkpoint['model'])\n    start_epoch = checkpoint.get('epoch', 0)"
)


@pytest.mark.parametrize("before", [BRANCH, HELPER, OPTIONAL.format(""), NAMED, CONSTANT])
def test_a_resume_without_the_optimizer(tmp_path, before):
    ((*lacking,),) = missing(tmp_path, program(before))
    assert lacking[0] == "optimizer"


def test_a_resume_in_a_trainer_class(tmp_path):
    text = program("").replace("start_epoch = 0", "")
    text = text[: text.index("for epoch")] + (
        "class Trainer:\n"
        "    def __init__(self, model, optimizer):\n"
        "        self.model, self.optimizer, self.start_epoch = model, optimizer, 0\n"
        "    def resume(self, path):\n"
        "        snapshot = torch.load(path)\n"
        "        self.model.load_state_dict(snapshot['MODEL_STATE'])\n"
        "        self.start_epoch = snapshot['EPOCHS_RUN']\n"
        "    def fit(self):\n"
        "        for epoch in range(self.start_epoch, 30):\n"
        "            self.model.train()\n"
        "            for x, y in train_loader:\n"
        "                self.optimizer.zero_grad()\n"
        "                criterion(self.model(x.cuda()), y.cuda()).backward()\n"
        "                self.optimizer.step()\n"
        "            torch.save({'MODEL_STATE': self.model.state_dict(), 'EPOCHS_RUN': epoch}, 'snapshot.pt')\n"
        "trainer = Trainer(model, optimizer)\n"
        "if os.path.exists('snapshot.pt'):\n"
        "    trainer.resume('snapshot.pt')\n"
        "trainer.fit()\n"
    )
    assert missing(tmp_path, text) == [("optimizer",)]


WHOLE = f"{BRANCH}\n    optimizer.load_state_dict(ckpt['optimizer'])"
LOOP = (
    "if args.resume:\n    ckpt = torch.load(args.resume)\n"
    "    for one, key in ((model, 'model'), (optimizer, 'optimizer')):\n        one.load_state_dict(ckpt[key])\n"
    "    start_epoch = ckpt['epoch'] + 1"
)
FINETUNE = (
    "weights = torch.load('pretrained.pth')\nmodel.load_state_dict(weights['model'])\n"
    "print('loaded epoch', weights['epoch'])"
)
EVALUATE = f"if args.resume and args.resume.startswith('eval'):\n    {LOAD}"


@pytest.mark.parametrize(
    "before",
    [WHOLE, LOOP, OPTIONAL.format(", optimizer"), OPTIONAL.format(", optimizer=optimizer"), FINETUNE, EVALUATE],
)
def test_a_whole_resume_and_weights_to_start_from_are_silent(tmp_path, before):
    loop = "for epoch in range(30):" if before in (FINETUNE, EVALUATE) else RANGE
    assert missing(tmp_path, program(before, loop=loop)) == []


def test_plain_sgd_keeps_nothing_to_restore(tmp_path):
    plain = "optimizer = torch.optim.SGD(model.parameters(), lr=0.1)"
    assert missing(tmp_path, program(BRANCH, optimizer=plain)) == []


def test_a_program_that_saves_nothing_does_not_resume_itself(tmp_path):
    assert missing(tmp_path, program(BRANCH, after="print(epoch)")) == []


SCHEDULE = (
    "scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 10{})\nif args.resume:\n    ckpt = torch.load(args.resume)"
)
RESTORED = "    model.load_state_dict(ckpt['model'])\n    optimizer.load_state_dict(ckpt['optimizer'])"


@pytest.mark.parametrize(
    ("schedule", "more", "lacking"),
    [
        (SCHEDULE.format(""), "", [("schedule",)]),
        (SCHEDULE.format(""), "\n    scheduler.load_state_dict(ckpt['scheduler'])", []),
        (SCHEDULE.format(", last_epoch=start_epoch - 1"), "", []),
        (SCHEDULE.format(""), "\n    for _ in range(start_epoch):\n        scheduler.step()", []),
    ],
)
def test_a_schedule_that_starts_again(tmp_path, schedule, more, lacking):
    before = f"{schedule}\n{RESTORED}\n    start_epoch = ckpt['epoch'] + 1{more}"
    assert missing(tmp_path, program(before, after=f"scheduler.step()\n{SAVE}")) == lacking


def test_epochs_that_start_again(tmp_path):
    before = f"if args.resume:\n    ckpt = torch.load(args.resume)\n{RESTORED}"
    assert missing(tmp_path, program(before, loop="for epoch in range(30):")) == [("epoch",)]


def test_a_scaler_alone(tmp_path):
    scaled = {"backward": "scaler.scale(loss).backward()", "step": "scaler.step(optimizer)\nscaler.update()"}
    before = f"scaler = torch.cuda.amp.GradScaler()\n{WHOLE}"
    assert missing(tmp_path, program(before, **scaled)) == [("scaler",)]
    assert missing(tmp_path, program(f"{before}\n    scaler.load_state_dict(ckpt['scaler'])", **scaled)) == []


def test_a_library_that_restores_all_is_silent(tmp_path):
    before = f"import mylib\n{BRANCH}\n    mylib.load_state('x')"
    assert missing(tmp_path, program(before)) == []


def test_what_the_checkpoint_holds_is_known(tmp_path):
    (seen,) = reading(tmp_path, program(BRANCH)).program.facts(ResumeIncomplete)
    assert seen.saved == ("optimizer",)
    assert not seen.named
    without = "torch.save({'epoch': epoch, 'model': model.state_dict()}, 'last.pth')"
    (seen,) = reading(tmp_path, program(BRANCH, after=without)).program.facts(ResumeIncomplete)
    assert seen.saved == ()
