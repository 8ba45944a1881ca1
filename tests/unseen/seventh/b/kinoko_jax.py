# きのこ分類（食用 / 毒）  Keras 3 + JAX
import os
os.environ["KERAS_BACKEND"] = "jax"

from pathlib import Path
import numpy as np
from PIL import Image
import keras
from keras import layers

KYASSHU = Path("kinoko_128.npz")


def yomikomi(root="kinoko"):
    """画像を全部読み込んで npz に保存する。2回目からは npz を使う。"""
    if not KYASSHU.exists():
        gazou, kotae = [], []
        for label, name in [(0, "shokuyou"), (1, "doku")]:
            for f in sorted(Path(root, name).glob("*.jpg")):
                im = Image.open(f).convert("RGB").resize((128, 128), Image.BILINEAR)
                gazou.append(np.asarray(im, dtype=np.uint8))
                kotae.append(label)
        np.savez(KYASSHU, x=np.stack(gazou), y=np.array(kotae, dtype="float32"))
    d = np.load(KYASSHU)
    return d["x"], d["y"]


keras.utils.set_random_seed(5)
x, y = yomikomi()

# フォルダ順に並んでいるので混ぜる
junban = np.random.default_rng(5).permutation(len(x))
x, y = x[junban], y[junban]
print("枚数:", len(x), " 毒の割合:", y.mean())

nyuryoku = keras.Input((128, 128, 3))
t = layers.Rescaling(1 / 255)(nyuryoku)
for ch in (32, 64, 128, 256):
    t = layers.Conv2D(ch, 3, padding="same", use_bias=False)(t)
    t = layers.BatchNormalization()(t)
    t = layers.Activation("silu")(t)
    t = layers.MaxPooling2D()(t)
t = layers.GlobalAveragePooling2D()(t)
t = layers.Dropout(0.3)(t)
shutsuryoku = layers.Dense(1, activation="sigmoid")(t)
model = keras.Model(nyuryoku, shutsuryoku)

model.compile(optimizer=keras.optimizers.Adam(3e-4), loss="binary_crossentropy",
              metrics=["accuracy", keras.metrics.AUC(name="auc")])
model.fit(x, y, batch_size=32, epochs=35, validation_split=0.15,
          callbacks=[keras.callbacks.EarlyStopping("val_loss", patience=8, restore_best_weights=True)])
model.save("kinoko.keras")
