"""`python -m trainyard_timm describe | train | export`."""

from trainyard_sdk.command import Runner, main


def load() -> Runner:
    from .runner import Timm

    return Timm()


main("trainyard_timm", load)
