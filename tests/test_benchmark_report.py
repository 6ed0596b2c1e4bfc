"""The report of the benchmarks says what their stored results say, and leaves none of them out."""

import json

from benchmarks import _common, growth, report


def test_report_is_that_of_the_stored_results():
    assert report.README.read_text("utf-8") == report.text(), "python benchmarks/report.py writes it anew"


def test_every_result_is_in_the_report():
    reported = {name for _, _, name in report.SECTIONS} | {"accuracy"}
    assert {path.stem for path in _common.RESULTS.glob("*.json")} == reported


def test_every_result_tells_its_machine_and_was_met():
    for path in _common.RESULTS.glob("*.json"):
        stored = json.loads(path.read_text("utf-8"))
        assert path.stem == "accuracy" or stored["machine"]["processor"], path.name
        assert stored.get("met", True), f"{path.name}: a target was missed when it was measured"


def test_exponent_is_that_of_a_power():
    p, fit = growth.exponent([1, 2, 4, 8], [3.0, 12.0, 48.0, 192.0])
    assert abs(p - 2) < 1e-9
    assert abs(fit - 1) < 1e-9
