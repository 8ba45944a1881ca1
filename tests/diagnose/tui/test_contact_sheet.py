import base64
import io

from PIL import Image
from rich.console import Console

from diagnose.model import Finding, Severity
from diagnose.tui.contact_sheet import contact_sheet


def picture(colour):
    file = io.BytesIO()
    Image.new("RGB", (96, 64), colour).save(file, "JPEG")
    return base64.b64encode(file.getvalue()).decode()


PICTURES = {"cat/a.jpg": picture("red"), "cat/b.jpg": picture("blue")}


def finding(*files):
    return Finding(Severity.INFO, "They are.", "Mend.", files=files)


def test_every_picture_of_a_group_stands_above_its_name():
    sheet = contact_sheet(finding("cat/a.jpg = cat/b.jpg", "cat/gone.jpg"), PICTURES)
    console = Console(width=80, file=io.StringIO(), record=True, color_system="truecolor", force_terminal=True)
    console.print(sheet)
    text = console.export_text()
    assert "cat/a.jpg" in text
    assert "cat/b.jpg" in text
    assert "gone" not in text
    assert "▄" in text or "▀" in text


def test_without_pictures_there_is_no_sheet():
    assert contact_sheet(finding("cat/gone.jpg"), PICTURES) is None
    assert contact_sheet(finding(), PICTURES) is None
