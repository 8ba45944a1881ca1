"""The tools, as a client calls them. What executes a person's code or writes a file needs an argument that says so."""

from __future__ import annotations

import warnings
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from mcp.shared.exceptions import MCPDeprecationWarning

from diagnose import own_program
from diagnose.mcp.answers import Answer, Applied, Explanation, Gain, Patch, answer
from diagnose.mcp.places import Places, folder_of
from diagnose.mcp.proposals import Proposals
from diagnose.mcp.work import Desk, Work
from diagnose.model import InputError, printable, redacted
from diagnose.registry import choose, explanation, load_checks
from diagnose.report.subject import Subject
from diagnose.report.verified import gained
from diagnose.request import BUDGET, Request, seconds

KEPT = 20  # reports
LIMIT = 600.0  # seconds of a call that has no budget
LONGEST = 4 * 3600.0  # seconds of any call
MARGIN = 60.0  # seconds that a call may take over its budget before it is stopped
OF_PROBES = ("probes", "comparison", "learning_rate", "attribution", "frozen_features", "forecast", "features")

Given = ParamSpec("Given")
Result = TypeVar("Result")


def orderly(tool: Callable[Given, Awaitable[Result]]) -> Callable[Given, Awaitable[Result]]:
    """The tool, whose mistakes of the call are errors in one sentence."""

    @wraps(tool)
    async def called(*arguments: Given.args, **named: Given.kwargs) -> Result:
        try:
            return await tool(*arguments, **named)
        except InputError as fault:
            raise ToolError(printable(redacted(str(fault)))) from None

    return called


class Tools:
    """places: what may be read where the client names no roots of its own."""

    def __init__(self, places: Places, proposals: Proposals) -> None:
        self._places, self._proposals = places, proposals
        self._desk = Desk()
        self._reports: dict[str, str] = {}

    @orderly
    async def inspect(
        self, ctx: Context, program: str | None = None, data: str | None = None, settings: list[str] | None = None
    ) -> Answer:
        """What a training program and its images show without running or training anything; in seconds. Begin here.

        program: a .py, .ipynb, .yaml, .toml or .json file, with its command line if it has one, such as
        "train.py --lr 0.1". data: the labelled images, a folder, table or archive. settings: fields that the program
        leaves open, each key=value.
        """
        places = await self._allowed(ctx)
        request = _request(places, program, data, settings=tuple(settings or ()))
        return await self._answer(ctx, request, LIMIT, ())

    @orderly
    async def run(self, ctx: Context, program: str, data: str | None = None, execute: bool = False) -> Answer:
        """EXECUTES the training program in miniature, at most a minute, and watches what it does: what reaches the
        network, labels, loss, gradients, learning rates, modes, validation. Finds what reading cannot.

        execute: true only where the person has agreed that this program may be executed.
        """
        places = await self._allowed(ctx)
        _agreed(execute, f"run executes {program}")
        request = replace(_request(places, program, data), run=True, own_code=True)
        return await self._answer(ctx, request, LIMIT, ("observed",))

    @orderly
    async def probe(self, ctx: Context, data: str, program: str | None = None, budget: str = BUDGET) -> Answer:
        """Short trainings of ResNet50 on the images, from scratch, pretrained and by the program's settings (which is
        read, not run): what explains a poor result, with intervals. Takes the budget, such as "90s" or "5m"."""
        places = await self._allowed(ctx)
        request = replace(_request(places, program, data), probes=True, budget=_budget(budget))
        return await self._answer(ctx, request, request.budget + MARGIN, OF_PROBES)

    @orderly
    async def autopsy(
        self,
        ctx: Context,
        checkpoint: str,
        data: str,
        program: str | None = None,
        arch: str | None = None,
        model: str | None = None,
        execute: bool = False,
    ) -> Answer:
        """What trained weights score on the images, as the program's validation says and under single changes of the
        input (channel order, normalisation, resizing, order of classes ...), and which of them restores the score.

        program: the one that evaluates, with its command line. With execute=true, where the person has agreed, it is
        EXECUTED and seen evaluating, which shows exactly what it does; without, it is read. arch: a name of torchvision
        or timm, where it can't be named from the tensors. model: package.module:factory of an own network, which is
        EXECUTED too and needs execute=true.
        """
        places = await self._allowed(ctx)
        if model is not None:
            _agreed(execute, f"autopsy executes {model}")
        request = _request(places, program, data)
        request = replace(
            request,
            checkpoint=places.existing(checkpoint, "checkpoint"),
            checkpoint_arch=arch,
            model=model,
            run=execute and program is not None,
            own_code=execute,
        )
        return await self._answer(ctx, replace(request, arch=arch or request.arch), LIMIT, ("checkpoint",))

    @orderly
    async def read_log(self, ctx: Context, log: str, program: str | None = None, data: str | None = None) -> Answer:
        """What an earlier training logged: divergence, plateaus, overfitting, a learning rate that never fell, a
        forecast. log: a file or folder (TensorBoard, CSV, JSON, printed text, MLflow, W&B ...)."""
        places = await self._allowed(ctx)
        request = replace(_request(places, program, data, needed=False), log=places.existing(log, "log"))
        return await self._answer(ctx, request, LIMIT, ("history",))

    @orderly
    async def compare(
        self, ctx: Context, program: str, other: str, data: str | None = None, budget: str | None = None
    ) -> Answer:
        """Why does `program` do worse than `other`? Their differences, ranked by what they are expected to cost. With
        data and a budget, short paired trainings measure it."""
        places = await self._allowed(ctx)
        if budget is not None and data is None:
            raise InputError("budget is for short trainings on the images: give data as well.")
        request = replace(_request(places, program, data), against=places.program(other), probes=budget is not None)
        limit = LIMIT
        if budget is not None:
            request = replace(request, budget=_budget(budget))
            limit = request.budget + MARGIN
        return await self._answer(ctx, request, limit, ("against", "attribution"))

    @orderly
    async def explain(self, check: str) -> Explanation:
        """The page of a check: what it looks for, why it matters, when it is wrong, how to fix it. check: its code or
        name, such as C302."""
        return _page(check)

    @orderly
    async def propose_fix(self, ctx: Context, program: str, data: str | None = None) -> Patch:
        """A patch of what can be fixed safely in the program, as a unified diff; nothing is written. Verify it with
        verify_fix before apply_fix."""
        places = await self._allowed(ctx)
        request = _request(places, program, data)

        def work(under_way: Work) -> Patch:
            diagnosis = under_way.examine(request)
            made = self._proposals.make(program, data, diagnosis)
            inside = all(places.holds(edit.path) for edit in made.draft.edits)
            if not inside:
                raise InputError("The patch would change a file outside the folders that this server may write.")
            return Patch(proposal=made.mark if made.patch else None, patch=made.patch, left=dict(made.left))

        return await self._carried_out(ctx, work, LIMIT)

    @orderly
    async def verify_fix(
        self, ctx: Context, proposal: str, data: str | None = None, budget: str = "5m", execute: bool = False
    ) -> Gain:
        """What a proposed patch gains, measured before it is written: by short paired trainings on the images, or with
        execute=true by the program itself, which is then EXECUTED in turn as it is and as patched. Give execute=true
        only where the person has agreed to that."""
        places = await self._allowed(ctx)
        made = self._proposals.get(proposal)
        images = data if data is not None else made.data
        allowed = _budget(budget)
        if execute:
            return await self._carried_out(
                ctx,
                lambda under_way: Gain(
                    sentence=own_program.gain(
                        made.config, made.draft.given, allowed, True, _telling(under_way), under_way.stop
                    )
                ),
                allowed + MARGIN,
            )
        if images is None:
            raise InputError("verify_fix measures on images: give data, or execute=true to run the program itself.")
        request = _request(places, made.config, images)
        request = replace(request, probes=True, against=made.draft.given, budget=allowed)
        compared = await self._carried_out(ctx, lambda under_way: under_way.examine(request), allowed + MARGIN)
        return Gain(sentence=gained(compared))

    @orderly
    async def apply_fix(self, ctx: Context, proposal: str, write: bool = False) -> Applied:
        """WRITES a proposed patch, and keeps each old file beside the new one. write: true only where the person has
        agreed to the patch."""
        await self._allowed(ctx)
        _agreed(write, "apply_fix writes files", "write")
        written = self._proposals.write(proposal)
        return Applied(changed={str(path): str(kept) for path, kept in written.items()})

    def report(self, number: str) -> str:
        """The whole report of an earlier answer, as JSON."""
        if number not in self._reports:
            raise InputError(f"No report is called {printable(number)[:40]}: the last {KEPT} are kept.")
        return self._reports[number]

    async def _allowed(self, ctx: Context) -> Places:
        """The client's own roots where it names some, else the server's."""
        roots = await client_roots(ctx)
        return Places(roots) if roots else self._places

    async def _answer(self, ctx: Context, request: Request, limit: float, parts: tuple[str, ...]) -> Answer:
        diagnosis = await self._carried_out(ctx, lambda under_way: under_way.examine(request), limit)
        number = str(int(next(reversed(self._reports), "0")) + 1)
        made, self._reports[number] = answer(
            diagnosis, Subject(request.data, request.config), parts, f"diagnose://reports/{number}"
        )
        while len(self._reports) > KEPT:
            del self._reports[next(iter(self._reports))]
        return made

    async def _carried_out(self, ctx: Context, work: Callable[[Work], Result], limit: float) -> Result:
        try:
            return await self._desk.carry_out(work, min(limit, LONGEST), ctx)
        except* InputError as faults:
            raise faults.exceptions[0] from None


async def client_roots(ctx: Context) -> list[Any]:
    """The folders that the client names as its roots, where it does."""
    session = ctx.request_context.session
    capabilities = session.client_capabilities
    if capabilities is None or capabilities.roots is None or not session.can_send_request:
        return []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MCPDeprecationWarning)  # clients of the protocol before 2026-07-28 have them
        listed = await session.list_roots()
    return [folder for root in listed.roots if (folder := folder_of(str(root.uri))) is not None]


def _request(
    places: Places,
    program: str | None,
    data: str | None,
    settings: tuple[str, ...] = (),
    needed: bool = True,
) -> Request:
    """What the engine is asked: no trainings, no connection, nothing executed, until a tool says otherwise."""
    if needed and program is None and data is None:
        raise InputError("Give program, data or both.")
    return Request(
        data=None if data is None else places.existing(data, "data"),
        config=None if program is None else places.program(program),
        settings=settings,
        own_code=False,
        probes=False,
        offline=True,
    )


def _agreed(given: bool, what: str, name: str = "execute") -> None:
    if not given:
        raise InputError(f"{what}: ask the person, and call this again with {name}=true.")


def _budget(text: str) -> float:
    asked = seconds(text)
    if asked > LONGEST:
        raise InputError(f"budget {printable(text)} is longer than {LONGEST / 3600:.0f}h: give less.")
    return asked


def _telling(under_way: Work) -> Callable[[str], None]:
    def say(text: str) -> None:
        under_way.doing = text

    return say


def _page(word: str) -> Explanation:
    found = list(choose(load_checks(), [word], []).values())
    if len(found) > 1:
        raise InputError(f"{printable(word)} names {len(found)} checks: give one code, such as {found[0].code}.")
    return Explanation(code=found[0].code, name=found[0].name, page=explanation(found[0]))
