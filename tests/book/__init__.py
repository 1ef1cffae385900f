"""Tests of the book itself: its sources, its cache, its ledger, and the site they make."""
