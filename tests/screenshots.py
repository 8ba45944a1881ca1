"""Makes the README's screenshots from a real session on the sample data: `python tests/screenshots.py`."""

from __future__ import annotations

import asyncio
from pathlib import Path

from diagnose.engine import Request
from diagnose.tui.app import DiagnoseApp
from diagnose.tui.run import RunScreen
from diagnose.tui.verify import VerifyScreen

HERE = Path(__file__).parent / "screenshots"
SAMPLES = Path("sample_data")


async def main() -> None:
    request = Request(SAMPLES / "photos", str(SAMPLES / "transfer_without_weights.yaml"), offline=True)
    app = DiagnoseApp(request, open_at_once=True)
    async with app.run_test(size=(120, 38)) as pilot:
        app.theme = "textual-dark"
        while not isinstance(app.screen, RunScreen) or app.screen.running:
            await pilot.pause(0.5)
        await pilot.pause(2)
        for name, key in (("findings", "1"), ("probes", "3"), ("outlook", "5"), ("configuration", "4")):
            await pilot.press(key)
            await pilot.pause(1)
            app.save_screenshot(f"{name}.svg", str(HERE))
        await pilot.press("1", "v")
        await pilot.pause(1)
        while isinstance(app.screen, VerifyScreen) and app.screen.running:
            await pilot.pause(0.5)
        await pilot.pause(1)
        app.save_screenshot("verify.svg", str(HERE))


if __name__ == "__main__":
    asyncio.run(main())
