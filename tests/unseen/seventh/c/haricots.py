# %% [markdown]
# Maladies des feuilles de haricot : affinage de Swin-Tiny
# (exporté du carnet de Léa, mars 2023, transformers 4.27)

# %%
import evaluate
import torch
from datasets import load_dataset
from torchvision.transforms import (CenterCrop, Compose, Normalize, RandomAffine, RandomHorizontalFlip, RandomResizedCrop,
                                    Resize, ToTensor)
from transformers import AutoFeatureExtractor, SwinForImageClassification, Trainer, TrainingArguments

# %%
jeu = load_dataset("beans")
noms = jeu["train"].features["labels"].names
noms

# %%
base = "microsoft/swin-tiny-patch4-window7-224"
extracteur = AutoFeatureExtractor.from_pretrained(base)
cote = 224
normaliser = Normalize(mean=extracteur.image_mean, std=extracteur.image_std)

augmente = Compose([RandomResizedCrop(cote, scale=(0.6, 1.0)), RandomHorizontalFlip(), RandomAffine(20), ToTensor(), normaliser])
fixe = Compose([Resize(256), CenterCrop(cote), ToTensor(), normaliser])


def pour_apprendre(lot):
    lot["pixel_values"] = [augmente(i.convert("RGB")) for i in lot["image"]]
    return lot


def pour_juger(lot):
    lot["pixel_values"] = [fixe(i.convert("RGB")) for i in lot["image"]]
    return lot


jeu["train"].set_transform(pour_apprendre)
jeu["validation"].set_transform(pour_juger)
jeu["test"].set_transform(pour_juger)

# %%
modele = SwinForImageClassification.from_pretrained(
    base,
    num_labels=3,
    id2label={str(k): v for k, v in enumerate(noms)},
    label2id={v: str(k) for k, v in enumerate(noms)},
    ignore_mismatched_sizes=True,  # la tête a 1000 sorties, il en faut 3
)

# %%
exactitude = evaluate.load("accuracy")


def mesures(p):
    return exactitude.compute(predictions=p.predictions.argmax(axis=1), references=p.label_ids)


def assembler(exemples):
    return {
        "pixel_values": torch.stack([e["pixel_values"] for e in exemples]),
        "labels": torch.tensor([e["labels"] for e in exemples]),
    }


# %%
reglages = TrainingArguments(
    "swin-haricots",
    per_device_train_batch_size=16,
    per_device_eval_batch_size=32,
    gradient_accumulation_steps=2,
    learning_rate=5e-5,
    lr_scheduler_type="cosine",
    warmup_ratio=0.1,
    weight_decay=0.05,
    num_train_epochs=10,
    fp16=True,
    evaluation_strategy="epoch",
    save_strategy="epoch",
    load_best_model_at_end=True,
    metric_for_best_model="accuracy",
    save_total_limit=1,
    remove_unused_columns=False,
    seed=7,
)
entraineur = Trainer(
    modele,
    reglages,
    data_collator=assembler,
    train_dataset=jeu["train"],
    eval_dataset=jeu["validation"],
    compute_metrics=mesures,
    tokenizer=extracteur,
)
entraineur.train()

# %%
# la meilleure époque est choisie sur la validation, le test ne sert qu'ici
print(entraineur.evaluate(jeu["test"], metric_key_prefix="test"))
