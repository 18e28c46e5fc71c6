"""AWS on this machine: MiniStack, and what it lacks for template.yaml, one file for each service.

Where MiniStack and AWS's documentation differ, the documentation wins, and the file names its page. An access key of
twelve digits is an account of that number: a test gets an empty account without an emulator of its own.
"""
