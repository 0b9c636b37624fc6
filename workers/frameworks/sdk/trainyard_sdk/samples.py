"""Which images of a split are told about: those a model is most wrong about, and some that are the same for every model."""


def told(order: list[int], worst: int, even: int) -> list[int]:
    """Of all images, the worst first and in that order; every one where they are no more than both numbers together."""
    count = len(order)
    if count <= worst + even:
        return order
    kept = {*order[:worst], *(at * count // even for at in range(even))}
    return [index for index in order if index in kept]
