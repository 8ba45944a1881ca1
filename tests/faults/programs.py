"""Healthy training programs for the benchmark, one a framework: fine-tuning as its users write it."""

from __future__ import annotations

TORCH = """
import torch
from torch import nn
from torch.utils.data import DataLoader
from torchvision import datasets, models, transforms

torch.manual_seed(0)
device = "cuda" if torch.cuda.is_available() else "cpu"
norm = transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
train_tf = transforms.Compose([
    transforms.RandomResizedCrop({size}), transforms.RandomHorizontalFlip(), transforms.ToTensor(), norm,
])
val_tf = transforms.Compose([
    transforms.Resize({size}), transforms.CenterCrop({size}), transforms.ToTensor(), norm,
])
train_loader = DataLoader(datasets.ImageFolder("train", train_tf), batch_size=32, shuffle=True, drop_last=True)
val_loader = DataLoader(datasets.ImageFolder("val", val_tf), batch_size=64)
model = models.resnet50(weights="IMAGENET1K_V2")
model.fc = nn.Sequential(nn.Linear(2048, 256), nn.ReLU(), nn.Dropout(0.3), nn.Linear(256, {classes}))
model.to(device)
criterion = nn.CrossEntropyLoss(label_smoothing=0.1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9, weight_decay=1e-4, nesterov=True)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=10, gamma=0.3)
for epoch in range(30):
    model.train()
    for images, labels in train_loader:
        images, labels = images.to(device), labels.to(device)
        optimizer.zero_grad()
        loss = criterion(model(images), labels)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimizer.step()
    scheduler.step()
    model.eval()
    hits = 0
    with torch.no_grad():
        for images, labels in val_loader:
            hits += (model(images.to(device)).argmax(1).cpu() == labels).sum().item()
    print(epoch, hits / len(val_loader.dataset))
"""

KERAS = """
from tensorflow import keras
from tensorflow.keras import layers
from tensorflow.keras.applications import ResNet50
from tensorflow.keras.applications.resnet50 import preprocess_input
from tensorflow.keras.preprocessing.image import ImageDataGenerator

keras.utils.set_random_seed(0)
train_gen = ImageDataGenerator(preprocessing_function=preprocess_input, horizontal_flip=True)
val_gen = ImageDataGenerator(preprocessing_function=preprocess_input)
train = train_gen.flow_from_directory("train", target_size=({size}, {size}), batch_size=32)
val = val_gen.flow_from_directory("val", target_size=({size}, {size}), batch_size=32, shuffle=False)
base = ResNet50(include_top=False, weights="imagenet", input_shape=({size}, {size}, 3))
model = keras.Sequential([
    base, layers.GlobalAveragePooling2D(), layers.Dense(256, activation="relu"), layers.Dropout(0.3),
    layers.Dense({classes}, activation="softmax"),
])
model.compile(optimizer=keras.optimizers.Adam(1e-4), loss="categorical_crossentropy", metrics=["accuracy"])
model.fit(train, validation_data=val, epochs=30)
"""

PROGRAMS = {"torch program": TORCH, "keras program": KERAS}
