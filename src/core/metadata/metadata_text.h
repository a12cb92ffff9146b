// The session metadata file, read as a stream: lines of `key: value`, or one JSON object.
// docs/formats/metadata-text.md is the grammar. Any bytes can be fed; memory stays within a small multiple of
// MetadataTextOptions::max_total_bytes whatever they are.
#pragma once

#include <cstddef>
#include <memory>

#include "core/base/bytes.h"
#include "core/metadata/metadata.h"

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

// Feed the file from its first byte to its last in pieces of any size, then Finish once. Not thread-safe.
class MetadataTextParser {
 public:
  explicit MetadataTextParser(const MetadataTextOptions& options = {});
  ~MetadataTextParser();
  MetadataTextParser(MetadataTextParser&&) noexcept;
  MetadataTextParser& operator=(MetadataTextParser&&) noexcept;

  void Feed(ByteSpan bytes);
  // True when nothing that follows can change the result any more: the rest need not be read.
  bool full() const;
  Metadata Finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace seshat::metadata

namespace seshat {
using metadata::MetadataTextOptions;
using metadata::MetadataTextParser;
}  // namespace seshat
