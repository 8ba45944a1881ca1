# Sound.
# Auxiliary-classifier GAN on Fashion-MNIST. What we are after is the classifier
# in the discriminator; the generator is there to feed it more garments.
import torch
from torch import nn, optim
from torch.utils.data import DataLoader
from torchvision import datasets, transforms as tfm

torch.manual_seed(8)
dev = torch.device("cuda" if torch.cuda.is_available() else "cpu")
Z, K, B, E = 100, 10, 64, 50

# real images must live where tanh lives
view = tfm.Compose([tfm.Resize(32), tfm.ToTensor(), tfm.Normalize([0.5], [0.5])])
full = datasets.FashionMNIST("data", train=True, download=True, transform=view)
real_set, held_out = torch.utils.data.random_split(full, [55000, 5000])
real_loader = DataLoader(real_set, batch_size=B, shuffle=True, drop_last=True, num_workers=2)
held_loader = DataLoader(held_out, batch_size=500, num_workers=2)


class G(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(K, Z)
        self.net = nn.Sequential(
            nn.ConvTranspose2d(Z, 256, 4, 1, 0, bias=False), nn.BatchNorm2d(256), nn.ReLU(),
            nn.ConvTranspose2d(256, 128, 4, 2, 1, bias=False), nn.BatchNorm2d(128), nn.ReLU(),
            nn.ConvTranspose2d(128, 64, 4, 2, 1, bias=False), nn.BatchNorm2d(64), nn.ReLU(),
            nn.ConvTranspose2d(64, 1, 4, 2, 1), nn.Tanh(),
        )

    def forward(self, z, y):
        return self.net((z * self.emb(y)).view(-1, Z, 1, 1))


class D(nn.Module):
    def __init__(self):
        super().__init__()
        def blk(i, o):
            return [nn.Conv2d(i, o, 3, 2, 1), nn.LeakyReLU(0.2), nn.Dropout2d(0.25)]
        self.trunk = nn.Sequential(*blk(1, 32), *blk(32, 64), *blk(64, 128), *blk(128, 256), nn.Flatten())
        self.real = nn.Linear(256 * 2 * 2, 1)
        self.kind = nn.Linear(256 * 2 * 2, K)

    def forward(self, x):
        h = self.trunk(x)
        return self.real(h).squeeze(1), self.kind(h)


gen, dis = G().to(dev), D().to(dev)
adv = nn.BCEWithLogitsLoss()
aux = nn.CrossEntropyLoss()
opt_g = optim.Adam(gen.parameters(), lr=2e-4, betas=(0.5, 0.999))
opt_d = optim.Adam(dis.parameters(), lr=2e-4, betas=(0.5, 0.999))

for epoch in range(1, E + 1):
    gen.train()
    dis.train()
    for x, y in real_loader:
        x, y = x.to(dev), y.to(dev)
        ones, zeros = torch.ones(B, device=dev), torch.zeros(B, device=dev)

        # --- generator
        z = torch.randn(B, Z, device=dev)
        want = torch.randint(0, K, (B,), device=dev)
        fake = gen(z, want)
        r, k = dis(fake)
        loss_g = adv(r, ones) + aux(k, want)
        opt_g.zero_grad()
        loss_g.backward()
        opt_g.step()

        # --- discriminator (its gradients from the generator's turn are thrown away here)
        opt_d.zero_grad()
        r, k = dis(x)
        loss_d = adv(r, ones) + aux(k, y)
        r, k = dis(fake.detach())
        loss_d = loss_d + adv(r, zeros)
        loss_d.backward()
        opt_d.step()

    dis.eval()
    ok = 0
    with torch.no_grad():
        for x, y in held_loader:
            ok += (dis(x.to(dev))[1].argmax(1).cpu() == y).sum().item()
    print(f"{epoch:03d} D {loss_d.item():.3f} G {loss_g.item():.3f} held-out acc {ok / len(held_out):.4f}")

torch.save({"G": gen.state_dict(), "D": dis.state_dict()}, "acgan.pt")
