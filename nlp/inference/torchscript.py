"""A forward pass in one step, as far as Python is concerned.

In eager mode a thread asks for the interpreter after each of some two hundred operations, and with
several at it, or while articles are decided about beside them, all wait for each other. A traced
module gives the interpreter up once a batch. Its operations, and so its answers, are the same.

PyTorch advises to compile or to export instead. Compiling takes half a minute at each start; an
exported module is run by the interpreter, operation by operation.
"""

import warnings
from typing import Any


def traced(torch: Any, module: Any, *example: Any) -> Any:
    """``module`` as TorchScript, for inputs of any size; ``example`` are some inputs."""
    with warnings.catch_warnings(), torch.inference_mode():
        warnings.simplefilter("ignore")  # that it is deprecated, and that Python's ifs are settled
        return torch.jit.trace(module, example, check_trace=False)
