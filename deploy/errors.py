"""Errors that end deploy.sh. Their text says what happened and what to do."""


class DeployError(Exception):
    """A step failed."""


class NotFoundError(DeployError):
    """AWS says that a thing does not exist."""


class ToolMissingError(DeployError):
    """A program that is needed cannot be started."""


class RefusedError(DeployError):
    """Something stands against the action, and nothing was changed."""
