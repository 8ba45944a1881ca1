import torch
import torch.nn as nn


class Encoder(nn.Module):
    def __init__(self, widths=(32, 64, 96, 128)):
        super().__init__()
        layers, cin = [], 3
        for w in widths:
            layers += [nn.Conv2d(cin, w, 3, padding=1, bias=False), nn.BatchNorm2d(w), nn.GELU(), nn.MaxPool2d(2)]
            cin = w
        self.body = nn.Sequential(*layers)
        self.dim = cin

    def forward(self, x):
        return self.body(x).mean(dim=(2, 3))


class EmbeddingClassifier(nn.Module):
    def __init__(self, classes, hidden=64):
        super().__init__()
        self.encoder = Encoder()
        self.project = nn.Sequential(nn.Linear(self.encoder.dim, hidden), nn.LayerNorm(hidden), nn.GELU())
        self.classify = nn.Linear(hidden, classes)

    @torch.no_grad()
    def embed(self, x):
        """Picture embeddings, also used by the retrieval script."""
        return self.encoder(x)

    def forward(self, x):
        z = self.embed(x)
        return self.classify(self.project(z))
