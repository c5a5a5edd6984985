"""Was run with the release of joblib after which its folder is named, to make ``cache``."""

import joblib
import numpy as np

options = {"verbose": 0}
try:
    plain = joblib.Memory(location="cache", **options)
    packed = joblib.Memory(location="cache", compress=3, **options)
except TypeError:
    # Before 0.12.
    plain = joblib.Memory(cachedir="cache", **options)
    packed = joblib.Memory(cachedir="cache", compress=3, **options)


@plain.cache
def trend(size, scale=2):
    """Give an array."""
    return np.arange(size) * float(scale)


@packed.cache
def fit(size, password="hunter2"):
    return {"x": np.ones((size, 3), "f4"), "y": ["text", 1.5]}


if __name__ == "__main__":
    import program

    program.trend(3)
    program.trend(4, scale=3)
    program.fit(2)
