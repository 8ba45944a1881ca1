"""What an Ignite program restores when it resumes, against what it saves."""

import pytest
from small_programs import followed

from diagnose.training.pytorch.ignite_resume import incomplete_objects

PROGRAM = """
import argparse, torch
from ignite.engine import Engine
from ignite.handlers import Checkpoint, DiskSaver
args = argparse.ArgumentParser()
args.add_argument("--resume")
args = args.parse_args()
to_save = {"model": model, "optimizer": optimizer, "lr_scheduler": scheduler, "trainer": trainer}
handler = Checkpoint(to_save, DiskSaver("out"), n_saved=2)
"""
ALL = "to_load=to_save"
MODEL = 'to_load={"model": model}'
BOTH = 'to_load={"model": model, "optimizer": optimizer, "lr_scheduler": scheduler}'


@pytest.mark.parametrize(
    ("condition", "objects", "missing"),
    [
        ("args.resume", MODEL, [("optimizer", "schedule", "epoch")]),
        ("args.resume is not None", BOTH, [("epoch",)]),
        ("args.resume", ALL, []),
        ("args.pretrained", MODEL, []),
        ("args.resume", "to_load=chosen()", []),
    ],
)
def test_what_a_resume_leaves_out(tmp_path, condition, objects, missing):
    load = f"if {condition}:\n    Checkpoint.load_objects({objects}, checkpoint=torch.load(args.file))\n"
    assert [one.missing for one in incomplete_objects(followed(tmp_path, PROGRAM + load))] == missing
