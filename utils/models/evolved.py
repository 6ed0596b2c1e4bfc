"""Small Inception nets described by genomes, and an evolutionary search among those that cost about the same.

Real, Aggarwal, Huang, Le (2019), "Regularized evolution for image classifier architecture search", AAAI (AmoebaNet):
the oldest dies, not the worst. The search space here is far smaller than theirs.

A genome is a tuple with one gene a block, and a gene is the output channels of the block's four paths: (1x1, 3x3, 5x5,
pool), each one of WIDTHS, 0 where the path is missing.
"""

from collections import deque
from functools import cache

from torch import nn

from utils.models.inception import InceptionBlock, conv, halve

WIDTHS = (0, 4, 8, 12, 16, 24)
STEM, SIDES = 8, (14, 7, 7)  # channels in front of the first block; side of each block's maps for 14 x 14 images
LEAST = 0.8  # share of the budget that a genome must use, so that all compete at equal cost


def channels(gene):
    """The six widths of `InceptionBlock` for a gene: the reductions are a half (3x3) and a quarter (5x5)."""
    one, three, five, pool = gene
    return one, -(-three // 2), three, -(-five // 4), five, pool


class EvolvedInception(nn.Sequential):
    """The net of a genome, with batch norm: X (B, c_in, 14, 14) float32 -> logits (B, classes).

    Raises:
        ValueError: a block has no path, or the genome does not have three genes.
    """

    def __init__(self, genome, classes=10, c_in=1):
        if len(genome) != len(SIDES):
            raise ValueError(f"A genome has {len(SIDES)} genes, one a block; this one has {len(genome)}.")
        blocks, width = [], STEM
        for gene in genome:
            blocks.append(InceptionBlock(width, channels(gene), batch_norm=True))
            width = blocks[-1].out_channels
        first, *others = blocks
        head = nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(width, classes)
        super().__init__(conv(c_in, STEM, 3, batch_norm=True), first, halve(), *others, *head)


@cache
def block_macs(genome):
    """Multiply-adds of the blocks of a genome's net for one image of 14 x 14 (int)."""
    total, width = 0, STEM
    for gene, side in zip(genome, SIDES, strict=True):
        a, b1, b2, c1, c2, d = channels(gene)
        total += side**2 * (width * (a + b1 + c1 + d) + 9 * b1 * b2 + 25 * c1 * c2)
        width = a + b2 + c2 + d
    return total


def affordable(genome, budget):
    """True if each block has a path and the genome uses the budget (multiply-adds), all of it or at least LEAST."""
    return all(map(any, genome)) and LEAST * budget <= block_macs(genome) <= budget


def random_genome(random, budget):
    """A genome drawn evenly from those that are `affordable`; `random` is a random.Random."""
    while True:
        genome = tuple(tuple(random.choice(WIDTHS) for _ in range(4)) for _ in SIDES)
        if affordable(genome, budget):
            return genome


def mutate(genome, random, budget):
    """Another affordable genome: one or two widths are drawn anew."""
    while True:
        genes = [list(gene) for gene in genome]
        for _ in range(random.choice((1, 2))):
            random.choice(genes)[random.randrange(4)] = random.choice(WIDTHS)
        child = tuple(map(tuple, genes))
        if child != genome and affordable(child, budget):
            return child


def evolve(first, fitness, mutate, children, sample, random):
    """Regularised evolution: again and again, the best of a few drawn at random has a child, and the oldest dies.

    Args:
        first: genomes of the first generation.
        fitness: function of a genome that returns its score, larger is better.
        mutate: function of a genome that returns its child.
        children: how many are born.
        sample: how many are drawn to find each parent.
        random: random.Random.

    Returns:
        list of (genome, score) in the order of birth, the first generation in front.
    """
    population = deque((genome, fitness(genome)) for genome in first)
    born = list(population)
    for _ in range(children):
        parent, _ = max(random.sample(population, sample), key=lambda one: one[1])
        child = mutate(parent)
        population.append((child, fitness(child)))
        population.popleft()
        born.append(population[-1])
    return born
