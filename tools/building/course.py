"""The chapters of one course, in order, and the places where their files lie."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tools.building.source import SourceError, read_header

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Course:
    """A course under `root`. Its chapters are known by their headers; `broken` lists those that cannot be read.

    `repository` is "owner/name" on GitHub, `release` the tag under which this version is published, such as "v0.1.0":
    a notebook that is opened elsewhere fetches the `utils` that it was built with, not the newest.
    """

    root: Path
    repository: str
    release: str
    headers: tuple
    broken: tuple

    @classmethod
    def load(cls, root=ROOT):
        """The course in the folder `root`.

        Raises:
            ValueError: pyproject.toml does not say where the course is published, or in which version.
        """
        settings = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
        repository = settings.get("tool", {}).get("course", {}).get("repository")
        if not isinstance(repository, str) or repository.count("/") != 1:
            raise ValueError('pyproject.toml must name the repository: [tool.course] repository = "owner/name".')
        if not (version := settings.get("project", {}).get("version")):
            raise ValueError('pyproject.toml must name the version of the course: [project] version = "0.1.0".')
        headers, broken = {}, []
        for path in sorted((root / "chapters" / "source").glob("*.py")):
            try:
                header = read_header(path)
                if header.number in headers:
                    other = headers[header.number].path.name
                    raise SourceError(path, [(1, f"{other} has the same number. Rename one of them.")])
                headers[header.number] = header
            except SourceError as error:
                broken.append(error)
        return cls(root, repository, f"v{version}", tuple(headers.values()), tuple(broken))

    @property
    def folder(self):
        """Where the notebooks lie (Path)."""
        return self.root / "chapters"

    @cached_property
    def by_number(self):
        """Headers by chapter number (dict)."""
        return {header.number: header for header in self.headers}

    def notebook_path(self, header):
        """The chapter's notebook, which need not exist yet (Path)."""
        return self.folder / f"{header.name}.ipynb"

    def neighbours(self, header):
        """Headers of the chapter before and the chapter after, None at the ends."""
        index = self.headers.index(header)
        return (
            self.headers[index - 1] if index else None,
            self.headers[index + 1] if index + 1 < len(self.headers) else None,
        )

    def launchers(self, path):
        """Where the notebook at `path`, "chapters/04_lenet.ipynb" say, opens elsewhere: {"Binder": address, ...}."""
        return {
            "Binder": f"https://mybinder.org/v2/gh/{self.repository}/{self.release}?urlpath=lab/tree/{path}",
            "Colab": f"https://colab.research.google.com/github/{self.repository}/blob/{self.release}/{path}",
        }

    @property
    def archive(self):
        """Address of the release as a zip, which pip can install (str)."""
        return f"https://github.com/{self.repository}/archive/refs/tags/{self.release}.zip"

    @property
    def site(self):
        """Address of the course as a web site (str)."""
        owner, name = self.repository.split("/")
        return f"https://{owner.lower()}.github.io/{name}/"
