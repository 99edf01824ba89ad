"""Campaigns: where one stands, and whether accounts that joined one look like a net."""
