"""Open data of a report: plain tables with their definitions, as CSV, Excel and JSON.

By the government's 行政データにおける機械可読性に関するルール (decided 2026-03-31), whose 29 rules
tests/public/open_data/test_open_data_rules.py holds one by one. `tables` lists the tables; one column table
serves every format, the definitions and the page; `files` names and makes the files.
"""
