import Basics
import HTTP
import Lifecycle

/// `GET /openapi.json`: the addresses under `/api/v1`, described.
struct OpenAPIEndpoint {
  var route: Route { Route(inline: .get, "/openapi.json", access: .open) { _ in .json(Self.document) } }

  private static func operation(
    _ summary: String, body: JSONValue? = nil, parameter: String? = nil,
    queries: [(name: String, schema: JSONValue)] = []
  ) -> JSONValue {
    var out: JSONValue = ["summary": .string(summary)]
    let paths: [JSONValue] = (parameter.map { [$0] } ?? []).map {
      ["name": .string($0), "in": "path", "required": true, "schema": ["type": "string"]]
    }
    let asked: [JSONValue] = queries.map { ["name": .string($0.name), "in": "query", "schema": $0.schema] }
    if !(paths + asked).isEmpty { out["parameters"] = .array(paths + asked) }
    if let body { out["requestBody"] = ["required": true, "content": ["application/json": ["schema": body]]] }
    out["responses"] = [
      "200": ["description": "Done", "content": ["application/json": ["schema": ["type": "object"]]]],
      "default": [
        "description": "Not done", "content": ["application/json": ["schema": ["$ref": "#/components/schemas/Error"]]],
      ],
    ]
    return out
  }

  static let document: JSONValue = [
    "openapi": "3.1.0",
    "info": ["title": "Apus", "version": .string(Release.version)],
    "paths": [
      "/api/v1/models": ["get": operation("Models and their champions")],
      "/api/v1/models/{name}": ["get": operation("The champion's contract, metrics and versions", parameter: "name")],
      "/api/v1/models/{name}/predict": [
        "post": operation(
          "Score rows with the champion; every prediction carries an id. coverage adds low and high, or a set of classes, "
            + "that hold so large a share of truths; abstain_below answers null where a decision is less probable",
          body: [
            "type": "object", "required": ["rows"],
            "properties": ["rows": ["type": "array", "items": ["type": "object"]]],
          ], parameter: "name",
          queries: [
            ("explain", ["type": "boolean"]),
            ("coverage", ["type": "number", "exclusiveMinimum": 0, "maximum": 0.999]),
            ("abstain_below", ["type": "number", "exclusiveMinimum": 0, "maximum": 1]),
          ])
      ],
      "/api/v1/feedback": [
        "post": operation(
          "Truths by prediction id: late, repeated and corrected ones are welcome",
          body: [
            "type": "object", "required": ["feedback"],
            "properties": [
              "feedback": [
                "type": "array",
                "items": [
                  "type": "object", "required": ["prediction_id", "truth"],
                  "properties": [
                    "prediction_id": ["type": "string"], "truth": ["type": ["string", "number", "boolean"]],
                  ],
                ],
              ]
            ],
          ])
      ],
      "/health/live": ["get": operation("Whether the process lives")],
      "/health/ready": ["get": operation("Whether it can answer")],
      "/metrics": ["get": operation("Counts in the text form of Prometheus")],
    ],
    "components": [
      "schemas": [
        "Error": [
          "type": "object",
          "properties": [
            "error": [
              "type": "object",
              "properties": [
                "code": ["type": "string"], "message": ["type": "string"], "hint": ["type": ["string", "null"]],
                "field": ["type": ["string", "null"]],
              ],
            ]
          ],
        ]
      ]
    ],
  ]
}
