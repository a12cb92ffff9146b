// The cases of the BlobStore suite by subject; blob_store_suite.cc puts them together.
#pragma once

#include <span>

#include "conformance/blob_store/blob_store_suite.h"

namespace seshat::conformance {

using BlobStoreCase = Case<BlobStoreHarness>;

std::span<const BlobStoreCase> BlobPutCases();
std::span<const BlobStoreCase> BlobResumeCases();
std::span<const BlobStoreCase> BlobReadCases();
std::span<const BlobStoreCase> BlobListCases();
std::span<const BlobStoreCase> BlobFeedCases();
std::span<const BlobStoreCase> BlobCapabilityCases();

}  // namespace seshat::conformance
