"""Training in several processes: whether the images are dealt out, and again in each epoch."""

import pytest
from small_programs import judged, reading, training

from diagnose.model import EveryProcessAlike

TOP = """
import os
import torch.distributed as dist
from torch.nn.parallel import DistributedDataParallel as DDP
from torch.utils.data.distributed import DistributedSampler
dist.init_process_group("nccl")
local_rank = int(os.environ["LOCAL_RANK"])
"""
WRAPPED = "model = DDP(model.cuda(), device_ids=[local_rank])"
SAMPLED = "DataLoader(train_data, batch_size=32, sampler=sampler)"
SAMPLER = "datasets.ImageFolder('t', train_tf)\nsampler = DistributedSampler(train_data)"


def text(**parts):
    return training(**{"top": TOP, "before": WRAPPED, **parts})


def faults(tmp_path, program):
    read = reading(tmp_path, program)
    lines = (tmp_path / "program.py").read_text().splitlines()
    found = judged(read, "C341")[1]
    assert [one.what for one in read.program.facts(EveryProcessAlike)] == [one.subject for one in found]
    return [(one.subject, lines[one.location.line - 1].strip()[:20]) for one in found]


@pytest.mark.parametrize(
    ("parts", "what"),
    [
        ({}, "no_sampler"),
        ({"before": "model = torch.nn.parallel.DistributedDataParallel(model)"}, "no_sampler"),
        ({"train_loader": "DataLoader(train_data, 32, sampler=torch.utils.data.RandomSampler(train_data))"}, None),
        ({"train_data": SAMPLER, "train_loader": SAMPLED}, "no_epoch"),
        ({"train_data": SAMPLER.replace("(train_data)", "(train_data, shuffle=True)"), "train_loader": SAMPLED,
          "mode": "model.train()\nprint(epoch)"}, "no_epoch"),
        ({"train_loader": "DataLoader(train_data, batch_size=32, sampler=DistributedSampler(train_data))"}, "no_epoch"),
        ({"train_data": f"{SAMPLER}\nheld = DistributedSampler(datasets.ImageFolder('v'), shuffle=False)",
          "train_loader": SAMPLED, "mode": "model.train()\nheld.set_epoch(epoch)"}, "no_epoch"),
    ],
)  # fmt: skip
def test_processes_that_do_the_same(tmp_path, parts, what):
    place = {"no_sampler": "train_loader = DataL", "no_epoch": "for epoch in range(3"}
    assert faults(tmp_path, text(**parts)) == ([(what, place[what])] if what else [])


@pytest.mark.parametrize(
    "parts",
    [
        {"train_data": SAMPLER, "train_loader": SAMPLED, "mode": "model.train()\nsampler.set_epoch(epoch)"},
        {"train_data": SAMPLER, "train_loader": SAMPLED, "mode": "train_loader.sampler.set_epoch(epoch)"},
        {"train_data": SAMPLER.replace("(train_data)", "(train_data, shuffle=False)"), "train_loader": SAMPLED},
        {"before": ""},
        {"before": "model = nn.DataParallel(model)"},
        {"top": TOP.replace('"nccl"', '"gloo", rank=0, world_size=1')},
        {"top": f"{TOP}from accelerate import Accelerator\naccelerator = Accelerator()"},
        {"train_data": "torch.utils.data.Subset(datasets.ImageFolder('t', train_tf), "
                       "range(dist.get_rank(), 1000, dist.get_world_size()))"},
        {"top": f"{TOP}import webdataset as wds", "train_data": "wds.WebDataset('s', nodesplitter=wds.split_by_node)"},
        {"top": f"{TOP}import helpers", "train_loader": "helpers.loader(train_data, batch_size=32)"},
        {"top": f"{TOP}import helpers", "train_data": f"{SAMPLER}\nhelpers.watch_epochs(sampler)",
         "train_loader": SAMPLED, "mode": "helpers.begin(sampler, epoch)"},
    ],
)  # fmt: skip
def test_images_that_are_dealt_out(tmp_path, parts):
    assert faults(tmp_path, text(**parts)) == []


def test_a_sampler_that_a_condition_chooses(tmp_path):
    chosen = "datasets.ImageFolder('t', train_tf)\nsampler = DistributedSampler(train_data) if input() else None"
    loader = "DataLoader(train_data, batch_size=32, sampler=sampler, shuffle=sampler is None)"
    epoch = "if sampler is not None:\n    sampler.set_epoch(epoch)"
    assert faults(tmp_path, text(train_data=chosen, train_loader=loader, mode=epoch)) == []
