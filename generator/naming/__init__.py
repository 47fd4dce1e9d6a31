"""Names: how wire names become identifiers, and how they stay what they were."""

from generator.naming.lock import NameLock
from generator.naming.service import Names, keep_groups, name_api

__all__ = ["NameLock", "Names", "keep_groups", "name_api"]
