"""The one way in which dictionaries are listed, edited and deleted; each is a declaration."""
