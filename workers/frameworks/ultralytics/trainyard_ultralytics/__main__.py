"""`python -m trainyard_ultralytics describe | train | export`."""

from trainyard_sdk.command import Runner, main


def load() -> Runner:
    from .runner import Ultralytics

    return Ultralytics()


main("trainyard_ultralytics", load)
