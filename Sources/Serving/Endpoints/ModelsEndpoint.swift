import Basics
import Evaluation
import Frames
import HTTP
import Lifecycle
import Modeling
import Storage

/// `GET /api/v1/models` and `GET /api/v1/models/{name}`: what is served and what a row must look like.
struct ModelsEndpoint {
  let workspace: Workspace
  let models: WarmModels

  var routes: [Route] {
    [
      Route(blocking: .get, "/api/v1/models") { [workspace] _ in
        .json(["models": .array(try workspace.models().map(\.json))])
      },
      Route(blocking: .get, "/api/v1/models/{name}") { [workspace, models] request in
        let name = try request.parameter("name")
        let model = try models.model(name)
        let fields = model.archive.contract.fields.map { field -> JSONValue in
          [
            "name": .string(field.name), "kind": .string(field.kind.rawValue),
            "categories": .array(field.categories.map { .string($0) }),
          ]
        }
        let versions = try workspace.modelVersions(of: name)
        return .json([
          "name": .string(name), "champion": .string(model.version.reference),
          "task": .string(model.archive.task.rawValue),
          "target": .string(model.archive.target), "classes": .array(model.archive.classes.map { .string($0) }),
          "metrics": model.archive.metrics.json, "columns": .array(fields), "versions": .array(versions.map(\.json)),
        ])
      },
    ]
  }
}
