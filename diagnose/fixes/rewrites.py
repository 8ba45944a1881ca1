"""How programs are fixed where changing a value isn't enough: a softmax taken out, gradients cleared, a line moved.

Each rewrite proposes texts. None is trusted: the caller reads the result again and takes the first in which the fault
is gone and nothing else has changed. So a rewrite may guess, and stays short.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from diagnose.fixes.in_keras import compile_again, keep_labels, mix_before_split, outputs_as_probabilities
from diagnose.fixes.loops import (
    clear_after_step,
    divide_loss,
    set_epoch,
    step_by_scaler,
    unscale_before,
    update_scaler,
)
from diagnose.fixes.orders import divide_by_batches, keep_order, sort_names
from diagnose.fixes.place import LABEL_MAKERS, Place, Rewrite, argument
from diagnose.fixes.place import called as _called
from diagnose.fixes.script import Script, Splice
from diagnose.fixes.states import activate_between, pass_training, restore_optimizer, unpack_weights
from diagnose.training.text import last_name

TO_TENSOR = ("ToTensor", "ConvertImageDtype", "ToDtype", "ToImage", "PILToTensor")
LOSSES = {  # what a loss is replaced by, by its name
    "NLLLoss": ("CrossEntropyLoss",),
    "nll_loss": ("cross_entropy",),
    "BCELoss": ("BCEWithLogitsLoss",),
    "BCEWithLogitsLoss": ("BCELoss",),
    "binary_cross_entropy": ("binary_cross_entropy_with_logits",),
    "binary_cross_entropy_with_logits": ("binary_cross_entropy",),
    "binary_crossentropy": ("categorical_crossentropy", "sparse_categorical_crossentropy"),
    "mse": ("categorical_crossentropy", "sparse_categorical_crossentropy", "binary_crossentropy"),
    "mean_squared_error": ("categorical_crossentropy", "sparse_categorical_crossentropy", "binary_crossentropy"),
    "categorical_crossentropy": ("sparse_categorical_crossentropy",),
    "sparse_categorical_crossentropy": ("categorical_crossentropy",),
}
NEW_NAMES = {"fit_generator": "fit", "evaluate_generator": "evaluate", "predict_generator": "predict",
             "Scale": "Resize", "RandomSizedCrop": "RandomResizedCrop"}  # fmt: skip
LABEL_MODES = ("class_mode", "label_mode")
SEEDS = {  # how each library is imported as a rule, and its seed
    "torch": ("import torch", "torch.manual_seed(0)"),
    "keras": ("import keras", "keras.utils.set_random_seed(0)"),
    "tensorflow": ("import tensorflow as tf", "tf.keras.utils.set_random_seed(0)"),
}


def clear_gradients(at: Place) -> Iterator[str]:
    """Put zero_grad() ahead of the statement on the line, for each optimizer stepped in the same loop."""
    script = at.script
    statement = script.statement(at.line)
    if statement is None:
        return
    around = next((one for one in script.above(statement) if isinstance(one, ast.For | ast.While)), script.tree)
    for owner in dict.fromkeys(_owners(script, around, "step")):
        yield script.spliced([script.before(statement, f"{owner}.zero_grad()")])


def move_before_backward(at: Place) -> Iterator[str]:
    """Move the statement on the line ahead of the last backward() above it."""
    script = at.script
    statement = script.statement(at.line)
    calls = [call for call in _calls(script.tree, "backward") if call.lineno < at.line]
    if statement is None or not calls or not script.alone(statement):
        return
    target = script.statement(max(call.lineno for call in calls))
    if target is not None:
        yield script.spliced([script.deleted(statement), script.before(target, script.source(statement))])


def delete_statement(at: Place) -> Iterator[str]:
    """Delete the statement on the line, where it stands alone on its lines."""
    statement = at.script.statement(at.line)
    if statement is not None and at.script.alone(statement):
        yield at.script.spliced([at.script.deleted(statement)])


def drop_softmax(at: Place) -> Iterator[str]:
    """Take out the softmax: a function, a method, a layer of a Sequential, or an activation by name."""
    script = at.script
    for call in script.nodes(ast.Call, at.line):
        name = _called(call)
        if name == "softmax" and call.args and not isinstance(call.args[0], ast.Constant):
            yield script.spliced([script.replaced(call, script.source(call.args[0]))])
        if name == "softmax" and isinstance(call.func, ast.Attribute):
            yield script.spliced([script.replaced(call, script.source(call.func.value))])
        softmaxes = [one for one in call.args if isinstance(one, ast.Call) and _called(one) == "Softmax"]
        for one in softmaxes:
            yield script.spliced([script.without_item(one, [arg for arg in call.args if arg is not one])])
        for keyword in call.keywords:
            if keyword.arg == "activation" and _constant(keyword.value) == "softmax":
                others = [*call.args, *(other for other in call.keywords if other is not keyword)]
                yield script.spliced([script.without_item(keyword, others)])


def keep_number(at: Place) -> Iterator[str]:
    """Put .item() behind what is added to a sum or appended to a list."""
    script = at.script
    kept: list[ast.expr] = []
    statement = script.statement(at.line)
    if isinstance(statement, ast.AugAssign):
        kept.append(statement.value)
    elif isinstance(statement, ast.Assign) and isinstance(statement.value, ast.BinOp):
        kept += [statement.value.right, statement.value.left]
    kept += [call.args[0] for call in script.nodes(ast.Call, at.line) if _called(call) == "append" and call.args]
    for one in kept:
        for inner in (one, *(child for child in ast.iter_child_nodes(one) if isinstance(child, ast.expr))):
            if isinstance(inner, ast.Name | ast.Attribute | ast.Call):
                yield script.spliced([script.behind(inner, ".item()")])


def normalise(at: Place) -> Iterator[str]:
    """Put Normalize, with the fix's mean and std, behind the step that makes a tensor of the image."""
    script = at.script
    mean, std = (
        next((at.values[name] for name in (name, f"val_{name}") if name in at.values), None) for name in ("mean", "std")
    )
    grey = [argument(call, 0, "num_output_channels") for call in _calls(script.tree, "Grayscale")]
    if not mean or not std or any(channels is None or _constant(channels) != 3 for channels in grey):
        return  # three means do not fit one channel
    imported = {alias.asname or alias.name for node in ast.walk(script.tree) if isinstance(node, ast.ImportFrom)
                for alias in node.names}  # fmt: skip

    def normalised(call: ast.Call) -> list[Splice]:
        prefix = script.source(call.func).removesuffix(_called(call))
        step = f"{prefix}Normalize(mean={list(mean)}, std={list(std)})"
        return [script.behind(call, f", {step}")] if prefix or "Normalize" in imported else []

    inside = [call for outer in script.nodes(ast.Call, at.line) for call in _ending_in_tensors(outer)]
    for call in dict.fromkeys(inside):
        yield script.spliced(normalised(call))
    lists = [node for node in ast.walk(script.tree) if isinstance(node, ast.List)]
    bare = [one for one in lists if not any(_called(call) == "Normalize" for call in _elements(one))]
    yield script.spliced(splice for one in bare for call in _ending_in_tensors(one) for splice in normalised(call))


def modern_name(at: Place) -> Iterator[str]:
    """Replace an argument or function that a library removed by its new name."""
    script = at.script
    for call in script.nodes(ast.Call, at.line):
        name = _called(call)
        if name in NEW_NAMES:
            yield script.spliced([_renamed(script, call.func, NEW_NAMES[name])])
        for keyword in call.keywords:
            if keyword.arg == "pretrained" and isinstance(_constant(keyword.value), bool):
                weights = 'weights="DEFAULT"' if _constant(keyword.value) else "weights=None"
                yield script.spliced([script.replaced(keyword, weights)])
            if keyword.arg == "lr":
                yield script.spliced([script.replaced(keyword, f"learning_rate={script.source(keyword.value)}")])


def set_seed(at: Place) -> Iterator[str]:
    """Put a seed behind the program's imports, by the library that it imports."""
    script = at.script
    imports = [node for node in script.tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {alias.name: alias.asname or alias.name for node in imports for alias in node.names}
    packages = {(node.module or "").partition(".")[0] for node in imports if isinstance(node, ast.ImportFrom)}
    for library, (line, code) in SEEDS.items():
        if library in names:
            yield script.spliced([script.after(imports[-1], f"{names[library]}.{code.partition('.')[2]}")])
        elif library in packages:
            yield script.spliced([script.after(imports[-1], line), script.after(imports[-1], code)])


def evaluate_in_eval_mode(at: Place) -> Iterator[str]:
    """Put eval() ahead of the loop that validates, alone and with train() behind it."""
    script = at.script
    loop = _loop(script, at.line)
    if loop is None:
        return
    networks = [script.source(call.func) for call in script.nodes(ast.Call, at.line)
                if isinstance(call.func, ast.Name | ast.Attribute)]  # fmt: skip
    for network in dict.fromkeys(networks):
        yield script.spliced([script.before(loop, f"{network}.eval()")])
        yield script.spliced([script.before(loop, f"{network}.eval()"), script.after(loop, f"{network}.train()")])


def train_in_train_mode(at: Place) -> Iterator[str]:
    """Make train() the first statement of a loop around the call of eval()."""
    script = at.script
    statement = script.statement(at.line)
    if statement is None:
        return
    for around in script.above(statement):
        if isinstance(around, ast.For | ast.While):
            for owner in _owners(script, statement, "eval"):
                yield script.spliced([script.before(around.body[0], f"{owner}.train()")])


def without_gradients(at: Place) -> Iterator[str]:
    """Put the loop that validates in torch.no_grad()."""
    loop = _loop(at.script, at.line)
    long = loop is not None and any(isinstance(node, ast.Constant) and isinstance(node.value, str)
                                    and node.lineno != node.end_lineno for node in ast.walk(loop))  # fmt: skip
    if loop is not None and not long:
        yield at.script.spliced([at.script.indented(loop, "with torch.no_grad():")])


def schedule_by_epoch(at: Place) -> Iterator[str]:
    """Move the statement on the line behind a loop that it stands in."""
    script = at.script
    statement = script.statement(at.line)
    if statement is None or not script.alone(statement):
        return
    for around in script.above(statement):
        if isinstance(around, ast.For | ast.While):
            yield script.spliced([script.deleted(statement), script.after(around, script.source(statement))])


def step_after_optimizer(at: Place) -> Iterator[str]:
    """Move the statement on the line behind the next one that steps something."""
    script = at.script
    statement = script.statement(at.line)
    later = [call for call in _calls(script.tree, "step") if call.lineno > at.line]
    if statement is None or not later or not script.alone(statement):
        return
    target = script.statement(min(call.lineno for call in later))
    if target is not None:
        yield script.spliced([script.deleted(statement), script.after(target, script.source(statement))])


def replace_loss(at: Place) -> Iterator[str]:
    """Replace the loss by those that fit the network's outputs, one at a time."""
    script = at.script
    for call in script.nodes(ast.Call, at.line):
        for new in LOSSES.get(_called(call), ()):
            yield script.spliced([_renamed(script, call.func, new)])
    for constant in script.nodes(ast.Constant, at.line):
        for new in LOSSES.get(str(constant.value), ()):
            yield script.spliced([script.replaced(constant, f'"{new}"')])


def single_output(at: Place) -> Iterator[str]:
    """Replace the softmax of a layer of one output by a sigmoid."""
    script = at.script
    for call in (node for node in ast.walk(script.tree) if isinstance(node, ast.Call)):
        units = argument(call, 0, "units", "filters")
        for keyword in call.keywords:
            softmax = keyword.arg == "activation" and _constant(keyword.value) == "softmax"
            if softmax and units is not None and _constant(units) in (None, 1):
                yield script.spliced([script.replaced(keyword.value, '"sigmoid"')])


def outputs_for_classes(at: Place) -> Iterator[str]:
    """Give a Keras head of one output as many as there are classes: units, softmax, loss and label mode.

    Nothing where another trace of two classes would stay, such as a threshold.
    """
    script, classes = at.script, at.values.get("head")
    head = next((call for call in script.nodes(ast.Call, at.line) if _called(call) in ("Dense", "Conv2D")), None)
    units = head and argument(head, 0, "units", "filters")
    if head is None or units is None or _constant(units) != 1 or not isinstance(classes, int):
        return
    labels = _one_hot_labels(script)
    if labels is None or _threshold(script):
        return
    changes = [script.replaced(units, str(classes)), *labels, *_to_softmax(script, head)]
    for node in ast.walk(script.tree):
        name = node.value if isinstance(node, ast.Constant) else None
        if name == "binary_crossentropy":
            changes.append(script.replaced(node, '"categorical_crossentropy"'))
        elif name == "binary_accuracy":
            changes.append(script.replaced(node, '"accuracy"'))
        elif isinstance(node, ast.Name | ast.Attribute) and last_name(node) == "BinaryCrossentropy":
            changes.append(_renamed(script, node, "CategoricalCrossentropy"))
        elif isinstance(node, ast.Name | ast.Attribute) and last_name(node) == "BinaryAccuracy":
            changes.append(_renamed(script, node, "CategoricalAccuracy"))
    yield script.spliced(dict.fromkeys(changes))


def _one_hot_labels(script: Script) -> list[Splice] | None:
    """Every call that makes labels of folders or of a table, made to give one-hot ones; None where one of them cannot,
    or where there is none and labels come from elsewhere."""
    loaders = [call for name in LABEL_MAKERS for call in _calls(script.tree, name)]
    changes = []
    for call in loaders:
        mode = next((keyword.value for keyword in call.keywords if keyword.arg in LABEL_MODES), None)
        if mode is None:
            if _called(call) == "image_dataset_from_directory":  # whole numbers by default
                changes.append(script.added_argument(call, 'label_mode="categorical"'))
        elif _constant(mode) in ("binary", "sparse", "int"):
            changes.append(script.replaced(mode, '"categorical"'))
        elif not isinstance(mode, ast.Constant):
            return None
    return changes if loaders else None


def _to_softmax(script: Script, head: ast.Call) -> list[Splice]:
    """The head's own activation, else that of the first layer behind it that is one."""
    own = argument(head, 1 if _called(head) == "Dense" else -1, "activation")
    if own is not None:
        return [script.replaced(own, '"softmax"')]
    behind = [
        call.args[0]
        for call in _calls(script.tree, "Activation")
        if call.lineno >= head.lineno and call.args and _constant(call.args[0]) == "sigmoid"
    ]
    return (
        [script.replaced(behind[0], '"softmax"')] if behind else [script.added_argument(head, 'activation="softmax"')]
    )


def _threshold(script: Script) -> bool:
    """Whether the program cuts predictions at a half, or otherwise counts on one number for each image."""
    halves = any(
        isinstance(node, ast.Compare) and any(_constant(one) == 0.5 for one in node.comparators)
        for node in ast.walk(script.tree)
    )
    words = ("predict_classes", "round", "rint", "AUC", "BinaryFocalCrossentropy", "roc_curve", "roc_auc_score")
    return halves or any(_calls(script.tree, word) for word in words)


def not_in_place_of_invert(at: Place) -> Iterator[str]:
    """Put `not` in place of the ~ on the line."""
    script = at.script
    for node in script.nodes(ast.UnaryOp, at.line):
        if isinstance(node.op, ast.Invert):
            yield script.spliced([script.replaced(node, f"(not {script.source(node.operand)})")])
            yield script.spliced([script.replaced(node, f"not {script.source(node.operand)}")])


def order_transforms(at: Place) -> Iterator[str]:
    """Move the step on the line to each other place in its list, the nearest first."""
    script = at.script
    for call in script.nodes(ast.Call, at.line):
        holder = next(iter(script.above(call)), None)
        items = holder.elts if isinstance(holder, ast.List | ast.Tuple) else []
        if call not in items:
            continue
        own = items.index(call)
        texts = [script.source(item) for item in items]
        for target in sorted(range(len(items)), key=lambda place: abs(place - own)):
            moved = texts[:own] + texts[own + 1 :]
            moved.insert(target, texts[own])
            if target != own:
                pairs = zip(items, moved, strict=True)
                yield script.spliced([script.replaced(item, text) for item, text in pairs])


REWRITES: dict[str, Rewrite] = {
    one.__name__.replace("_", "-"): one
    for one in (clear_gradients, move_before_backward, delete_statement, drop_softmax, keep_number, normalise,
                modern_name, set_seed, evaluate_in_eval_mode, train_in_train_mode, without_gradients,
                schedule_by_epoch, replace_loss, single_output, outputs_for_classes, order_transforms,
                compile_again, keep_labels, mix_before_split, outputs_as_probabilities, sort_names, keep_order,
                divide_by_batches,
                restore_optimizer, unpack_weights, pass_training, activate_between,
                divide_loss, clear_after_step, unscale_before, update_scaler, step_by_scaler, set_epoch,
                not_in_place_of_invert, step_after_optimizer)
}  # fmt: skip

TOUCHED = {  # the fields that a rewrite may change beside those that the fix sets
    "schedule-by-epoch": ("schedule_options",),
    "drop-softmax": ("output_activation",),
    "single-output": ("output_activation",),
    "outputs-as-probabilities": ("output_activation",),
    "outputs-for-classes": ("output_activation", "loss"),
    "replace-loss": ("loss",),
    "set-seed": ("seed",),
    "modern-name": ("weights",),
    "order-transforms": ("scaling", "mean", "std", "val_scaling", "val_mean", "val_std"),
}
AT_ENTRY = ("set-seed",)  # rewrites of the program's own file, wherever the fault was seen


def _calls(within: ast.AST, name: str) -> list[ast.Call]:
    return [node for node in ast.walk(within) if isinstance(node, ast.Call) and _called(node) == name]


def _elements(of: ast.List) -> list[ast.Call]:
    return [one for one in of.elts if isinstance(one, ast.Call)]


def _ending_in_tensors(within: ast.AST) -> list[ast.Call]:
    """In each list of steps the last that makes a tensor of an image, or changes its type."""
    lists = [node for node in ast.walk(within) if isinstance(node, ast.List)]
    steps = ([call for call in _elements(one) if _called(call) in TO_TENSOR] for one in lists)
    return [made[-1] for made in steps if made]


def _owners(script: Script, within: ast.AST, method: str) -> list[str]:
    """What a method is called on."""
    return [script.source(call.func.value) for call in _calls(within, method) if isinstance(call.func, ast.Attribute)]


def _renamed(script: Script, func: ast.expr, name: str) -> Splice:
    owner = f"{script.source(func.value)}." if isinstance(func, ast.Attribute) else ""
    return script.replaced(func, f"{owner}{name}")


def _constant(node: ast.expr) -> object:
    return node.value if isinstance(node, ast.Constant) else None


def _loop(script: Script, line: int) -> ast.stmt | None:
    """The loop that the line stands in, or a statement whose comprehension is one."""
    statement = script.statement(line)
    if statement is None or any(isinstance(node, ast.comprehension) for node in ast.walk(statement)):
        return statement
    return next((one for one in (statement, *script.above(statement)) if isinstance(one, ast.For | ast.While)),
                statement)  # fmt: skip
