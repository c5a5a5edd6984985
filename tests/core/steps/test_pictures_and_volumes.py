"""Figures of matplotlib and volumes of nibabel as output files."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from jobtui_core import FigureFile, MemMappedNiftiFile, NiftiFile, make

BEGINNINGS = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}


@pytest.fixture
def plt(tmp_path, monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "Agg")
    monkeypatch.setenv("MPLCONFIGDIR", str(tmp_path / "matplotlib"))
    pyplot = pytest.importorskip("matplotlib.pyplot")
    yield pyplot
    pyplot.close("all")


@pytest.fixture
def draw(plt):
    def draw(closed=False):
        figure, axes = plt.subplots(figsize=(2, 1))
        axes.plot([1, 3, 2], label="values")
        axes.legend()
        if closed:
            plt.close(figure)
        return figure

    return draw


# Figures


@pytest.mark.parametrize("form", ["png", "svg", "pdf"])
def test_a_figure_is_drawn_as_its_file_is_called(tmp_path, draw, form):
    file = FigureFile(tmp_path / f"x.{form}")
    file.save(draw())
    assert file.load().startswith(BEGINNINGS[form])


@pytest.mark.parametrize("form", ["png", "svg", "pdf"])
def test_the_same_figure_is_the_same_bytes(tmp_path, draw, monkeypatch, form):
    file = FigureFile(tmp_path / f"x.{form}")
    file.save(draw())
    first = file.load()
    # Dates in files would be of this time.
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1")
    file.save(draw(closed=True))
    assert file.load() == first
    assert b"Matplotlib" not in first
    assert b"1970" not in first


def test_a_figure_has_the_dots_and_margins_that_were_asked_for(tmp_path, draw):
    def size(**options):
        file = FigureFile(tmp_path / "x.png", **options)
        file.save(draw())
        return np.frombuffer(file.load()[16:24], ">u4").tolist()

    assert size() == [200, 100]
    assert size(dpi=50) == [100, 50]
    assert size(tight=True) != [200, 100]


def test_axes_stand_for_their_figure(tmp_path, plt):
    figure = plt.figure()
    axes = figure.subfigures(1, 2)[0].subplots()
    file = FigureFile(tmp_path / "x.png")
    file.save(axes)
    of_axes = file.load()
    file.save(figure)
    assert file.load() == of_axes


def test_what_is_no_figure_is_refused(tmp_path):
    with pytest.raises(TypeError, match="a figure of matplotlib, not list"):
        FigureFile(tmp_path / "x.png").save([1])


def test_a_form_that_is_no_picture_is_refused_at_once(tmp_path):
    with pytest.raises(ValueError, match=r"ends in \.png, \.svg or \.pdf, not as 'x\.npy'"):
        FigureFile("x.npy")
    # Only the call tells.
    file = FigureFile("x.{form}")
    with pytest.raises(ValueError, match="not as"):
        file.at(tmp_path / "x.txt").save(None)


def test_a_step_gives_its_figure_and_puts_the_picture_back(tmp_path, draw):
    ran = []

    @make(output=FigureFile("plots/{form}.{form}"))
    def plot(form):
        ran.append(form)
        return draw(closed=True)

    plot("png")
    picture = tmp_path / "plots" / "png.png"
    before = picture.read_bytes()
    picture.unlink()
    assert plot("png").axes[0].lines[0].get_ydata().tolist() == [1, 3, 2]
    assert picture.read_bytes() == before
    assert ran == ["png"]


# Volumes


@pytest.fixture
def nib():
    return pytest.importorskip("nibabel")


@pytest.fixture
def volume():
    return np.arange(24, dtype=np.int16).reshape(2, 3, 4)


@pytest.mark.parametrize("kind", [NiftiFile, MemMappedNiftiFile])
@pytest.mark.parametrize("name", ["x.nii", "x.nii.gz"])
@pytest.mark.parametrize("dtype", ["int16", "int64", "float32", "float64", "complex64"])
def test_a_volume_comes_back_as_it_was(tmp_path, nib, volume, kind, name, dtype):
    file = kind(tmp_path / name)
    file.save(volume.astype(dtype))
    found = file.load()
    assert found.dtype == dtype
    assert found.tolist() == volume.tolist()


def test_only_what_is_looked_at_of_a_mapped_volume_is_read(tmp_path, nib, volume):
    MemMappedNiftiFile(tmp_path / "x.nii").save(volume)
    mapped = MemMappedNiftiFile(tmp_path / "x.nii").load()
    assert isinstance(mapped, np.memmap)
    before = (tmp_path / "x.nii").read_bytes()
    mapped[0, 0, 0] = 7
    del mapped
    assert (tmp_path / "x.nii").read_bytes() == before
    assert not isinstance(NiftiFile(tmp_path / "x.nii").load(), np.memmap)


def test_a_volume_lies_where_it_is_said_to(tmp_path, nib, volume):
    file = tmp_path / "x.nii"
    NiftiFile(file).save(volume)
    assert nib.load(file).affine.tolist() == np.eye(4).tolist()
    affine = np.diag([2.0, 2, 3, 1])
    NiftiFile(file, affine=affine).save(volume)
    image = nib.load(file)
    assert image.affine.tolist() == affine.tolist()
    NiftiFile(file, header=image.header).save(volume.astype(float))
    assert nib.load(file).affine.tolist() == affine.tolist()
    assert nib.load(file).get_data_dtype() == np.float64
    NiftiFile(file).save(nib.Nifti1Image(volume, affine))
    assert nib.load(file).affine.tolist() == affine.tolist()


def test_numbers_are_written_as_the_type_that_was_asked_for(tmp_path, nib, volume):
    file = NiftiFile(tmp_path / "x.nii", dtype="float32")
    file.save(volume)
    assert file.load().dtype == np.float32
    file.save(nib.Nifti1Image(volume, np.eye(4)))
    assert file.load().dtype == np.float32
    NiftiFile(tmp_path / "x.nii").save(volume > 3)
    assert file.load().dtype == np.uint8


def test_a_packed_volume_has_no_time_in_it(tmp_path, nib, volume):
    NiftiFile(tmp_path / "x.nii.gz").save(volume)
    assert (tmp_path / "x.nii.gz").read_bytes()[4:8] == b"\0\0\0\0"


def test_a_name_that_nibabel_takes_for_another_format_is_refused_at_once():
    with pytest.raises(ValueError, match=r"ends in \.nii or \.nii\.gz, not as 'x\.img'"):
        NiftiFile("x.img")


def test_nibabel_is_named_where_it_is_missing(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "nibabel", None)
    with pytest.raises(ModuleNotFoundError, match="for NIfTI files, install nibabel"):
        NiftiFile(tmp_path / "x.nii").save(np.zeros((2, 2, 2)))
