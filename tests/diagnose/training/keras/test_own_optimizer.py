"""Loops of a Keras program that apply their own optimizer: float16 without scaling, and a resume without it."""

import pytest

from diagnose.model import MixedPrecision, ResumeIncomplete

LOOP = """
net = small()
rate = keras.optimizers.schedules.CosineDecay(0.1, 1000)
opt = {optimizer}
{before}
for epoch in range(9):
    for x, y in folder:
        with tf.GradientTape() as tape:
            loss = LOSS(y, net(x / 255., training=True))
        opt.apply_gradients(zip(tape.gradient(loss, net.trainable_variables), net.trainable_variables))
    for x, y in held:
        net(x / 255., training=False)
"""
HALF = "keras.mixed_precision.set_global_policy('mixed_float16')"
SGD = "keras.optimizers.SGD(rate, momentum=0.9)"
RESUME = "kept = tf.train.Checkpoint({held})\nkept.restore({path})"


@pytest.mark.parametrize(
    ("before", "optimizer", "expected"),
    [
        (HALF, SGD, ["no_scaler"]),
        (HALF, f"keras.mixed_precision.LossScaleOptimizer({SGD})", []),
        (HALF.replace("float16", "bfloat16"), SGD, []),
        (f"if input():\n    {HALF}", SGD, []),
        ("", SGD, []),
    ],
)
def test_float16_in_an_own_loop(read, before, optimizer, expected):
    facts = read(LOOP.format(before=before, optimizer=optimizer)).program.facts(MixedPrecision)
    assert [one.what for one in facts] == expected


@pytest.mark.parametrize(
    ("held", "path", "expected"),
    [
        ("net=net", "tf.train.latest_checkpoint('d')", [("optimizer", "schedule")]),
        ("net=net, step=tf.Variable(0)", "tf.train.CheckpointManager(kept, 'd', 2).latest_checkpoint",
         [("optimizer", "schedule")]),
        ("net=net, opt=opt", "tf.train.latest_checkpoint('d')", []),
        ("net=net", "'imagenet/start'", []),
    ],
)  # fmt: skip
def test_a_resume_without_the_optimizer(read, held, path, expected):
    text = LOOP.format(before=RESUME.format(held=held, path=path), optimizer=SGD)
    assert [one.missing for one in read(text).program.facts(ResumeIncomplete)] == expected


def test_plain_sgd_has_nothing_to_restore(read):
    before = RESUME.format(held="net=net", path="tf.train.latest_checkpoint('d')")
    text = LOOP.format(before=before, optimizer="keras.optimizers.SGD(0.1)")
    assert read(text).program.facts(ResumeIncomplete) == ()


BARE = """
class Net(tf.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.flat, self.last = layers.Conv2D(8, 3), layers.Flatten(), layers.Dense(4)
    def __call__(self, x, training):
        return {outputs}(self.last(self.flat(self.conv(x))))
net = Net()
opt = keras.optimizers.Adam()
def one(x, y, training):
    with tf.GradientTape() as tape:
        out = net(x / 255., training=training)
        loss = LOSS(y, out)
    if training:
        opt.apply_gradients(zip(tape.gradient(loss, net.trainable_variables), net.trainable_variables))
for epoch in range(3):
    for data, training in ((folder, True), (held, False)):
        for x, y in data:
            one(x, y, training)
"""


@pytest.mark.parametrize(("outputs", "said"), [("tf.nn.softmax", "softmax"), ("", "none")])
def test_a_module_of_tensorflow_alone_is_a_network(known, outputs, said):
    fields = known(BARE.format(outputs=outputs))
    assert (fields["output_activation"], fields["head"]) == (said, 4)


def test_a_pass_whose_tape_gives_no_gradients_validates(read):
    from diagnose.model import NotValidated

    assert read(BARE.format(outputs="")).program.facts(NotValidated) == ()
