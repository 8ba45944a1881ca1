import pytest
from builders import ERROR, config, fact, only, program, silent, why_skipped
from diagnose.checks.c308_loss_activation_mismatch import CHECK

from diagnose.model import KerasLoss


@pytest.mark.parametrize(
    ("loss", "activation"),
    [("cross_entropy", "none"), ("nll", "log_softmax"), ("bce_with_logits", "none"), ("bce", "sigmoid")],
)
def test_pairs_that_fit_are_silent(loss, activation):
    assert silent(CHECK, configuration=config(output_activation=activation, loss=loss))


@pytest.mark.parametrize(
    ("loss", "activation"),
    [
        ("nll", "none"),
        ("nll", "softmax"),
        ("bce", "none"),
        ("bce_with_logits", "sigmoid"),
        ("cross_entropy", "sigmoid"),
    ],
)
def test_pairs_that_do_not_fit_are_errors_at_the_loss(loss, activation):
    finding = only(CHECK, configuration=config(output_activation=activation, loss=loss))
    assert finding.severity is ERROR
    assert finding.location.line == 2


def in_keras(loss, activation, outputs=5, logits=False, labels=None):
    code = program(framework="keras", seen=(fact(KerasLoss, from_logits=logits, labels=labels),))
    return {"configuration": config(output_activation=activation, loss=loss, head=outputs), "code": code}


def test_keras_pairs_that_fit_are_silent():
    assert silent(CHECK, **in_keras("categorical_crossentropy", "softmax", labels="one_hot"))
    assert silent(CHECK, **in_keras("sparse_categorical_crossentropy", "none", logits=True, labels="int"))
    assert silent(CHECK, **in_keras("binary_crossentropy", "sigmoid", 1))
    assert silent(CHECK, **in_keras("binary_crossentropy", "softmax", 2))
    assert silent(CHECK, **in_keras("binary_crossentropy", "sigmoid", 3, labels="one_hot"))
    assert silent(CHECK, **in_keras("binary_crossentropy", "sigmoid", 1, labels="binary"))
    assert silent(CHECK, **in_keras("sparse_categorical_crossentropy", "softmax", 3, labels="binary"))


@pytest.mark.parametrize(
    "wrong",
    [
        in_keras("binary_crossentropy", "softmax", 1),
        in_keras("binary_crossentropy", "softmax", 5),
        in_keras("categorical_crossentropy", "none"),
        in_keras("categorical_crossentropy", "softmax", labels="int"),
        in_keras("sparse_categorical_crossentropy", "softmax", labels="one_hot"),
        in_keras("binary_crossentropy", "sigmoid", 1, logits=True),
        in_keras("binary_crossentropy", "sigmoid", 3, labels="binary"),
        in_keras("binary_crossentropy", "softmax", 2, labels="int"),
        in_keras("binary_crossentropy", "sigmoid", 1, labels="one_hot"),
        in_keras("categorical_crossentropy", "softmax", 3, labels="binary"),
    ],
)
def test_keras_pairs_that_do_not_fit_are_errors(wrong):
    assert only(CHECK, **wrong).severity is ERROR


def test_whether_a_keras_loss_gets_logits_may_be_unknown():
    seen = fact(KerasLoss, from_logits=None, labels=None)
    said = config(output_activation="none", loss="categorical_crossentropy")
    assert "logits" in why_skipped(CHECK, configuration=said, code=program(framework="keras", seen=(seen,)))
