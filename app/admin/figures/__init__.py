"""Figures for the people in charge: what was asked and answered, and how soon."""
