// The limits within which a metadata file is read.
#pragma once

#include <cstddef>

namespace seshat::metadata {

struct MetadataTextOptions {
  // OpenSearch keeps each entry as a nested document and takes at most 10,000 of them in one document
  // (index.mapping.nested_objects.limit).
  size_t max_entries = 10'000;
  // People type keys into searches. 256 bytes is far above any key they would.
  size_t max_key_bytes = 256;
  // Lucene's longest term: a longer value could not be searched as a whole.
  size_t max_value_bytes = 32'766;
  // Keys and values together: a batch of twenty documents of this size fits into one request to OpenSearch
  // (http.max_content_length, 100 MB).
  size_t max_total_bytes = size_t{4} << 20;
  // Enough to see what is wrong with a file; the last one says how many more there are.
  size_t max_problems = 20;
  // Of JSON objects and arrays in one another.
  size_t max_depth = 32;
};

}  // namespace seshat::metadata

namespace seshat {
using metadata::MetadataTextOptions;
}  // namespace seshat
