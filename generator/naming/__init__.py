"""Names: how wire names become identifiers, and how they stay what they were."""

from generator.naming.lock import NameLock
from generator.naming.service import Names, name_api

__all__ = ["NameLock", "Names", "name_api"]
