"""Follows a program as Python would, with values that may be unknown: the statements, calls and imports.

Nothing is imported or executed. Both sides of a condition that is only known at run time are read. A loop is read
once, or item by item over a short, known list. Calls of libraries are recorded as events.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from diagnose.interpreter import calls, expressions, imports, statements
from diagnose.interpreter.commandline import Option
from diagnose.interpreter.overlay import Registry
from diagnose.interpreter.source import SourceFile, read_source
from diagnose.interpreter.trace import Trace
from diagnose.interpreter.values import (
    MISSING,
    Call,
    Class,
    Const,
    Event,
    Function,
    Guard,
    Loop,
    Module,
    Scope,
    Thing,
    Value,
    either,
)
from diagnose.model import Location

MOST_STEPS = 250_000  # expressions and statements; about half a second


class Exhausted(Exception):
    """The program is too large to follow: `most_steps` is reached."""


class Reader:
    """One program being read. `trace`: what it does, in order; `notes`: what could not be followed."""

    def __init__(self, path: Path, registry: Registry, arguments: tuple[str, ...] = ()) -> None:
        """registry: the libraries that are known."""
        self.registry = registry
        self.path, self.root, self.arguments = path, path.parent, arguments
        self.modules: dict[Path, Module] = {}
        self.sources: dict[Path, SourceFile] = {}
        self.trace = Trace()
        self.notes: list[str] = []
        self.libraries: set[str] = set()
        self.found_modules: dict[tuple[str, int, Path], Path | None] = {}
        self.options: list[Option] = []
        self.memory: dict[str, Value] = {}  # what overlays keep between calls
        self.unused_results: set[tuple[str, int | None, int]] = set()  # calls whose result nothing uses
        self.open_calls: set[Location] = set()  # calls with **arguments that are not all known
        self.assumed: dict[str, str] = {}  # assumed values of names that a snippet does not define
        self.guessed: dict[str, str] = {}  # those of them that the snippet uses
        self.pasted = False  # whether it is a snippet
        self.undefined: dict[tuple[Path, str], Value] = {}  # names that are used but not defined so far
        self.replaced: list[tuple[str, Value, Value]] = []  # constants that a later line replaced unread
        self.placed: dict[tuple[Value, Value], Value] = {}  # items that were set at an index known at run time only
        self.loops: list[Loop] = []
        self.guards: list[Guard] = []
        self.contexts: list[Value] = []
        self.functions: list[Function] = []
        self.frames: list[list[Value]] = []
        self.scopes: list[Scope] = []
        self.journal: list[tuple[dict[Any, Any], Any, Any]] = []
        self.fresh: dict[tuple[int, str], Value] = {}  # names assigned a constant and not read since
        self.uncalled: list[Function] = []  # functions that nothing calls, read by themselves
        self.generators: set[int] = set()  # functions that contain a yield
        self.steps, self.most_steps, self.branches = 0, MOST_STEPS, 0
        self.exhausted = False
        self.file = path.name
        self.cell: int | None = None

    # ------------------------------------------------------------------ the whole program

    def read(self) -> None:
        """Read the program: what it does goes into `trace`, what could not be followed into `notes`.

        `exhausted` is set where it is too large to be read whole. Raises InputError where the program's own file is not
        readable Python, or where the command line does not fit the program.
        """
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(max(limit, 12_000))
        try:
            source = read_source(self.path, str(self.path), comments=True, pasted=self.pasted)
            self.most_steps += imports.PER_LINE * source.lines
            module = self.module(source, "__main__")
            self._finish(module)
        except Exhausted:
            self.exhausted = True
            self.notes.append("the program is larger than what is followed, so its end was not read")
        finally:
            self.most_steps = self.steps + MOST_STEPS  # for later look-ups
            sys.setrecursionlimit(limit)

    def module(self, source: SourceFile, name: str) -> Module:
        """Read one file of the program as a module called `name`."""
        module = Module(Location(source.file, 1), name, source.path)
        module.names["__name__"] = Const(module.at, name)
        module.names["__file__"] = Const(module.at, str(source.path))
        self.modules[source.path.resolve()] = module
        self.sources[source.path.resolve()] = source
        self.notes += source.notes
        scope = Scope(module.names, module)
        before = self.file, self.cell
        for tree, cell in source.parts:
            self.file, self.cell = source.file, cell
            if self.body(tree.body, scope) == "raise":
                break
        self.file, self.cell = before
        return module

    def _finish(self, module: Module) -> None:
        """Read functions that nothing called, where the program itself trains nothing."""
        if any(self.registry.ask("trains", event) for event in self.trace):
            return
        if self.registry.ask("finishes", self, module):
            return
        used = self._used(module)
        for _, value in sorted(module.names.items(), key=lambda item: item[0] in used):
            if isinstance(value, Function) and not value.called and not value.native and value.scope.module is module:
                self.notes.append(f"nothing calls {value.name}() in {module.path.name}, so it was read by itself")
                self.uncalled.append(value)
                self.call(value, Call((), {}, value.at))
            elif isinstance(value, Class) and not value.made and self.registry.ask("unmade", self, value):
                self.notes.append(f"nothing makes a {value.name} in {module.path.name}, so it was read by itself")

    def _used(self, module: Module) -> set[str]:
        """The module's functions that its other functions or classes mention: their callers are read first."""
        return {
            node.id
            for name, other in module.names.items()
            if isinstance(other, Function | Class) and other.scope.module is module
            for node in ast.walk(other.node)
            if isinstance(node, ast.Name) and node.id != name
        }

    # ------------------------------------------------------------------ places and stores

    def at(self, node: ast.AST) -> Location:
        """The place of a syntax node in the file and cell being read."""
        return Location(self.file, getattr(node, "lineno", None), self.cell)

    def ends(self, result: Thing) -> bool:
        """Whether the call with this result ends the program."""
        return result.name == "raised" or result.name in self.registry.ends

    def is_open(self, at: Location) -> bool:
        """Whether the call at a place may have more arguments than are known."""
        return at in self.open_calls

    def step(self) -> None:
        """Count one step of reading. Raises Exhausted past `most_steps`."""
        self.steps += 1
        if self.steps > self.most_steps:
            raise Exhausted

    def write(self, store: dict[Any, Any], key: Any, value: Any) -> None:
        """Set store[key], journalled so that both sides of a condition can be read from one state."""
        self.journal.append((store, key, store.get(key, MISSING)))
        store[key] = value

    def local(self, name: str) -> Value | None:
        """The value of a local name of the function being read; None outside a function or without a value."""
        return self.scopes[-1].names.get(name) if self.scopes else None

    def event(self, kind: str, name: str, target: Value | None, call: Call, result: Value) -> None:
        """Record an event with its surrounding loops, conditions and functions."""
        self.trace.append(
            Event(
                kind,
                name,
                target,
                call.args,
                call.kwargs,
                result,
                call.at,
                len(self.trace),
                tuple(self.loops),
                tuple(self.guards),
                tuple(self.contexts),
                tuple(self.functions),
            )
        )

    def branch(self, at: Location, sides: Sequence[Callable[[], str | None]], test: Value | None = None) -> str | None:
        """Read each side of a condition from the same state, then join the resulting values.

        test: the condition. Returns how the sides end, as `body` does.
        """
        self.branches += 1
        number = self.branches
        left: list[tuple[str | None, dict[tuple[int, Any], tuple[dict[Any, Any], Any, Any]]]] = []
        for side, read in enumerate(sides):
            mark = len(self.journal)
            self.guards.append(Guard(number, bool(side), at, test))
            signal = read()
            self.guards.pop()
            changed = {(id(store), key): (store, key, store.get(key, MISSING)) for store, key, _ in self.journal[mark:]}
            for store, key, old in reversed(self.journal[mark:]):
                if old is MISSING:
                    store.pop(key, None)
                else:
                    store[key] = old
            del self.journal[mark:]
            left.append((signal, changed))
        alive = [item for item in left if item[0] is None] or [item for item in left if item[0] != "raise"]
        if not alive:
            return "raise"
        for slot in dict.fromkeys(slot for _, changed in alive for slot in changed):
            store, key = next(changed[slot][:2] for _, changed in alive if slot in changed)
            values = [changed[slot][2] if slot in changed else store.get(key, MISSING) for _, changed in alive]
            self.write(store, key, self._joined([value for value in values if value is not MISSING], at))
        signals = {signal for signal, _ in alive}
        return signals.pop() if len(signals) == 1 else "return"

    def _joined(self, values: list[Any], at: Location) -> Any:
        if all(isinstance(value, Value) for value in values) and values:
            return either(values, at)
        return max(values, key=lambda value: len(value) if isinstance(value, tuple) else 0, default=None)

    @contextmanager
    def loop(self, loop: Loop) -> Iterator[None]:
        """Read the body of the with statement as within the loop."""
        self.loops.append(loop)
        try:
            yield
        finally:
            self.loops.pop()

    # ------------------------------------------------------------------ what it follows

    def body(self, nodes: list[ast.stmt], scope: Scope) -> str | None:
        """Read statements in order. Returns None at their end, else "return", "break", "continue" or "raise"."""
        return statements.read(self, nodes, scope)

    def assign(self, target: ast.expr, value: Value, scope: Scope) -> None:
        """Assign a value to a target: `target = value`."""
        statements.assign(self, target, value, scope)

    def set_attribute(self, owner: Value, attr: str, value: Value, at: Location) -> None:
        """Set an attribute: `owner.attr = value`."""
        statements.set_attribute(self, owner, attr, value, at)

    def evaluate(self, node: ast.expr, scope: Scope) -> Value:
        """The value of an expression; unknown, with the reason, where it is known at run time only."""
        return expressions.evaluate(self, node, scope)

    def call(self, callee: Value, call: Call) -> Value:
        """The result of calling a value; calls of libraries become events."""
        return calls.called(self, callee, call)

    def method(self, owner: Value, name: str, call: Call) -> Value:
        """The result of owner.name(…)."""
        return calls.method(self, owner, name, call)
