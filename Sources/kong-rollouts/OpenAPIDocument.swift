/// The contract; made from openapi/openapi.yaml by `make openapi`.
enum OpenAPIDocument {
    static let json = "{}"
}
