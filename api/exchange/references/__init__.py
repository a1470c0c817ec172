"""The reference pages (参考文档), written from the declarations by ``make docs``.

Nobody edits these pages: a test compares them with what is declared.
"""
