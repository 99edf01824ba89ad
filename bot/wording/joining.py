"""The words with which somebody joins a campaign: ready-made, and told from all others by their mark."""


def joining(brand: str, demand: str, number: int, address: str) -> str:
    """A post that joins the campaign of this matter, whose page is at ``address``.

    The mark ``join-`` and the number is what counts; everything else may be said otherwise.
    """
    return f"@{brand} {demand} join-{number} {address}"
