from absl import app, flags, logging
import tensorflow as tf
import tensorflow_datasets as tfds

FLAGS = flags.FLAGS
flags.DEFINE_string("data_dir", None, "where tfds keeps its files")
flags.DEFINE_integer("batch_size", 32, "")
flags.DEFINE_integer("image_size", 299, "")
flags.DEFINE_integer("head_epochs", 5, "epochs with the base frozen")
flags.DEFINE_integer("fine_epochs", 10, "epochs afterwards")
flags.DEFINE_integer("seed", 31, "")


def input_fn(split, training=False):
    ds, info = tfds.load(
        "tf_flowers",
        split=split,
        data_dir=FLAGS.data_dir,
        as_supervised=True,
        shuffle_files=training,
        with_info=True,
    )
    size = FLAGS.image_size

    def resize(image, label):
        image = tf.image.resize(image, (size, size))
        return image, label

    def augment(image, label):
        image = tf.image.random_flip_left_right(image)
        image = tf.image.random_contrast(image, 0.8, 1.2)
        return image, label

    def scale(image, label):
        return image / 127.5 - 1.0, label

    ds = ds.map(resize, num_parallel_calls=tf.data.AUTOTUNE)
    if training:
        ds = ds.cache().shuffle(3000, seed=FLAGS.seed)
        ds = ds.map(augment, num_parallel_calls=tf.data.AUTOTUNE)
    ds = ds.map(scale, num_parallel_calls=tf.data.AUTOTUNE)
    ds = ds.batch(FLAGS.batch_size, drop_remainder=training).prefetch(tf.data.AUTOTUNE)
    return ds, info.features["label"].num_classes


def compile_model(model, lr):
    model.compile(
        optimizer=tf.keras.optimizers.Adam(lr),
        loss=tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )


def main(_):
    tf.keras.utils.set_random_seed(FLAGS.seed)
    train, n = input_fn("train[:80%]", training=True)
    val, _ = input_fn("train[80%:90%]")
    test, _ = input_fn("train[90%:]")

    base = tf.keras.applications.Xception(include_top=False, weights="imagenet", pooling="avg")
    base.trainable = False
    inputs = tf.keras.Input((FLAGS.image_size, FLAGS.image_size, 3))
    x = base(inputs, training=False)
    x = tf.keras.layers.Dropout(0.2)(x)
    model = tf.keras.Model(inputs, tf.keras.layers.Dense(5)(x))
    assert n == 5

    logging.info("training the head")
    compile_model(model, 1e-3)
    model.fit(train, validation_data=val, epochs=FLAGS.head_epochs)

    logging.info("training everything")
    base.trainable = True
    compile_model(model, 1e-5)
    model.fit(
        train,
        validation_data=val,
        initial_epoch=FLAGS.head_epochs,
        epochs=FLAGS.head_epochs + FLAGS.fine_epochs,
        callbacks=[tf.keras.callbacks.EarlyStopping("val_loss", patience=3, restore_best_weights=True)],
    )

    loss, acc = model.evaluate(test)
    logging.info("test: loss %.4f accuracy %.4f", loss, acc)


if __name__ == "__main__":
    app.run(main)
