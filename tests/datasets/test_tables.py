"""Tables and digits against scikit-learn's own loaders."""

import numpy as np
import sklearn.datasets

from playground.datasets.tables import BreastCancer, Diabetes, Digits, Iris


def test_iris_is_the_iris_of_scikit_learn() -> None:
    theirs = sklearn.datasets.load_iris()
    ours = Iris().load()
    np.testing.assert_allclose(ours.inputs, theirs.data, rtol=1e-6)
    np.testing.assert_array_equal(ours.targets, theirs.target)
    assert Iris().facts().classes == tuple(theirs.target_names)
    assert Iris().facts().feature_names == tuple(theirs.feature_names)


def test_breast_cancer_has_malignant_as_its_positive_answer() -> None:
    theirs = sklearn.datasets.load_breast_cancer()
    ours = BreastCancer().load()
    np.testing.assert_allclose(ours.inputs, theirs.data, rtol=1e-6)
    np.testing.assert_array_equal(
        np.array(BreastCancer().facts().classes)[ours.targets], theirs.target_names[theirs.target]
    )
    assert [name.removeprefix("mean ") for name in theirs.feature_names[:10]] == [
        name.removeprefix("mean ") for name in BreastCancer().facts().feature_names[:10]
    ]


def test_diabetes_is_in_its_own_units() -> None:
    theirs = sklearn.datasets.load_diabetes(scaled=False)
    ours = Diabetes().load()
    np.testing.assert_allclose(ours.inputs, theirs.data, rtol=1e-6)
    np.testing.assert_allclose(ours.targets[:, 0], theirs.target)
    assert len(Diabetes().facts().feature_names) == 10
    assert Diabetes().facts().roles[:2] == ("protected", "protected")


def test_digits_keep_every_level_of_ink() -> None:
    theirs = sklearn.datasets.load_digits()
    ours = Digits().load()
    np.testing.assert_array_equal(np.rint(ours.inputs[:, 0] * (16 / 255)), theirs.images)
    np.testing.assert_array_equal(ours.targets, theirs.target)
