"""`python -m trainyard_torchvision describe | train | export`."""

from trainyard_sdk.command import Runner, main


def load() -> Runner:
    from .runner import Torchvision

    return Torchvision()


main("trainyard_torchvision", load)
