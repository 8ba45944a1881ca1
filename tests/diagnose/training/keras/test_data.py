"""Images on their way: what each way of preparing them comes to, and what is left in doubt."""

import pytest
from small_programs import found

from diagnose.model import UnscaledFloats

UNIT, SYMMETRIC = ("1/255",), ("-1..1",)


@pytest.mark.parametrize(
    ("function", "scaling", "mean"),
    [
        ("lambda x, y: (x / 255.0, y)", UNIT, ()),
        ("lambda x, y: (x * (1 / 255), y)", UNIT, ()),
        ("lambda x, y: (x / 127.5 - 1, y)", SYMMETRIC, ()),
        ("lambda x, y: ((x - 127.5) / 127.5, y)", SYMMETRIC, ()),
        ("lambda x, y: ((x / 255.0 - 0.5) * 2, y)", SYMMETRIC, ()),
        ("lambda x, y: (x / 255.0 * 255.0, y)", (), ()),
        ("lambda x, y: (tf.cast(x, tf.float32) / 255.0 / 255.0, y)", ("1/255", "1/255"), ()),
        ("lambda x, y: (x / 255.0 - [0.5, 0.4, 0.3], y)", UNIT, (0.5, 0.4, 0.3)),
        ("lambda x, y: (x, y)", (), ()),
        ("lambda x, y: (resnet50.preprocess_input(x), y)", (), (103.939, 116.779, 123.68)),
        ("lambda x, y: (mobilenet_v2.preprocess_input(x), y)", SYMMETRIC, ()),
        ("lambda x, y: (layers.Rescaling(1 / 127.5, offset=-1)(x), y)", SYMMETRIC, ()),
        ("lambda x, y: (tf.image.convert_image_dtype(x, tf.float32), y)", (), ()),  # floats are left as they are
    ],
)
def test_arithmetic_in_a_map_function(fitted, function, scaling, mean):
    fields = fitted(f"folder.map({function})")
    assert fields["scaling"] == scaling
    assert fields["mean"] == pytest.approx(mean)
    assert fields["train_augmentations"] == ()
    assert (fields["input_size"], fields["batch_size"], fields["shuffle"]) == (96, 32, True)


@pytest.mark.parametrize(
    ("function", "field"),
    [
        ("lambda x, y: (tf.image.per_image_standardization(x), y)", "scaling"),
        ("lambda x, y: (x / tf.reduce_max(x), y)", "scaling"),
        ("lambda x, y: (x / 127.5, y)", "scaling"),
        ("lambda x, y: (2.0 / x, y)", "scaling"),
        ("lambda x, y: (elsewhere.prepare(x), y)", "scaling"),
        ("elsewhere.prepare", "train_augmentations"),
        ("lambda x, y: (tf.image.adjust_brightness(x, tf.random.uniform([])), y)", "train_augmentations"),
        ("lambda x, y: (tf.cond(flag(), lambda: tf.image.flip_left_right(x), lambda: x), y)", "train_augmentations"),
        ("lambda x, y: (x + tf.random.normal([96, 96, 3]), y)", "train_augmentations"),
        ("lambda x, y: (tf.py_function(elsewhere.prepare, [x], tf.float32), y)", "scaling"),
        ("lambda x, y: (tf.numpy_function(elsewhere.prepare, [x], tf.float32), y)", "val_scaling"),
        ("lambda x, y: (layers.Normalization()(x), y)", "scaling"),
        ("lambda x, y: (tf.image.central_crop(x, 0.5), y)", "input_size"),
        ("lambda x, y: (tf.image.resize(x, size), y)", "input_size"),
        ("lambda x, y: (keras.applications.imagenet_utils.preprocess_input(x, mode=mode), y)", "scaling"),
    ],
)
def test_what_is_not_followed_leaves_a_field_unknown(known, function, field):
    program = f"import elsewhere\nmodel = small()\nmodel.compile('adam', LOSS)\nway = {function}\n"
    fields = known(program + "model.fit(folder.map(way), validation_data=held.map(way))")
    assert isinstance(fields[field], str)
    assert "op" not in fields[field].split()
    assert "()" not in fields[field].split()


def test_one_unread_piece_hides_what_it_can_touch_alone(fitted):
    fields = fitted("folder.map(lambda x, y: (tf.image.random_flip_left_right(x) / tf.reduce_max(x), y))")
    assert isinstance(fields["scaling"], str)
    assert fields["train_augmentations"] == ("random_flip_left_right",)
    assert (fields["input_size"], fields["shuffle"]) == (96, True)


def test_a_python_function_is_followed_where_the_program_has_it(fitted):
    fields = fitted("folder.map(lambda x, y: (tf.py_function(lambda raw: raw.numpy() / 255.0, [x], tf.float32), y))")
    assert fields["scaling"] == UNIT


def test_random_layers_and_sizes_in_a_map(fitted):
    fields = fitted(
        "folder.map(lambda x, y: (augment(x, training=True), y))",
        "augment = keras.Sequential([layers.RandomFlip(), layers.Resizing(64, 64), layers.Lambda(lambda x: x / 255)])",
    )
    assert fields["train_augmentations"] == ("random_flip",)
    assert (fields["input_size"], fields["scaling"]) == (64, UNIT)


def test_a_layer_that_is_not_training_draws_nothing(fitted):
    fields = fitted("folder.map(lambda x, y: (layers.RandomFlip()(x, training=False), y))")
    assert fields["train_augmentations"] == ()


def test_images_are_decoded_from_files(fitted):
    load = """
def load(path, label):
    image = tf.io.decode_jpeg(tf.io.read_file(path), channels=3)
    image = tf.image.convert_image_dtype(image, tf.float32)
    image = tf.image.stateless_random_crop(image, [80, 80, 3], seed=(1, 2))
    return image, tf.one_hot(label, 4)
"""
    fields = fitted("tf.data.Dataset.from_tensor_slices((['a.jpg'], [1])).map(load).shuffle(9).batch(7)", load)
    assert fields["scaling"] == UNIT
    assert fields["train_augmentations"] == ("random_crop",)
    assert (fields["input_size"], fields["batch_size"], fields["shuffle"]) == (80, 7, True)


def test_the_order_of_a_dataset_without_shuffle_is_not_known(fitted):
    assert isinstance(fitted("tf.data.Dataset.from_tensor_slices((pictures, kinds)).batch(4)")["shuffle"], str)


SEQUENCE = """
class Batches(keras.utils.Sequence):
    def __init__(self, files, batch_size=5):
        self.files, self.batch_size = files, batch_size
    def __getitem__(self, number):
        batch = np.zeros((self.batch_size, 48, 48, 3))
        for n, name in enumerate(self.files[number:number + 5]):
            picture = cv2.resize(cv2.cvtColor(cv2.imread(name), cv2.COLOR_BGR2RGB), (48, 48))
            batch[n] = {step}
        return batch, np.zeros(5)
"""


def test_a_sequence_of_the_program(fitted):
    fields = fitted("Batches(['a.jpg'])", SEQUENCE.format(step="picture / 255."))
    assert (fields["scaling"], fields["input_size"], fields["batch_size"]) == (UNIT, 48, 5)
    assert isinstance(fields["shuffle"], str)


def test_a_sequence_that_calls_what_was_not_followed(fitted):
    fields = fitted("Batches(['a.jpg'])", SEQUENCE.format(step="self.way(image=picture)['image']"))
    assert isinstance(fields["scaling"], str)
    assert isinstance(fields["train_augmentations"], str)


def test_a_generator_function(fitted):
    own = "def batches():\n    while True:\n        yield cv2.imread(name()) / 255.0, kind()\n"
    assert fitted("batches()", own)["scaling"] == UNIT
    dataset = "tf.data.Dataset.from_generator(batches, output_types=(tf.float32, tf.int32)).batch(3)"
    fields = fitted(dataset, own)
    assert (fields["scaling"], fields["batch_size"]) == (UNIT, 3)
    assert isinstance(fields["shuffle"], str)


def test_a_condition_leaves_open_what_its_sides_differ_in(fitted):
    before = (
        "import os\ndata = folder\nif os.path.exists('scale'):\n    data = folder.map(lambda x, y: (x / 255., y))\n"
    )
    fields = fitted("data", before)
    assert "several ways" in fields["scaling"]
    assert (fields["train_augmentations"], fields["input_size"]) == ((), 96)


GENERATOR = "{0} = ImageDataGenerator({1}).flow_from_directory('t', target_size=(64, 64), {2})\n"


@pytest.mark.parametrize(
    ("given", "augmentations", "scaling"),
    [
        ("rescale=1/255, rotation_range=20, zoom_range=0", ("rotation",), UNIT),
        ("preprocessing_function=mobilenet_v2.preprocess_input", (), SYMMETRIC),
        ("preprocessing_function=lambda x: x / 255", (), UNIT),
        ("rescale=1/255, rotation_range=turn", None, UNIT),
        ("preprocessing_function=prepare", None, None),
        ("samplewise_center=True, horizontal_flip=True", ("horizontal_flip",), None),
        ("rescale=factor", (), None),
    ],
)
def test_a_generator(fitted, given, augmentations, scaling):
    fields = fitted("data", GENERATOR.format("data", given, "batch_size=9, class_mode='sparse'"))
    for name, true in (("train_augmentations", augmentations), ("scaling", scaling)):
        assert isinstance(fields[name], str) if true is None else fields[name] == true
    assert (fields["input_size"], fields["batch_size"], fields["shuffle"]) == (64, 9, True)


def test_arrays_are_shuffled_by_fit(known):
    fields = known("""
(x, y), (a, b) = keras.datasets.cifar10.load_data()
model = small()
model.compile("adam", LOSS)
model.fit(x.astype("float32") / 255, y, validation_data=(a.astype("float32") / 255, b))
""")
    assert (fields["scaling"], fields["val_scaling"], fields["batch_size"]) == (UNIT, UNIT, 32)
    assert (fields["shuffle"], fields["input_size"]) == (True, 32)


def test_files_of_a_frame_and_of_a_public_set(fitted):
    flow = "ImageDataGenerator(rescale=1/255).flow_from_dataframe(frame, target_size=(50, 50), shuffle=False)"
    fields = fitted(flow)
    assert (fields["input_size"], fields["shuffle"], fields["scaling"]) == (50, False, UNIT)
    before = "import tensorflow_datasets as tfds\nkinds = tfds.load('flowers', split='train', as_supervised=True)\n"
    fields = fitted("kinds.map(lambda x, y: (tf.image.resize(x, (70, 70)) / 255., y)).batch(6)", before)
    assert (fields["scaling"], fields["input_size"], fields["batch_size"]) == (UNIT, 70, 6)


MODELS = [
    ("small(layers.Rescaling(1 / 255), layers.RandomFlip())", UNIT, ("random_flip",)),
    ("small(layers.BatchNormalization())", None, ()),
    ("small(layers.Normalization(mean=[1.0, 2.0, 3.0], variance=[4.0, 4.0, 9.0]))", (), ()),
    ("small(keras.Sequential([layers.RandomZoom(0.1), layers.Rescaling(1 / 127.5, -1)]))", SYMMETRIC, ("random_zoom",)),
    ("small(Half())", SYMMETRIC, ()),
    ("small(elsewhere.Layer())", None, None),
    ("Own()", SYMMETRIC, ()),
    ("OwnStep()", None, None),
    ("Parts()", None, None),
    ("functional()", UNIT, ("random_flip",)),
    ("tensors()", UNIT, ()),
    ("keras.Sequential([EfficientNetB0(include_top=False, pooling='avg'), layers.Dense(4)])", UNIT, ()),
]


@pytest.mark.parametrize(("model", "scaling", "augmentations"), MODELS, ids=[model for model, _, _ in MODELS])
def test_preprocessing_in_the_model(known, model, scaling, augmentations):
    fields = known(f"""
import elsewhere
class Half(layers.Layer):
    def call(self, x):
        return x / 127.5 - 1
class Own(keras.Model):
    def __init__(self):
        super().__init__()
        self.half, self.conv, self.out = Half(), layers.Conv2D(4, 3), layers.Dense(4)
    def call(self, x):
        return self.out(self.conv(self.half(x)))
class OwnStep(Own):
    def train_step(self, data):
        return elsewhere.step(data)
class Parts(Own):
    def train_step(self, data):
        x, y = data
        with tf.GradientTape() as tape:
            loss = self.compiled_loss(y, self.out(self.conv(self.half(x))))
        self.optimizer.apply_gradients(zip(tape.gradient(loss, self.trainable_variables), self.trainable_variables))
        return {{}}
def functional():
    x = inputs = keras.Input((96, 96, 3))
    x = layers.RandomFlip()(x)
    x = x / 255.0
    return keras.Model(inputs, layers.Dense(4)(layers.Conv2D(4, 3)(x)))
def tensors():
    x = inputs = keras.Input((96, 96, 3))
    base = ResNet50(include_top=False, input_tensor=layers.Rescaling(1 / 255)(x), pooling="avg")
    return keras.Model(inputs, layers.Dense(4)(base.output))
model = {model}
model.compile("adam", LOSS)
model.fit(folder, validation_data=held)
""")
    for name, true in (("scaling", scaling), ("train_augmentations", augmentations)):
        assert isinstance(fields[name], str) if true is None else fields[name] == true
    if augmentations is not None:
        assert fields["val_augmentations"] == ()


HALF = "folder.map(lambda x, y: (x / 255., y))"


@pytest.mark.parametrize(
    ("data", "before", "scaling", "shuffle"),
    [
        (f"{HALF}.concatenate(held)", "", None, True),
        (f"{HALF}.apply(lambda d: d.map(lambda x, y: (x / 255., y)))", "", ("1/255", "1/255"), True),
        (f"{HALF}.apply(elsewhere.way)", "import elsewhere", None, True),
        (f"{HALF}.enumerate()", "", None, True),
        (f"{HALF}.padded_batch(4).prefetch(1).take(3)", "", UNIT, True),
        ("tf.data.TFRecordDataset(['a'])", "", None, None),
        ("tf.data.Dataset.list_files('*.jpg', shuffle=False)", "", None, False),
        ("tf.data.Dataset.from_generator(elsewhere.pictures)", "import elsewhere", None, None),
        ("tf.data.Dataset.zip((" + HALF + ", held))", "", UNIT, True),
        ("ImageDataGenerator(True).flow_from_directory('t')", "", None, True),
        ("elsewhere.generator().flow_from_directory('t', shuffle=False)", "import elsewhere", None, False),
        ("ImageDataGenerator(rescale=1/255).flow(keras.datasets.cifar10.load_data()[0][0])", "", UNIT, True),
        ("Batches()", "class Batches(keras.utils.Sequence):\n    pass", None, None),
        ("np.array([cv2.imread(name) / 255. for name in files()])", "", UNIT, None),
        ("keras.utils.img_to_array(keras.utils.load_img('a.png', target_size=(9, 9))) / 255.", "", UNIT, None),
    ],
)
def test_sources_and_datasets(fitted, data, before, scaling, shuffle):
    fields = fitted(data, before)
    for name, true in (("scaling", scaling), ("shuffle", shuffle)):
        assert isinstance(fields[name], str) if true is None else fields[name] == true


@pytest.mark.parametrize(
    ("decoded", "scaling"),
    [
        ("tf.io.decode_image(raw, dtype=tf.float32)", UNIT),
        ("tf.io.decode_image(raw, dtype=kind)", None),
        ("tf.io.decode_png(raw, dtype=tf.uint8)", ()),
        ("tf.image.convert_image_dtype(tf.image.resize(tf.io.decode_png(raw), (9, 9)), tf.float32)", ()),
        ("tf.image.convert_image_dtype(elsewhere.decode(raw), tf.float32)", None),
        ("np.asarray(Image.open(raw).convert('RGB').resize((8, 9)))", ()),
        ("np.load(raw)", None),
        ("plt.imread(raw)", None),
    ],
)
def test_decoders(fitted, decoded, scaling):
    before = "import elsewhere\nfrom PIL import Image\nimport matplotlib.pyplot as plt\n"
    fields = fitted(f"tf.data.Dataset.from_tensor_slices((['a'], [0])).map(lambda raw, y: ({decoded}, y))", before)
    assert isinstance(fields["scaling"], str) if scaling is None else fields["scaling"] == scaling


RESIZED = """
def image(path):
    pixels = tf.image.resize(tf.io.decode_jpeg(tf.io.read_file(path)), (96, 96))
    return tf.image.convert_image_dtype(pixels, tf.float32), 0
data = tf.data.Dataset.list_files("a/*.jpg").map(image).batch(8)
"""


@pytest.mark.parametrize(("more", "expected"), [("", True), (".map(lambda x, y: (x / 255, y))", False)])
def test_convert_image_dtype_leaves_what_resize_made_floats(read, more, expected):
    text = f"{RESIZED}data = data{more}\nmodel = small()\nmodel.compile('adam', LOSS)\nmodel.fit(data, epochs=2)\n"
    read_ = read(text)
    assert read_.program.facts(UnscaledFloats)
    assert found(read_, "C337") == expected
    assert not found(read_, "N201")
