"""The engine in a thread of its own, for a screen: it only posts messages, whose handlers own the state."""

from __future__ import annotations

import asyncio
import threading

from textual.message import Message
from textual.screen import Screen

from diagnose.controls import Controls
from diagnose.engine import diagnose
from diagnose.events import Event
from diagnose.model import InputError
from diagnose.request import Request

PATIENCE = 10.0  # seconds that quitting waits for the engine; it ends its processes within five


class Driver:
    """One run after the other of a screen."""

    class Heard(Message):
        """The engine said something."""

        def __init__(self, event: Event) -> None:
            super().__init__()
            self.event = event

    class Refused(Message):
        """The engine cannot carry the request out."""

        def __init__(self, request: Request, why: str) -> None:
            super().__init__()
            self.request, self.why = request, why

    class Broken(Message):
        """The engine failed in a way that no one foresaw."""

        def __init__(self, why: str) -> None:
            super().__init__()
            self.why = why

    def __init__(self, screen: Screen[None]) -> None:
        self._screen = screen
        self._over = threading.Event()
        self._over.set()
        self.controls = Controls()  # of no run yet

    @property
    def running(self) -> bool:
        """Whether a run is under way."""
        return not self._over.is_set()

    def begin(self, request: Request) -> None:
        """Starts a run; its events come as messages to the screen."""
        self.controls, self._over = Controls(give_way=True), threading.Event()
        controls, over = self.controls, self._over
        self._screen.run_worker(lambda: self._work(request, controls, over), thread=True, exit_on_error=False)

    def _work(self, request: Request, controls: Controls, over: threading.Event) -> None:
        post = self._screen.post_message
        try:
            for event in diagnose(request, controls):
                post(self.Heard(event))
        except InputError as fault:
            post(self.Refused(request, str(fault)))
        except Exception as fault:
            post(self.Broken(f"{type(fault).__name__}: {fault}"))
        finally:
            over.set()

    async def ended(self) -> None:
        """Stops the engine and waits until it has ended its processes."""
        self.controls.stop.set()
        await asyncio.to_thread(self._over.wait, PATIENCE)
