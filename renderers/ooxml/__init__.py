"""An .xlsx as the zip of XML parts it is: only the parts a value touches are rewritten.

A library that loads a workbook into objects and saves it again loses what it does not know
(pictures, form controls, extensions); a department's sheet has to come back with nothing lost.
"""
