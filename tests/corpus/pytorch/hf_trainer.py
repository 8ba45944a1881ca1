from datasets import load_dataset
from torchvision.transforms import CenterCrop, Compose, Normalize, RandomHorizontalFlip, RandomResizedCrop, Resize, ToTensor
from transformers import AutoImageProcessor, AutoModelForImageClassification, Trainer, TrainingArguments

dataset = load_dataset("food101", split="train[:5000]").train_test_split(test_size=0.2)
checkpoint = "microsoft/resnet-50"
processor = AutoImageProcessor.from_pretrained(checkpoint)
normalize = Normalize(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225])
train_tf = Compose([RandomResizedCrop(224), RandomHorizontalFlip(), ToTensor(), normalize])
val_tf = Compose([Resize(256), CenterCrop(224), ToTensor(), normalize])


def transforms(examples):
    examples["pixel_values"] = [train_tf(img.convert("RGB")) for img in examples["image"]]
    del examples["image"]
    return examples


def val_transforms(examples):
    examples["pixel_values"] = [val_tf(img.convert("RGB")) for img in examples["image"]]
    del examples["image"]
    return examples


train_ds = dataset["train"].with_transform(transforms)
val_ds = dataset["test"].with_transform(val_transforms)
model = AutoModelForImageClassification.from_pretrained(checkpoint, num_labels=101, ignore_mismatched_sizes=True)
training_args = TrainingArguments(
    output_dir="out",
    learning_rate=5e-5,
    per_device_train_batch_size=16,
    num_train_epochs=3,
    weight_decay=0.01,
    warmup_ratio=0.1,
    lr_scheduler_type="cosine",
    remove_unused_columns=False,
)
trainer = Trainer(model=model, args=training_args, train_dataset=train_ds, eval_dataset=val_ds)
trainer.train()
