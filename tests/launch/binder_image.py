"""What repo2docker makes of a folder, as JSON: run by the Python of .venv-publish, without Docker.

    python binder_image.py FOLDER    # {"buildpack", "python", "post_build", "dockerfile", "specs": {spec: error or ""}}

It copies the choice of a buildpack from `Repo2Docker.build`, and takes each conda spec as strictly as conda does.
"""

import json
import os
import sys
from pathlib import Path

import rattler
from repo2docker.app import Repo2Docker
from ruamel.yaml import YAML


def image(folder):
    """The image that repo2docker would build of `folder` (dict)."""
    os.chdir(folder)  # buildpacks look into the working directory
    app = Repo2Docker()
    packs = (pack(base_image=app.base_image) for pack in app.buildpacks)
    chosen = next(pack for pack in packs if pack.detect())
    chosen.platform = "linux/amd64"
    environment = YAML(typ="safe").load(Path(chosen.binder_path("environment.yml")))
    return {
        "buildpack": type(chosen).__name__,
        "python": chosen.python_version,
        "post_build": chosen.get_post_build_scripts(),
        "dockerfile": chosen.render({}),
        "specs": {spec: error(spec) for spec in environment["dependencies"] if isinstance(spec, str)},
    }


def error(spec):
    """Why conda would refuse a spec such as "numpy >=1.26" (str), "" where it would not."""
    try:
        rattler.MatchSpec(spec, strict=True)
    except Exception as refused:
        return str(refused) or type(refused).__name__
    return ""


if __name__ == "__main__":
    print(json.dumps(image(sys.argv[1])))
