"""The form of the labels that a program trains on: one-hot or integers, and the arithmetic on them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from diagnose.interpreter.values import Const, Either, Items, Thing, Value, plain
from diagnose.model import Location
from diagnose.training.fields import ancestors

ONE_HOT = ("to_categorical", "one_hot", "get_dummies", "label_binarize")
ENCODERS = {"LabelBinarizer": "one_hot", "OneHotEncoder": "one_hot", "LabelEncoder": "int", "OrdinalEncoder": "int"}
WHOLE = ("argmax", "factorize", "codes", "builtins.int", "index")
COUNTED = ("zeros", "ones", "full", "arange", "zeros_like", "ones_like")
# Calls that keep the form of labels: of their first argument, or of their object.
KEPT = frozenset((
    "array", "asarray", "astype", "reshape", "ravel", "flatten", "squeeze", "convert_to_tensor", "constant", "cast",
    "float32", "float64", "int32", "int64", "copy", "to_numpy", "numpy", "tolist", "values", "toarray", "expand_dims",
    "as_tensor", "tensor", "from_numpy", "list", "tuple", "float", "long", "to", "shuffle",
))  # fmt: skip
JOINED = ("concatenate", "concat", "hstack", "vstack", "append", "stack", "r_")
FULL_SCALE = (254.0, 256.0)


@dataclass
class Labels:
    """What is known about labels. form: one_hot, int or binary, with its place; scaled: where they are divided by 255;
    smoothed: where label smoothing is applied."""

    form: tuple[str, Location] | None = None
    scaled: Location | None = None
    smoothed: Location | None = None


def labels_of(value: Value | None, start: Value | None = None, before: Labels | None = None) -> Labels:
    """The form of labels, followed back to their source; empty where it is unknown.

    start: the value that represents the input labels, whose form is `before`, where a function is followed.
    """
    found = Labels()
    for one in _back(value, start):
        if start is not None and one is start:
            known = before or Labels()
            return Labels(found.form or known.form, found.scaled or known.scaled, found.smoothed or known.smoothed)
        if isinstance(one, Thing) and one.name in ("op/", "op*"):
            found.scaled = found.scaled or _by_255(one)
        if isinstance(one, Thing) and one.name == "op+" and _smooths(one):
            found.smoothed = found.smoothed or one.at
        found.form = found.form or _form(one)
        if found.form is not None and start is None and not isinstance(one, Thing):
            break
    return found


def _back(value: Value | None, start: Value | None) -> Iterator[Value]:
    """Labels, and the values they were computed from, one step at a time."""
    for _ in range(40):
        if value is None:
            return
        yield value
        if value is start:
            return
        value = _source(value, start)


def _source(value: Value, start: Value | None) -> Value | None:
    """The value that labels were computed from; None where unknown."""
    if isinstance(value, Either) and value.options:
        return value.options[0] if len({_word(one) for one in value.options}) == 1 else None
    if not isinstance(value, Thing):
        return None
    base, first = value.base, value.args[0] if value.args else None
    if value.name in ("[]", "[:]", "item"):
        if isinstance(base, Thing) and base.short == "train_test_split" and value.args:
            place = plain(value.args[0])
            return base.args[place // 2] if isinstance(place, int) and 0 <= place // 2 < len(base.args) else None
        return base
    if value.name.startswith("op") and len(value.args) == 2:
        reaching = [one for one in value.args if start is not None and any(a is start for a in ancestors(one, 100))]
        return reaching[0] if reaching else value.args[1] if isinstance(first, Const) else first
    if value.short in JOINED and isinstance(first, Items) and first.items:
        return first.items[0]
    if value.name.startswith("."):
        return base if value.short in KEPT or value.short in ONE_HOT else None
    if value.short in KEPT or value.short in ONE_HOT:
        return first
    return None


def _form(value: Value) -> tuple[str, Location] | None:
    form = _word(value)
    return (form, value.at) if form is not None else None


def _word(value: Value) -> str | None:
    """The form of labels that a step alone determines."""
    if isinstance(value, Items):
        forms = {_word_of_item(one) for one in value.items}
        return forms.pop() if len(forms) == 1 else None
    if not isinstance(value, Thing):
        return None
    if value.short in ONE_HOT:
        return "one_hot"
    if value.name == "[]" and isinstance(value.base, Thing) and value.base.short in ("eye", "identity"):
        return "one_hot"
    if value.name in (".fit_transform", ".transform"):
        return ENCODERS.get(_encoder(value.base))
    if value.short in WHOLE or value.name in WHOLE:
        return "int"
    if value.short in COUNTED and value.package in ("numpy", "tensorflow", "keras"):
        shape = value.args[0] if value.args else None
        return "int" if not isinstance(shape, Items) or len(shape.items) == 1 else None
    if value.name == "[]" and plain(value.args[0]) == 1:
        whole = value.base.base if isinstance(value.base, Thing) else None  # of (x, y), (x, y) = load_data()
        return "int" if isinstance(whole, Thing) and whole.short == "load_data" and whole.package == "keras" else None
    return None


def _word_of_item(value: Value) -> str | None:
    """The form of the labels in a list, from one of its items."""
    if isinstance(value, Items):
        numbers = plain(value)
        zeros_and_one = isinstance(numbers, list | tuple) and sorted(map(str, numbers)) == ["0"] * (
            len(numbers) - 1
        ) + ["1"]
        return "one_hot" if zeros_and_one and len(value.items) > 1 else None
    data = plain(value)
    if isinstance(data, int) and not isinstance(data, bool):
        return "int"
    return _word(value) if isinstance(value, Thing) else None


def _encoder(value: Value | None) -> str:
    """The class of scikit-learn's encoder, fitted or not."""
    for _ in range(4):
        if not isinstance(value, Thing):
            return ""
        if value.name[:1].isalpha():
            return value.short
        value = value.base
    return ""


def _by_255(value: Thing) -> Location | None:
    if len(value.args) != 2:
        return None
    numbers = [plain(one) for one in value.args]
    number = numbers[1] if value.name == "op/" else next((one for one in numbers if isinstance(one, float)), None)
    if isinstance(number, bool) or not isinstance(number, int | float) or not number:
        return None
    divisor = number if value.name == "op/" else 1 / number
    return value.at if FULL_SCALE[0] <= divisor <= FULL_SCALE[1] else None


def _smooths(value: Thing) -> bool:
    """Whether a value is y * (1 - a) + a / n."""
    share = plain(value.args[1])
    if isinstance(share, bool) or not isinstance(share, int | float):
        share = None if not isinstance(value.args[1], Thing) else 0.05
    scaled = value.args[0]
    if share is None or not 0 < share < 0.5 or not isinstance(scaled, Thing) or scaled.name != "op*":
        return False
    factor = next((n for one in scaled.args if isinstance(n := plain(one), float)), None)
    return factor is not None and 0.5 < factor < 1
