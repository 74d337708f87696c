"""What can be wrong with a shop file."""

from dataclasses import dataclass

from shop.kit.errors import Invalid


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a shop file, with its place."""

    file: str
    line: int
    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.path}: {self.message}"


class ShopFileError(Invalid):
    """A shop file cannot be applied; `problems` says what to mend, in the order of the file."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = sorted(problems, key=lambda problem: problem.line)
        super().__init__("\n".join(map(str, self.problems)))
