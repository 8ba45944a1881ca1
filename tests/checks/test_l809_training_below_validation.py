from builders import INFO, WARNING, config, history, logged, only, program, silent
from diagnose.checks.l809_training_below_validation import CHECK

BELOW = {"train_accuracy": [0.5 + 0.02 * n for n in range(12)], "val_accuracy": [0.6 + 0.02 * n for n in range(12)]}


def test_harmless_as_a_rule():
    assert only(CHECK, past=history(logged(**BELOW))).severity is INFO


def test_without_augmentation_and_dropout_it_is_suspicious():
    finding = only(
        CHECK,
        past=history(logged(**BELOW)),
        configuration=config(train_augmentations=()),
        code=program(batch_norm_or_dropout=False),
    )
    assert finding.severity is WARNING


def test_losses_where_no_training_accuracy_is_logged():
    held = [2.0 * 0.9**n for n in range(12)]
    assert only(CHECK, past=history(logged(train_loss=[1.3 * value for value in held], val_loss=held))).severity is INFO
    assert silent(CHECK, past=history(logged(train_loss=[40 * value for value in held], val_loss=held)))


def test_within_counting_noise_it_is_silent():
    assert silent(CHECK, past=history(logged(**BELOW, val_images=30)))
    near = {"train_accuracy": [0.7] * 12, "val_accuracy": [0.71] * 12}
    assert silent(CHECK, past=history(logged(**near)))
