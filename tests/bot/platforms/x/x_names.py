"""X's two vocabularies as the fake X speaks them; everything else in a query is refused, as X does."""

from typing import Any

import httpx


class Names:
    """One of X's two vocabularies: what it takes in a query, and what it calls things in an answer."""

    def __init__(self, fields: str, taken: str, expansions: str, renamed: dict[str, str]) -> None:
        self.fields, self.renamed = fields, renamed
        self.taken, self.expansions = set(taken.split()), set(expansions.split())

    def refusal(self, params: httpx.QueryParams) -> httpx.Response | None:
        """What X answers to a query in another vocabulary."""
        for name in params:
            if name in {"tweet.fields", "post.fields"} and name != self.fields:
                return self._invalid(name, params[name], f"The query parameter [{name}] is not one of [...]")
        for name, known in ((self.fields, self.taken), ("expansions", self.expansions)):
            for value in filter(None, params.get(name, "").split(",")):
                if value not in known:
                    told = f"The `{name}` query parameter value [{value}] is not one of [...]"
                    return self._invalid(name, value, told)
        return None

    @staticmethod
    def _invalid(name: str, value: str, told: str) -> httpx.Response:
        return httpx.Response(
            400,
            json={
                "errors": [{"parameters": {name: [value]}, "message": told}],
                "title": "Invalid Request",
                "detail": "One or more parameters to your request was invalid.",
                "type": "https://api.x.com/2/problems/invalid-request",
            },
        )

    def tell(self, tweet: dict[str, Any], params: httpx.QueryParams) -> dict[str, Any]:
        """Only what was asked for, by these names."""
        asked = {*params.get(self.fields, "").split(","), *params.get("expansions", "").split(",")}
        asked |= {"id", "text"} | ({"edit_history_tweet_ids"} if self.fields == "tweet.fields" else set())
        named = {self.renamed.get(name, name): value for name, value in tweet.items()}
        return {name: value for name, value in named.items() if name in asked}


_BOTH = "attachments card_uri conversation_id created_at display_text_range entities id lang scopes text"
_ATTACHED = "attachments.media_keys attachments.poll_ids author_id in_reply_to_user_id"
TWEETS = Names(
    "tweet.fields",
    f"{_BOTH} author_id edit_history_tweet_ids in_reply_to_user_id note_tweet referenced_tweets",
    f"{_ATTACHED} edit_history_tweet_ids referenced_tweets.id",
    {},
)
"""As of OpenAPI 2.159."""
POSTS = Names(
    "post.fields",
    f"{_BOTH} note_post",
    f"{_ATTACHED} edit_history_post_ids referenced_posts",
    {
        "edit_history_tweet_ids": "edit_history_post_ids",
        "referenced_tweets": "referenced_posts",
        "note_tweet": "note_post",
    },
)
"""As of OpenAPI 2.167: what refers to something else is an expansion, no field."""
