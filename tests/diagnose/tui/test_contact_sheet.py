import base64
import io

from PIL import Image
from textual.app import App
from textual.widgets import Static
from textual_image.widget import HalfcellImage

from diagnose.tui.contact_sheet import WIDTH, ContactSheet


def picture(colour):
    file = io.BytesIO()
    Image.new("RGB", (96, 64), colour).save(file, "JPEG")
    return base64.b64encode(file.getvalue()).decode()


class Shown(App):
    def compose(self):
        yield ContactSheet([("cat/a.jpg", picture("red")), ("a/long/name/of/a/picture/b.jpg", picture("blue"))])


async def test_every_picture_stands_above_its_name():
    app = Shown()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        one, other = app.query(HalfcellImage)
        for image in (one, other):
            assert (image.size.width, image.size.height) == (WIDTH, 8)  # 96 x 64 in cells twice as high as wide
        names = [str(name.content) for name in app.query(Static)]
        assert names == ["cat/a.jpg", "/long/name/of/a/picture/b.jpg"[-WIDTH:]]
        assert one.region.y == other.region.y  # side by side
        assert one.region.bottom <= app.query(Static).first().region.y
        for name in app.query("Static"):
            assert name.parent.region.contains_region(name.region)


async def test_pictures_without_room_beside_each_other_stand_below():
    app = Shown()
    async with app.run_test(size=(40, 30)) as pilot:
        await pilot.pause()
        one, other = app.query(HalfcellImage)
        assert one.region.x == other.region.x
        assert one.region.bottom < other.region.y
