"""The losses that classifiers are trained with: what outputs and what labels each expects, and its names."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from diagnose.catalogue.names import key


class Expects(StrEnum):
    """What a loss takes the network's outputs for."""

    LOGITS = "raw outputs"
    LOG_PROBABILITIES = "log-probabilities"
    PROBABILITIES = "probabilities"
    VALUES = "values of any range"


class Labels(StrEnum):
    """The form of the labels: class numbers, a row with a one, or a row with any number of ones."""

    WHOLE = "whole numbers"
    ONE_HOT = "one-hot"
    SEVERAL = "several labels"


@dataclass(frozen=True)
class Loss:
    """One loss.

    torch: classes and functions in torch.nn, timm and torchvision; keras: classes, functions and words in Keras.
    expects: of a Keras loss without from_logits. unsupported: why the probes cannot train with it, "" where they can.
    """

    name: str
    expects: Expects
    labels: Labels
    torch: tuple[str, ...] = ()
    keras: tuple[str, ...] = ()
    unsupported: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """Every name of the loss in torch, timm, torchvision and Keras but the canonical one."""
        return (*self.torch, *self.keras)


LOGITS, VALUES, PROBABILITIES = Expects.LOGITS, Expects.VALUES, Expects.PROBABILITIES
WHOLE, ONE_HOT, SEVERAL = Labels
REGRESSION = "it compares values, not classes"

LOSSES = (
    Loss("cross_entropy", LOGITS, WHOLE,
         ("CrossEntropyLoss", "cross_entropy", "LabelSmoothingCrossEntropy", "SoftTargetCrossEntropy",
          "softmax_cross_entropy")),
    Loss("jsd", LOGITS, WHOLE, ("JsdCrossEntropy",), unsupported="it compares three augmented views of each image"),
    Loss("nll", Expects.LOG_PROBABILITIES, WHOLE, ("NLLLoss", "nll_loss")),
    Loss("bce", PROBABILITIES, SEVERAL, ("BCELoss", "binary_cross_entropy")),
    Loss("bce_with_logits", LOGITS, SEVERAL,
         ("BCEWithLogitsLoss", "binary_cross_entropy_with_logits", "BinaryCrossEntropy")),
    Loss("multilabel_soft_margin", LOGITS, SEVERAL, ("MultiLabelSoftMarginLoss", "multilabel_soft_margin_loss")),
    Loss("sigmoid_focal", LOGITS, SEVERAL, ("sigmoid_focal_loss", "SigmoidFocalLoss")),
    Loss("focal", LOGITS, WHOLE),
    Loss("mse", VALUES, ONE_HOT, ("MSELoss", "mse_loss")),
    Loss("l1", VALUES, ONE_HOT, ("L1Loss", "l1_loss")),
    Loss("smooth_l1", VALUES, ONE_HOT, ("SmoothL1Loss", "smooth_l1_loss")),
    Loss("huber", VALUES, ONE_HOT, ("HuberLoss", "huber_loss")),
    Loss("multi_margin", LOGITS, WHOLE, ("MultiMarginLoss", "multi_margin_loss")),
    Loss("kl_div", Expects.LOG_PROBABILITIES, ONE_HOT, ("KLDivLoss", "kl_div"),
         unsupported="its targets are distributions"),
    Loss("asymmetric", LOGITS, SEVERAL, ("AsymmetricLossMultiLabel", "AsymmetricLossSingleLabel"),
         unsupported="its weights of easy negatives aren't read"),
    Loss("poly", LOGITS, WHOLE, ("Poly1CrossEntropyLoss", "PolyLoss"), unsupported="its epsilon isn't read"),
    Loss("categorical_crossentropy", PROBABILITIES, ONE_HOT, keras=("CategoricalCrossentropy",)),
    Loss("sparse_categorical_crossentropy", PROBABILITIES, WHOLE, keras=("SparseCategoricalCrossentropy",)),
    Loss("binary_crossentropy", PROBABILITIES, SEVERAL, keras=("BinaryCrossentropy",)),
    Loss("categorical_focal_crossentropy", PROBABILITIES, ONE_HOT, keras=("CategoricalFocalCrossentropy",)),
    Loss("binary_focal_crossentropy", PROBABILITIES, SEVERAL, keras=("BinaryFocalCrossentropy",),
         unsupported="its weights of the two classes aren't read"),
    Loss("mean_squared_error", VALUES, ONE_HOT, keras=("MeanSquaredError",)),
    Loss("mean_absolute_error", VALUES, ONE_HOT, keras=("mae", "MeanAbsoluteError")),
    Loss("kl_divergence", PROBABILITIES, ONE_HOT, keras=("KLDivergence", "kld", "kullback_leibler_divergence")),
    Loss("hinge", VALUES, SEVERAL, keras=("Hinge",), unsupported="its labels are -1 and 1"),
    Loss("squared_hinge", VALUES, SEVERAL, keras=("SquaredHinge",), unsupported="its labels are -1 and 1"),
    Loss("categorical_hinge", VALUES, ONE_HOT, keras=("CategoricalHinge",), unsupported=REGRESSION),
    Loss("cosine_similarity", VALUES, ONE_HOT, keras=("CosineSimilarity",), unsupported=REGRESSION),
    Loss("poisson", VALUES, ONE_HOT, keras=("Poisson",), unsupported=REGRESSION),
    Loss("log_cosh", VALUES, ONE_HOT, keras=("LogCosh",), unsupported=REGRESSION),
    Loss("dice", PROBABILITIES, SEVERAL, keras=("Dice",), unsupported="it compares areas"),
)  # fmt: skip

BY_NAME = {name: loss for loss in LOSSES for name in (loss.name, *loss.names)}
# Words that mean one loss in torch and another in timm or Keras, such as binarycrossentropy, belong to neither.
_KEYS = [(key(name), loss) for name, loss in BY_NAME.items()]
BY_KEY = {word: loss for word, loss in _KEYS if all(other is loss for same, other in _KEYS if same == word)}
# The functions and classes of torch, timm and torchvision, by their exact names.
TORCH = {name: loss.name for loss in LOSSES for name in loss.torch}
# Two words that mean one thing in torch and another in Keras.
KERAS_WORDS = {"mse": "mean_squared_error", "bce": "binary_crossentropy"} | {
    name: loss.name for loss in LOSSES for name in loss.keras if name.islower()
}
# What a loss may take beside outputs and labels, in configuration files and in what is read of programs.
OPTIONS = ("label_smoothing", "class_weights", "gamma", "alpha", "from_logits")


def find(name: str | None) -> Loss | None:
    """The loss of that name; None for one that is not in the catalogue, such as a program's own."""
    return (BY_NAME.get(name) or BY_KEY.get(key(name))) if name else None


# What outputs may go through before the loss.
ACTIVATIONS = ("none", "softmax", "log_softmax", "sigmoid", "log_sigmoid", "relu", "tanh")
