"""Snapshots of fragments: one readable file for each, in the language that was generated."""

from pathlib import Path
from typing import ClassVar

from syrupy.data import Snapshot, SnapshotCollection
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode
from syrupy.location import PyTestLocation
from syrupy.types import SnapshotIndex

from tests.generator.workshop import ROOT


class FragmentFile(SingleFileSnapshotExtension):
    """One file for each parameter of `test_reads_well`, in a folder of `tests/snapshots`."""

    _write_mode = WriteMode.TEXT
    folder: ClassVar[str]

    @classmethod
    def dirname(cls, *, test_location: PyTestLocation) -> str:
        return str(ROOT / "tests" / "snapshots" / cls.folder)

    @classmethod
    def get_file_basename(cls, *, test_location: PyTestLocation, index: SnapshotIndex) -> str:
        return test_location.testname.partition("[")[2].removesuffix("]")

    @classmethod
    def matches_test_location(
        cls, *, test_location: PyTestLocation, snapshot_location: str
    ) -> bool:
        return snapshot_location == cls.get_location(test_location=test_location, index=0)

    def read_snapshot_collection(self, *, snapshot_location: str) -> SnapshotCollection:
        collection = SnapshotCollection(location=snapshot_location)
        collection.add(Snapshot(name=f"test_reads_well[{Path(snapshot_location).stem}]"))
        return collection
