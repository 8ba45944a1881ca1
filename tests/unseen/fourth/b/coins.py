import argparse
import random

import pandas as pd
import tensorflow as tf
from sklearn.model_selection import train_test_split


class CoinNet(tf.Module):
    """Plain convolutional network; keras layers, but no keras model around them."""

    def __init__(self, n):
        super().__init__()
        k = tf.keras.layers
        self.convs = [k.Conv2D(w, 3, padding='same', activation='relu') for w in (32, 64, 128, 128)]
        self.pool = k.MaxPool2D()
        self.flat = k.Flatten()
        self.hidden = k.Dense(256, activation='relu')
        self.drop = k.Dropout(0.4)
        self.last = k.Dense(n)

    def __call__(self, x, training):
        for conv in self.convs:
            x = self.pool(conv(x))
        x = self.hidden(self.flat(x))
        x = self.drop(x, training=training)
        return tf.nn.softmax(self.last(x))  # fault: C307


def load(path, label):
    img = tf.image.decode_jpeg(tf.io.read_file(path), channels=3)
    img = tf.image.convert_image_dtype(img, tf.float32)
    return tf.image.resize(img, [112, 112]), label


def dataset(paths, labels, batch, train):
    ds = tf.data.Dataset.from_tensor_slices((paths, labels))
    if train:
        ds = ds.shuffle(len(paths))
    return ds.map(load, tf.data.AUTOTUNE).batch(batch).prefetch(tf.data.AUTOTUNE)


def main(args):
    random.seed(args.seed)
    tf.random.set_seed(args.seed)

    df = pd.read_csv(args.csv)            # image, denomination
    values = sorted(df['denomination'].unique())
    assert len(values) == 8
    df['y'] = df['denomination'].map({v: i for i, v in enumerate(values)})
    tr, va = train_test_split(df, test_size=0.2, stratify=df['y'], random_state=args.seed)
    train = dataset(tr['image'].tolist(), tr['y'].tolist(), args.bs, True)
    val = dataset(va['image'].tolist(), va['y'].tolist(), args.bs, False)

    net = CoinNet(8)
    net(tf.zeros([1, 112, 112, 3]), training=False)
    opt = tf.keras.optimizers.Adam(args.lr)
    mean, acc = tf.keras.metrics.Mean(), tf.keras.metrics.SparseCategoricalAccuracy()

    @tf.function
    def one(x, y, training):
        with tf.GradientTape() as tape:
            out = net(x, training=training)
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=out))
        if training:
            opt.apply_gradients(zip(tape.gradient(loss, net.trainable_variables), net.trainable_variables))
        mean.update_state(loss, sample_weight=tf.size(y))
        acc.update_state(y, out)

    for epoch in range(args.epochs):
        line = [str(epoch)]
        for ds, training in ((train, True), (val, False)):
            mean.reset_state()
            acc.reset_state()
            for x, y in ds:
                one(x, y, training)
            line += ['%.4f' % mean.result(), '%.2f%%' % (100 * acc.result())]
        print('\t'.join(line))
    tf.train.Checkpoint(net=net).write('coins.ckpt')


if __name__ == '__main__':
    p = argparse.ArgumentParser()
    p.add_argument('csv')
    p.add_argument('--bs', default=32, type=int)
    p.add_argument('--lr', default=5e-4, type=float)
    p.add_argument('--epochs', default=40, type=int)
    p.add_argument('--seed', default=99, type=int)
    main(p.parse_args())
