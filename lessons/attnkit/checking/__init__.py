"""From a learner's function to a verdict: what both the notebook and the grader judge by.

Nothing here knows where the learner's code runs. `wire` is all that is needed beside it: it turns
plain data into arguments, calls, and turns answers into plain data. The rest compares (`compare`),
finds the mistake (`diagnosis`), makes a verdict of it (`judge`, `verdict`) and says it (`wording`,
`report`); `spec` is what is asked, and `check` what a notebook calls.
"""
