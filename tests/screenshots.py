"""Makes the README's screenshots from a real session on the sample data: `python tests/screenshots.py`."""

from __future__ import annotations

import asyncio
from pathlib import Path

from diagnose.engine import Request
from diagnose.tui.app import DiagnoseApp
from diagnose.tui.run import RunScreen

HERE = Path(__file__).parent
SAMPLES = Path("sample_data")


async def main() -> None:
    request = Request(SAMPLES / "photos", SAMPLES / "rate_too_high.yaml", offline=True)
    app = DiagnoseApp(request, open_at_once=True)
    async with app.run_test(size=(120, 38)) as pilot:
        while not isinstance(app.screen, RunScreen) or app.screen.running:
            await pilot.pause(0.5)
        await pilot.pause(1)
        app.save_screenshot("findings.svg", str(HERE / "screenshots"))
        await pilot.press("2")
        await pilot.pause(1)
        app.save_screenshot("probes.svg", str(HERE / "screenshots"))


if __name__ == "__main__":
    asyncio.run(main())
