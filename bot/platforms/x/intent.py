"""The page of X on which a person signed in as the brand posts by hand, everything filled in."""

from urllib.parse import urlencode


def intent(in_reply_to: str | None, text: str) -> str:
    """The address of X's web intent for a post of this text, in reply to a post where one is given.

    Source: developer.x.com/en/docs/x-for-websites/web-intents.
    """
    query = {"in_reply_to": in_reply_to, "text": text}
    return "https://x.com/intent/post?" + urlencode({name: value for name, value in query.items() if value})
