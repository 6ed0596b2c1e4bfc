"""Genomes: what they cost, that children stay within the budget, and that the oldest dies."""

from random import Random

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from utils import complexity
from utils.models import evolved

BUDGET = 100_000
seeds = st.integers(0, 10_000).map(Random)


@given(seeds)
@settings(max_examples=10, deadline=None)
def test_a_genome_costs_what_its_net_costs(random):
    genome = evolved.random_genome(random, BUDGET)
    with torch.device("meta"):
        net = evolved.EvolvedInception(genome)
    counted = complexity.count(net, (1, 14, 14))["macs"]
    stem, head = 14 * 14 * 9 * evolved.STEM, 10 * net[-1].in_features
    assert counted - stem - head == evolved.block_macs(genome)


@given(seeds)
@settings(max_examples=40, deadline=None)
def test_children_differ_a_little_and_cost_the_same(random):
    parent = evolved.random_genome(random, BUDGET)
    child = evolved.mutate(parent, random, BUDGET)
    for genome in (parent, child):
        assert evolved.affordable(genome, BUDGET)
        assert evolved.LEAST * BUDGET <= evolved.block_macs(genome) <= BUDGET
    changed = sum(a != b for old, new in zip(parent, child, strict=True) for a, b in zip(old, new, strict=True))
    assert changed in (1, 2)


def test_a_genome_without_a_block_or_a_path_is_refused():
    whole = ((4, 4, 4, 4),) * 3
    assert not evolved.affordable((*whole[:2], (0, 0, 0, 0)), evolved.block_macs(whole))
    with pytest.raises(ValueError, match="has 3 genes"):
        evolved.EvolvedInception(whole[:2])
    assert evolved.EvolvedInception(whole, classes=7, c_in=3)(torch.zeros(2, 3, 14, 14)).shape == (2, 7)


def test_oldest_dies_and_the_best_of_the_drawn_has_the_child():
    class EveryoneIsDrawn(Random):
        def sample(self, population, k):
            return list(population)[:k]

    born = evolved.evolve([5, 1, 2], float, lambda genome: genome - 3, 3, 3, EveryoneIsDrawn(0))
    # 5 has a child (2) and dies; of 1, 2, 2 the first 2 has one (-1), 1 dies; of 2, 2, -1 again, 2 dies
    assert born == [(5, 5.0), (1, 1.0), (2, 2.0), (2, 2.0), (-1, -1.0), (-1, -1.0)]


def test_evolution_climbs_where_scores_are_exact():
    random, target = Random(0), evolved.random_genome(Random(99), BUDGET)

    def closeness(genome):
        return -sum(abs(a - b) for x, y in zip(genome, target, strict=True) for a, b in zip(x, y, strict=True))

    first = [evolved.random_genome(random, BUDGET) for _ in range(10)]
    born = evolved.evolve(first, closeness, lambda g: evolved.mutate(g, random, BUDGET), 60, 4, random)
    assert len(born) == 70
    assert max(score for _, score in born[-10:]) > max(score for _, score in born[:10])
