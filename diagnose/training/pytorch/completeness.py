"""What a PyTorch program's unfollowed calls may hide, so that no check reports it as absent."""

from __future__ import annotations

from diagnose.interpreter.reader import Reader
from diagnose.model import HIDDEN, Location, Unfollowed
from diagnose.training.pytorch.sessions import Session, is_loader, networks_of
from diagnose.training.unfollowed import UnfollowedCall, within

# What a call may do to its arguments.
TO_A_NETWORK = frozenset(("validation", "mode", "device", "regularisation", "zero_grad"))
TO_AN_OPTIMIZER = frozenset(("zero_grad", "schedule"))
TO_A_LOADER = frozenset(("validation", "device", "regularisation"))


def lost_in(reader: Reader, sessions: list[Session], calls: list[UnfollowedCall]) -> tuple[Unfollowed, ...]:
    """The calls that were not followed, each with what it may hide (keys of HIDDEN).

    The last one is the rest of the program, where it is too large to be read whole.
    """
    found = [Unfollowed(call.what, call.at, hidden) for call in calls if (hidden := _hidden(call, sessions))]
    if reader.exhausted:
        found.append(Unfollowed("the end of the program", Location(reader.path.name), frozenset(HIDDEN)))
    return tuple(found)


def _hidden(call: UnfollowedCall, sessions: list[Session]) -> frozenset[str]:
    if call.loads:
        return frozenset()
    if call.anything:
        return frozenset(HIDDEN)
    hides: set[str] = {"seed"}
    if call.reaches(part for session in sessions for part in networks_of(session)):
        hides |= TO_A_NETWORK
    if call.reaches(one for session in sessions for one in session.optimizers):
        hides |= TO_AN_OPTIMIZER
    if any(is_loader(one) for one in within(call.received)):
        hides |= TO_A_LOADER
    return frozenset(hides)
