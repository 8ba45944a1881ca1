"""Weights loaded by names that cannot match, and the ways of loading them that can."""

import pytest
from small_programs import found, reading, training

from diagnose.model import NamesMatchNothing

SAVE = "torch.save({'epoch': epoch, 'state_dict': model.state_dict()}, 'last.pth')"
BARE = "torch.save(model.state_dict(), 'last.pth')"
DIRECT = "model.load_state_dict(torch.load('last.pth'), strict=False)"
NAMED = "checkpoint = torch.load('last.pth')\nmodel.load_state_dict(checkpoint, strict=False)"
READS = "ckpt = torch.load(input())\nstart = ckpt['epoch']\nmodel.load_state_dict(ckpt, strict=False)\nprint(start)"
FILTER = (
    "pretrained = torch.load('last.pth')\nstate = model.state_dict()\nprint(pretrained['epoch'])\n"
    "kept = {k: v for k, v in pretrained.items() if k in state}\nstate.update(kept)\nmodel.load_state_dict(state)"
)
PARALLEL = "model = nn.DataParallel(model)"


def seen(tmp_path, before, after):
    read = reading(tmp_path, training(before=before, validate=after))
    return read, [(one.why, one.certain, one.filtered) for one in read.program.facts(NamesMatchNothing)]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (DIRECT, SAVE, ("nested", True, False)),
        (NAMED, SAVE, ("nested", True, False)),
        (READS, SAVE, ("nested", True, False)),
        (READS, BARE, ("nested", False, False)),
        (FILTER, SAVE, ("nested", True, True)),
        (f"{DIRECT}\n{PARALLEL}", BARE, ("prefix", True, False)),
        (f"{DIRECT}\nif torch.cuda.device_count() > 1:\n    {PARALLEL}", BARE, ("prefix", False, False)),
    ],
)
def test_nothing_can_match(tmp_path, before, after, expected):
    read, facts = seen(tmp_path, before, after)
    assert facts == [expected]
    assert found(read, "C339")
    assert not found(read, "C324")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("checkpoint = torch.load('last.pth')\nmodel.load_state_dict(checkpoint['state_dict'], strict=False)", SAVE),
        ("ckpt = torch.load('last.pth')\nmodel.load_state_dict(ckpt.get('state_dict', ckpt), strict=False)",
         SAVE),
        ("c = torch.load('last.pth')\nif 'state_dict' in c:\n    c = c['state_dict']\n"
         "model.load_state_dict(c, strict=False)",
         SAVE),
        ("c = torch.load(input())\nif 'state_dict' in c:\n    model.load_state_dict(c['state_dict'], strict=False)\n"
         "else:\n    model.load_state_dict(c, strict=False)", SAVE),
        (DIRECT, BARE),
        (DIRECT.replace("last", "imagenet"), SAVE),
        (FILTER.replace("torch.load('last.pth')", "torch.load('last.pth')['state_dict']").replace(
            "print(pretrained['epoch'])\n", ""), SAVE),
        (FILTER.replace("print(pretrained['epoch'])\n", "pretrained = pretrained['state_dict']\n"), SAVE),
        (f"{DIRECT}\n{PARALLEL}", BARE.replace("model.", "model.module.")),
        (f"{PARALLEL}\n{DIRECT}", BARE),
        ("state = torch.load('last.pth')\nstate = {k.replace('module.', ''): v for k, v in state.items()}\n"
         f"model.load_state_dict(state, strict=False)\n{PARALLEL}", BARE),
        (NAMED.replace(", strict=False", ""), SAVE),
    ],
)  # fmt: skip
def test_names_that_can_match(tmp_path, before, after):
    assert seen(tmp_path, before, after)[1] == []


KEPT = (
    "saved = torch.load('moco.pth')['state_dict']\nPREFIX = 'module.encoder_q.'\n"
    "state = {name: w for name, w in saved.items() if TEST}\nmodel.load_state_dict(state, strict=False)"
)


@pytest.mark.parametrize(
    ("test", "key", "expected"),
    [
        ("name.startswith(PREFIX)", "name", ["kept"]),
        ("name.startswith('module.') and 'fc' not in name", "name", ["kept"]),
        ("name.startswith(PREFIX)", "name[len(PREFIX):]", []),
        ("not name.startswith('module.fc')", "name", []),
        ("name.startswith('layer4.')", "name", []),
        ("name.startswith(input())", "name", []),
    ],
)
def test_a_filter_that_leaves_the_prefix_on(tmp_path, test, key, expected):
    before = KEPT.replace("TEST", test).replace("{name: w", f"{{{key}: w")
    _, facts = seen(tmp_path, before, SAVE)
    assert [why for why, _, _ in facts] == expected
