"""Volumes of neuro-imaging, by nibabel."""

from __future__ import annotations

import os
from typing import Any

from jobtui_core.steps.persisters.base import Persister

__all__ = ["MemMappedNiftiFile", "NiftiFile"]


class NiftiFile(Persister):
    """A NIfTI file, ``.nii`` or ``.nii.gz``, with a volume: an array or an image of nibabel.

    ``load`` gives an array, of the type in the file, or of floats where that says how its numbers
    are scaled.

    Parameters
    ----------
    filename : str or path
    header : nibabel.Nifti1Header, optional
        Of an array's file: voxel sizes, units and where the volume lies.  An image has its own.
    dtype : str or numpy.dtype, optional
        What numbers are written as.  By default the array's own type, and bytes for booleans.
    affine : array of 4 × 4, optional
        Where an array's volume lies; by default what `header` says, else voxels as they count.
    """

    def __init__(
        self,
        filename: str | os.PathLike[str],
        header: Any = None,
        dtype: Any = None,
        affine: Any = None,
    ) -> None:
        super().__init__(filename)
        if not self.filename.endswith((".nii", ".nii.gz")):
            raise ValueError(f"a NIfTI file ends in .nii or .nii.gz, not as {self.filename!r}")
        self.header = header
        self.dtype = dtype
        self.affine = affine

    def save(self, data: Any) -> None:
        """Write a volume."""
        nib = _nibabel()
        if not isinstance(data, nib.spatialimages.SpatialImage):
            data = self._image(data, nib)
        elif self.dtype is not None:
            data = nib.Nifti1Image(
                data.get_fdata().astype(self.dtype), data.affine, data.header, dtype=self.dtype
            )
        nib.save(data, self.filename)

    def _image(self, data: Any, nib: Any) -> Any:
        import numpy as np

        array = np.asanyarray(data)
        if array.dtype == bool and self.dtype is None:
            array = array.view(np.uint8)
        if self.dtype is not None:
            array = array.astype(self.dtype)
        affine = self.affine
        if affine is None and self.header is None:
            affine = np.eye(4)
        # Said, since integers of 64 bits are refused otherwise; and a header has a type, too.
        return nib.Nifti1Image(array, affine, self.header, dtype=array.dtype)

    def load(self) -> Any:
        """Give the array."""
        import numpy as np

        with self.at_hand() as filename:
            return np.asanyarray(_nibabel().load(filename, mmap=False).dataobj)


class MemMappedNiftiFile(NiftiFile):
    """A NIfTI file whose array ``load`` maps: what is not looked at is not read.

    What is packed (``.nii.gz``), scaled, or at a URL cannot be mapped, and is read.
    """

    def load(self) -> Any:
        """Give the array, mapped; changes of it are not written."""
        import numpy as np

        with self.at_hand() as filename:
            # A copy of what is at a URL goes away.
            mode: Any = "c" if filename == self.filename else False
            return np.asanyarray(_nibabel().load(filename, mmap=mode).dataobj)


def _nibabel() -> Any:
    try:
        import nibabel
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "for NIfTI files, install nibabel (pip install nibabel, or 'jobtui[nifti]')"
        ) from error
    return nibabel
