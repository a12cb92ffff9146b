// What every MetadataStore must do, as cases over a harness. See suite.h for how to register them.
#pragma once

#include <span>

#include "conformance/suite.h"
#include "ports/metadata_store.h"

namespace seshat::conformance {

// One empty store.
class MetadataStoreHarness {
 public:
  virtual ~MetadataStoreHarness() = default;
  virtual MetadataStore& store() = 0;
  // Ends the store without a farewell and opens it again on what it had made durable; store() is a new one
  // then. False where that cannot be staged: the store is in memory.
  virtual bool Restart() { return false; }
};

// All cases: of writing, of queries, of pages.
std::span<const Case<MetadataStoreHarness>> MetadataStoreCases();

}  // namespace seshat::conformance
