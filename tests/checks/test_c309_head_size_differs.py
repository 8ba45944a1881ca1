import pytest
from builders import ERROR, WARNING, config, dataset, fact, only, program, silent, why_skipped
from diagnose.checks.c309_head_size_differs import CHECK

from diagnose.model import ClassFolders

THREE = dataset({"circle": 9, "square": 9, "triangle": 9})
KERAS = program(framework="keras")


def test_a_head_that_fits_is_silent():
    assert silent(CHECK, dataset=dataset(), configuration=config(head=2))


def test_too_few_outputs_are_an_error():
    finding = only(CHECK, dataset=THREE, configuration=config(head=2))
    assert finding.severity is ERROR
    assert finding.changes == {"head": 3}


def test_a_head_left_from_imagenet_is_a_warning():
    assert only(CHECK, dataset=dataset(), configuration=config(head=1000)).severity is WARNING


def test_a_class_without_images_needs_no_output():
    assert silent(CHECK, dataset=dataset({"cat": 9, "dog": 9, "fox": 0}), configuration=config(head=2))


@pytest.mark.parametrize("loss", ["binary_crossentropy", "bce_with_logits"])
def test_one_output_is_right_for_two_classes_with_a_binary_loss(loss):
    assert silent(CHECK, dataset=dataset(), configuration=config(head=1, loss=loss))
    assert silent(CHECK, dataset=dataset(), configuration=config(head=1, output_activation="sigmoid"))


def test_one_output_is_wrong_for_two_classes_with_a_loss_over_classes():
    assert only(CHECK, dataset=dataset(), configuration=config(head=1, loss="cross_entropy")).changes == {"head": 2}


def test_one_output_may_be_a_regression():
    assert "may be a regression" in why_skipped(CHECK, dataset=THREE, configuration=config(head=1, loss="mse"))
    assert "loss is not known" in why_skipped(CHECK, dataset=dataset(), configuration=config(head=1))


def test_in_keras_units_activation_loss_and_labels_change_together():
    said = config(head=1, output_activation="sigmoid", loss="binary_crossentropy")
    finding = only(CHECK, dataset=THREE, configuration=said, code=KERAS)
    assert finding.severity is ERROR
    assert finding.changes == {"head": 3, "output_activation": "softmax", "loss": "categorical_crossentropy"}
    assert finding.rewrites == ("outputs-for-classes",)


def test_labels_that_a_loop_prepares_are_left_to_the_reader():
    said = config(head=1, output_activation="none", loss="bce_with_logits")
    assert only(CHECK, dataset=THREE, configuration=said, code=program()).changes == {}
    assert only(CHECK, dataset=THREE, configuration=said).changes["loss"] == "cross_entropy"


def test_a_hidden_folder_counts_as_the_loader_counts_it():
    data = dataset({".cache": 2, "cat": 9, "dog": 9})
    skips = program(seen=(fact(ClassFolders, loader="image_dataset_from_directory", hidden=False),))
    counts = program(seen=(fact(ClassFolders, loader="ImageFolder", hidden=True),))
    assert silent(CHECK, dataset=data, configuration=config(head=2), code=skips)
    assert only(CHECK, dataset=data, configuration=config(head=2), code=counts).measured["classes"] == 3
