"""Tensors are hashed by what they hold; a module with torch's names stands in for torch.

Its tensors pickle as torch's do: with the address of their memory.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from jobtui_core.errors import UnhashableError
from jobtui_core.hashing import digest, register_hasher


class Storage:
    """Memory of a tensor, with an address."""

    def __init__(self, data: np.ndarray[Any, Any]) -> None:
        self.data = data

    def __reduce__(self) -> tuple[Any, ...]:
        return Storage, (f"at {id(self)}",)


class Device:
    def __init__(self, kind: str) -> None:
        self.type = kind


class Tensor:
    layout = "strided"
    is_quantized = False

    def __init__(self, data: Any, *, requires_grad: bool = False, device: str = "cpu") -> None:
        self.storage = Storage(np.asarray(data))
        self.requires_grad = requires_grad
        self.device = Device(device)

    def __getattribute__(self, name: str) -> Any:
        # Torch's own are no attributes of the object.
        return {} if name == "__dict__" else super().__getattribute__(name)

    @property
    def dtype(self) -> str:
        return f"torch.{self.storage.data.dtype}"

    @property
    def shape(self) -> tuple[int, ...]:
        return self.storage.data.shape

    def detach(self) -> Tensor:
        return self

    cpu = resolve_conj = resolve_neg = detach

    def contiguous(self) -> Tensor:
        return Tensor(np.ascontiguousarray(self.storage.data))

    def reshape(self, size: int) -> Tensor:
        return Tensor(self.storage.data.reshape(size))

    def view(self, kind: str) -> Tensor:
        return Tensor(self.storage.data.view(kind))

    def numpy(self) -> Any:
        return self.storage.data

    def __reduce__(self) -> tuple[Any, ...]:
        return Tensor, (self.storage,)


class Parameter(Tensor):
    pass


class Sparse(Tensor):
    layout = "sparse_coo"

    def coalesce(self) -> Sparse:
        return self

    def indices(self) -> Tensor:
        return Tensor(np.flatnonzero(self.storage.data))

    def values(self) -> Tensor:
        return Tensor(self.storage.data[self.storage.data != 0])


class Compressed(Tensor):
    layout = "sparse_csr"


@pytest.fixture
def torch(monkeypatch: pytest.MonkeyPatch) -> None:
    module: Any = ModuleType("torch")
    module.Tensor, module.uint8 = Tensor, "u1"
    module.strided, module.sparse_coo = "strided", "sparse_coo"
    monkeypatch.setitem(sys.modules, "torch", module)
    for cls in (Tensor, Parameter, Sparse, Compressed):
        monkeypatch.setattr(cls, "__module__", "torch")
    # What was found for these classes elsewhere is forgotten.
    register_hasher(type("Unused", (), {}), repr)


@pytest.mark.usefixtures("torch")
def test_a_tensor_is_what_it_holds() -> None:
    base = digest(Tensor([[1.0, 2.0], [3.0, 4.0]]))
    assert digest(Tensor([[1.0, 2.0], [3.0, 4.0]])) == base
    assert digest(Tensor(np.array([[1.0, 3.0], [2.0, 4.0]]).T)) == base
    others = [
        Tensor([[1.0, 2.0], [3.0, 5.0]]),
        Tensor([1.0, 2.0, 3.0, 4.0]),
        Tensor(np.array([[1, 2], [3, 4]], dtype="f4")),
        Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True),
        Tensor([[1.0, 2.0], [3.0, 4.0]], device="cuda"),
        Parameter([[1.0, 2.0], [3.0, 4.0]]),
        Sparse([[1.0, 2.0], [3.0, 4.0]]),
        Sparse([[1.0, 2.0], [3.0, 0.0]]),
    ]
    found = [digest(value) for value in others]
    assert len({base, *found}) == len(others) + 1
    assert [digest(value) for value in others] == found


@pytest.mark.usefixtures("torch")
def test_a_tensor_of_a_kind_that_is_not_known_has_no_digest() -> None:
    with pytest.raises(UnhashableError, match=r'model\["w"\].*layout sparse_csr'):
        digest({"w": Compressed([1.0])}, name="model")


def test_without_that_an_address_would_count_and_a_hasher_of_ones_own_helps() -> None:
    class Own(Tensor):
        """A library's type that is not known here."""

    assert digest(Own([1.0])) != digest(Own([1.0]))
    register_hasher(Own, lambda tensor: tensor.storage.data)
    assert digest(Own([1.0])) == digest(Own([1.0])) != digest(Own([2.0]))
