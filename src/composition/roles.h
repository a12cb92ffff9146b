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

namespace seshat::composition {

// What keeps the pipeline from being idle, and what will not move by itself.
struct PipelineState {
  bool idle = false;
  std::string waiting_for;  // for people; empty when idle
  uint64_t stored = 0;      // sessions at the sources that are in the store
  uint64_t unfinished = 0;  // that wait for something which no clock brings: a marker, a file
  uint64_t partial = 0;
  uint64_t conflicts = 0;
  uint64_t refused = 0;               // names at the sources that cannot be session ids
  uint64_t dead = 0;                  // dead letters
  std::vector<std::string> problems;  // of sources and of the store
};

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

  // Of the parts that these roles work on. Looks along the way of a session, so that what moves on meanwhile is
  // seen further down.
  virtual Result<PipelineState> State() = 0;
};

class Runtime;

// For Runtime::OpenRoles. `runtime` must outlive the pipeline.
Result<std::unique_ptr<Pipeline>> MakePipeline(Runtime& runtime, const std::set<Role>& roles);

}  // namespace seshat::composition
