"""OpenVINO, imported so that it tells nobody.

``import openvino`` sends an event to Intel over the network, and writes files to ``~/intel``, where
the package openvino-telemetry is installed; pip installs it. Without that package OpenVINO does the
same and sends nothing, so it is kept from being found. All modules here import OpenVINO by this
one.
"""

import sys

sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]  # None: "not installed"

import openvino  # noqa: E402 - after the line above
from openvino import Model, Node  # noqa: E402 - after the line above
from openvino import opset13 as ops  # noqa: E402 - after the line above

__all__ = ["Model", "Node", "openvino", "ops"]
