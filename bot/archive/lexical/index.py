"""The archive's search index: a replica of the entries that keeps itself up to date and repairs itself.

One ``Index`` per process. Searches read an unchanging view and never wait for writing; ``follow`` brings
the replica up to the present, and builds it anew if it is missing, damaged, of another version or of
another database.
"""

from pathlib import Path
from threading import Lock
from typing import Final

import structlog

from bot.archive.documents import EntrySource
from bot.archive.lexical.analysis import base_language
from bot.archive.lexical.build import Build, BuildError, View
from bot.archive.lexical.query import Filters, ParsedQuery, parse
from bot.archive.lexical.schema import version
from bot.archive.lexical.search import DEEPEST, NOTHING, Ranking, Results, page, rank
from bot.archive.lexical.storage import Slot

_CHANGES: Final = 1_000
"""Changes per commit: a commit takes some ten milliseconds, however little is in it."""

_FIRST_GLIMPSE: Final = 1_000
"""After so many entries, and then each time there are four times as many, a first build can be searched."""

_log = structlog.get_logger(__name__)


class Index:
    """Finds entries by what people type."""

    def __init__(self, directory: Path, source: EntrySource, *, default_language: str = "en") -> None:
        """Open the index in ``directory`` if there is a sound one; ``follow`` does everything else.

        Args:
            directory: Where indexes are kept; processes may share it, each takes a place of its own.
            source: The entries.
            default_language: ISO 639-1 code for entries whose language nobody knows.

        Raises:
            OSError: The directory cannot be written to.
        """
        self.source = source
        self._default_language = base_language(default_language) or "en"
        self._writing = Lock()
        self._slot = Slot.take(directory)
        self._view: View | None = None
        self._build = self._open_existing()
        if self._build is not None:
            self._view = self._build.view()

    @property
    def is_complete(self) -> bool:
        """Whether searches see every entry up to the last ``follow``."""
        view = self._view
        return view is not None and view.complete

    @property
    def entries(self) -> int:
        """How many entries can be found."""
        view = self._view
        return view.entries if view is not None else 0

    @property
    def position(self) -> int:
        """The number of the last change that is in the index; 0 before the first build is finished."""
        build = self._build
        return (build.position or 0) if build is not None else 0

    @property
    def view(self) -> View | None:
        """The present state, for several searches that must agree with each other."""
        return self._view

    def search(
        self,
        query: str,
        filters: Filters | None = None,
        *,
        limit: int = 10,
        offset: int = 0,
        typing: bool = False,
        exact: bool = False,
    ) -> Results:
        """Find entries by their words, the best first.

        Args:
            query: Anything somebody typed; text between quotation marks must occur as it stands.
            filters: What entries must be like.
            limit: Entries per page.
            offset: Entries to pass over; beyond ``DEEPEST`` there is nothing.
            typing: The query is still being typed: its last word counts as a beginning too.
            exact: Words that the archive does not know are neither completed nor respelt.

        Raises:
            QueryTooLong: The query has more than 500 characters.
        """
        parsed = parse(query)
        offset, limit = max(0, offset), max(0, limit)
        ranking = self.rank(
            parsed, filters or Filters(), min(offset + limit, DEEPEST), typing=typing, exact=exact
        )
        return page(ranking, offset, limit, complete=self.is_complete)

    def rank(
        self, parsed: ParsedQuery, filters: Filters, depth: int, *, typing: bool = False, exact: bool = False
    ) -> Ranking:
        """The ``depth`` best entries for a query that was taken apart already."""
        view = self._view
        if view is None or parsed.is_empty:
            return NOTHING
        return rank(view, parsed, filters, depth, typing=typing, exact=exact)

    def follow(self) -> int:
        """Take in what has changed since the last time; returns how many changes that were.

        One thread does so at a time; others wait. A build from nothing counts as one change.

        Raises:
            BuildError: The index cannot be written; the next call starts from what is on disk.
        """
        with self._writing:
            try:
                return self._follow()
            except BaseException as error:
                if not _is_the_engines(error):
                    raise
                self._close_build()
                raise BuildError(
                    f"The search index in {self._slot.path} cannot be written: {error}"
                ) from error

    def rebuild(self) -> None:
        """Build the index anew from all entries; searches go on in the old one meanwhile.

        Raises:
            BuildError: The index cannot be written.
        """
        with self._writing:
            self._rebuild()

    def close(self) -> None:
        """Stop writing and leave the place to another process."""
        with self._writing:
            build, self._build = self._build, None
            if build is not None:
                build.leave()
            self._slot.release()

    def _follow(self) -> int:
        build = self._build or self._open_existing()
        if build is None or self._is_strange(build):
            self._rebuild()
            return 1
        self._build = build
        taken = 0
        while changes := self.source.changes(build.position or 0, _CHANGES):
            entry_ids = list(dict.fromkeys(change.entry_id for change in changes))
            documents = [each for each in self.source.documents(entry_ids) if each.public]
            build.replace(entry_ids, documents, changes[-1].seq)
            self._view = build.view()
            taken += len(changes)
        return taken

    def _is_strange(self, build: Build) -> bool:
        """Whether the index follows another database, or one that was set back to an earlier state."""
        return build.identity != self.source.identity() or (build.position or 0) > self.source.head()

    def _rebuild(self) -> None:
        head, identity = self.source.head(), self.source.identity()
        build = Build.create(self._slot.new_build(version()), self._default_language)
        _log.info("search index: building", path=str(build.path), head=head)
        try:
            self._fill(build)
            build.finish(head, identity)
        except BaseException:
            build.close()
            raise
        old, self._build = self._build, build
        self._view = build.view()
        if old is not None:
            old.close()
        self._slot.keep_only(build.path)
        _log.info("search index: built", path=str(build.path), entries=self.entries)

    def _fill(self, build: Build) -> None:
        """Add every entry; where nothing can be searched yet, let people search what is there so far."""
        glimpse = _FIRST_GLIMPSE if not self.is_complete else 0
        for count, document in enumerate(self.source.stream(), start=1):
            build.add(document)
            if count == glimpse:
                build.commit_unfinished()
                self._view = build.view()
                glimpse *= 4

    def _open_existing(self) -> Build | None:
        for path in self._slot.builds(version()):
            try:
                build = Build.open(path, self._default_language)
            except BuildError as error:
                _log.warning("search index: passed over", reason=str(error))
                continue
            self._slot.keep_only(path)
            return build
        return None

    def _close_build(self) -> None:
        build, self._build = self._build, None
        if build is not None:
            build.close()


def _is_the_engines(error: BaseException) -> bool:
    """Whether an error came from Tantivy, whose panics arrive as a class that nobody can import."""
    return isinstance(error, (OSError, ValueError)) or type(error).__name__ == "PanicException"
