"""Trainings that a program writes itself, read as the fit() that they amount to."""

import pytest

from diagnose.model import InputError, KerasLoss

DATA = """
opt = keras.optimizers.SGD(0.01, momentum=0.9)
lf = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
train = folder.map(lambda x, y: (x / 255.0, y))
model = small()
"""
PLAIN = """
for epoch in range(7):
    for x, y in train:
        with tf.GradientTape() as tape:
            loss = lf(y, model(x, training=True))
        grads = tape.gradient(loss, model.trainable_variables)
        opt.apply_gradients(zip(grads, model.trainable_variables))
    for x, y in held:
        model(x, training=False)
"""
STEP = """
@tf.function
def step(x, y):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(lf(y, model(x, training=True)))
    opt.minimize(loss, model.trainable_variables, tape=tape)
@tf.function
def validate(x, y):
    return model(x, training=False)
for epoch in range(7):
    for n, (x, y) in enumerate(train):
        step(x, y)
    for x, y in held:
        validate(x, y)
"""
TRAINER = """
class Trainer:
    def __init__(self, model):
        self.model, self.optimizer, self.loss = model, opt, lf
    def loss_of(self, x, y):
        return self.loss(y, self.model(x, training=True))
    def run(self, data, epochs):
        for epoch in range(epochs):
            for batch in data:
                x, y = batch
                with tf.GradientTape() as tape:
                    loss = self.loss_of(x, y)
                variables = self.model.trainable_weights
                self.optimizer.apply(tape.gradient(loss, variables), variables)
            for x, y in held:
                self.model(x)
Trainer(model).run(train, epochs=7)
"""
STRATEGY = """
strategy = tf.distribute.MirroredStrategy()
def step(batch):
    x, y = batch
    with tf.GradientTape() as tape:
        loss = tf.nn.compute_average_loss(lf(y, model(x, training=True)), global_batch_size=32)
    opt.apply_gradients(zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables))
    return loss
for epoch in range(7):
    for batch in strategy.experimental_distribute_dataset(train):
        strategy.reduce("sum", strategy.run(step, args=(batch,)), axis=None)
    for x, y in held:
        model(x)
"""
TORCH = """
import torch
for epoch in range(7):
    for x, y in train:
        loss = lf(y, model(x))
        model.zero_grad()
        loss.backward()
        weights = [v for v in model.trainable_weights]
        with torch.no_grad():
            opt.apply([v.value.grad for v in weights], weights)
    for x, y in held:
        model(x)
"""


@pytest.mark.parametrize("loop", [PLAIN, STEP, TRAINER, STRATEGY, TORCH])
def test_a_loop_is_read_as_the_fit_that_it_amounts_to(read, loop):
    reading = read(DATA + loop)
    settings = {name: one.value for name, one in reading.config.settings() if one.known}
    assert (settings["optimizer"], settings["learning_rate"], settings["momentum"]) == ("sgd", 0.01, 0.9)
    assert (settings["loss"], settings["output_activation"], settings["head"]) == (
        "sparse_categorical_crossentropy",
        "none",
        4,
    )
    assert (settings["epochs"], settings["batch_size"], settings["shuffle"], settings["schedule"]) == (
        7,
        32,
        True,
        "constant",
    )
    assert (settings["scaling"], settings["input_size"], settings["weights"]) == (("1/255",), 96, "none")
    assert reading.program.validates
    (loss,) = reading.program.facts(KerasLoss)
    assert (loss.from_logits, loss.labels) == (True, "int")


def test_what_a_loop_does_with_a_batch_is_followed(known):
    loop = PLAIN.replace("        with", "        x = (x - 0.5) * 2\n        y = tf.one_hot(y, 4)\n        with", 1)
    settings = known(DATA.replace("Sparse", "") + loop)
    assert settings["scaling"] == ("-1..1",)
    assert settings["loss"] == "categorical_crossentropy"


def test_a_softmax_between_network_and_loss_counts(known):
    assert known(DATA + PLAIN.replace("model(x, training=True)", "tf.nn.softmax(model(x))"))["output_activation"] == (
        "softmax"
    )


def test_a_softmax_for_prediction_alone_does_not_count(known):
    own = """
class Own(keras.Model):
    def __init__(self):
        super().__init__()
        self.inner = small()
    def call(self, x, is_training=False):
        x = self.inner(x)
        if not is_training:
            x = tf.nn.softmax(x)
        return x
model = Own()
"""
    settings = known(DATA + own + PLAIN.replace("training=True", "is_training=True"))
    assert settings["output_activation"] == "none"


def test_a_rate_that_a_loop_sets_is_a_schedule(known):
    settings = known(
        DATA + PLAIN.replace("    for x, y in train", "    opt.learning_rate.assign(0.1)\n    for x, y in train")
    )
    assert (settings["schedule"], settings["learning_rate"]) == ("manual", 0.01)


def test_a_sum_of_several_losses_has_no_name(known):
    settings = known(
        DATA + PLAIN.replace("lf(y, model(x, training=True))", "lf(y, model(x)) + keras.losses.mse(y, model(x))")
    )
    assert "no known loss" in settings["loss"]


def test_networks_against_each_other_are_refused(read):
    text = """
other = keras.Sequential([layers.Dense(3)])
for x, y in folder:
    with tf.GradientTape() as one, tf.GradientTape() as two:
        loss, worse = LOSS(y, small_one(x)), LOSS(y, other(x))
    opt.apply_gradients(zip(one.gradient(loss, small_one.trainable_variables), small_one.trainable_variables))
    opt.apply_gradients(zip(two.gradient(worse, other.trainable_variables), other.trainable_variables))
"""
    with pytest.raises(InputError, match="does not train one Keras network"):
        read("small_one = small()\nopt = keras.optimizers.Adam()\n" + text)


def test_an_image_that_is_changed_by_its_gradients_is_no_training(read):
    text = "for n in range(9):\n    with tf.GradientTape() as tape:\n        loss = tf.reduce_mean(model(image))\n"
    with pytest.raises(InputError):
        read("model = small()\nimage = tf.Variable(0)\n" + text + "    image = image + tape.gradient(loss, image)\n")


def test_networks_one_after_the_other_are_one(known):
    text = """
one = keras.Sequential([layers.Rescaling(1 / 255), layers.Conv2D(8, 3)])
two = keras.Sequential([layers.GlobalAveragePooling2D(), layers.Dense(4)])
for epoch in range(3):
    for x, y in folder:
        with tf.GradientTape() as tape:
            loss = LOSS(y, two(one(x)))
        variables = one.trainable_variables + two.trainable_variables
        keras.optimizers.Adam(0.01).apply_gradients(zip(tape.gradient(loss, variables), variables))
"""
    settings = known(text)
    assert (settings["head"], settings["epochs"], settings["scaling"], settings["weights"]) == (
        4,
        3,
        ("1/255",),
        "none",
    )


@pytest.mark.parametrize(
    ("loop", "size", "shuffle"),
    [
        ("for i in range(0, len(x), 64):\n        model.train_on_batch(x[i:i + 64], y[i:i + 64])", 64, None),
        ("order = np.random.permutation(len(x))\n    for i in range(0, len(x), 64):\n"
         "        model.train_on_batch(x[order[i:i + 64]], y[order[i:i + 64]])", 64, True),
        ("for n in range(100):\n        pick = np.random.randint(0, 60000, 64)\n"
         "        model.train_on_batch(x[pick], y[pick])", 64, True),
    ],
)  # fmt: skip
def test_batches_that_are_cut_by_hand(known, loop, size, shuffle):
    text = "(x, y), (xt, yt) = keras.datasets.mnist.load_data()\nx = x / 255.0\nmodel = small()\n"
    text += "model.compile('adam', LOSS)\n"
    settings = known(text + "for epoch in range(5):\n    " + loop + "\n    model.evaluate(xt / 255.0, yt)\n")
    assert (settings["epochs"], settings["batch_size"], settings["scaling"]) == (5, size, ("1/255",))
    assert (settings["shuffle"] if settings["shuffle"] is True else None) is shuffle


CUSTOM = """
class Own(keras.Model):
    def __init__(self, inner):
        super().__init__()
        self.inner = inner
    {compile}
    def call(self, x):
        return self.inner(x)
    def train_step(self, data):
        x, y = data
        {before}
        with tf.GradientTape() as tape:
            out = self(x, training=True)
            loss = {loss}
        self.optimizer.apply_gradients(zip(tape.gradient(loss, self.trainable_variables), self.trainable_variables))
        return {{"loss": loss}}
model = Own(small())
model.compile({given})
model.fit(folder, epochs=3)
"""


def custom(compile="pass", before="pass", loss="self.compute_loss(y=y, y_pred=out)", given="'adam', LOSS"):
    if compile == "pass":
        compile = "size = 1"
    return CUSTOM.format(compile=compile, before=before, loss=loss, given=given)


@pytest.mark.parametrize(
    ("parts", "scaling"),
    [
        ({}, ()),
        ({"before": "x = x / 255.0"}, ("1/255",)),
        ({"loss": "self.compiled_loss(y, out)", "before": "x = x / 127.5 - 1"}, ("-1..1",)),
        ({"loss": "LOSS(y, out)", "given": "'adam'"}, ()),
        ({"compile": "def compile(self, optimizer, loss_fn):\n        super().compile()\n"
                     "        self.optimizer, self.loss_fn = optimizer, loss_fn",
          "loss": "self.loss_fn(y, out)", "given": "optimizer=keras.optimizers.Adam(), loss_fn=LOSS"}, ()),
    ],
)  # fmt: skip
def test_a_train_step_of_the_models_own(read, parts, scaling):
    reading = read(custom(**parts))
    settings = {name: one.value for name, one in reading.config.settings() if one.known}
    assert (settings["optimizer"], settings["learning_rate"], settings["loss"]) == (
        "adam",
        0.001,
        "sparse_categorical_crossentropy",
    )
    assert (settings["scaling"], settings["train_augmentations"]) == (scaling, ())
    assert not [lost for lost in reading.program.unfollowed if "train_step" in lost.what]


def test_a_loss_that_a_train_step_makes_up_is_unknown(read):
    reading = read(custom(loss="tf.reduce_sum(out)"))
    assert "train_step() computes it" in reading.config.loss.why
    assert [lost for lost in reading.program.unfollowed if "train_step" in lost.what]
