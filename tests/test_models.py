"""Every network of the registry, in one test body: sizes as published, shapes, gradients, no image disturbs another."""

import pytest
import torch

from utils import complexity, models

DIGITS = {"mlp", "small_convnet", "lenet", "lenet_bn", "lenet5_1998"}
COLOUR_32 = {f"{kind}{depth}" for kind in ("plain", "resnet") for depth in (8, 14, 20, 32, 44, 56)} | {
    "alexnet_small",
    "inception_small",
    "inception_resnet_small",
    "vgg_small",
    "se_resnet8",
    "se_resnet20",
    "densenet_small",
    "mobilenet_small",
    "shufflenet_small",
}
SIZES = dict.fromkeys(DIGITS, (1, 28, 28)) | dict.fromkeys(COLOUR_32, (3, 32, 32)) | {"inception_v3": (3, 299, 299)}
SIZES |= dict.fromkeys(["autoencoder", "vit_small", "digit_discriminator", "hyper_convnet"], (1, 28, 28))
SIZES["digit_generator"] = (16,)
OUTPUTS = {"autoencoder": (1, 28, 28), "digit_generator": (1, 28, 28), "digit_discriminator": (1,)}  # else: classes

# name -> trainable parameters and multiply-adds of one image, from the papers and from torchvision (a float: billions,
# to three decimals; None: not given)
PUBLISHED = {
    "mlp": (101_770, 784 * 128 + 128 * 10),
    "autoencoder": (218_113, 908_352),
    "vit_small": (19_594, 1_135_552),
    "digit_generator": (33_633, 476_672),
    "digit_discriminator": (10_097, 453_152),
    "hyper_convnet": (4_242, 730_200),
    "small_convnet": (34_826, 2_440_960),
    "lenet": (61_706, 416_520),
    "lenet_bn": (61_706 + 2 * (6 + 16 + 120 + 84), 416_520),
    "alexnet": (61_100_840, 714_188_480),
    "alexnet_two_towers": (60_965_224, 0.724),
    "alexnet_one_tower": (62_378_344, None),
    "alexnet_textbook": (50_844_008, 1_009_945_728),
    "lenet5_1998": (60_000, None),
    "se_resnet50": (28_088_024, None),
    "vgg11": (132_863_336, 7.609),
    "vgg13": (133_047_848, 11.308),
    "vgg16": (138_357_544, 15_470_264_320),
    "vgg19": (143_667_240, 19.632),
    "vgg11_bn": (132_868_840, 7_609_090_048),
    "vgg13_bn": (133_053_736, None),
    "vgg16_bn": (138_365_992, None),
    "vgg19_bn": (143_678_248, None),
    "googlenet_paper": (6_998_552, None),
    "inception_v3": (27_161_264, 5_713_216_096),
    "resnet18": (11_689_512, 1_814_073_344),
    "resnet34": (21_797_672, 3.664),
    "resnet50": (25_557_032, 4_089_184_256),
    "resnet101": (44_549_160, 7.801),
    "resnet152": (60_192_808, 11_513_626_624),
    "resnext50_32x4d": (25_028_904, 4_230_479_872),
    "densenet121": (7_978_856, 2.834),
    "shufflenet_v2_x1_0": (2_278_604, 0.145),
    "mobilenet_v1": (4_231_976, 568_740_352),
    "mobilenet_v2": (3_504_872, 0.301),
}
SMALL = {"vit_small", "digit_generator", "digit_discriminator", "hyper_convnet"}
RUN_FOR_REAL = sorted(
    (DIGITS | COLOUR_32 | SMALL) & set(models.names()) - {"plain44", "plain56", "resnet44", "resnet56"}
)


def test_every_published_size_belongs_to_a_network():
    assert set(PUBLISHED) <= set(models.names())
    assert set(SIZES) <= set(models.names())


@pytest.mark.parametrize("name", models.names())
def test_size_and_shape(name):
    with torch.device("meta"):  # shapes without weights
        model = models.create(name)
    shape = SIZES.get(name, (3, 224, 224))
    counted = complexity.count(model, shape)
    params, macs = PUBLISHED.get(name, (counted["params"], None))
    assert counted["params"] == params
    assert macs in (None, counted["macs"], round(counted["macs"] / 1e9, 3))
    logits = model.eval()(torch.empty(2, *shape, device="meta"))
    classes = 10 if name in SIZES and name != "inception_v3" else 1000
    assert logits.shape == (2, *OUTPUTS.get(name, (classes,)))


@pytest.mark.parametrize("name", RUN_FOR_REAL)
def test_gradient_reaches_every_parameter(name):
    torch.manual_seed(0)
    model = models.create(name)
    model(torch.randn(4, *SIZES[name])).square().sum().backward()
    silent = [path for path, p in model.named_parameters() if p.grad is None or not p.grad.abs().max() > 0]
    assert silent == []


@pytest.mark.parametrize("name", RUN_FOR_REAL)
def test_images_of_a_batch_do_not_meet_in_evaluation(name):
    torch.manual_seed(0)
    model, X = models.create(name).eval(), torch.randn(3, *SIZES[name])
    with torch.no_grad():
        together, alone = model(X), torch.cat([model(X[i : i + 1]) for i in range(3)])
    torch.testing.assert_close(together, alone, atol=1e-4, rtol=1e-4)
    assert not torch.allclose(together[0], together[1])


@pytest.mark.parametrize("name", RUN_FOR_REAL)
def test_weights_go_into_a_second_network_by_name(name):
    torch.manual_seed(0)
    first, second = models.create(name).eval(), models.create(name).eval()
    X = torch.randn(1, *SIZES[name])
    with torch.no_grad():
        assert not torch.equal(first(X), second(X))
        second.load_state_dict(first.state_dict())
        assert torch.equal(first(X), second(X))


@pytest.mark.parametrize("name", sorted(DIGITS - {"lenet5_1998"}))  # its outputs are ten bitmaps
def test_number_of_classes(name):
    assert models.create(name, classes=7)(torch.zeros(2, 1, 28, 28)).shape == (2, 7)


def test_lenet_without_padding_is_smaller():
    counted = complexity.count(models.create("lenet", padding=0), (1, 28, 28))
    assert (counted["params"], counted["macs"]) == (44_426, 281_640)


def test_lenet_reads_what_its_options_say():
    assert models.create("lenet", channels=3, size=32)(torch.zeros(1, 3, 32, 32)).shape == (1, 10)
    with pytest.raises(ValueError, match="Use 16 pixels or more"):
        models.create("lenet", size=12, padding=0)


def test_unknown_name_suggests_the_nearest():
    with pytest.raises(ValueError, match="Did you mean lenet"):
        models.create("LeNet5")
    with pytest.raises(ValueError, match="Choose one of: alexnet"):
        models.constructor("transformer")
    with pytest.raises(ValueError, match="no network called 5"):
        models.create(5)


def test_constructor_is_what_create_calls():
    assert isinstance(models.create("lenet"), models.constructor("lenet"))
    assert models.names() == sorted(set(models.names()))
