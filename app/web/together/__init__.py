"""The forms of a page, sent together: every button does its own deed, and no other form's words are lost."""
