"""CloudFormation deletes a bucket only if it is empty. MiniStack deletes it with what is in it.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/troubleshooting.html#troubleshooting-errors-delete-stack-fails
"""

from ministack.services import s3

from emulator import resource_types

KIND = "AWS::S3::Bucket"


def install() -> None:
    own = resource_types.handlers(KIND)

    def delete(bucket: str, properties: dict) -> None:
        if (s3._buckets.get(bucket) or {}).get("objects"):
            raise ValueError("The bucket you tried to delete is not empty")
        own["delete"](bucket, properties)

    resource_types.register(KIND, delete=delete)
