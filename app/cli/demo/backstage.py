"""What the demo's personas see besides the feed: who was asked, what came of it, and the way to the desk."""

from dataclasses import dataclass

from app.cli.demo.story import Story
from app.wiring.settings import Settings
from bot.store.engine import Database
from bot.store.people import staff
from bot.store.queries import performers


@dataclass(frozen=True)
class Backstage:
    """The demo's house from behind; posts are named by their ids on the built-in feed."""

    story: Story
    settings: Settings
    database: Database

    def question(self, post: str) -> int | None:
        """The number of the question that a post belongs to; None before Chorus has read the post."""
        return performers.question(self.database, post)

    def offered(self, post: str) -> frozenset[str]:
        """Handles of those who hold an open offer of a post's question."""
        return frozenset(performers.offered(self.database, post))

    def is_routed(self, post: str) -> bool:
        """Whether a post's question was put in front of anybody, or set aside."""
        return performers.is_routed(self.database, post)

    def published(self, post: str) -> str | None:
        """The brand's latest post about a post's question, once that is answered."""
        return performers.latest_publication(self.database, post)

    def matters(self, posts: list[str]) -> list[int]:
        """The matters of these posts, the one of most in front."""
        return performers.matters(self.database, posts)

    def is_surging(self, matter: int) -> bool:
        """Whether more people than usual were noticed there."""
        return performers.is_surging(self.database, matter)

    def proposed(self, matter: int) -> int | None:
        """What waits there for a second person's approval."""
        return performers.proposed(self.database, matter)

    def told(self, matter: int) -> int:
        """How many people were told what was said last."""
        return performers.told(self.database, matter)

    def supporters(self, matter: int) -> int:
        """How many people asked about it or joined it, each once."""
        return performers.supporters(self.database, matter)

    def sign_in(self, handle: str) -> str:
        """A one-time link for the employee, or the person in charge, of a handle.

        Raises:
            KeyError: If nobody has it, or somebody has deleted them.
        """
        from app.identity.auth import create_login_link

        with self.database.read() as session:
            person = staff.by_email(session, self.email(handle))
        if person is None:
            raise KeyError(handle)
        return create_login_link(self.database, self.settings, person)

    def email(self, handle: str) -> str:
        """The mail address of the employee, or the person in charge, of a handle."""
        lead = self.story.brand.in_charge
        return lead.email if handle == lead.handle else self.story.employee(handle).email
