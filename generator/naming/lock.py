"""`names.lock.json`: public names once given out, so that a refresh never renames what users call."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from normalizer.diagnostics import Diagnostic, FindingsError
from normalizer.document import Json


@dataclass(frozen=True, slots=True)
class NameLock:
    """Names of one language by the symbol they name.

    Keys: `tag:NAME`, `group:GET /path/{}` (the tag it was first in), `operation:GET /path/{}`,
    `argument:GET /path/{}#location:wire`, `model:COMPONENT`, `field:COMPONENT#wire`.
    """

    names: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_json(cls, value: Json, language: str) -> "NameLock":
        """The part of the lock file that belongs to a language."""
        return cls(dict(value.get(language, {})))

    def without(self, beginning: str) -> "NameLock":
        """The lock without the symbols that begin so: their names are given anew."""
        return NameLock({k: name for k, name in self.names.items() if not k.startswith(beginning)})

    def merged(self, names: Mapping[str, str]) -> dict[str, str]:
        """All names ever given out, sorted: a name that is no longer used stays reserved."""
        return dict(sorted({**self.names, **names}.items()))

    def renamed(self, names: Mapping[str, str], reason: str) -> list[dict[str, str]]:
        """What is called differently from now on, and why."""
        return [
            {"symbol": key, "before": self.names[key], "after": name, "reason": reason}
            for key, name in sorted(names.items())
            if self.names.get(key, name) != name
        ]

    def verify(self, names: Mapping[str, str], file: str) -> None:
        """Refuse a name that differs from the one given out before."""
        for key, name in names.items():
            if self.names.get(key, name) != name:
                raise FindingsError(
                    Diagnostic(
                        code="name-changed",
                        file=file,
                        pointer=f"/{key}",
                        message=f"{key} was {self.names[key]!r} and would become {name!r}",
                        hint="keep the old name, or accept the new one with --accept-names REASON",
                    )
                )
