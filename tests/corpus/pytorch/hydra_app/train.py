import hydra
import torch
import torchvision
from omegaconf import DictConfig
from torch.utils.data import DataLoader
from torchvision import transforms as T


@hydra.main(version_base=None, config_path="conf", config_name="config")
def main(cfg: DictConfig) -> None:
    torch.manual_seed(cfg.seed)
    net = torchvision.models.get_model(cfg.model.name, weights=cfg.model.weights)
    net.fc = torch.nn.Linear(net.fc.in_features, cfg.model.num_classes)
    net = net.cuda()
    norm = T.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
    train_tf = T.Compose([T.RandomResizedCrop(cfg.image_size), T.RandomHorizontalFlip(), T.RandomVerticalFlip(), T.ToTensor(), norm])
    val_tf = T.Compose([T.Resize(256), T.CenterCrop(cfg.image_size), T.ToTensor(), norm])
    train = torchvision.datasets.ImageFolder("resisc45/train", train_tf)
    val = torchvision.datasets.ImageFolder("resisc45/val", val_tf)
    train_dl = DataLoader(train, cfg.batch_size, shuffle=True, num_workers=8)
    val_dl = DataLoader(val, cfg.batch_size, num_workers=8)
    opt = torch.optim.SGD(net.parameters(), **cfg.optim)
    for epoch in range(cfg.epochs):
        net.train()
        for img, lab in train_dl:
            opt.zero_grad()
            loss = torch.nn.functional.cross_entropy(net(img.cuda()), lab.cuda())
            loss.backward()
            opt.step()
        net.eval()
        with torch.no_grad():
            hits = sum((net(i.cuda()).argmax(1).cpu() == t).sum() for i, t in val_dl)
        print(epoch, hits)


if __name__ == "__main__":
    main()
