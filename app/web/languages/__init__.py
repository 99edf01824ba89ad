"""The pages' languages: which one a reader gets, and how it writes numbers."""
