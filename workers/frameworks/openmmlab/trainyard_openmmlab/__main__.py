"""`python -m trainyard_openmmlab describe | train | export`."""

from trainyard_sdk.command import Runner, main


def load() -> Runner:
    from .runner import OpenMMLab

    return OpenMMLab()


main("trainyard_openmmlab", load)
