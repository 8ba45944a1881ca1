"""Training of the herbarium network; may be stopped and started again at will.

    python herbarium.py --sheets /data/sheets --run runs/07
"""
import argparse
import csv
import os
import time

import tensorflow as tf

from data import sheets
from net import HerbNet

EPOCHS = 60
BATCH = 48
PEAK = 0.05


def parse():
    p = argparse.ArgumentParser()
    p.add_argument("--sheets", required=True)
    p.add_argument("--run", required=True)
    return p.parse_args()


def main():
    args = parse()
    os.makedirs(args.run, exist_ok=True)
    tf.random.set_seed(5)

    train_ds, n_train = sheets(args.sheets, "train.csv", BATCH, training=True)
    val_ds, _ = sheets(args.sheets, "val.csv", BATCH, training=False)
    steps = -(-n_train // BATCH)

    net = HerbNet(families=32)
    rate = tf.keras.optimizers.schedules.CosineDecay(PEAK, decay_steps=steps * EPOCHS)
    optimizer = tf.keras.optimizers.SGD(rate, momentum=0.9, nesterov=True)
    criterion = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)

    epoch_var = tf.Variable(0, dtype=tf.int64, trainable=False)
    ckpt = tf.train.Checkpoint(net=net, epoch=epoch_var)  # fault: C333
    keeper = tf.train.CheckpointManager(ckpt, os.path.join(args.run, "ckpt"), max_to_keep=2)
    if keeper.latest_checkpoint:
        ckpt.restore(keeper.latest_checkpoint)
        print("going on after epoch", int(epoch_var))

    seen_loss = tf.keras.metrics.Mean()
    seen_acc = tf.keras.metrics.SparseCategoricalAccuracy()
    val_loss = tf.keras.metrics.Mean()
    val_acc = tf.keras.metrics.SparseCategoricalAccuracy()

    @tf.function
    def learn(images, labels):
        with tf.GradientTape() as tape:
            logits = net(images, training=True)
            loss = criterion(labels, logits)
        grads = tape.gradient(loss, net.trainable_variables)
        optimizer.apply_gradients(zip(grads, net.trainable_variables))
        seen_loss.update_state(loss, sample_weight=tf.shape(labels)[0])
        seen_acc.update_state(labels, logits)

    @tf.function
    def check(images, labels):
        logits = net(images, training=False)
        val_loss.update_state(criterion(labels, logits), sample_weight=tf.shape(labels)[0])
        val_acc.update_state(labels, logits)

    with open(os.path.join(args.run, "log.csv"), "a", newline="") as f:
        table = csv.writer(f)
        for epoch in range(int(epoch_var), EPOCHS):
            begun = time.time()
            for metric in (seen_loss, seen_acc, val_loss, val_acc):
                metric.reset_states()
            for images, labels in train_ds:
                learn(images, labels)
            for images, labels in val_ds:
                check(images, labels)
            row = [epoch] + [round(float(m.result()), 4) for m in (seen_loss, seen_acc, val_loss, val_acc)]
            table.writerow(row)
            f.flush()
            print(*row, f"{time.time() - begun:.0f}s")
            epoch_var.assign(epoch + 1)
            keeper.save()

    net.save_weights(os.path.join(args.run, "final"))


if __name__ == "__main__":
    main()
