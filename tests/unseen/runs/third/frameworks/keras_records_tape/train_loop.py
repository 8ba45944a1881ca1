"""Hand-written training loop on TFRecord shards."""
import argparse
import os
import time

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import tensorflow as tf
from keras import layers

from records import load


def separable(x, filters, stride, name):
    y = layers.SeparableConv2D(filters, 3, strides=stride, padding="same", use_bias=False, name=f"{name}_a")(x)
    y = layers.BatchNormalization(name=f"{name}_bn_a")(y)
    y = layers.Activation("relu", name=f"{name}_relu")(y)
    y = layers.SeparableConv2D(filters, 3, padding="same", use_bias=False, name=f"{name}_b")(y)
    y = layers.BatchNormalization(name=f"{name}_bn_b")(y)
    skip = layers.Conv2D(filters, 1, strides=stride, use_bias=False, name=f"{name}_skip")(x)
    return layers.Activation("relu", name=f"{name}_out")(layers.add([y, skip]))


def build(num_classes, dropout):
    inputs = keras.Input((32, 32, 3))
    x = layers.Rescaling(2.0, offset=-1.0)(inputs)
    x = layers.Conv2D(32, 3, padding="same", use_bias=False)(x)
    x = layers.BatchNormalization()(x)
    x = layers.Activation("relu")(x)
    for i, (filters, stride) in enumerate([(64, 1), (128, 2), (192, 2)]):
        x = separable(x, filters, stride, f"block{i}")
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(dropout)(x)
    outputs = layers.Dense(num_classes, name="scores")(x)
    return keras.Model(inputs, outputs, name="separable_net")


class Loop:
    def __init__(self, model, optimizer, decay):
        self.model, self.optimizer, self.decay = model, optimizer, decay
        self.loss_fn = keras.losses.SparseCategoricalCrossentropy()
        self.train_loss, self.train_acc = keras.metrics.Mean(), keras.metrics.SparseCategoricalAccuracy()
        self.test_loss, self.test_acc = keras.metrics.Mean(), keras.metrics.SparseCategoricalAccuracy()
        self.kernels = [w for w in model.trainable_variables if w.name.endswith("kernel")]

    @tf.function
    def train_step(self, images, labels):
        with tf.GradientTape() as tape:
            scores = self.model(images, training=True)
            loss = self.loss_fn(labels, scores)
            penalty = self.decay * tf.add_n([tf.nn.l2_loss(tf.convert_to_tensor(w)) for w in self.kernels])
            total = loss + penalty
        variables = self.model.trainable_variables
        gradients = tape.gradient(total, variables)
        gradients, _ = tf.clip_by_global_norm(gradients, 5.0)
        self.optimizer.apply_gradients(zip(gradients, variables))
        self.train_loss.update_state(loss)
        self.train_acc.update_state(labels, scores)
        return loss

    @tf.function
    def test_step(self, images, labels):
        scores = self.model(images, training=False)
        self.test_loss.update_state(self.loss_fn(labels, scores), sample_weight=tf.shape(labels)[0])
        self.test_acc.update_state(labels, scores)

    def reset(self):
        for m in (self.train_loss, self.train_acc, self.test_loss, self.test_acc):
            m.reset_state()


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--data", default="records")
    p.add_argument("--classes", type=int, default=10)
    p.add_argument("--batch-size", type=int, default=50)
    p.add_argument("--epochs", type=int, default=60)
    p.add_argument("--lr", type=float, default=0.002)
    p.add_argument("--decay", type=float, default=1e-4)
    p.add_argument("--dropout", type=float, default=0.2)
    p.add_argument("--out", default="runs/records")
    args = p.parse_args()

    keras.utils.set_random_seed(17)
    train = load(os.path.join(args.data, "train-*.tfrecord"), args.batch_size, training=True)
    test = load(os.path.join(args.data, "test-*.tfrecord"), 100, training=False)
    steps = sum(1 for _ in train)

    model = build(args.classes, args.dropout)
    model.summary(print_fn=lambda s: print(s) if "params" in s else None)
    schedule = keras.optimizers.schedules.CosineDecay(args.lr, decay_steps=steps * args.epochs, alpha=0.01)
    optimizer = keras.optimizers.Adam(schedule)
    optimizer.build(model.trainable_variables)
    loop = Loop(model, optimizer, args.decay)

    os.makedirs(args.out, exist_ok=True)
    checkpoint = tf.train.Checkpoint(model=model, optimizer=optimizer)
    manager = tf.train.CheckpointManager(checkpoint, os.path.join(args.out, "ckpt"), max_to_keep=3)
    writer = tf.summary.create_file_writer(os.path.join(args.out, "tb"))

    best = 0.0
    for epoch in range(args.epochs):
        loop.reset()
        start = time.time()
        for step, (images, labels) in enumerate(train):
            loss = loop.train_step(images, labels)
            if step % 10 == 0:
                print(f"epoch {epoch} step {step}/{steps} loss {float(loss):.4f}", flush=True)
        for images, labels in test:
            loop.test_step(images, labels)
        row = {
            "loss": float(loop.train_loss.result()),
            "accuracy": float(loop.train_acc.result()),
            "test_loss": float(loop.test_loss.result()),
            "test_accuracy": float(loop.test_acc.result()),
        }
        print(f"epoch {epoch} " + " ".join(f"{k} {v:.4f}" for k, v in row.items()) + f" ({time.time() - start:.0f} s)", flush=True)
        with writer.as_default(step=epoch):
            for k, v in row.items():
                tf.summary.scalar(k, v)
        manager.save()
        if row["test_accuracy"] > best:
            best = row["test_accuracy"]
            model.save(os.path.join(args.out, "best.keras"))
    print("best", best)


if __name__ == "__main__":
    main()
