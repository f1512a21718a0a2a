"""How the API speaks HTTP: `blueprint` puts it together; `operation` declares what one `endpoint` admits, reads and
answers; `problems`, `problem_handlers` and `validation_faults` make every refusal a problem document; `openapi`
describes it all.
"""
