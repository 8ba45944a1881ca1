import tensorflow as tf
from tensorflow.keras import layers as L, Model

class cfg:
    size = 300
    batch = 12
    classes = 28
    lr = 4e-4
    epochs = 18

AUTO = tf.data.AUTOTUNE
tf.keras.utils.set_random_seed(31)

def parse(path, label):
    img = tf.io.read_file(path)
    img = tf.image.decode_jpeg(img, channels=3)
    img = tf.image.resize(img, (cfg.size, cfg.size))
    return img, tf.one_hot(label, cfg.classes)

def aug(img, label):
    img = tf.image.random_flip_left_right(img)
    img = tf.image.random_saturation(img, 0.7, 1.3)
    return img, label

def dataset(files, labels, train):
    ds = tf.data.Dataset.from_tensor_slices((files, labels))
    if train:
        ds = ds.shuffle(2048)
    ds = ds.map(parse, num_parallel_calls=AUTO)
    if train:
        ds = ds.map(aug, num_parallel_calls=AUTO)
    return ds.batch(cfg.batch).prefetch(AUTO)

def get_model():
    inp = L.Input((cfg.size, cfg.size, 3))
    x = tf.keras.applications.EfficientNetB3(include_top=False, weights='imagenet')(inp)
    x = L.GlobalAveragePooling2D()(x)
    x = L.Dropout(0.4)(x)
    out = L.Dense(cfg.classes, activation='softmax', dtype='float32')(x)
    return Model(inp, out)

files, labels = [], []
with open('train.csv') as f:
    for row in f:
        a, b = row.strip().split(',')
        files.append(a)
        labels.append(int(b))
cut = int(len(files) * 0.9)
model = get_model()
model.compile(optimizer=tf.keras.optimizers.Adam(cfg.lr),
              loss=tf.keras.losses.CategoricalCrossentropy(label_smoothing=0.05), metrics=['accuracy'])
cbs = [tf.keras.callbacks.LearningRateScheduler(lambda e: cfg.lr * 0.9 ** e), tf.keras.callbacks.ModelCheckpoint('m.h5')]
model.fit(dataset(files[:cut], labels[:cut], True), validation_data=dataset(files[cut:], labels[cut:], False),
          epochs=cfg.epochs, callbacks=cbs)
