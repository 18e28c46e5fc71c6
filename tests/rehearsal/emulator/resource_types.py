"""CloudFormation's resource types, as MiniStack keeps them: for each type a function that creates, updates or deletes.

`create(logical_id, properties, stack)` and `update(physical_id, old, new, stack)` return the physical id and the
attributes of `Fn::GetAtt`; `delete(physical_id, properties)` returns nothing. An exception fails the resource, with its
text as the reason.
"""

from collections.abc import Callable

from ministack.services.cloudformation import provisioners


def register(kind: str, **handlers: Callable) -> None:
    """Adds a resource type, or replaces some of its functions."""
    provisioners._RESOURCE_HANDLERS[kind] = provisioners._RESOURCE_HANDLERS.get(kind, {}) | handlers


def handlers(kind: str) -> dict[str, Callable]:
    """The functions that MiniStack has for a type."""
    return dict(provisioners._RESOURCE_HANDLERS[kind])


def physical_name(stack: str, logical_id: str) -> str:
    """A name as CloudFormation generates it: stack, logical id and 13 characters."""
    return provisioners._physical_name(stack, logical_id, max_len=64)
