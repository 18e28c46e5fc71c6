"""The routes of an HTTP API that is defined by its OpenAPI document (`Body`), as SAM writes it. MiniStack ignores it.

Anybody can call an API; MiniStack looks among those of the caller's account, and a client has none.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-open-api.html
"""

from ministack.services import apigateway

from emulator import resource_types

KIND = "AWS::ApiGatewayV2::Api"
INTEGRATION = "x-amazon-apigateway-integration"
ANY_METHOD = "x-amazon-apigateway-any-method"


def install() -> None:
    own = resource_types.handlers(KIND)

    def create(logical_id: str, properties: dict, stack: str) -> tuple[str, dict]:
        api, attributes = own["create"](logical_id, named(properties), stack)
        import_body(api, properties)
        return api, attributes

    def update(api: str, old: dict, new: dict, stack: str, logical_id: str | None = None) -> tuple[str, dict]:
        api, attributes = own["update"](api, named(old), named(new), stack, logical_id)
        import_body(api, new)
        return api, attributes

    resource_types.register(KIND, create=create, update=update)
    apigateway.find_api_scope = owner


def owner(api: str) -> tuple[str, str] | None:
    """Account and region of an API."""
    return next((key[:2] for key, _ in apigateway._apis.all_items() if key[2] == api), None)


def named(properties: dict) -> dict:
    """An imported API has the title of its document as its name."""
    return {"Name": properties.get("Body", {}).get("info", {}).get("title")} | properties


def import_body(api: str, properties: dict) -> None:
    """Replaces all routes and integrations of the API by those of the document."""
    if "Body" not in properties:
        return
    apigateway._routes[api], apigateway._integrations[api] = {}, {}
    for path, operations in properties["Body"].get("paths", {}).items():
        for method, operation in operations.items():
            integration = operation[INTEGRATION]
            number = str(len(apigateway._integrations[api]) + 1)
            apigateway._integrations[api][number] = {
                "integrationId": number,
                "integrationType": integration["type"].upper(),
                "integrationUri": integration["uri"],
                "integrationMethod": integration["httpMethod"],
                "payloadFormatVersion": integration["payloadFormatVersion"],
                "timeoutInMillis": 30000,
            }
            verb = "ANY" if method == ANY_METHOD else method.upper()
            apigateway._routes[api][number] = {
                "routeId": number,
                "routeKey": path.removeprefix("/") if path == "/$default" else f"{verb} {path}",
                "target": f"integrations/{number}",
                "authorizationType": "NONE",
            }
