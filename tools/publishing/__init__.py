"""The course outside the Lab: the talks as web pages, the web site.

workshop    the environment in which they are made: .venv-publish
slides      which cells of a notebook make a slide      markup    a cell as HTML      deck    the talks as pages
"""
