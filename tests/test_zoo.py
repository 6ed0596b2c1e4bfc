"""The model zoo: published numbers, networks and blocks of torchvision, measured in processes of their own."""

import os
import time

import pytest
import torch
import torchvision
from torch import nn

from benchmarks import zoo as benchmark
from utils import complexity, runtime, zoo

torch.set_num_threads(1)

# As torchvision published them; its own metadata must go on saying so.
TOP1 = {
    "alexnet": (56.522, None),
    "vgg11": (69.020, None),
    "vgg16": (71.592, None),
    "vgg19": (72.376, None),
    "googlenet": (69.778, None),
    "inception_v3": (77.294, None),
    "resnet18": (69.758, None),
    "resnet34": (73.314, None),
    "resnet50": (76.130, 80.858),
    "resnet101": (77.374, 81.886),
    "resnet152": (78.312, 82.284),
    "resnext50_32x4d": (77.618, 81.198),
    "densenet121": (74.434, None),
    "shufflenet_v2_x1_0": (69.362, None),
    "mobilenet_v2": (71.878, 72.154),
}


@pytest.mark.parametrize("name", TOP1)
def test_accuracies_are_the_published_ones(name):
    facts = zoo.published(name)
    assert (facts["top1"], facts["top1_later"]) == TOP1[name]
    assert facts["side"] == (299 if name == "inception_v3" else 224)


def test_chart_has_at_least_fourteen_networks_and_the_quick_set_is_among_them():
    assert len(zoo.NETS) >= 14
    assert set(zoo.QUICK) | set(TOP1) <= set(zoo.NETS)
    with pytest.raises(ValueError, match="not on the chart"):
        zoo.survey(["lenet"])


@pytest.mark.parametrize("name", ["shufflenet_v2_x1_0", "googlenet"])
def test_random_weights_keep_numbers_finite_and_alive(name):
    network = zoo.build(name)
    with torch.inference_mode():
        logits = network(torch.rand(2, 3, 96, 96))
    assert not network.training
    assert torch.isfinite(logits).all()
    assert logits.abs().max() > 1e-3
    assert sum(p.numel() for p in network.parameters()) == zoo.published(name)["params"]


@pytest.mark.parametrize(
    ("name", "kind", "shape"),
    [
        ("resnet50", torchvision.models.resnet.Bottleneck, (1024, 14, 14)),
        ("mobilenet_v2", torchvision.models.mobilenetv2.InvertedResidual, (32, 28, 28)),
        ("vgg16", nn.Sequential, (128, 56, 56)),
    ],
)
def test_block_is_a_part_of_the_network_and_takes_the_shape(name, kind, shape):
    module, found = zoo.block(name)
    assert isinstance(module, kind)
    assert found == shape
    assert module(torch.empty(1, *shape, device="meta")).shape[0] == 1


def test_front_by_hand():
    assert zoo.best_of([10, 20, 5, 8], [70, 60, 80, 65]).tolist() == [True, True, True, False]
    assert zoo.best_of([1, 1, 1], [5, 5, 4]).tolist() == [True, True, False]  # equals do not beat each other


def _process_and_threads():
    return os.getpid(), torch.get_num_threads()


def test_survey_measures_in_another_process_with_as_many_threads():
    process, threads = zoo.alone(_process_and_threads)
    assert process != os.getpid()
    assert threads == torch.get_num_threads()
    (row,) = zoo.survey(["shufflenet_v2_x1_0"], batch_sizes=(1, 2), seconds=0.05, progress=False)
    assert row["name"] == "shufflenet_v2_x1_0"
    assert row["threads"] == 1
    for batch in ("1", "2"):
        speed = row["speed"][batch]
        assert 0 < speed["low"] <= speed["images_per_second"] <= speed["high"]
        assert 9 < row["peak_mb"][batch] < 400  # the weights alone are 9 MB


class Waiting(nn.Module):
    """Takes so many seconds for a pass, and no processor that other tests could be using."""

    def __init__(self, seconds):
        super().__init__()
        self.seconds = seconds

    def forward(self, X):
        time.sleep(self.seconds)
        return X


def test_order_agrees_with_pytorchs_own_stopwatch():
    nets = {seconds: Waiting(seconds) for seconds in (0.08, 0.003, 0.3, 0.02)}
    ours = {name: complexity.throughput(net, (1, 2, 2), 8, 0.1)["images_per_second"] for name, net in nets.items()}
    theirs = {name: benchmark.timed_by_torch(net, torch.rand(8, 1, 2, 2), 0.1) for name, net in nets.items()}
    assert benchmark.agreement(ours, theirs) == pytest.approx(1)


def test_agreement_is_spearmans():
    speeds = {"a": 1.0, "b": 2.0, "c": 30.0}
    assert benchmark.agreement(speeds, {"c": 9.0, "a": 0.1, "b": 5.0}) == pytest.approx(1)
    assert benchmark.agreement(speeds, {"a": 9.0, "b": 5.0, "c": 0.1}) == pytest.approx(-1)


def test_stored_result_is_whole_and_its_orders_agree():
    stored = runtime.results("zoo")
    assert {row["name"] for row in stored["rows"]} == set(stored["timed_again"]) == set(zoo.NETS)
    speeds = {row["name"]: row["speed"]["1"]["images_per_second"] for row in stored["rows"]}
    assert benchmark.agreement(speeds, stored["timed_again"]) == pytest.approx(stored["spearman"], abs=1e-3)
    assert stored["spearman"] >= benchmark.LEAST_AGREEMENT
    assert all(set(row["speed"]) == {str(batch) for batch in zoo.BATCH_SIZES} for row in stored["rows"])
    assert stored["machine"]["processor"]
    assert stored["machine"]["threads"] == stored["rows"][0]["threads"]


def test_table_lists_every_network_fastest_first():
    heading, *lines = benchmark.table(runtime.results("zoo")["rows"])
    assert len(lines) == len(zoo.NETS)
    assert all(len(line) == len(heading) for line in lines)
    speeds = [float(line[4].split()[0]) for line in lines]
    assert speeds == sorted(speeds, reverse=True)
