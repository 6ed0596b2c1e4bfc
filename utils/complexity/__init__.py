"""What a network costs, counted without data: parameters, multiply-adds, memory, receptive field.

    complexity.count(model, (1, 28, 28))["macs"]
    complexity.layer_table(model, (1, 28, 28))      # a pandas DataFrame, one row a layer

Conventions: `params` are trainable parameters; `macs` are the multiply-adds of convolutions and matrix products for one
image in evaluation mode (half of what `torch.utils.flop_counter` counts; biases, activations, pooling count nothing).
The model stays as it is: a copy without weights (PyTorch's "meta" device) takes its place, so VGG-16 costs no memory.
Only `throughput` runs the model itself; `peak_memory` watches whatever runs.
"""

from utils.complexity.formulas import conv_cost, receptive_field
from utils.complexity.memory import peak_memory
from utils.complexity.speed import throughput
from utils.complexity.tables import count, layer_table

__all__ = ["conv_cost", "count", "layer_table", "peak_memory", "receptive_field", "throughput"]
