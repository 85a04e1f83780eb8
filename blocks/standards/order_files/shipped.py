"""The mapping profiles that SOMS brings along, to be used as they are or as a beginning."""

from importlib import resources

from blocks.errors import WrongUse
from blocks.standards.order_files.profile import Profile, load_profile

KIND = "mapping_profile"
"""The kind of rulebook under which profiles are activated."""


def shipped_profiles() -> dict[str, str]:
    """Return the YAML of each profile by its name."""
    folder = resources.files("blocks.standards.order_files").joinpath("profiles")
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".yaml")), key=lambda file: file.name)
    return {file.name.removesuffix(".yaml"): file.read_text(encoding="utf-8") for file in files}


def shipped_profile(name: str) -> Profile:
    """Return a profile that SOMS brings along.

    Raises:
        WrongUse: There is none of this name.
    """
    found = shipped_profiles()
    if name not in found:
        raise WrongUse(f"There is no profile '{name}'. SOMS brings along: {', '.join(found)}.")
    return load_profile(found[name])
