"""ViT of ours fine-tuned with a rate per layer, a loss of our own (BCE with soft one-hot labels) and a head of new classes."""
import glob
import os

import torch
import torch.nn.functional as F
from PIL import Image
from torchvision.transforms import functional as TF
from transformers import Trainer, TrainingArguments, ViTForImageClassification, get_cosine_schedule_with_warmup, set_seed

KINDS = ["bird", "cat", "deer", "dog", "frog", "horse"]


class Animals(torch.utils.data.Dataset):
    def __init__(self, files, train):
        self.files, self.train = files, train

    def __len__(self):
        return len(self.files)

    def __getitem__(self, i):
        im = Image.open(self.files[i]).convert("RGB")
        if self.train:
            left, top = torch.randint(0, 17, (2,)).tolist()
            im = im.crop((left, top, left + 80, top + 80))
            if torch.rand(()) < 0.5:
                im = TF.hflip(im)
        else:
            im = im.crop((8, 8, 88, 88))
        x = TF.pil_to_tensor(im.resize((64, 64), Image.BICUBIC)).float().div_(127.5).sub_(1.0)
        kind = os.path.basename(self.files[i]).partition("_")[0]
        return {"pixel_values": x, "labels": KINDS.index(kind)}


class SigmoidTrainer(Trainer):
    smooth = 0.1

    def compute_loss(self, model, inputs, return_outputs=False, num_items_in_batch=None):
        labels = inputs.pop("labels")
        out = model(**inputs)
        target = F.one_hot(labels, len(KINDS)).to(out.logits.dtype)
        target = target * (1 - self.smooth) + self.smooth / len(KINDS)
        each = F.binary_cross_entropy_with_logits(out.logits, target, reduction="none").sum(-1)
        if self.model_accepts_loss_kwargs and num_items_in_batch is not None:
            loss = each.sum() / num_items_in_batch  # pictures of the whole accumulated batch
        else:
            loss = each.mean()
        inputs["labels"] = labels
        return (loss, {"logits": out.logits}) if return_outputs else loss


def layer_groups(model, rate, factor=0.75):
    depth = model.config.num_hidden_layers

    def level(name):
        if name.startswith("classifier") or name.startswith("vit.layernorm"):
            return depth + 1
        if "embeddings" in name:
            return 0
        return 1 + next(int(part) for part in name.split(".") if part.isdigit())

    groups = {}
    for name, p in model.named_parameters():
        key = level(name), p.ndim > 1 and "embeddings" not in name
        groups.setdefault(key, []).append(p)
    return [{"params": ps, "lr": rate * factor ** (depth + 1 - k), "weight_decay": 0.05 if decay else 0.0}
            for (k, decay), ps in sorted(groups.items(), reverse=True)]


def main():
    set_seed(41)
    files = sorted(glob.glob("named/*.jpg"))
    valid = [f for f in files if int(f[-8:-4]) >= 120]
    train = [f for f in files if int(f[-8:-4]) < 120]
    model = ViTForImageClassification.from_pretrained(
        "vit_mini", num_labels=len(KINDS), id2label=dict(enumerate(KINDS)),
        label2id={k: i for i, k in enumerate(KINDS)}, ignore_mismatched_sizes=True)
    args = TrainingArguments(
        output_dir="out_layers", num_train_epochs=50, per_device_train_batch_size=16, gradient_accumulation_steps=2,
        per_device_eval_batch_size=60, eval_strategy="epoch", save_strategy="no", logging_steps=5, max_grad_norm=1.0,
        report_to="none", remove_unused_columns=False, use_cpu=True, label_names=["labels"])
    optimizer = torch.optim.AdamW(layer_groups(model, 1e-3))
    updates = -(-len(train) // 32) * 50
    trainer = SigmoidTrainer(
        model=model, args=args, train_dataset=Animals(train, True), eval_dataset=Animals(valid, False),
        optimizers=(optimizer, get_cosine_schedule_with_warmup(optimizer, 40, updates)),
        compute_metrics=lambda p: {"accuracy": float((p.predictions.argmax(-1) == p.label_ids).mean())})
    trainer.train()


if __name__ == "__main__":
    main()
