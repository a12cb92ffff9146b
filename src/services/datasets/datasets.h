// Datasets: searches frozen into create-only records of the blob store.
//
// Thread safety: all functions, from any thread. Everything blocks on the ports it is given.
#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/base/time.h"
#include "core/records/dataset.h"
#include "ports/blob_store.h"
#include "ports/metadata_store.h"
#include "services/records/stored_manifest.h"

namespace seshat::datasets {

struct DatasetRequest {
  std::string name;
  std::string description;
  std::string query;     // as typed; `search` is what counts
  SearchRequest search;  // its query and aliases; everything else is set here
  std::string understood_as;
  Timestamp now{};
};

// Asks the index for every session that matches, reads their manifests from the store, and puts the record.
// After success it is stored for ever. Errors: kInvalidArgument (name, or nothing matches), kAlreadyExists (the
// name is taken: a dataset never changes), kNotFound or kDataLoss (the index names a manifest that the store does
// not have so: rebuild the index), kCancelled, what the ports answer. Nothing is stored on an error, except where
// the answer to the put was lost (kUnavailable): look whether it is there.
Result<Dataset> CreateDataset(BlobStore& store, MetadataStore& index, const DatasetRequest& request,
                              const std::stop_token& stop);

// kNotFound; kDataLoss where the record is damaged.
Result<Dataset> ReadDataset(BlobStore& store, std::string_view name);

// The names of all datasets, in order.
Result<std::vector<std::string>> ListDatasets(BlobStore& store);

// The manifest of each session of the dataset, held against its digest. Calls `each` once for every session, in
// any order.
void ReadDatasetManifests(BlobStore& store, const Dataset& dataset,
                          const std::function<void(const DatasetSession&, Result<stored::StoredManifest>)>& each,
                          std::stop_token stop);

}  // namespace seshat::datasets
