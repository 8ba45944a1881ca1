import base64
import io

from PIL import Image

from diagnose.dataset.pictures import SIDE, pictures
from diagnose.dataset.store import Store


def test_what_was_named_is_pictured(tmp_path):
    Image.new("RGB", (400, 200), "red").save(tmp_path / "a.png")
    (tmp_path / "b.png").write_bytes(b"no image")
    with Store() as store:
        store.root = str(tmp_path)
        for name in (b"a.png", b"b.png", b"gone.png"):
            store.name(bytes(tmp_path) + b"/" + name, None)
        made = pictures(store, ["a.png", "b.png", "gone.png"])
    assert list(made) == ["a.png"]
    assert Image.open(io.BytesIO(base64.b64decode(made["a.png"]))).size == (SIDE, SIDE // 2)
