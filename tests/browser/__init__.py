"""The site in a real browser: what only shows when pages are drawn and used."""
