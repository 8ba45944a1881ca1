from builders import ERROR, WARNING, config, fact, only, program, silent
from diagnose.checks.n207_channel_order import CHECK

from diagnose.model import BgrImages


def keras(fed, want, **said):
    base = {"weights": "imagenet", "model": "resnet50", "preprocessing": "keras.resnet50", **said}
    return {"configuration": config(**base), "code": program(framework="keras", fed=fed, weights_want=want)}


def test_the_networks_own_preprocessing_is_silent():
    assert silent(CHECK, **keras("caffe", "caffe"))


def test_another_familys_is_an_error():
    assert only(CHECK, **keras("tf", "caffe", preprocessing="keras.mobilenet_v2")).severity is ERROR


def test_random_weights_expect_nothing():
    assert silent(CHECK, **keras("tf", "caffe", weights="none"))


def test_opencv_that_is_never_turned_is_a_warning():
    code = program(seen=(fact(BgrImages, 4, reader="cv2.imread"),))
    assert only(CHECK, configuration=config(weights="imagenet"), code=code).severity is WARNING
