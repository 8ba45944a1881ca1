# kaggle: flowers on tpu, version 14  (fork of my own v9)
import re, math
import numpy as np
import pandas as pd
import tensorflow as tf
import matplotlib.pyplot as plt

AUTO = tf.data.experimental.AUTOTUNE

try:
    tpu = tf.distribute.cluster_resolver.TPUClusterResolver()
    tf.config.experimental_connect_to_cluster(tpu)
    tf.tpu.experimental.initialize_tpu_system(tpu)
    strategy = tf.distribute.TPUStrategy(tpu)
except ValueError:
    strategy = tf.distribute.get_strategy()
print("REPLICAS:", strategy.num_replicas_in_sync)

GCS = 'gs://my-flowers-bucket/tfrecords-jpeg-331x331'
SIZE = [331, 331]
BATCH = 128            # global
EPOCHS = 20
N_CLASS = 104

TRAIN_F = sorted(tf.io.gfile.glob(GCS + '/train/*.tfrec'))
VAL_F = sorted(tf.io.gfile.glob(GCS + '/val/*.tfrec'))
TEST_F = sorted(tf.io.gfile.glob(GCS + '/test/*.tfrec'))

def count(files):
    return int(sum(int(re.search(r"-([0-9]+)\.", f).group(1)) for f in files))

NTR, NVA, NTE = count(TRAIN_F), count(VAL_F), count(TEST_F)
print(NTR, NVA, NTE)

def decode(b):
    im = tf.image.decode_jpeg(b, channels=3)
    im = tf.cast(im, tf.float32) / 127.5 - 1.0
    return tf.reshape(im, [*SIZE, 3])

def read_lab(ex):
    f = {"image": tf.io.FixedLenFeature([], tf.string), "class": tf.io.FixedLenFeature([], tf.int64)}
    ex = tf.io.parse_single_example(ex, f)
    return decode(ex['image']), tf.cast(ex['class'], tf.int32)

def read_unlab(ex):
    f = {"image": tf.io.FixedLenFeature([], tf.string), "id": tf.io.FixedLenFeature([], tf.string)}
    ex = tf.io.parse_single_example(ex, f)
    return decode(ex['image']), ex['id']

def load(files, lab=True, ordered=False):
    opt = tf.data.Options()
    if not ordered:
        opt.experimental_deterministic = False
    ds = tf.data.TFRecordDataset(files, num_parallel_reads=AUTO).with_options(opt)
    return ds.map(read_lab if lab else read_unlab, num_parallel_calls=AUTO)

def aug(im, y):
    im = tf.image.random_flip_left_right(im)
    # im = tf.image.random_saturation(im, 0, 2)
    return im, y

def get_train():
    ds = load(TRAIN_F)
    ds = ds.map(aug, num_parallel_calls=AUTO)
    ds = ds.repeat().shuffle(2048).batch(BATCH)
    return ds.prefetch(AUTO)

def get_val():
    ds = load(VAL_F)
    ds = ds.batch(BATCH).cache()
    return ds.prefetch(AUTO)

def get_test():
    return load(TEST_F, lab=False, ordered=True).batch(BATCH).prefetch(AUTO)

# LR: ramp up, then decay (pretrained weights -> do not start high)
LR0, LRMAX, LRMIN, UP, DECAY = 1e-5, 4e-4, 1e-5, 5, .8
def lrfn(ep):
    if ep < UP:
        return LR0 + (LRMAX - LR0) * ep / UP
    return LRMIN + (LRMAX - LRMIN) * DECAY ** (ep - UP)

lr_cb = tf.keras.callbacks.LearningRateScheduler(lrfn, verbose=True)
# plt.plot([lrfn(e) for e in range(EPOCHS)])

with strategy.scope():
    base = tf.keras.applications.Xception(weights='imagenet', include_top=False, input_shape=[*SIZE, 3])
    base.trainable = True
    model = tf.keras.Sequential([
        base,
        tf.keras.layers.GlobalAveragePooling2D(),
        tf.keras.layers.Dense(N_CLASS, activation='softmax', dtype='float32'),
    ])
    model.compile(optimizer='adam', loss='sparse_categorical_crossentropy', metrics=['sparse_categorical_accuracy'])
model.summary()

hist = model.fit(get_train(), steps_per_epoch=NTR // BATCH, epochs=EPOCHS,
                 validation_data=get_val(), callbacks=[lr_cb])

test_ds = get_test()
probs = model.predict(test_ds.map(lambda im, i: im))
pred = np.argmax(probs, axis=-1)
ids = np.concatenate([i.numpy() for i in test_ds.map(lambda im, i: i)]).astype('U')
pd.DataFrame({'id': ids, 'label': pred}).to_csv('submission.csv', index=False)
