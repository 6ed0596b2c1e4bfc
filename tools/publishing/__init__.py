"""The course outside the Lab: the talk in JupyterLab, the deck without Python, the web site.

workshop    the environment in which all of that is made: .venv-publish
"""
