"""What stands around a number and says that it is, or is not, a person's (pure)."""

import re

from bot.text.personal import words

NOT_PERSONAL = re.compile(rf"(?:\b(?:{words.NOT_PERSONAL_BEFORE})|[£$€])[\s:#.\-]*$", re.IGNORECASE)
DATE_OR_TIME = re.compile(
    r"\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d{2})|\d{4}[./-]\d{1,2}[./-]\d{1,2}|(?:19|20)\d\d(?:\s?[-/]\s?(?:19|20)?\d\d)?"
    r"|\d{1,2}[.:]\d\d(?:\s?-\s?\d{1,2}[.:]\d\d)?|\d+(?:[.,]\d{3})*[.,]\d\d|\d{1,3}(?:[.,]\d{3})+"
    r"|\d+(?:[-/]\d+)?(?:st|nd|rd|th|am|pm|h|hrs?|hours?|min(?:s|utes)?|days?|weeks?|months?|years?|k|km|gb|mb|tb"
    r"|[kmg]bps|[kmg]bit|ghz|hz|p|cm|mm|kg|lbs?|x|er|ish)"
    r"|\d+x\d+(?:x\d+)?(?:cm|mm|in)?"
    r"|(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])",
    re.IGNORECASE,
)

COMPANY = re.compile(r"(?:\+\d{1,2}[ .-]?)?(?:[10]?[ .-]?\(?(?:8[04-8]|9\d\d[ .-]|13|18)|\(?0(?:30|33|34))")
