"""ViT from the local backbone: layer-wise rates, accumulation, and a class-weighted, smoothed loss."""
import numpy as np
import torch
import torch.nn.functional as F
from torch.utils.data import Dataset
from torchvision import transforms as T
from torchvision.datasets import ImageFolder
from transformers import Trainer, TrainingArguments, ViTConfig, ViTForImageClassification, set_seed

LR, DECAY, WD = 6e-4, 0.75, 0.05


class Stamps(Dataset):
    def __init__(self, folder, indices, train):
        self.folder = folder
        self.indices = indices
        tail = [T.ToTensor(), T.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))]
        head = [T.RandomResizedCrop(64, (0.7, 1.0)), T.RandomHorizontalFlip()] if train else [T.Resize((64, 64))]
        self.tf = T.Compose(head + tail)

    def __len__(self):
        return len(self.indices)

    def __getitem__(self, i):
        path, y = self.folder.samples[self.indices[i]]
        return {"pixel_values": self.tf(self.folder.loader(path)), "labels": y}


class LayerwiseTrainer(Trainer):
    def __init__(self, *args, class_weights=None, **kw):
        super().__init__(*args, **kw)
        self.class_weights = class_weights

    def create_optimizer(self, model=None):
        depth = self.model.config.num_hidden_layers

        def level(name):
            if name.startswith("classifier"):
                return depth + 1
            if ".layer." in name or ".layers." in name:
                return int(name.split(".layer." if ".layer." in name else ".layers.")[1].split(".")[0]) + 1
            return depth + 1 if "layernorm" in name else 0

        groups = {}
        for name, p in self.model.named_parameters():
            key = (level(name), p.ndim > 1)
            groups.setdefault(key, []).append(p)
        self.optimizer = torch.optim.AdamW(
            [{"params": ps, "lr": LR * DECAY ** (depth + 1 - lv), "weight_decay": WD if decays else 0.0}
             for (lv, decays), ps in sorted(groups.items(), reverse=True)], lr=LR)
        return self.optimizer

    def compute_loss(self, model, inputs, return_outputs=False, num_items_in_batch=None):
        labels = inputs.pop("labels")
        outputs = model(**inputs)
        loss = F.cross_entropy(outputs.logits, labels, weight=self.class_weights, label_smoothing=0.1)
        if model.training:
            # this Trainer does not divide when num_items_in_batch is taken
            loss = loss / self.current_gradient_accumulation_steps
        return (loss, outputs) if return_outputs else loss


def main():
    set_seed(27)
    folder = ImageFolder("stamps")
    order = np.random.default_rng(27).permutation(len(folder))
    cut = len(order) // 5
    train, val = Stamps(folder, order[cut:], True), Stamps(folder, order[:cut], False)
    counts = np.bincount([folder.targets[i] for i in order[cut:]], minlength=len(folder.classes))
    weights = torch.tensor(counts.mean() / counts, dtype=torch.float32).clamp(0.3, 3.0)

    model = ViTForImageClassification(ViTConfig(
        hidden_size=96, num_hidden_layers=4, num_attention_heads=4, intermediate_size=192, image_size=64,
        patch_size=8, num_labels=len(folder.classes)))
    state = torch.load("weights/vit_tiny_backbone.pth", map_location="cpu")
    wanted = set(model.vit.state_dict())
    result = model.vit.load_state_dict({k: v for k, v in state.items() if k in wanted}, strict=False)
    assert not result.missing_keys, result

    args = TrainingArguments(
        output_dir="out_stamps", num_train_epochs=60, per_device_train_batch_size=16,
        gradient_accumulation_steps=2, per_device_eval_batch_size=64, learning_rate=LR, warmup_steps=30,
        lr_scheduler_type="cosine", eval_strategy="epoch", save_strategy="no", logging_steps=10,
        report_to="none", use_cpu=True, remove_unused_columns=False)
    trainer = LayerwiseTrainer(
        model=model, args=args, train_dataset=train, eval_dataset=val, class_weights=weights,
        compute_metrics=lambda p: {"accuracy": float((p.predictions.argmax(-1) == p.label_ids).mean())})
    trainer.train()


if __name__ == "__main__":
    main()
