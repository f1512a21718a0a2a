"""The operations of the API, one module for each subject. Each declares its `operations()`; a method answers one of
them, and its docstring is what the API's description says of it.
"""
