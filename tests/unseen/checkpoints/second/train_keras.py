"""Keras network on photos: python train_keras.py [seconds]"""
import os, sys, time
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"; os.environ["KERAS_BACKEND"] = "tensorflow"
import numpy as np, keras
from keras import layers as K
import glob
from PIL import Image
HERE = os.path.dirname(os.path.abspath(__file__))
def load(split):
    fs = sorted(glob.glob(f"{HERE}/ROOT/data/photos/{split}/*.png")); ls = [os.path.basename(f).split("_")[0] for f in fs]; C = sorted(set(ls))
    return np.stack([np.asarray(Image.open(f).convert("RGB"), "float32") for f in fs]), np.array([C.index(l) for l in ls]), C
import tensorflow as tf
tf.config.threading.set_intra_op_parallelism_threads(1); tf.config.threading.set_inter_op_parallelism_threads(1)
secs = float(sys.argv[1]) if len(sys.argv) > 1 else 170
keras.utils.set_random_seed(0)
X, Y, C = load("train"); V, W, _ = load("val")
i = keras.Input((40, 40, 3)); x = K.Rescaling(1 / 127.5, offset=-1)(i)
for w in (32, 64, 96):
    x = K.Conv2D(w, 3, padding="same", use_bias=False)(x); x = K.BatchNormalization(momentum=.9)(x); x = K.ReLU()(x)
    if w > 32: x = K.SeparableConv2D(w, 3, padding="same", use_bias=False)(x); x = K.BatchNormalization(momentum=.9)(x); x = K.ReLU()(x)
    x = K.MaxPooling2D()(x)
x = K.GlobalAveragePooling2D()(x); x = K.Dropout(.2)(x); o = K.Dense(len(C), activation="softmax")(x)
m = keras.Model(i, o)
m.compile(keras.optimizers.Adam(2e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])
t0 = time.time(); e = 0
while time.time() - t0 < secs:
    f = (time.time() - t0) / secs; m.optimizer.learning_rate = 2e-3 * (1 - .95 * f)
    fl = np.random.rand(len(X)) < .5; Z = X.copy(); Z[fl] = Z[fl, :, ::-1]
    m.fit(Z, Y, batch_size=64, epochs=1, verbose=0); e += 1
    print("keras", e, f"{time.time()-t0:.0f}s", m.evaluate(V, W, verbose=0), flush=True)
m.save(HERE + "/nets/keras_photos.keras"); m.save(HERE + "/nets/keras_photos.h5")
open(HERE + "/nets/keras_classes.txt", "w").write("\n".join(C))
