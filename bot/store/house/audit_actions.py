"""What an audit line can say that somebody did."""

from enum import StrEnum
from typing import Self


class AuditAction(StrEnum):
    """What somebody did: its spelling in new lines, its words for a reader, its spellings in old lines.

    Lines are chained by their hashes, so old ones keep how they were spelled: ``action_of`` reads them.
    """

    words: str
    former: tuple[str, ...]

    def __new__(cls, value: str, words: str, *former: str) -> Self:
        """An action of this spelling; lines that say it in words, or in a ``former`` way, mean the same."""
        action = str.__new__(cls, value)
        action._value_ = value
        action.words, action.former = words, (words, *former)
        return action

    SIGN_IN = "sign_in", "signed in"
    SETUP = "setup", "took charge as the first person"
    CHECKLIST_DISMISS = "checklist.dismiss", "put the list of first steps away"
    TRIAL_ASK = "trial.ask", "asked a trial question"
    GUIDELINES_ACCEPT = "guidelines.accept", "accepted the guidelines"
    PROFILE_EDIT = "profile.edit", "changed their profile"
    PROFILE_PAUSE = "profile.pause", "paused"
    PROFILE_RESUME = "profile.resume", "came back"
    ACCOUNT_CODE = "account.code", "asked for a link code"
    ACCOUNT_LINK = "account.link", "linked an account"
    ACCOUNT_UNLINK = "account.unlink", "unlinked an account"
    EMPLOYEE_ADD = "employee.add", "added an employee"
    EMPLOYEE_EDIT = "employee.edit", "edited an employee"
    EMPLOYEE_PAUSE = "employee.pause", "paused an employee"
    EMPLOYEE_RESUME = "employee.resume", "resumed an employee"
    EMPLOYEE_LEAVE = "employee.leave", "let an employee leave"
    EMPLOYEE_SIGN_IN_LINK = "employee.sign_in_link", "made a sign-in link"
    QUESTION_REFER = "question.refer", "referred a question"
    QUESTION_DISMISS = "question.dismiss", "dismissed a question", "question dismissed"
    QUESTION_RESTORE = "question.restore", "had people asked anew", "question restored"
    QUESTION_CLOSE = "question.close", "closed a question", "question closed"
    QUESTION_ESCALATE = "question.escalate", "took a question over", "question escalated"
    QUESTION_EDIT = "question.edit", "changed a question's topics or title", "question saved"
    BOARD_ASSIGN = "board.assign", "gave somebody something to look after"
    BOARD_SNOOZE = "board.snooze", "put something off"
    BOARD_WAKE = "board.wake", "put something back on the board"
    FILTER_KEEP = "filter.keep", "kept a filter of the board"
    FILTER_FORGET = "filter.forget", "removed a filter of the board"
    QUESTION_JOIN = "question.join", "joined two questions of a customer"
    QUESTION_PART = "question.part", "parted a question from another"
    MATTER_EDIT = "matter.edit", "gave a matter a title"
    MATTER_MERGE = "matter.merge", "joined two matters"
    MATTER_MOVE = "matter.move", "moved a question to another matter"
    MATTER_SETTLE = "matter.settle", "settled a matter"
    MATTER_ASSIGN = "matter.assign", "said which department answers for a matter"
    MATTER_ISSUE = "matter.issue", "had a tracker open an issue of a matter"
    MATTER_ANSWER = "matter.answer", "said what a department does about a matter"
    MATTER_ANSWER_WITHDRAW = "matter.answer_withdraw", "took back what a department said about a matter"
    STATEMENT_WRITE = "statement.write", "wrote a statement"
    STATEMENT_APPROVE = "statement.approve", "approved a statement"
    STATEMENT_WITHDRAW = "statement.withdraw", "took a statement back"
    PRIVATE_ASK = "private.ask", "asked a customer to a private page"
    PRIVATE_READ = "private.read", "read what a customer left privately"
    ANSWER_APPROVE = "answer.approve", "approved an answer"
    ANSWER_DROP = "answer.drop", "dropped an answer"
    ANSWER_KIND = "answer.kind", "said of which kind an answer is"
    ANSWER_ACCEPT = "answer.accept", "chose the accepted answer"
    ANSWER_ENDORSE = "answer.endorse", "said that another customer's answer is right"
    ANSWER_RETRACT = "answer.retract", "took an answer back", "retracted an answer"
    ANSWER_CORRECT = "answer.correct", "corrected an answer"
    ANSWERS_RETRACT = "answers.retract", "took many answers back"
    ANNOUNCEMENT_PROPOSE = "announcement.propose", "proposed an announcement"
    ANNOUNCEMENT_EDIT = "announcement.edit", "changed a proposed announcement"
    ANNOUNCEMENT_APPROVE = "announcement.approve", "approved an announcement"
    ANNOUNCEMENT_DECLINE = "announcement.decline", "declined an announcement"
    ANNOUNCEMENT_PLAN = "announcement.plan", "planned an announcement"
    ANNOUNCEMENT_WITHDRAW = "announcement.withdraw", "took an announcement back"
    WORD_ADD = "word.add", "added a word to listen for"
    WORD_EDIT = "word.edit", "changed a word that is listened for"
    WORD_REMOVE = "word.remove", "removed a word that was listened for"
    LISTENED_LET_BE = "listened.let_be", "let a post on the tray be"
    LISTENED_PUT_BACK = "listened.put_back", "put a post back on the tray"
    LISTENED_ASK = "listened.ask", "made a question of a post that nobody asked"
    POST_MATCH = "post.match", "matched a post"
    POST_SET_ASIDE = "post.set_aside", "set a post aside"
    POST_TRY_AGAIN = "post.try_again", "tried a post again"
    POST_DISMISS = "post.dismiss", "dismissed a post"
    DELIVERY_SENT = "delivery.sent", "noted that a message is out", "delivery sent"
    DELIVERY_AGAIN = "delivery.again", "sent a message once more", "delivery again"
    DELIVERY_GONE = "delivery.gone", "noted that a post is gone"
    DELIVERY_GIVE_UP = "delivery.give_up", "gave a message up", "delivery given_up"
    ENTRY_HIDE = "entry.hide", "hid an entry", "entry hidden"
    ENTRY_SHOW = "entry.show", "showed an entry again", "entry shown"
    ENTRY_REVIEW = "entry.review", "reviewed an entry", "entry reviewed"
    TOPIC_ADD = "topic.add", "added a topic"
    TOPIC_EDIT = "topic.edit", "edited a topic"
    TOPIC_REMOVE = "topic.remove", "removed a topic"
    DEPARTMENT_ADD = "department.add", "made a department"
    DEPARTMENT_EDIT = "department.edit", "changed a department"
    DEPARTMENT_PEOPLE = "department.people", "said who is in a department"
    DEPARTMENT_RETIRE = "department.retire", "retired a department"
    DEPARTMENT_REOPEN = "department.reopen", "brought a department back"
    RULES_CHANGE = "rules.change", "changed the rules"
    TEXT_PROPOSE = "text.propose", "wrote a version of a text"
    TEXT_PUBLISH = "text.publish", "approved a version of a text", "published a text"
    PUBLISHING_PAUSE = "publishing.pause", "paused publishing"
    PUBLISHING_RESUME = "publishing.resume", "resumed publishing"
    CONNECT = "connect", "connected the brand's account"
    HOOK_ADD = "hook.add", "added an endpoint of outgoing hooks"
    HOOK_EDIT = "hook.edit", "changed an endpoint of outgoing hooks"
    HOOK_SECRET = "hook.secret", "made a new secret for outgoing hooks"
    HOOK_SWITCH = "hook.switch", "switched an endpoint of outgoing hooks"
    HOOK_REMOVE = "hook.remove", "removed an endpoint of outgoing hooks"
    HOOK_TEST = "hook.test", "sent a test by an outgoing hook"
    HOOK_AGAIN = "hook.again", "sent messages of an outgoing hook once more"
    TOKEN_MAKE = "token.make", "made a token for a program"
    TOKEN_REVOKE = "token.revoke", "revoked a program's token"
    KEYS_ROTATE = "keys.rotate", "encrypted everything with the present secret key"
    RESTORE = "restore", "restored a backup"
    PERSONAL_DATA_EXPORT = "personal_data.export", "exported what is stored of a person"
    PERSONAL_DATA_ERASE = "personal_data.erase", "erased what was stored of a person"
    ARCHIVE_IMPORT = "archive.import", "imported entries"
    FIGURES_REBUILD = "figures.rebuild", "had everything counted anew"
    ARCHIVE_GATE = "archive.gate", "had the archive judged anew"


_SPELLINGS = {spelling: action for action in AuditAction for spelling in (action.value, *action.former)}


def action_of(spelling: str) -> AuditAction | None:
    """The action that a line means, whenever it was written; None for one that nobody here ever used."""
    return _SPELLINGS.get(spelling)
