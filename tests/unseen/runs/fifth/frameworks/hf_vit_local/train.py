"""Continue from our self-trained ViT backbone with the Hugging Face Trainer."""
import argparse

import numpy as np
import torch
from torch.utils.data import Dataset
from torchvision import transforms as T
from torchvision.datasets import ImageFolder
from transformers import Trainer, TrainingArguments, ViTConfig, ViTForImageClassification, set_seed


class Pictures(Dataset):
    def __init__(self, root, transform):
        self.inner = ImageFolder(root, transform)
        self.classes = self.inner.classes

    def __len__(self):
        return len(self.inner)

    def __getitem__(self, i):
        x, y = self.inner[i]
        return {"pixel_values": x, "labels": y}


def collate(rows):
    return {"pixel_values": torch.stack([r["pixel_values"] for r in rows]),
            "labels": torch.tensor([r["labels"] for r in rows])}


def accuracy(pred):
    return {"accuracy": float((np.argmax(pred.predictions, axis=-1) == pred.label_ids).mean())}


def build(classes, checkpoint):
    config = ViTConfig(hidden_size=96, num_hidden_layers=4, num_attention_heads=4, intermediate_size=192,
                       image_size=64, patch_size=8, hidden_dropout_prob=0.1,
                       id2label=dict(enumerate(classes)), label2id={c: i for i, c in enumerate(classes)})
    model = ViTForImageClassification(config)
    state = torch.load(checkpoint, map_location="cpu")
    # the classifier is new, everything else comes from the checkpoint
    model.load_state_dict(state, strict=False)
    return model


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--data", default="photos")
    p.add_argument("--checkpoint", default="weights/vit_tiny_backbone.pth")
    p.add_argument("--epochs", type=float, default=30)
    p.add_argument("--lr", type=float, default=3e-4)
    a = p.parse_args()
    set_seed(42)
    norm = T.Normalize([0.5] * 3, [0.5] * 3)
    train = Pictures(f"{a.data}/train", T.Compose([
        T.RandomHorizontalFlip(), T.RandomAffine(5, (0.08, 0.08)), T.ToTensor(), norm]))
    val = Pictures(f"{a.data}/val", T.Compose([T.ToTensor(), norm]))
    assert train.classes == val.classes
    model = build(train.classes, a.checkpoint)

    args = TrainingArguments(
        output_dir="out_vit", num_train_epochs=a.epochs, learning_rate=a.lr, weight_decay=0.05,
        per_device_train_batch_size=32, per_device_eval_batch_size=64, lr_scheduler_type="cosine",
        warmup_steps=50, eval_strategy="epoch", save_strategy="no", logging_steps=20,
        remove_unused_columns=False, report_to=[], use_cpu=True, dataloader_num_workers=0)
    trainer = Trainer(model=model, args=args, train_dataset=train, eval_dataset=val,
                      data_collator=collate, compute_metrics=accuracy)
    trainer.train()
    print(trainer.evaluate())


if __name__ == "__main__":
    main()
