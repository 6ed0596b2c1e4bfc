"""The course outside the Lab: the talks as web pages, the web site.

workshop    the environment in which they are made: .venv-publish
slides      which cells of a notebook make a slide      website     the chapters as pages
markup      a cell as HTML                              links       links that lead nowhere
deck        the talks as pages
"""
