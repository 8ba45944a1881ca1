import os

os.environ["KERAS_BACKEND"] = "torch"

import keras
import numpy as np
import torch
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

from model import SmallNet

IMG = 96
BATCH = 64
EPOCHS = 60


def to_hwc(pil):
    return torch.from_numpy(np.array(pil, dtype="float32"))


train_tf = transforms.Compose([transforms.Resize((IMG, IMG)), transforms.RandomHorizontalFlip(),
                               transforms.RandomAffine(10, translate=(0.05, 0.05)), to_hwc])
eval_tf = transforms.Compose([transforms.Resize((IMG, IMG)), to_hwc])

train = datasets.ImageFolder("objects10/train", train_tf)
val = datasets.ImageFolder("objects10/val", eval_tf)
train_dl = DataLoader(train, batch_size=BATCH, shuffle=True, num_workers=2)
val_dl = DataLoader(val, batch_size=BATCH, num_workers=2)

keras.utils.set_random_seed(0)
model = SmallNet(len(train.classes))
schedule = keras.optimizers.schedules.CosineDecay(1e-3, decay_steps=EPOCHS * len(train_dl))
model.compile(
    optimizer=keras.optimizers.AdamW(schedule, weight_decay=1e-3),
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=[keras.metrics.SparseCategoricalAccuracy(name="acc")],
)
history = model.fit(train_dl, validation_data=val_dl, epochs=EPOCHS,
                    callbacks=[keras.callbacks.ModelCheckpoint("small.weights.h5", save_weights_only=True,
                                                               save_best_only=True, monitor="val_acc", mode="max")])
np.save("small_history.npy", history.history["val_acc"])
