"""The states that rows of the bot's tables can be in, as they are stored (strings)."""

from enum import StrEnum


class PostState(StrEnum):
    """How far intake has come with a post."""

    NEW = "new"
    WAITING = "waiting"
    """For the post it replies to, which has not come in yet."""
    DONE = "done"
    QUARANTINED = "quarantined"


class PostKind(StrEnum):
    """What intake says a post is."""

    QUESTION = "question"
    FOLLOW_UP = "follow_up"
    ANSWER = "answer"
    THANKS = "thanks"
    NOT_HELPED = "not_helped"
    """The customer says that the answer did not help."""
    ASIDE = "aside"
    """A customer's post in a thread with which there is nothing to do."""
    COMMUNITY = "community"
    """Another customer's answer in a customer's thread."""
    NOT_FOR_US = "not_for_us"
    LISTENED = "listened"
    """It holds a word that is listened for and asks us nothing: it is on the tray."""
    UNMATCHED = "unmatched"
    """A tagged answer whose question nobody can tell: held for a person."""
    CODE = "code"
    """A one-time code that proves whose account this is."""
    GONE = "gone"


OF_CUSTOMERS = (
    PostKind.QUESTION,
    PostKind.FOLLOW_UP,
    PostKind.THANKS,
    PostKind.NOT_HELPED,
    PostKind.ASIDE,
)
"""What a customer's post in a thread can be."""
ADDED = (PostKind.FOLLOW_UP, PostKind.NOT_HELPED)
"""A customer's later posts that say more about their question."""


class ListenedState(StrEnum):
    """What has become of a post on the tray."""

    OPEN = "open"
    LET_BE = "let_be"
    """Somebody looked at it and lets it be."""


class ListeningCut(StrEnum):
    """Which bound kept listening from taking everything."""

    TURN = "turn"
    """There was more since the last look than one look takes."""
    DAY = "day"
    """The day's posts are taken."""
    MONEY = "money"
    """The money for it is spent."""


class AnswerState(StrEnum):
    """What has become of an answer."""

    HELD = "held"
    """A person decides first: a second answer, a newcomer's, or something the guard noticed."""
    QUEUED = "queued"
    PUBLISHED = "published"
    FAILED = "failed"
    """The platform refused it for good."""
    DROPPED = "dropped"
    WITHDRAWN = "withdrawn"
    POINTED = "pointed"
    """A first reply with a link to the archive has gone out; it is nobody's answer."""
    RETRACTED = "retracted"
    """Taken back after it was published."""
    CORRECTED = "corrected"
    """Another answer, with better words, has taken its place."""


ON_ITS_WAY = (AnswerState.QUEUED, AnswerState.PUBLISHED)
"""States in which the customer has an answer, or is about to."""


class AnswerKind(StrEnum):
    """What an answer is among those to its question."""

    ANSWER = "answer"
    ADDITION = "addition"
    CORRECTION = "correction"
    """It goes in front of the one that it corrects."""
    COMMUNITY = "community"
    """Another customer's, which somebody of the house has endorsed."""
    STATEMENT = "statement"
    """What the brand says on a matter, to each who asked: nobody's in particular, and no entry of its own."""
    POINTER = "pointer"
    """A first reply with a link to the archive, or a reminder: nobody's answer."""
    SURVEY = "survey"  # how did it go?
    ENDORSEMENT = "endorsement"  # the brand says below another customer's answer that it is right


BESIDE = (AnswerKind.SURVEY, AnswerKind.ENDORSEMENT)  # what becomes of it changes nothing of the question
NO_ANSWER = (AnswerKind.POINTER, *BESIDE)  # said of the brand's own accord: nobody's answer


class AcceptedBy(StrEnum):
    """Who said in so many words that an answer is the accepted one."""

    CUSTOMER = "customer"
    """They thanked for it."""
    PERSON = "person"
    """Somebody of the house chose it."""


class CorrectionWay(StrEnum):
    """How the words of an answer that is out are put right on its platform."""

    EDIT = "edit"
    REPLACE = "replace"
    """It is posted anew, and then what is wrong is taken down."""
    BELOW = "below"
    """A correction goes below what is wrong, as a reply; that stays."""
    ENTRY = "entry"
    """There is no post of ours: the archive alone says it otherwise."""


class Via(StrEnum):
    """Where an answer was written."""

    POST = "post"
    DESK = "desk"
    IMPORT = "import"


class DeliveryKind(StrEnum):
    """What a delivery brings, and to whom."""

    PUBLICATION = "publication"
    NOTICE = "notice"
    ANNOUNCEMENT = "announcement"
    """A post of the brand's own: no question, and nobody's answer."""
    RETRACTION = "retraction"
    """It says nothing: it takes down a post that another message became."""


class AnnouncementState(StrEnum):
    """How far a post of the brand's own has come."""

    PROPOSED = "proposed"
    """Whoever proposed it may still change it; somebody else in charge decides."""
    DECLINED = "declined"
    """Not like that, a person in charge says; changed, it is proposed again."""
    APPROVED = "approved"
    """Its words stand; when it goes out is not said yet."""
    PLANNED = "planned"
    PUBLISHING = "publishing"
    """Something of it may be out, and not all of it is done with."""
    PUBLISHED = "published"
    """Everything is done with, and it is out on one platform at least."""
    FAILED = "failed"
    """Everything is done with, and it is out nowhere."""
    WITHDRAWN = "withdrawn"
    """Taken back: nothing of it goes out, and what was out is taken down."""


CHANGEABLE = (AnnouncementState.PROPOSED, AnnouncementState.DECLINED)
"""States in which whoever proposed an announcement may change its words."""
BEFORE_IT_GOES_OUT = (*CHANGEABLE, AnnouncementState.APPROVED, AnnouncementState.PLANNED)
"""States of an announcement of which nothing has gone out."""


class DeliveryState(StrEnum):
    """Where an outgoing message stands."""

    HELD = "held"
    READY = "ready"
    SENDING = "sending"
    SENT = "sent"
    REJECTED = "rejected"
    UNKNOWN = "unknown"
    WITHDRAWN = "withdrawn"
    QUARANTINED = "quarantined"


NOT_STARTED = (DeliveryState.READY, DeliveryState.HELD)
"""Not a byte of it has gone out."""
UNSURE = (DeliveryState.SENDING, DeliveryState.UNKNOWN)
"""It may have gone out."""
STUCK = (DeliveryState.UNKNOWN, DeliveryState.REJECTED, DeliveryState.QUARANTINED)
"""A person may decide about it."""


class DeliveryCode(StrEnum):
    """Why an outgoing message stands as it does, where that is our own doing; see also ``posts.Refusal``."""

    EARLIER_PART = "earlier_part"
    """It waits for the part before it in its thread."""
    OVER_BUDGET = "over_budget"
    """The planner put it off."""
    NO_ACCOUNT = "no_account"
    """It waits until the brand's account is connected again."""
    RESTORED = "restored"
    """It comes from a backup and is held until it has been looked up on its platform."""
    BY_HAND = "person"
    """Nobody but a person can find out whether it went out."""
    GIVEN_UP = "given_up"
    """A person decided that it does not go out."""
    TAKEN_BACK = "taken_back"
    """Its answer was taken back before it went out."""


class EntryState(StrEnum):
    """Whether the public sees an entry."""

    PUBLIC = "public"
    HIDDEN = "hidden"
    """A person took it out of sight; it can come back."""
    HELD_BACK = "held_back"
    """It is judged to be of no use to others; a person can put it in."""
    GONE = "gone"  # its page answers 410


class TitleSource(StrEnum):
    """Whose words an entry's title is in."""

    DERIVED = "derived"
    """The customer's sentence that asks, or a part of it."""
    STAND_IN = "stand_in"
    """Topic and the answer's first words, until somebody gives it a title."""
    EMPLOYEE = "employee"
    MODERATOR = "moderator"


class MatterState(StrEnum):
    """Where a matter stands."""

    OPEN = "open"
    SETTLED = "settled"
    """A person says that it is over; it is open again when people go on asking."""
    MERGED = "merged"
    """It is part of another one."""


class StatementKind(StrEnum):
    """What the brand says on a matter."""

    STATEMENT = "statement"
    """To everybody who asked about it and has no answer, and to everybody who asks."""
    UPDATE = "update"
    """How it goes on: to whom the person who writes it chooses."""
    SETTLED = "settled"
    """It is over: to everybody who was told about it."""
    HEARD = "heard"
    """Of a campaign: we have read it. It stands on the campaign's page, like the next."""
    LOOKED_AT = "looked_at"
    """Of a campaign: whether it can be done is being looked at."""
    CHANGED = "changed"
    """Of a campaign: it is done. To everybody who joined, and that ends it."""
    DECLINED = "declined"
    """Of a campaign: it will not be done, and why. To everybody who joined, and that ends it."""


class StatementState(StrEnum):
    """How far a statement has come."""

    PROPOSED = "proposed"
    """It waits for a second person."""
    ACTIVE = "active"
    """It is approved and told."""
    ENDED = "ended"
    """Nobody is told any more: it is over, or another one has taken its place."""
    WITHDRAWN = "withdrawn"
    """It was taken back before anybody was told."""


class StatementAudience(StrEnum):
    """Who is told of an update."""

    ALL = "all"
    """Everybody who was told before."""
    REPLIED = "replied"
    """Of those, who has written again since."""
    NONE = "none"
    """Nobody: it stands on the matter's page alone."""
    ASKED = "asked"
    """Everybody who asked about the matter, whether anybody answered them or not."""


class DepartmentAnswerKind(StrEnum):
    """What a department says that it does about a matter."""

    SEEN = "seen"
    """It knows of it."""
    PLANNED = "planned"
    """It is to be mended by a day."""
    FIXED = "fixed"
    """It is mended at its source."""
    DECLINED = "declined"
    """It stays as it is, for a reason."""


class ChangeKind(StrEnum):
    """What a line of the change log is about, and who follows it."""

    ENTRY = "entry"
    """The public sees an entry otherwise than before: search indexes."""
    ANSWER = "answer"
    """An answer was published: the experts' model."""
    OUTCOME = "outcome"
    """What came of an offer or an answer: the experts' model."""
    ROSTER = "roster"
    """An employee or a topic is new or changed: the router."""
    HAND = "hand"
    """Somebody has a hand free: the router."""
    WORK = "work"
    """Something at the desk or in charge changed: open pages."""
    FEED = "feed"
    """A post of the local feed is new or changed: its open pages."""
    TOPIC = "topic"
    """Questions go by other topics than before: the experts' model."""


class HookEvent(StrEnum):
    """What other programs can be told of, as the messages call it."""

    QUESTION_OPENED = "question.opened"
    QUESTION_OFFERED = "question.offered"
    """People are asked: at first, and again with each rung of the ladder."""
    QUESTION_ANSWERED = "question.answered"
    QUESTION_SETTLED = "question.settled"
    QUESTION_ESCALATED = "question.escalated"
    ANSWER_HELD = "answer.held"
    ENTRY_PUBLISHED = "entry.published"
    """The public sees an entry that it did not see before."""
    DELIVERY_UNKNOWN = "delivery.unknown"
    MATTER_NOTICED = "matter.noticed"
    """More people than usual ask about it, for the first time."""
    MATTER_GROWN = "matter.grown"
    MATTER_ASSIGNED = "matter.assigned"
    MATTER_STATED = "matter.stated"
    MATTER_SETTLED = "matter.settled"
    MATTER_ISSUE = "matter.issue"
    """A person wants an issue in a tracker; to that tracker alone."""
    TEST = "endpoint.test"
    """A person wants to see whether an endpoint takes messages; to that one alone."""


TO_ONE = (HookEvent.MATTER_ISSUE, HookEvent.TEST)
"""Events that a person sends to one endpoint; nobody listens to them."""
LISTENED = tuple(one for one in HookEvent if one not in TO_ONE)
"""Events that an endpoint can choose."""


class HookTemplate(StrEnum):
    """In which form an endpoint is told."""

    STANDARD = "standard"
    """A message that is signed by the Standard Webhooks scheme."""
    GITHUB = "github"
    """An issue of GitHub, or of a server with its interface."""
    GITLAB = "gitlab"
    JIRA = "jira"


class HookEndpointState(StrEnum):
    """Whether an endpoint is told."""

    ON = "on"
    OFF = "off"


class HookMessageState(StrEnum):
    """What has become of an event on its way to one endpoint."""

    WAITING = "waiting"
    SENT = "sent"
    DEAD = "dead"
    """It was tried for a day, or will never be taken; a person can send it again."""


class ConnectionState(StrEnum):
    """Whether the brand account can be used on a platform."""

    CONNECTED = "connected"
    RECONNECT = "reconnect"


class JoinRequestState(StrEnum):
    """What became of somebody's request to take part."""

    WAITING = "waiting"
    DECLINED = "declined"
