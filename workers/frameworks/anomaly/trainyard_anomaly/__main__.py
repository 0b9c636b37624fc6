"""`python -m trainyard_anomaly describe | train | export`."""

from trainyard_sdk.command import Runner, main


def load() -> Runner:
    from .runner import Anomaly

    return Anomaly()


main("trainyard_anomaly", load)
