"""A customer and an employee who talk to each other through the feed."""

from bot.platforms.local.adapter import FeedPost
from tests.house import House


class Talk:
    """Sam asks; Jane answers."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.jane = house.employee("Jane Doe", house.topic("lamps", "Lamps", "lamp")).id
        self.opening = self.says("@brand my lamp stays dark")

    def says(self, text: str, to: FeedPost | None = None) -> FeedPost:
        """Sam writes."""
        self.house.clock.advance(60)
        post = self.house.post("sam", text, to)
        self.house.work()
        return post

    def answers(self, text: str, to: FeedPost) -> FeedPost:
        """Jane answers; what the brand then says is returned."""
        self.house.clock.advance(60)
        self.house.post("jane", f"{text} #chorus", to)
        self.house.work()
        return self.house.by_brand()[-1]
