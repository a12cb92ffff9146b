// How a dataset is shown.
#pragma once

#include <boost/json/object.hpp>
#include <vector>

#include "cli/output/console.h"
#include "core/records/dataset.h"
#include "ports/blob_store.h"

namespace seshat::cli {

// Without its sessions.
boost::json::object JsonOf(const Dataset& dataset);
boost::json::object JsonWithSessions(const Dataset& dataset);

// `store` tells where the record lies.
void PrintDataset(Console& console, const Dataset& dataset, const BlobStore& store);
void PrintDatasetWithSessions(Console& console, const Dataset& dataset, const BlobStore& store);

// One row for each.
void PrintDatasets(Console& console, const std::vector<Dataset>& datasets);

}  // namespace seshat::cli
