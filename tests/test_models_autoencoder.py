"""The autoencoder: sizes counted by hand, shapes on the way, pixels in range, its halves usable alone."""

import pytest
import torch

from utils import complexity, models

torch.set_num_threads(1)


def test_size_is_the_one_counted_by_hand():
    encoder = (9 * 16 + 16) + 32 + (9 * 16 * 32 + 32) + 64 + (1568 * 64 + 64) + 128 + (64 * 16 + 16)
    decoder = (16 * 64 + 64) + 128 + (64 * 1568 + 1568) + (32 * 16 * 16 + 16) + 32 + (16 * 16 + 1)
    macs = 196 * 9 * 16 + 49 * 9 * 16 * 32 + 2 * (1568 * 64 + 64 * 16) + 49 * 32 * 16 * 16 + 196 * 16 * 16
    counted = complexity.count(models.create("autoencoder"), (1, 28, 28))
    assert (counted["params"], counted["macs"]) == (encoder + decoder, macs) == (218_113, 908_352)


@pytest.mark.parametrize(("code", "channels", "hidden"), [(16, (16, 32), 64), (2, (3, 5), 7), (1, (1, 1), 1)])
def test_shapes_down_and_up(code, channels, hidden):
    torch.manual_seed(0)
    model, X = models.create("autoencoder", code=code, channels=channels, hidden=hidden), torch.rand(3, 1, 28, 28)
    codes = model.encoder(X)
    assert codes.shape == (3, code)
    rebuilt = model.decoder(codes)
    assert rebuilt.shape == X.shape
    assert 0 < rebuilt.min() < rebuilt.max() < 1
    sides = [maps.shape[1:] for maps in (model.encoder[:3](X), model.encoder[:6](X), model.decoder[:6](codes))]
    assert sides == [(channels[0], 14, 14), (channels[1], 7, 7), (channels[1], 7, 7)]


def test_whole_is_encoder_then_decoder():
    torch.manual_seed(0)
    model, X = models.create("autoencoder").eval(), torch.rand(2, 1, 28, 28)
    torch.testing.assert_close(model(X), model.decoder(model.encoder(X)))


def test_gradient_reaches_every_parameter():
    torch.manual_seed(0)
    model, X = models.create("autoencoder"), torch.rand(4, 1, 28, 28)
    (model(X) - X).square().sum().backward()
    assert [name for name, p in model.named_parameters() if not p.grad.abs().max() > 0] == []


def test_a_code_of_nothing_is_refused():
    with pytest.raises(ValueError, match="1 or more, not 0"):
        models.create("autoencoder", code=0)
