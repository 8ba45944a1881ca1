"""Fine-tune the lab's ResNet (90 epochs of pre-training) on the animal pictures with the Hugging Face Trainer."""
from dataclasses import dataclass, field

import numpy as np
import torch
from datasets import load_dataset
from torchvision.transforms import (CenterCrop, Compose, Normalize, RandomHorizontalFlip, RandomResizedCrop, Resize,
                                    ToTensor)
from transformers import HfArgumentParser, ResNetConfig, ResNetForImageClassification, Trainer, TrainingArguments, set_seed


@dataclass
class ModelArguments:
    pretrained: str = field(default="../weights/resnet_pretrain_ep90.pt", metadata={"help": "checkpoint of the pre-training"})
    image_size: int = field(default=128)


@dataclass
class DataArguments:
    data_dir: str = field(default=".")


IMAGENET = Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])


def load_pretrained(model, path):
    """Take everything from the checkpoint except the classifier, whose classes are others."""
    ckpt = torch.load(path, map_location="cpu")
    state = ckpt["state_dict"]
    for key in [k for k in state if "classifier" in k]:
        del state[key]
    model.load_state_dict(state, strict=False)
    print(f"=> loaded '{path}' (epoch {ckpt['epoch']}, {len(state)} tensors)")
    return model


def collate(examples):
    return {
        "pixel_values": torch.stack([e["pixel_values"] for e in examples]),
        "labels": torch.tensor([e["label"] for e in examples]),
    }


def accuracy(p):
    return {"accuracy": float((np.argmax(p.predictions, axis=1) == p.label_ids).mean())}


def main():
    parser = HfArgumentParser((ModelArguments, DataArguments, TrainingArguments))
    model_args, data_args, args = parser.parse_args_into_dataclasses()
    set_seed(args.seed)

    ds = load_dataset("imagefolder", data_dir=data_args.data_dir)
    names = ds["train"].features["label"].names
    s = model_args.image_size
    aug = Compose([RandomResizedCrop(s, scale=(0.5, 1.0)), RandomHorizontalFlip(), ToTensor(), IMAGENET])
    plain = Compose([Resize(s), CenterCrop(s), ToTensor(), IMAGENET])

    def with_tf(tf):
        def apply(batch):
            batch["pixel_values"] = [tf(im.convert("RGB")) for im in batch["image"]]
            return batch
        return apply

    train = ds["train"].with_transform(with_tf(aug))
    val = ds["validation"].with_transform(with_tf(plain))

    config = ResNetConfig(embedding_size=32, hidden_sizes=[32, 64, 128, 256], depths=[2, 2, 2, 2], layer_type="basic",
                          num_labels=len(names), id2label=dict(enumerate(names)), label2id={n: i for i, n in enumerate(names)})
    model = load_pretrained(ResNetForImageClassification(config), model_args.pretrained)

    trainer = Trainer(model=model, args=args, train_dataset=train, eval_dataset=val, data_collator=collate,
                      compute_metrics=accuracy)
    trainer.train()
    trainer.save_model()
    print(trainer.evaluate())


if __name__ == "__main__":
    main()
