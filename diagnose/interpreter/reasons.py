"""Why a value is not known: the kinds of reason, and the text that users see."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Reason(Enum):
    """The kinds of reason for which a value is not known."""

    RUN = "the program computes it when it runs"
    GIVEN = "whoever starts the program, or calls the function, gives it"
    CONDITION = "it is one of several, by a condition at run time"
    CHANGES = "a loop changes it"
    UNREAD = "it may stand in what was not read"
    UNFOLLOWED = "what makes it is not followed"
    NOWHERE = "nothing gives it: the program would fail there"
    PLACEHOLDER = "the reader made it, to call a function with: an image, a batch"


@dataclass(frozen=True)
class Unknown:
    """Why a value is not known. clause: the text that users see, such as "it is read from the environment (LR)"."""

    reason: Reason
    clause: str


AT_RUN = Unknown(Reason.RUN, "it is known when the program runs")
GROWS = Unknown(Reason.CHANGES, "it changes in a loop")
NOT_FOLLOWED = Unknown(Reason.UNFOLLOWED, "it is not followed")
