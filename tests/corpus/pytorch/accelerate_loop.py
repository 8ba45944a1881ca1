import argparse

import torch
import torchvision
from accelerate import Accelerator
from accelerate.utils import set_seed
from torch.utils.data import DataLoader
from torchvision import transforms as T
from tqdm.auto import tqdm


def training_function(config, args):
    accelerator = Accelerator(mixed_precision="bf16")
    lr, num_epochs, seed, batch_size = config["lr"], int(config["num_epochs"]), int(config["seed"]), int(config["batch_size"])
    set_seed(seed)
    normalize = T.Normalize(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225])
    train_tfm = T.Compose([T.RandomResizedCrop(config["image_size"], scale=(0.5, 1.0)), T.ToTensor(), normalize])
    eval_tfm = T.Compose([T.Resize((config["image_size"], config["image_size"])), T.ToTensor(), normalize])
    train_dataset = torchvision.datasets.ImageFolder(args.data_dir + "/train", transform=train_tfm)
    eval_dataset = torchvision.datasets.ImageFolder(args.data_dir + "/val", transform=eval_tfm)
    train_dataloader = DataLoader(train_dataset, shuffle=True, batch_size=batch_size, num_workers=4)
    eval_dataloader = DataLoader(eval_dataset, shuffle=False, batch_size=batch_size, num_workers=4)
    model = torchvision.models.resnet50(weights="IMAGENET1K_V2")
    for param in model.parameters():
        param.requires_grad = False
    model.fc = torch.nn.Linear(2048, 37)
    optimizer = torch.optim.Adam(params=model.parameters(), lr=lr / 25)
    lr_scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer=optimizer, max_lr=lr, epochs=num_epochs,
                                                       steps_per_epoch=len(train_dataloader))
    model, optimizer, train_dataloader, eval_dataloader, lr_scheduler = accelerator.prepare(
        model, optimizer, train_dataloader, eval_dataloader, lr_scheduler)
    for epoch in range(num_epochs):
        model.train()
        for step, batch in enumerate(tqdm(train_dataloader)):
            inputs, labels = batch
            outputs = model(inputs)
            loss = torch.nn.functional.cross_entropy(outputs, labels)
            accelerator.backward(loss)
            optimizer.step()
            lr_scheduler.step()
            optimizer.zero_grad()
        model.eval()
        accurate = 0
        for step, batch in enumerate(eval_dataloader):
            with torch.no_grad():
                outputs = model(batch[0])
            accurate += (outputs.argmax(dim=-1) == batch[1]).long().sum()
        accelerator.print(f"epoch {epoch}: {accurate}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data_dir", required=True)
    args = parser.parse_args()
    config = {"lr": 3e-2, "num_epochs": 3, "seed": 42, "batch_size": 64, "image_size": 224}
    training_function(config, args)


if __name__ == "__main__":
    main()
