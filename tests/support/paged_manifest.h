// A manifest as head and pages, for tests of whoever reads them.
#pragma once

#include <string>
#include <vector>

#include "core/records/manifest_pages.h"
#include "ports/blob_store.h"

namespace seshat::testing {

struct PagedManifest {
  std::string head;
  std::vector<records::ManifestPageText> pages;
};

// In pages however small it is. Its session id must be one.
PagedManifest InPages(const Manifest& manifest, const ManifestLimits& limits);

// Stores both; the head's digest.
Sha256 PutInPages(BlobStore& store, const Manifest& manifest, const ManifestLimits& limits);

// The whole manifest under a key, in whatever form it lies there; kNotFound where there is none.
Result<Manifest> ReadWholeManifest(BlobStore& store, const std::string& key);

}  // namespace seshat::testing
