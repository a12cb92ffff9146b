// Metadata stores that are wrong in one way each; the suite must find every one of them out.
#pragma once

#include <vector>

#include "conformance/metadata_store/metadata_store_suite.h"

namespace seshat::testing {

std::vector<conformance::BrokenAdapter<conformance::MetadataStoreHarness>> BrokenMetadataStores();

}  // namespace seshat::testing
