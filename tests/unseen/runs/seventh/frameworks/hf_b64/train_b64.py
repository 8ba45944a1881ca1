#!/usr/bin/env python3
import base64, io, json, sys
import numpy as np
import torch
from PIL import Image
from datasets import Dataset
from transformers import Trainer, TrainerCallback, TrainingArguments
from nets import SharedStepNet

epochs = int(sys.argv[1]) if len(sys.argv) > 1 else 60


def lines(part):
    with open(f"b64/{part}.jsonl") as f:
        for line in f:
            d = json.loads(line)
            yield {"pixel_values": np.array(Image.open(io.BytesIO(base64.b64decode(d["png"]))))[None], "cls": d["cls"]}


tables = {p: list(lines(p)) for p in ("train", "val")}
classes = sorted({r["cls"] for r in tables["train"]})
sets = {}
for part, rows in tables.items():
    d = Dataset.from_dict({"pixel_values": [r["pixel_values"] for r in rows], "labels": [classes.index(r["cls"]) for r in rows]})
    sets[part] = d.with_format("torch")


class Brake(TrainerCallback):
    """Says when the gradient is unusually large (it is clipped at 1.0 anyway)."""

    def on_log(self, args, state, control, logs=None, **kw):
        if logs and logs.get("grad_norm", 0) and float(logs["grad_norm"]) > 20:
            print("large gradient", logs["grad_norm"])


torch.manual_seed(3)
net = SharedStepNet(len(classes))
groups = [{"params": [p for n, p in net.named_parameters() if "leave" not in n], "lr": 2e-3},
          {"params": net.leave.parameters(), "lr": 1e-3}]
opt = torch.optim.NAdam(groups, weight_decay=1e-4, decoupled_weight_decay=True)
args = TrainingArguments(output_dir="out_b64", num_train_epochs=epochs, per_device_train_batch_size=20, gradient_accumulation_steps=2,
                         per_device_eval_batch_size=125, eval_strategy="epoch", logging_strategy="epoch", save_strategy="no", report_to="none",
                         use_cpu=True, disable_tqdm=True, seed=3)
steps = epochs * len(sets["train"]) // 40
sched = torch.optim.lr_scheduler.OneCycleLR(opt, [2e-3, 1e-3], total_steps=steps + 2, pct_start=0.15, cycle_momentum=False)
trainer = Trainer(net, args, train_dataset=sets["train"], eval_dataset=sets["val"], optimizers=(opt, sched), callbacks=[Brake()],
                  compute_metrics=lambda p: {"acc": float((p.predictions.argmax(-1) == p.label_ids).mean())})
trainer.train()
