"""A chapter as a talk in JupyterLab: live, by keyboard, and with a way back when something goes wrong.

rehearse    the notebook of the talk, and the state at the beginning of each of its slides
state       what a state is: taken in the rehearsal, brought back on stage
stage       JupyterLab as the room sees it: large type, the talk begun, keys of a presenter's remote
"""
