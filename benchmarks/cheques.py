"""How many amounts are read whole, by hand and by reader, and what does one pass save against cutting windows?

    python benchmarks/cheques.py          # measure everything; some minutes
    python benchmarks/cheques.py --speed  # only the speed, on an idle machine; the accuracies stay as they are

Amounts are written in the 2,000 digits of MNIST's test set that the course ships, which no reader has been trained on.
Windows are cut at the step of the pass, 4 pixels. The exit status is 1 where a target is missed.
"""

import argparse
import json
import math
import statistics
import sys

import torch

from benchmarks import _common
from utils import data, models, reading, train
from utils.data import cheques
from utils.models.sliding import fully_convolutional

AMOUNTS, FORMS, REPEATS = 500, 200, 15
READERS = {"neighbours": "lenet_line", "neighbours + distortions": "lenet_line_distorted"}
SMALLEST_WHOLE, SMALLEST_GAIN = 0.95, 5.0  # tidy amounts read whole; time of windows against one pass


def readers():
    """{name: fully convolutional reader of lines} with the shipped weights."""
    nets = {name: models.create("lenet_bn", size=32, classes=11) for name in READERS}
    loaded = {name: train.load_weights(net, READERS[name]).eval() for name, net in nets.items()}
    return {name: fully_convolutional(net, (1, 32, 32)) for name, net in loaded.items()}


def judged(texts, written):
    """What became of amounts: share read whole with its standard error, and mistakes of each kind (dict)."""
    whole = sum(map(str.__eq__, texts, written)) / len(written)
    each = [reading.mistakes(right, read) for right, read in zip(written, texts, strict=True)]
    kinds = {kind: sum(one[kind] for one in each) for kind in each[0]}
    error = math.sqrt(whole * (1 - whole) / len(written))
    return {"whole": whole, "standard_error": round(error, 4), "digits": sum(map(len, written)), **kinds}


def read(reader, lines, decode=lambda log_probs: reading.best_path(log_probs).text):
    """What a reader makes of lines (list of str)."""
    return [decode(log_probs) for log_probs in reading.answers(reader, lines.normalised())]


def accuracies(digits, n=AMOUNTS, seed=0, levels=tuple(cheques.LEVELS)):
    """{reader: {level: as `judged`}}, by the best path, and by the simple way as "READER, simple way"."""
    lines = {level: cheques.amounts(digits, n, cheques.LEVELS[level], seed) for level in levels}
    ways = {"": lambda log_probs: reading.best_path(log_probs).text, ", simple way": reading.collapse}
    return {
        name + way: {level: judged(read(net, each, decode), each.texts) for level, each in lines.items()}
        for name, net in readers().items()
        for way, decode in ways.items()
    }


def whole_cheques(digits, reader, n=FORMS):
    """{level: {"cheques", "boxes found", "amounts right"}} of n cheques each."""
    texts, found = cheques.amounts(digits, n, seed=1).texts, {}
    for level, hand in cheques.LEVELS.items():
        boxes = right = 0
        for seed, text in enumerate(texts):
            form = cheques.cheque(digits, text, hand, seed)
            box = reading.find_box(form.image, cheques.BOX)
            boxes += box == form.box
            top, left = (place + cheques.INSET for place in box)
            line = form.image[top : top + cheques.FIELD, left : left + cheques.WIDTH].float() / 255
            X = (line - form.mean[0]) / form.std[0]
            right += reading.best_path(reading.answers(reader, X[None, None])[0]).text == text
        found[level] = {"cheques": n, "boxes found": boxes, "amounts right": right}
    return found


def tasks(digits):
    """What is timed: {"picture, way": function}; every way gives the same answers."""
    net = train.load_weights(models.create("lenet_bn", size=32, classes=11), READERS["neighbours"]).eval()
    twin, X = fully_convolutional(net, (1, 32, 32)), cheques.amounts(digits, 20, seed=0).normalised()
    form = cheques.cheque(digits, "20485").image.float()[None, None] / 255
    rows = form.unfold(2, 32, 4).unfold(3, 32, 4)[0, 0]
    return {
        "line, one pass": lambda: [twin(x[None]) for x in X],
        "line, windows one by one": lambda: [net(w[None]) for x in X for w in reading.cut_windows(x[None])[0]],
        "line, windows in one batch": lambda: [net(reading.cut_windows(x[None])[0]) for x in X],
        "cheque, one pass": lambda: twin(form),
        "cheque, windows in batches": lambda: [net(row[:, None]) for row in rows],
    }


def speeds(digits):
    """Seconds of each way, and how many times longer than one pass it takes (median of ratios within a round)."""
    with torch.inference_mode():
        timed = tasks(digits)
        for task in timed.values():
            task()
        seconds = _common.interleaved(timed, REPEATS)
    ratios = {}
    for name, values in seconds.items():
        one_pass = seconds[f"{name.split(',')[0]}, one pass"]
        ratios[name] = statistics.median(a / b for a, b in zip(values, one_pass, strict=True))
    return {"seconds": seconds, "times_one_pass": ratios}


def table(result):
    """The results as rows of text."""
    rows = [["reader", *cheques.LEVELS]]
    for name, levels in result["accuracy"].items():
        rows.append([f"{name}: whole amounts of {AMOUNTS}", *(f"{found['whole']:.1%}" for found in levels.values())])
    forms = [f"{form['boxes found']}, {form['amounts right']}" for form in result["cheques"].values()]
    rows.append([f"neighbours + distortions: boxes found, amounts right of {FORMS} cheques", *forms])
    for name, ratio in result["speed"]["times_one_pass"].items():
        rows.append([f"{name}: times one pass", f"{ratio:.1f}", *[""] * (len(cheques.LEVELS) - 1)])
    return rows


def main(arguments=None):
    """Measure, write results/cheques.*, and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--speed", action="store_true", help="measure the speed only")
    digits, stored = data.mnist_test_digits(), _common.RESULTS / "cheques.json"
    if parser.parse_args(arguments).speed:
        result = {name: json.loads(stored.read_text())[name] for name in ("accuracy", "cheques")}
    else:
        forms = whole_cheques(digits, readers()["neighbours + distortions"])
        result = {"accuracy": accuracies(digits), "cheques": forms}
    with _common.watched() as load:
        result["speed"] = speeds(digits)
    gains = result["speed"]["times_one_pass"]
    met = result["accuracy"]["neighbours"]["tidy"]["whole"] >= SMALLEST_WHOLE and all(
        gains[name] >= SMALLEST_GAIN for name in ("line, windows one by one", "cheque, windows in batches")
    )
    _common.write("cheques", {**result, "met": met, **load}, table(result))
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
