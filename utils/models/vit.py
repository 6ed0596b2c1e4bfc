"""A tiny vision transformer: an image as a row of patches that look at one another.

Dosovitskiy, Beyer, Kolesnikov et al. (2021), "An image is worth 16x16 words: transformers for image recognition at
scale", ICLR. As there: patches, learned positions, blocks that normalise first. Different here: the mean of all patches
is classified, not an extra class token, so that each token is a place of the image.
"""

import torch
from torch import nn


class Attention(nn.Module):
    """Multi-head self-attention: X (B, N, D) -> (B, N, D), each token a weighted mean of what all tokens offer.

    Vaswani et al. (2017), "Attention is all you need", NIPS, equation 1.

    Args:
        width: D, numbers of a token.
        heads: how many attend side by side, each with D / heads numbers.

    Raises:
        ValueError: the heads do not divide the width.
    """

    def __init__(self, width, heads):
        super().__init__()
        if width % heads:
            raise ValueError(f"{heads} heads cannot share {width} numbers evenly. Take heads that divide the width.")
        self.heads = heads
        self.to_qkv, self.to_out = nn.Linear(width, 3 * width), nn.Linear(width, width)

    def forward(self, X):
        B, N, D = X.shape
        weights, V = self.weights(X)
        return self.to_out((weights @ V).transpose(1, 2).reshape(B, N, D))

    def weights(self, X):
        """Who looks where: softmax(Q K^T / sqrt(d)) (B, heads, N, N), a row for each query, and V (B, heads, N, d)."""
        B, N, D = X.shape
        Q, K, V = self.to_qkv(X).view(B, N, 3, self.heads, D // self.heads).permute(2, 0, 3, 1, 4)
        scores = Q @ K.transpose(-2, -1) / (D // self.heads) ** 0.5
        return scores.softmax(-1), V


class TransformerBlock(nn.Module):
    """Look around, then think at each token: X (B, N, D) -> (B, N, D), two residual branches of chapter 09."""

    def __init__(self, width, heads):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attention = Attention(width, heads)
        self.mlp = nn.Sequential(nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width))

    def forward(self, X):
        X = X + self.attention(self.norm1(X))
        return X + self.mlp(self.norm2(X))


class VisionTransformer(nn.Module):
    """Patches, positions, blocks, the mean of the tokens: X (B, channels, size, size) -> logits (B, classes).

    Args:
        size: side of the image in pixels.
        patch: side of a patch in pixels.
        channels: of the image.
        width: numbers of a token.
        depth: number of blocks.
        heads: attention heads of each block.
        classes: number of logits.

    Raises:
        ValueError: patches do not tile the image, or the heads do not divide the width.
    """

    def __init__(self, size=28, patch=4, channels=1, width=32, depth=2, heads=4, classes=10):
        super().__init__()
        if size % patch:
            raise ValueError(f"Patches of {patch} do not tile an image of {size}. Take a patch that divides the size.")
        self.side, self.embed = size // patch, nn.Conv2d(channels, width, patch, stride=patch)
        self.positions = nn.Parameter(torch.randn(1, self.side**2, width) * 0.02)
        self.blocks = nn.Sequential(*(TransformerBlock(width, heads) for _ in range(depth)))
        self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, classes)

    def forward(self, X):
        return self.head(self.norm(self.blocks(self.tokens(X))).mean(1))

    def tokens(self, X):
        """One token a patch, row by row, with its position: (B, C, size, size) -> (B, N, width)."""
        return self.embed(X).flatten(2).transpose(1, 2) + self.positions

    def attention(self, X):
        """Attention of every block: X (B, C, size, size) -> (B, depth, heads, N, N), rows add up to 1."""
        found, X = [], self.tokens(X)
        for block in self.blocks:
            found.append(block.attention.weights(block.norm1(X))[0])
            X = block(X)
        return torch.stack(found, dim=1)


def shuffle_patches(X, patch=4, seed=0):
    """Images (B, C, H, W) with their patches in another order, the same for all images; any dtype."""
    B, C, H, W = X.shape
    rows, columns = H // patch, W // patch
    order = torch.randperm(rows * columns, generator=torch.Generator().manual_seed(seed))
    tiles = X.reshape(B, C, rows, patch, columns, patch).transpose(3, 4).flatten(2, 3)[:, :, order]
    return tiles.unflatten(2, (rows, columns)).transpose(3, 4).reshape(X.shape)
