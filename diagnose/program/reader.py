"""Follows a program as Python would, with values that may be unknown: the statements, calls and imports.

Nothing is imported or executed. A condition that is only known at run time is read on both sides; a loop is read
once, or item by item where it passes through a short list that is known. What libraries are told is kept as events.
"""

from __future__ import annotations

import ast
import functools
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from diagnose.model import Location
from diagnose.program import builtin as _builtin  # noqa: F401  it registers what Python's own functions come to
from diagnose.program import expressions, imports, library, modules, operators
from diagnose.program import options as _options  # noqa: F401  and these what libraries' do
from diagnose.program import training as _training  # noqa: F401
from diagnose.program.source import Source, read_source
from diagnose.program.values import (
    Call,
    Class,
    Const,
    Either,
    Event,
    Function,
    Guard,
    Instance,
    Items,
    Loop,
    Module,
    Ref,
    Scope,
    Table,
    Thing,
    Value,
    either,
    plain,
    truth,
    unknown,
)

DEEPEST = 28  # calls within calls
MOST_STEPS = 250_000  # expressions and statements; about half a second
LONGEST_UNROLLED = 400  # items of a known list; ResNet152 has 467 parameters, ResNet50 161
MISSING = object()


class Exhausted(Exception):
    """The program is larger than what is followed."""


class Reader:
    """One program being read. `events` is what it does, in order; `notes` what could not be followed."""

    def __init__(self, path: Path, arguments: tuple[str, ...] = ()) -> None:
        self.path, self.root, self.arguments = path, path.parent, arguments
        self.modules: dict[Path, Module] = {}
        self.sources: dict[Path, Source] = {}
        self.events: list[Event] = []
        self.notes: list[str] = []
        self.libraries: set[str] = set()
        self.found_modules: dict[tuple[str, int, Path], Path | None] = {}
        self.options: list[library.Option] = []
        self.flags = Table(Location(path.name, None))  # absl's
        self.unused_results: set[tuple[str, int | None, int]] = set()  # calls whose result nothing looks at
        self.replaced: list[tuple[str, Value, Value]] = []  # constants that a later line replaced unread
        self.loops: list[Loop] = []
        self.guards: list[Guard] = []
        self.contexts: list[Value] = []
        self.functions: list[Function] = []
        self.frames: list[list[Value]] = []
        self.scopes: list[Scope] = []
        self.journal: list[tuple[dict[Any, Any], Any, Any]] = []
        self.fresh: dict[tuple[int, str], Value] = {}  # names given a constant and not read since
        self.generators: set[int] = set()  # functions in which a yield was read
        self.steps, self.most_steps, self.branches = 0, MOST_STEPS, 0
        self.here = Location(path.name, None)
        self.file = path.name
        self.cell: int | None = None

    # ------------------------------------------------------------------ the whole program

    def read(self) -> None:
        """Raises InputError where the program's own file is no readable Python."""
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(max(limit, 12_000))
        try:
            source = read_source(self.path, str(self.path), comments=True)
            self.most_steps += imports.PER_LINE * source.lines
            module = self.module(source, "__main__")
            self._finish(module)
        except Exhausted:
            self.notes.append("the program is larger than what is followed, so its end was not read")
        finally:
            sys.setrecursionlimit(limit)

    def module(self, source: Source, name: str) -> Module:
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
        """Functions that nothing called, where the program by itself trains nothing."""
        if any(library.trains(event) for event in self.events):
            return
        for value in list(module.names.values()):
            if isinstance(value, Function) and not value.called and value.scope.module is module:
                self.notes.append(f"nothing calls {value.name}() in {module.path.name}, so it was read by itself")
                self.call(value, Call((), {}, value.at))
            elif isinstance(value, Class) and not value.made and "LightningModule" in value.foreign():
                self.notes.append(f"nothing makes a {value.name} in {module.path.name}, so it was read by itself")
                library.fit_lightning(self, self.call(value, Call((), {}, value.at)), None, value.at)

    # ------------------------------------------------------------------ places and stores

    def at(self, node: ast.AST) -> Location:
        return Location(self.file, getattr(node, "lineno", None), self.cell)

    def step(self) -> None:
        self.steps += 1
        if self.steps > self.most_steps:
            raise Exhausted

    def write(self, store: dict[Any, Any], key: Any, value: Any) -> None:
        """Every change goes through here, so that both sides of a condition can be read."""
        self.journal.append((store, key, store.get(key, MISSING)))
        store[key] = value

    def local(self, name: str) -> Value | None:
        """A name of the function being read."""
        return self.scopes[-1].names.get(name) if self.scopes else None

    def event(self, kind: str, name: str, target: Value | None, call: Call, result: Value) -> None:
        self.events.append(
            Event(
                kind,
                name,
                target,
                call.args,
                call.kwargs,
                result,
                call.at,
                len(self.events),
                tuple(self.loops),
                tuple(self.guards),
                tuple(self.contexts),
                tuple(self.functions),
            )
        )

    def branch(self, at: Location, sides: Sequence[Callable[[], str | None]]) -> str | None:
        """Reads each side from the same state, then joins what they leave behind."""
        self.branches += 1
        number = self.branches
        left: list[tuple[str | None, dict[tuple[int, Any], tuple[dict[Any, Any], Any, Any]]]] = []
        for side, read in enumerate(sides):
            mark = len(self.journal)
            self.guards.append(Guard(number, bool(side), at))
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

    # ------------------------------------------------------------------ statements

    def body(self, statements: list[ast.stmt], scope: Scope) -> str | None:
        """None where it is read to its end, or return, break, continue, raise."""
        for statement in statements:
            self.step()
            signal = self._statement(statement, scope)
            if signal:
                return signal
        return None

    def evaluate(self, node: ast.expr, scope: Scope) -> Value:
        return expressions.evaluate(self, node, scope)

    def _statement(self, node: ast.stmt, scope: Scope) -> str | None:
        match node:
            case ast.Expr(value=value):
                result = self.evaluate(value, scope)
                if isinstance(value, ast.Call):
                    self.unused_results.add((self.file, self.cell, value.lineno))
                return "raise" if isinstance(result, Thing) and result.name in library.ENDS else None
            case ast.Assign(targets=targets, value=value):
                result = self.evaluate(value, scope)
                if _adds_to_itself(targets, value) and isinstance(result, Thing) and len(result.args) == 2:
                    self.event(
                        "add", ast.unparse(targets[0]), result.args[0], Call(result.args[1:], {}, self.at(node)), result
                    )
                for target in targets:
                    self.assign(target, result, scope)
            case ast.AnnAssign(target=target, value=given):
                if given is not None:
                    self.assign(target, self.evaluate(given, scope), scope)
                if scope.is_class and isinstance(target, ast.Name):
                    order = scope.names.setdefault("__annotations__", Table(self.at(node)))
                    assert isinstance(order, Table)
                    order.pairs[target.id] = Const(self.at(node), None)
            case ast.AugAssign():
                self._augmented(node, scope)
            case ast.If(test=test, body=body, orelse=orelse):
                return self._if(test, body, orelse, scope)
            case ast.For() | ast.AsyncFor():
                return self._for(node, scope)
            case ast.While(test=test, body=body):
                return self._while(test, body, scope)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self.name(scope, node.name, self._function(node, scope))
            case ast.ClassDef():
                self.name(scope, node.name, self._class(node, scope))
            case ast.Return(value=value):
                self.frames[-1].append(
                    self.evaluate(value, scope) if value else Const(self.at(node), None)
                ) if self.frames else None
                return "return"
            case ast.With() | ast.AsyncWith():
                return self._with(node, scope)
            case ast.Try() | ast.TryStar():
                return self._try(node, scope)
            case ast.Import() | ast.ImportFrom():
                imports.follow_import(self, node, scope)
            case ast.Global(names=names) | ast.Nonlocal(names=names):
                scope.outer_names.update(names)
            case ast.Raise():
                return "raise"
            case ast.Break():
                return "break"
            case ast.Continue():
                return "continue"
            case ast.Match(subject=subject, cases=cases):
                return self._match(self.evaluate(subject, scope), cases, scope, self.at(node))
        return None

    def name(self, scope: Scope, name: str, value: Value) -> None:
        """Gives a name a value, and notes a constant that nothing has read since it was given."""
        while name in scope.outer_names and scope.parent:
            scope = scope.parent
        slot = (id(scope.names), name)
        before = self.fresh.get(slot)
        if before is not None and scope.names.get(name) is before and not self.guards and isinstance(value, Const):
            self.replaced.append((name, before, value))
        if isinstance(value, Const) and not self.loops and not self.guards:
            self.fresh[slot] = value
        self.write(scope.names, name, value)

    def assign(self, target: ast.expr, value: Value, scope: Scope) -> None:
        match target:
            case ast.Name(id=name):
                self.name(scope, name, value)
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                for part, item in zip(parts, self._unpacked(value, parts, self.at(target)), strict=True):
                    self.assign(part.value if isinstance(part, ast.Starred) else part, item, scope)
            case ast.Attribute(value=owner, attr=attr):
                self.set_attribute(self.evaluate(owner, scope), attr, value, self.at(target))
            case ast.Subscript(value=owner, slice=key):
                self._set_item(self.evaluate(owner, scope), self.evaluate(key, scope), value, self.at(target))

    def _unpacked(self, value: Value, parts: list[ast.expr], at: Location) -> list[Value]:
        star = next((i for i, part in enumerate(parts) if isinstance(part, ast.Starred)), None)
        if isinstance(value, Either) and (known := [o for o in value.options if isinstance(o, Items)]):
            columns = [self._unpacked(option, parts, at) for option in known]
            return [either(column, at) for column in zip(*columns, strict=True)]
        if isinstance(value, Items) and not value.partial:
            items = list(value.items)
            if star is not None and len(items) >= len(parts) - 1:
                end = len(items) - (len(parts) - star - 1)
                return [*items[:star], Items(at, tuple(items[star:end])), *items[end:]]
            if len(items) == len(parts):
                return items
        return [expressions.item(self, value, Const(at, number), at) for number in range(len(parts))]

    def set_attribute(self, owner: Value, attr: str, value: Value, at: Location) -> None:
        match owner:
            case Instance(attrs=store) | Thing(attrs=store):
                self.write(store, attr, value)
            case Table(pairs=store):
                self.write(store, attr, value)
            case Class(names=store) | Module(names=store):
                self.write(store, attr, value)
            case Either(options=options):
                for option in options:
                    self.set_attribute(option, attr, value, at)
                return
        self.event("set", f".{attr}", owner, Call((value,), {}, at), value)

    def _set_item(self, owner: Value, key: Value, value: Value, at: Location) -> None:
        known = plain(key, MISSING)
        if isinstance(owner, Table) and _hashable(known):
            self.write(owner.pairs, known, value)
        elif isinstance(owner, Table):
            self.write(vars(owner), "partial", True)
        elif isinstance(owner, Items) and isinstance(known, int) and -len(owner.items) <= known < len(owner.items):
            items = list(owner.items)
            items[known] = value
            self.write(vars(owner), "items", tuple(items))
        elif isinstance(owner, Thing):
            if _hashable(known):
                self.write(owner.attrs, ("[]", known), value)
            self.event("set", f"[{known!r}]" if known is not MISSING else "[]", owner, Call((value,), {}, at), value)

    def _augmented(self, node: ast.AugAssign, scope: Scope) -> None:
        loaded = ast.copy_location(
            ast.Name(node.target.id, ast.Load())
            if isinstance(node.target, ast.Name)
            else ast.Attribute(node.target.value, node.target.attr, ast.Load())
            if isinstance(node.target, ast.Attribute)
            else ast.Subscript(node.target.value, node.target.slice, ast.Load()),
            node.target,
        )
        before = self.evaluate(loaded, scope)
        value = self.evaluate(node.value, scope)
        at = self.at(node)
        result = operators.arithmetic(self, node.op, before, value, at, node)
        self.event("add", ast.unparse(node.target), before, Call((value,), {}, at), result)
        self.assign(node.target, result, scope)

    def _if(self, test: ast.expr, body: list[ast.stmt], orelse: list[ast.stmt], scope: Scope) -> str | None:
        known = truth(self.evaluate(test, scope))
        if known is not None:
            return self.body(body if known else orelse, scope)
        return self.branch(self.at(test), [lambda: self.body(body, scope), lambda: self.body(orelse, scope)])

    def _match(self, subject: Value, cases: list[ast.match_case], scope: Scope, at: Location) -> str | None:
        def fits(pattern: ast.pattern) -> bool | None:
            match pattern:
                case ast.MatchValue(value=value):
                    wanted = self.evaluate(value, scope)
                    return (
                        subject.data == wanted.data
                        if isinstance(subject, Const) and isinstance(wanted, Const)
                        else None
                    )
                case ast.MatchSingleton(value=value):
                    return subject.data is value if isinstance(subject, Const) else None
                case ast.MatchOr(patterns=patterns):
                    told = [fits(part) for part in patterns]
                    return True if True in told else None if None in told else False
                case ast.MatchAs(pattern=None):
                    return True
            return None

        open_cases = []
        for case in cases:
            fit = fits(case.pattern) if case.guard is None else None
            if fit is not False:
                open_cases.append(case)
            if fit is True:
                break
        if len(open_cases) == 1:
            return self.body(open_cases[0].body, scope)
        sides = [functools.partial(self.body, case.body, scope) for case in open_cases]
        return self.branch(at, sides) if sides else None

    def _for(self, node: ast.For | ast.AsyncFor, scope: Scope) -> str | None:
        over = self.evaluate(node.iter, scope)
        known = expressions.listed(self, over)
        if known is not None and len(known) <= LONGEST_UNROLLED:
            for item in known:
                with self.loop(Loop(over, self.at(node.iter), unrolled=True)):
                    self.assign(node.target, item, scope)
                    signal = self.body(node.body, scope)
                if signal == "break":
                    return None
                if signal in ("return", "raise"):
                    return signal
            return self.body(node.orelse, scope)
        self._forget_counters(node.body, scope)
        with self.loop(Loop(over, self.at(node.iter))):
            self.assign(node.target, expressions.element(self, over, self.at(node.iter)), scope)
            signal = self.body(node.body, scope)
        if signal in ("return", "raise"):
            return signal if signal == "return" else None
        return self.body(node.orelse, scope)

    def _while(self, test: ast.expr, body: list[ast.stmt], scope: Scope) -> str | None:
        self._forget_counters(body, scope)
        condition = self.evaluate(test, scope)
        if truth(condition) is False:
            return None
        with self.loop(Loop(condition, self.at(test))):
            signal = self.body(body, scope)
        return signal if signal == "return" else None

    @contextmanager
    def loop(self, loop: Loop) -> Iterator[None]:
        self.loops.append(loop)
        try:
            yield
        finally:
            self.loops.pop()

    def _forget_counters(self, body: list[ast.stmt], scope: Scope) -> None:
        """What a loop adds to is no constant, though it is read once."""
        for statement in body:
            for node in ast.walk(statement):
                grown = (
                    node.target
                    if isinstance(node, ast.AugAssign)
                    else node.targets[0]
                    if isinstance(node, ast.Assign)
                    and isinstance(node.targets[0], ast.Name)
                    and any(isinstance(n, ast.Name) and n.id == node.targets[0].id for n in ast.walk(node.value))
                    else None
                )
                if isinstance(grown, ast.Name | ast.Attribute):
                    self.step()
                    loaded = (
                        scope.names.get(grown.id)
                        if isinstance(grown, ast.Name)
                        else self.evaluate(
                            ast.copy_location(ast.Attribute(grown.value, grown.attr, ast.Load()), grown), scope
                        )
                    )
                    if isinstance(loaded, Const):
                        self.assign(grown, unknown("it changes in a loop", self.at(grown)), scope)

    def _with(self, node: ast.With | ast.AsyncWith, scope: Scope) -> str | None:
        depth = len(self.contexts)
        for item in node.items:
            context = self.evaluate(item.context_expr, scope)
            self.contexts.append(context)
            if item.optional_vars is not None:
                self.assign(item.optional_vars, context, scope)
        signal = self.body(node.body, scope)
        del self.contexts[depth:]
        return signal

    def _try(self, node: ast.Try | ast.TryStar, scope: Scope) -> str | None:
        signal = self.body(node.body, scope)
        if signal == "raise" and node.handlers:
            signal = self.body(node.handlers[0].body, scope)
        elif signal is None:
            signal = self.body(node.orelse, scope)
        return self.body(node.finalbody, scope) or signal

    # ------------------------------------------------------------------ definitions and calls

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, scope: Scope) -> Value:
        decorators = tuple(self.evaluate(part, scope) for part in node.decorator_list)
        made = Function(self.at(node), node, scope, decorators=decorators, defaults=self.defaults(node.args, scope))
        return library.decorated(self, made)

    def defaults(self, arguments: ast.arguments, scope: Scope) -> dict[str, Value]:
        plain_ones = [*arguments.posonlyargs, *arguments.args]
        given = dict(zip(reversed([a.arg for a in plain_ones]), reversed(arguments.defaults), strict=False))
        given |= {a.arg: d for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if d is not None}
        return {name: self.evaluate(default, scope) for name, default in given.items()}

    def _class(self, node: ast.ClassDef, scope: Scope) -> Class:
        bases = tuple(self.evaluate(base, scope) for base in node.bases)
        inner = Scope({}, scope.module, scope, is_class=True)
        decorators = tuple(self.evaluate(part, scope) for part in node.decorator_list)
        made = Class(self.at(node), node.name, bases, inner.names, scope, node, decorators)
        self.body(node.body, inner)
        for value in inner.names.values():
            if isinstance(value, Function) and value.owner is None:
                value.owner = made
        return made

    def call(self, callee: Value, call: Call) -> Value:
        """What a call comes to; library calls become events."""
        self.step()
        match callee:
            case Function():
                return self._call_function(callee, call)
            case Class():
                return self._make(callee, call)
            case Instance():
                return self._call_instance(callee, call)
            case Either(options=options):
                return either([self.call(option, call) for option in options[:3]], call.at)
            case Ref(name=name):
                return library.call(self, name, None, call)
            case Thing():
                return library.call(self, "()", callee, call)
        return unknown("it is no function that was found", call.at)

    def method(self, owner: Value, name: str, call: Call) -> Value:
        """What owner.name(…) comes to."""
        if isinstance(owner, Either):
            return either([self.method(option, name, call) for option in owner.options[:3]], call.at)
        if name == "forward" and modules.is_network(owner):
            return self.call(owner, call)  # model.forward(x) is model(x) but for its hooks
        found = expressions.own_attribute(self, owner, name, call.at)
        if found is not None:
            return self.call(found, call)
        return library.method(self, owner, name, call)

    def _call_function(self, function: Function, call: Call) -> Value:
        if function.native:
            return function.native(call)
        repeats = sum(active.node is function.node for active in self.functions)
        if len(self.functions) >= DEEPEST or repeats >= 2:
            return unknown(f"{function.name}() calls itself or lies too deep", call.at)
        function.called.append(True)
        scope = Scope(self._bound(function, call), function.scope.module, function.scope)
        depth, before = len(self.contexts), (self.file, self.cell)
        self.contexts += [part for part in function.decorators if library.is_no_grad(part)]
        self.functions.append(function)
        self.frames.append([])
        self.scopes.append(scope)
        self.file, self.cell = function.at.file, function.at.cell
        try:
            if isinstance(function.node, ast.Lambda):
                return self.evaluate(function.node.body, scope)
            signal = self.body(function.node.body, scope)
            returned = self.frames[-1]
            if signal is None and returned:
                returned = [value for value in returned if not (isinstance(value, Const) and value.data is None)]
            if signal == "raise" and not returned:
                return Thing(call.at, name="raised")
            if id(function.node) in self.generators:
                return Thing(call.at, name="generator", args=tuple(returned))
            result = either(returned, call.at) if returned else Const(call.at, None)
            library.name_network(function, result, call)
            return result
        except RecursionError:
            return unknown(f"{function.name}() lies too deep", call.at)
        finally:
            self.functions.pop()
            self.frames.pop()
            self.scopes.pop()
            del self.contexts[depth:]
            self.file, self.cell = before

    def _bound(self, function: Function, call: Call) -> dict[Any, Value]:
        arguments = function.node.args
        positional = [*arguments.posonlyargs, *arguments.args]
        given = [function.bound, *call.args] if function.bound is not None else list(call.args)
        names: dict[Any, Value] = dict(function.defaults)
        for parameter, value in zip(positional, given, strict=False):
            names[parameter.arg] = value
        accepted = {parameter.arg for parameter in (*positional, *arguments.kwonlyargs)}
        names |= {name: value for name, value in call.kwargs.items() if name in accepted}
        for parameter in (*positional, *arguments.kwonlyargs):
            if parameter.arg not in names:
                why = f"`{parameter.arg}` of {function.name}() is given by what calls it"
                names[parameter.arg] = unknown(why, Location(function.at.file, parameter.lineno, function.at.cell))
        if arguments.vararg:
            rest = given[len(positional) :]
            names[arguments.vararg.arg] = Items(call.at, tuple(v for v in rest if v is not None), "tuple")
        if arguments.kwarg:
            extra = {name: value for name, value in call.kwargs.items() if name not in accepted}
            names[arguments.kwarg.arg] = Table(call.at, extra)
        return names

    def _make(self, cls: Class, call: Call) -> Value:
        cls.made.append(True)
        made = Instance(call.at, cls)
        start = cls.find("__init__")
        if isinstance(start, Function):
            self._call_function(library.bind(start, made), call)
        else:
            library.fill_fields(self, made, call)
        self.event("make", cls.name, cls, call, made)
        return made

    def _call_instance(self, instance: Instance, call: Call) -> Value:
        foreign = instance.cls.foreign()
        for name in ("__call__", "forward", "call") if foreign else ("__call__",):
            found = instance.cls.find(name)
            if isinstance(found, Function):
                active = any(f.node is found.node and f.bound is instance for f in self.functions)
                result = self._call_function(library.bind(found, instance), call) if not active else None
                if result is None or (isinstance(result, Const) and result.data is None):
                    result = Thing(call.at, name="()", base=instance, args=call.args, kwargs=call.kwargs)
                self.event("call", "()", instance, call, result)
                return result
        result = Thing(call.at, name="()", base=instance, args=call.args, kwargs=call.kwargs)
        self.event("call", "()", instance, call, result)
        return result


def _adds_to_itself(targets: list[ast.expr], value: ast.expr) -> bool:
    """total = total + loss, which is total += loss."""
    sums = isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add)
    return sums and len(targets) == 1 and ast.unparse(targets[0]) == ast.unparse(value.left)  # type: ignore[attr-defined]


def _hashable(value: Any) -> bool:
    return value is not MISSING and isinstance(value, str | int | float | bool | tuple | type(None))
