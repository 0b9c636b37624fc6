"""`python -m trainyard_libreyolo describe | train | export`."""

from trainyard_sdk.command import Runner, main


def load() -> Runner:
    from .runner import LibreYolo

    return LibreYolo()


main("trainyard_libreyolo", load)
