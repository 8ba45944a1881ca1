import os
import sys

import tensorflow as tf
import yaml

from network import FungiNet
from pipeline import make

here = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(here, "settings.yaml")) as f:
    S = yaml.safe_load(f)

tf.random.set_seed(S["seed"])
out = sys.argv[1] if len(sys.argv) > 1 else "state"

train, per_epoch = make(S["train_list"], S["side"], S["batch"], True)
val, _ = make(S["val_list"], S["side"], S["batch"], False)

model = FungiNet(S["species"])
lr = tf.keras.optimizers.schedules.ExponentialDecay(
    S["rate"], decay_steps=per_epoch, decay_rate=S["rate_per_epoch"])
opt = tf.keras.optimizers.Adam(lr)
xent = tf.keras.losses.CategoricalCrossentropy(from_logits=True)

done = tf.Variable(0, dtype=tf.int64)
state = tf.train.Checkpoint(model=model, opt=opt, done=done)
manager = tf.train.CheckpointManager(state, out, max_to_keep=3)
state.restore(manager.latest_checkpoint)
if manager.latest_checkpoint:
    print("restored", manager.latest_checkpoint)

tr_loss, tr_acc = tf.keras.metrics.Mean(), tf.keras.metrics.CategoricalAccuracy()
va_acc = tf.keras.metrics.CategoricalAccuracy()


@tf.function
def step(x, y):
    with tf.GradientTape() as tape:
        z = model(x, training=True)
        loss = xent(y, z)
    g = tape.gradient(loss, model.trainable_variables)
    opt.apply_gradients(zip(g, model.trainable_variables))
    tr_loss(loss, sample_weight=tf.shape(y)[0])
    tr_acc(y, z)


@tf.function
def look(x, y):
    va_acc(y, model(x, training=False))


for epoch in range(int(done.numpy()), S["epochs"]):
    for m in (tr_loss, tr_acc, va_acc):
        m.reset_states()
    for x, y in train:
        step(x, y)
    for x, y in val:
        look(x, y)
    tf.print(epoch, "loss", tr_loss.result(), "acc", tr_acc.result(), "val", va_acc.result())
    done.assign(epoch + 1)
    manager.save()
