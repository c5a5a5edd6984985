"""The dtype that a pickle describes, without letting the pickle make it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

__all__ = ["dtype_of"]

_CODE = re.compile(r"[?a-zA-Z][0-9]{0,9}").fullmatch
_MOST_FIELDS = 1000


def dtype_of(made: Any, depth: int = 8) -> np.dtype[Any] | None:
    """Give the dtype that ``numpy.dtype(code)`` with this state would be.

    Parameters
    ----------
    made : Made
        As the stream describes it.

    Returns
    -------
    numpy.dtype or None
        ``None`` if it is none, or an odd one.
    """
    import numpy as np

    try:
        code = made.arguments[0]
        if (
            str(made.by) != "numpy.dtype"
            or not isinstance(code, str)
            or not _CODE(code)
            or not depth
        ):
            return None
        order = made.state[1]
        sub, names, fields = made.state[2:5] if len(made.state) > 4 else (None, None, None)
        if sub is not None:
            base = dtype_of(sub[0], depth - 1)
            return None if base is None else np.dtype((base, tuple(sub[1])))
        if names:
            return _structured(made, tuple(names), fields, depth)
        base = np.dtype(code)
        unit = made.state[8] if len(made.state) > 8 else None
        if base.kind in "mM" and unit is not None:
            name = unit[1][0] if isinstance(unit[1], tuple) else unit[0]
            base = np.dtype(f"{code}[{name.decode() if isinstance(name, bytes) else name}]")
        swapped: np.dtype[Any] = base.newbyteorder(order) if order in ("<", ">") else base
        return swapped
    except Exception:  # noqa: BLE001  # bytes of anybody's
        return None


def _structured(made: Any, names: tuple[str, ...], fields: Any, depth: int) -> np.dtype[Any] | None:
    import numpy as np

    if len(names) > _MOST_FIELDS:
        return None
    formats = [dtype_of(fields[name][0], depth - 1) for name in names]
    # A dtype equals None where it is the default one.
    if any(one is None for one in formats):
        return None
    layout: Any = {
        "names": list(names),
        "formats": formats,
        "offsets": [int(fields[name][1]) for name in names],
        "itemsize": int(made.state[5]),
    }
    dtype: np.dtype[Any] = np.dtype(layout)
    return dtype
