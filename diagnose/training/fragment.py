"""Parts of programs: the pieces of a training that a tutorial shows, without the lines in between."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace

from diagnose.interpreter.reader import Reader
from diagnose.interpreter.reasons import Reason
from diagnose.interpreter.values import Event, Function, Value, unknown
from diagnose.libraries.networks import architecture
from diagnose.model import HIDDEN, Location, Program, Unfollowed
from diagnose.training.fields import Fields
from diagnose.training.pytorch.network import describe, find_network
from diagnose.training.pytorch.optimizing import describe_optimizer
from diagnose.training.pytorch.sessions import Session, is_optimizer
from diagnose.training.unfollowed import unfollowed_calls

OF_THE_LOOP = ("loss", "epochs", "schedule", "batch_size", "shuffle", "input_size", "scaling", "mean", "std",
               "train_augmentations")  # fmt: skip
NOT_SHOWN = "this file does not show the training loop"


def read_fragment(reader: Reader, fields: Fields) -> Program | None:
    """The program of a file that shows a PyTorch optimizer and no training loop; None without an optimizer.

    Writes model, weights, head, frozen, optimizer, learning_rate, momentum and weight_decay into `fields`; the loop's
    settings are unknown.
    """
    events = reader.trace.calls()
    made = [event for event in events if is_optimizer(event.result) and event.name.startswith("torch.optim.")]
    if not made:
        return None
    networks = {id(event.result): event.result for event in events if architecture(event.result) is not None}
    network = next(iter(networks.values())) if len(networks) == 1 else None
    session = _session(made[-1], network)
    found = find_network(reader, session)
    if found is not None:
        describe(reader, session, found, unfollowed_calls(reader), fields)
        fields.forget("output_activation", NOT_SHOWN)
    else:
        why = "several networks are built in it" if networks else "no network is built in it"
        for name in ("model", "weights", "head", "frozen"):
            fields.unknown(name, why)
    describe_optimizer(reader, session, fields)
    for name in OF_THE_LOOP:
        fields.unknown(name, NOT_SHOWN)
    at = made[-1].at
    reader.notes.append(f"{reader.path.name} does not show the training loop: what it does is not known")
    lost = Unfollowed("the training loop, which is not shown,", at, frozenset(HIDDEN))
    return Program(framework="pytorch", unfollowed=(lost,), training=at)


def _session(made: Event, network: Value | None) -> Session:
    loss = unknown(Reason.UNREAD, NOT_SHOWN, made.at)
    return Session(made, loss, None, None, optimizers=[made.result], model=network)


def called_from_elsewhere(reader: Reader, program: Program) -> Program:
    """The program, with its caller marked as not followed where the file is a part of a larger program.

    That is where its training is in functions that nothing in it calls and that take the network, the data or the
    settings as parameters.
    """
    trains = [event for event in reader.trace if reader.registry.ask("trains", event)]
    outermost = {event.functions[0] for event in trains if event.functions}
    if not trains or not all(event.functions for event in trains) or not all(map(_is_given, outermost)):
        return program
    parts = [one for one in reader.uncalled if one in outermost]
    if len(parts) < len(outermost):
        return program
    lost = (Unfollowed(f"what calls {one.name}()", one.at, frozenset(HIDDEN) - {"zero_grad"}) for one in parts)
    return replace(program, unfollowed=(*program.unfollowed, *lost))


def _is_given(function: Function) -> bool:
    """Whether the function has parameters that its caller must give."""
    return isinstance(function.node, ast.FunctionDef) and len(function.node.args.args) > len(
        function.node.args.defaults
    )


def undefined(reader: Reader) -> Iterator[tuple[str, Location]]:
    """Names that the program uses but never defines."""
    bound = {name for source in reader.sources.values() for tree, _ in source.parts for name in _bound(tree)}
    for (path, name), value in reader.undefined.items():
        if path == reader.path and name not in bound:
            yield name, value.at


def _bound(tree: ast.AST) -> Iterator[str]:
    """Every name that a file binds somewhere."""
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                yield name
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.ExceptHandler(name=str(name)) | ast.arg(arg=name):
                yield name
            case ast.alias(name=name, asname=other):
                yield (other or name).partition(".")[0]
            case ast.Global(names=names) | ast.Nonlocal(names=names):
                yield from names
            case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                yield name


def left_out(reader: Reader, program: Program) -> Program:
    """The program, with the definitions of its undefined names marked as not followed."""
    missing = list(undefined(reader))
    if not missing:
        return program
    names = ", ".join(f"`{name}`" for name, _ in missing[:4]) + (" and others" if len(missing) > 4 else "")
    reader.notes.append(f"no line of {reader.path.name} defines {names}: what they are is not known")
    lost = (Unfollowed(f"the definition of `{name}`, used", at, frozenset(HIDDEN)) for name, at in missing)
    return replace(program, unfollowed=(*program.unfollowed, *lost))
