"""Reports: what runs did as one page, for people who were not there.

`gather` asks the project and gives plain records; `document` turns them into blocks (headings,
tables, pictures …), once; `page` and `markdown` write blocks, each in its language.  Nothing that
a run left behind is unpickled or run, and all of it is text that others may have written: it
becomes part of a page in one place for each language, where it is escaped.
"""
