// The roles of Seshat in one process: agent, processing workers, indexer, in any combination.
#pragma once

#include <memory>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "composition/composition.h"
#include "composition/role.h"
#include "composition/running.h"
#include "core/base/error.h"
#include "services/operations/pipeline_state.h"

namespace seshat::composition {

class Pipeline {
 public:
  virtual ~Pipeline() = default;

  // Starts a thread for each worker of each role; they end after `stop`.
  virtual void Start(std::stop_token stop) = 0;
  // Waits until all of them have ended.
  virtual void Join() = 0;

  virtual std::string metrics_address() const = 0;  // empty: off
  // Null where none of the roles has one (pipeline_ports.h).
  virtual MetadataStore* index() = 0;
  virtual MigrationJournal* journal() = 0;

  // Of the parts that these roles work on.
  virtual Result<operations::PipelineState> State() = 0;
};

class Runtime;

// For Runtime::OpenRoles. `runtime` must outlive the pipeline.
Result<std::unique_ptr<Pipeline>> MakePipeline(Runtime& runtime, const std::set<Role>& roles);

}  // namespace seshat::composition
