"""One way from chapters/source/NN_slug.py to the executed notebook chapters/NN_slug.ipynb.

    source      reads a chapter's source                 outputs    makes what a run left behind the same every time
    names       which names a cell defines and uses      check      what is wrong with the stored notebooks
    rules       what a chapter's source must look like   solved     notebooks with the solutions in place
    exercises   stub and solution of each exercise       readme     contents and badges of README.md
    notebook    source in, notebook out, not executed    skeleton   a new chapter
    execute     runs it in a fresh kernel                course     the chapters of one course, in order
    storage     notebooks on disk                        address    where the course is published
    instructor  the table of the talks in docs

tools/build.py is the command line around it. Only `execute` and `storage.write` need nbclient and nbformat, and nothing
needs torch, so that looking at a tree in which nothing changed takes a moment.
"""
