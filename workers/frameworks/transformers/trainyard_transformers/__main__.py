"""`python -m trainyard_transformers describe | train | export`."""

from trainyard_sdk.command import Runner, main


def load() -> Runner:
    from .runner import Transformers

    return Transformers()


main("trainyard_transformers", load)
