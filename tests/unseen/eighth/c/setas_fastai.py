# Clasificador de setas con fastai (9 géneros, carpeta por género)
# dataset: kaggle "mushrooms-classification-common-genuss-images"
from fastai.vision.all import *

ruta = Path('/kaggle/input/mushrooms-classification-common-genuss-images/Mushrooms')

# algunas fotos del dataset están rotas, las quitamos
fotos = get_image_files(ruta)
malas = set(verify_images(fotos))
print(len(fotos), 'fotos,', len(malas), 'rotas')


def buenas(p):
    return L(f for f in get_image_files(p) if f not in malas)


# media y desviación de ImageNet
media = [123.675, 116.28, 103.53]
desv = [58.395, 57.12, 57.375]

bloque = DataBlock(
    blocks=(ImageBlock, CategoryBlock),
    get_items=buenas,
    get_y=parent_label,
    splitter=RandomSplitter(valid_pct=0.2, seed=7),
    item_tfms=Resize(320),
    batch_tfms=[*aug_transforms(size=224, min_scale=0.75),
                Normalize.from_stats(media, desv)],  # fault: N204
)

set_seed(7)
dls = bloque.dataloaders(ruta, bs=32)
dls.show_batch(max_n=9)

learn = vision_learner(dls, resnet34, metrics=[accuracy, F1Score(average='macro')])

# primero solo la cabeza, después todo
learn.fine_tune(8, base_lr=2e-3, freeze_epochs=2)

interp = ClassificationInterpretation.from_learner(learn)
interp.plot_confusion_matrix(figsize=(8, 8))
interp.most_confused(min_val=3)

learn.export('/kaggle/working/setas.pkl')
