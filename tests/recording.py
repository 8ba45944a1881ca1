"""Makes the README's recording from a real session on the sample data: `python tests/recording.py`.

One SVG that plays the session's screens one after the other, without a script, so that it plays in a README too. The
last screen is the picture of a verified fix that tests/screenshots.py takes.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import tempfile
from pathlib import Path

from diagnose.engine import Request
from diagnose.tui.app import DiagnoseApp
from diagnose.tui.run import RunScreen

HERE = Path(__file__).parent
PICTURES = HERE / "screenshots"
SAMPLES = HERE.parent / "sample_data"
SIZE = (120, 38)
EACH = 3.5  # seconds that a screen is shown
BOX = re.compile(r'viewBox="0 0 ([\d.]+) ([\d.]+)"')


async def screens() -> list[str]:
    """The start screen, the findings, a patch before it is written, and the finding once it is fixed."""
    taken = []
    app = DiagnoseApp(Request(None, None, probes=False, offline=True), open_at_once=False)
    async with app.run_test(size=SIZE) as pilot:
        app.theme = "textual-dark"

        async def take() -> None:
            await pilot.pause(1.5)
            taken.append(app.export_screenshot(title="diagnose"))

        await pilot.pause(3)
        await take()
        await pilot.press("enter")
        while not isinstance(app.screen, RunScreen) or app.screen.running:
            await pilot.pause(0.2)
        await pilot.pause(2)
        await take()
        await pilot.press("a")
        await take()
        await pilot.press("enter")
        await pilot.pause(3)
        await take()
    return taken


def playing(frames: list[str]) -> str:
    """One SVG of all frames, each shown for EACH seconds, in turns."""
    width, height = BOX.search(frames[0]).groups()  # type: ignore[union-attr]
    whole, share = EACH * len(frames), 100 / len(frames)
    style = (
        f"@keyframes turn {{ 0%, {share:.3f}% {{ opacity: 1 }} {share + 0.01:.3f}%, 100% {{ opacity: 0 }} }} "
        f".frame {{ opacity: 0; animation: turn {whole}s infinite }}"
    )
    parts = [
        f'<g class="frame" style="animation-delay: {n * EACH}s">{re.sub(r"<[?]xml.*?[?]>", "", frame)}</g>'
        for n, frame in enumerate(frames)
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"><style>{style}</style>'
        f"{''.join(parts)}</svg>\n"
    )


def main() -> None:
    """Play the session in a folder that holds images and a program, and write session.svg."""
    before = os.getcwd()
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder) / "project"
        shutil.copytree(SAMPLES / "photos", project / "photos")
        shutil.copy(PICTURES / "train.py.txt", project / "train.py")
        os.environ |= {"XDG_CACHE_HOME": f"{folder}/cache", "XDG_CONFIG_HOME": f"{folder}/config"}
        os.chdir(project)
        try:
            frames = asyncio.run(screens())
        finally:
            os.chdir(before)
    (PICTURES / "session.svg").write_text(playing([*frames, (PICTURES / "verify.svg").read_text()]))


if __name__ == "__main__":
    main()
