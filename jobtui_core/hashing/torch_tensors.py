"""Digests of torch's tensors: what they hold.

Their pickles hold the addresses of their memory, which are others in each process.
"""

from __future__ import annotations

import sys
from typing import Any

from jobtui_core.hashing.nodes import ORDERED, Attributes, Handler, Node, Options, head

__all__ = ["handler_for"]


def handler_for(cls: type) -> Handler | None:
    """Give the handler for tensors and what derives from them, such as parameters."""
    return _tensor if issubclass(cls, sys.modules["torch"].Tensor) else None


def _tensor(value: Any, options: Options) -> Node:
    torch: Any = sys.modules["torch"]
    plain = value.detach()
    if plain.layout is torch.sparse_coo:
        plain = plain.coalesce()
        content = [plain.indices(), plain.values()]
    elif plain.layout is torch.strided and not plain.is_quantized:
        content = [_bytes(plain, torch)]
    else:
        raise TypeError(f"a tensor with the layout {plain.layout} has no digest")
    parts = [
        type(value),
        str(value.dtype),
        tuple(value.shape),
        value.device.type,
        value.requires_grad,
        *content,
        Attributes(getattr(value, "__dict__", {})),
    ]
    return Node(head("torch.Tensor"), ORDERED, parts, lambda children, index: "")


def _bytes(plain: Any, torch: Any) -> Any:
    # numpy has no bfloat16 and the like, and no lazily conjugated numbers.
    flat = plain.cpu().resolve_conj().resolve_neg().contiguous().reshape(-1)
    return flat.view(torch.uint8).numpy()
