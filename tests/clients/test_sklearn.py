"""scikit-learn takes a ``Memory`` wherever it takes one of joblib's."""

from __future__ import annotations

import numpy as np
import pytest

from jobtui_core import Memory

sklearn = pytest.importorskip("sklearn")

from sklearn.base import BaseEstimator, TransformerMixin, clone  # noqa: E402
from sklearn.cluster import FeatureAgglomeration  # noqa: E402
from sklearn.linear_model import Ridge  # noqa: E402
from sklearn.model_selection import GridSearchCV  # noqa: E402
from sklearn.pipeline import Pipeline  # noqa: E402
from sklearn.preprocessing import StandardScaler  # noqa: E402
from sklearn.utils.validation import check_memory  # noqa: E402

fitted = []


class Counted(TransformerMixin, BaseEstimator):
    """Doubles, and notes that it was fitted."""

    def __init__(self, factor=2):
        self.factor = factor

    def fit(self, x, y=None):
        fitted.append(self.factor)
        self.mean_ = x.mean(axis=0)
        return self

    def transform(self, x):
        return x * self.factor - self.mean_


@pytest.fixture(autouse=True)
def _nothing_fitted():
    fitted.clear()


@pytest.fixture
def memory(tmp_path):
    return Memory(tmp_path / "cache", verbose=0)


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(60, 8))
    return x, x @ np.arange(8.0)


def test_it_is_a_memory_for_scikit_learn(memory):
    assert check_memory(memory) is memory
    assert check_memory(Memory(None)).location is None


def test_a_pipeline_fits_its_transformers_once(memory, data):
    x, y = data
    found = []
    for alpha in (1.0, 2.0, 1.0):
        pipe = Pipeline(
            [("scale", StandardScaler()), ("count", Counted()), ("ridge", Ridge(alpha))],
            memory=memory,
        )
        found.append(pipe.fit(x, y).predict(x))
    assert fitted == [2]
    plain = Pipeline([("scale", StandardScaler()), ("count", Counted()), ("ridge", Ridge(1.0))])
    np.testing.assert_array_equal(found[0], plain.fit(x, y).predict(x))
    np.testing.assert_array_equal(found[0], found[2])
    fitted.clear()
    pipe.set_params(count__factor=3).fit(x, y)
    pipe.fit(x + 1, y)
    assert fitted == [3, 3]


def test_a_pipeline_is_cloned_with_its_memory(memory, data):
    pipe = Pipeline([("count", Counted()), ("ridge", Ridge())], memory=memory)
    again = clone(pipe)
    again.fit(*data), pipe.fit(*data)
    assert fitted == [2]
    assert again.memory.location == memory.location


def test_agglomeration_computes_its_tree_once(memory, data):
    x, _ = data
    found = [FeatureAgglomeration(n, memory=memory).fit(x).labels_ for n in (2, 3, 2)]
    np.testing.assert_array_equal(found[0], found[2])
    np.testing.assert_array_equal(found[1], FeatureAgglomeration(3).fit(x).labels_)
    (entry,) = [item for item in memory.store.list() if item.name.endswith(".entry")]
    assert "ward_tree" in entry.name


@pytest.mark.slow
def test_workers_of_a_grid_search_share_what_they_fit(memory, data):
    x, y = data
    pipe = Pipeline([("scale", StandardScaler()), ("ridge", Ridge())], memory=memory)
    grid = {"ridge__alpha": [0.1, 1.0, 10.0]}
    found = GridSearchCV(pipe, grid, cv=2, n_jobs=2, refit=False).fit(x, y)
    entries = [item for item in memory.store.list() if item.name.endswith(".entry")]
    # Two parts of the data, whatever the parameters of the last step are.
    assert len(entries) == 2
    plain = clone(pipe).set_params(memory=None)
    expected = GridSearchCV(plain, grid, cv=2, refit=False).fit(x, y)
    np.testing.assert_allclose(
        found.cv_results_["mean_test_score"], expected.cv_results_["mean_test_score"]
    )


def test_a_pipeline_on_a_path_is_joblibs_own_and_left_alone(tmp_path, data):
    pipe = Pipeline([("count", Counted()), ("ridge", Ridge())], memory=str(tmp_path / "cache"))
    pipe.fit(*data), pipe.fit(*data)
    assert fitted == [2]
    memory = Memory(tmp_path / "cache", verbose=0)
    memory.cache(len)("ab")
    memory.clear()
    pipe.fit(*data)
    assert fitted == [2]
